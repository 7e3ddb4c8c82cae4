// Every KPI has a pair of files, <kpi>.facts and <kpi>.reference: events through the real pipeline into a
// real engine, one rollup pass, cells compared with figures worked out by hand. More pairs of one KPI are
// named <kpi>.<case>.facts.
//
// A reference's lines:
//   facts mini_plant                                       another file of facts than <kpi>.facts
//   clock 2026-05-01T00:00:00+08:00                        when the pass runs
//   d 2026-04-30 PL1/W1/L1 3 5 [dim=J1] [n=2] [samples=1.5,2] [open=2026-04-01T00:00:00Z]
//   m 2026-04-01 PL1 3 5                                   a month; with days a side had a value: 1200:30
//   means sum:days d 2026-04-30 PL1/W9 absent                             no cell
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/date.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = YOKOTEN_KPI_TESTS;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".reference") cases.push_back(entry.path().stem().string());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

Warehouse* SharedWarehouse() {
  static Result<std::unique_ptr<Warehouse>> warehouse = Warehouse::Start();
  return warehouse.ok() ? warehouse->get() : nullptr;
}

struct Cell {
  std::string numerator, denominator, n, samples, open;
};

// "3.000000" and "3" are one number.
std::string Plain(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  while (number.back() == '0') number.pop_back();
  if (number.back() == '.') number.pop_back();
  return number;
}

class KpiReference : public testing::TestWithParam<std::string> {};

TEST_P(KpiReference, CellsEqualTheReference) {
  Warehouse* warehouse = SharedWarehouse();
  ASSERT_NE(warehouse, nullptr) << "no warehouse: run deploy/install-deps";
  const std::string id = GetParam().substr(0, GetParam().find('.'));
  // The KPI alone: what others cost is no matter here.
  std::vector<kpi::SourceText> definitions = kpi::LinkedDefinitions();
  std::erase_if(definitions, [&](const kpi::SourceText& text) { return text.name != id; });
  Result<kpi::Catalogue> catalogue = kpi::Catalogue::Load(definitions, kpi::LinkedSteps());
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  const kpi::Kpi* kpi = catalogue->Find(id);
  ASSERT_NE(kpi, nullptr) << "no KPI " << id;
  std::string database = "kpi_" + GetParam();
  std::replace(database.begin(), database.end(), '.', '_');
  auto client = warehouse->NewDatabase(database);
  ASSERT_TRUE(client.ok()) << client.status();

  FixedClock clock;
  std::vector<std::vector<std::string>> lines;
  std::string facts_name = GetParam();
  std::istringstream reference(ReadFile(kFolder / (GetParam() + ".reference")));
  for (std::string line; std::getline(reference, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> words = Words(line);
    if (words[0] == "clock") {
      clock.now = ParseInstant(words.at(1));
    } else if (words[0] == "facts") {
      facts_name = words.at(1);
    } else {
      lines.push_back(words);
    }
  }
  ASSERT_NE(ToMicros(clock.now), 0) << "the reference names no clock";
  ASSERT_FALSE(lines.empty());

  Result<std::vector<LoggedEvent>> facts = ReadFacts(ReadFile(kFolder / (facts_name + ".facts")));
  ASSERT_TRUE(facts.ok()) << facts.status();
  FactLog log(**client);
  const Status stored = log.Store(*facts);
  ASSERT_TRUE(stored.ok()) << stored;
  ASSERT_TRUE(log.JudgeIdentity().ok());

  rollup_worker::Engine engine(**client, *catalogue, clock, {});
  ASSERT_TRUE(engine.Load().ok());
  std::map<std::string, rollup_worker::PlantTouches> touches;
  for (auto& [plant, own] : log.TakeTouches()) {
    if (plant != "*") touches[plant] = {own, rollup_worker::MakeVersion(1, log.dirty_offset() + 1, false)};
  }
  const auto pass = engine.Apply(touches);
  ASSERT_TRUE(pass.ok()) << pass.status();
  for (const auto& refused : pass->refused) ADD_FAILURE() << refused.kpi << " is refused: " << refused.why;
  for (const auto& [what, ms] : pass->timings) {
    if (ms > 500) std::printf("    %s: %.0f ms\n", what.c_str(), ms);
  }

  std::map<std::string, Cell> cells;
  auto rows = (*client)->Select(
      "SELECT grain, toString(day) AS day, plant, workshop, line, level, dim, toString(numerator) AS n, "
      "numerator_days AS nd, "
      "toString(denominator) AS d, denominator_days AS dd, observations AS o, arrayStringConcat(arrayMap(x "
      "-> toString(x), "
      "samples), ',') AS s, arrayStringConcat(arrayMap(x -> toString(toUnixTimestamp64Micro(x)), "
      "open_since), ',') AS w FROM "
      "kpi_cell FINAL WHERE kpi = '" +
      id +
      "' AND (grain, plant, day, version) IN (SELECT grain, plant, day, version FROM "
      "kpi_cell FINAL WHERE kpi = '" +
      id + "' AND level = 'plant' AND dim = '')");
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (size_t i = 0; i < rows->size(); ++i) {
    std::string unit = rows->Text(i, "plant");
    if (rows->Text(i, "level") != "plant") unit += "/" + rows->Text(i, "workshop");
    if (rows->Text(i, "level") == "line") unit += "/" + rows->Text(i, "line");
    const std::string key =
        rows->Text(i, "grain") + " " + rows->Text(i, "day") + " " + unit + " " + rows->Text(i, "dim");
    const bool month = rows->Text(i, "grain") == "m";
    const auto side = [&](const char* value, const char* days, kpi::v1::Aggregation aggregation) {
      std::string text = Plain(rows->Text(i, value));
      if (month && aggregation == kpi::v1::AGGREGATION_MEAN_OF_DAYS) text += ":" + rows->Text(i, days);
      return text;
    };
    EXPECT_FALSE(cells.contains(key)) << key << " twice";
    cells[key] = {side("n", "nd", kpi->definition.numerator()),
                  side("d", "dd", kpi->definition.denominator()), rows->Text(i, "o"), rows->Text(i, "s"),
                  rows->Text(i, "w")};
  }

  for (const std::vector<std::string>& words : lines) {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    SCOPED_TRACE(text);
    ASSERT_GE(words.size(), 4u);
    std::string dim;
    for (const std::string& word : words) {
      if (word.rfind("dim=", 0) == 0) dim = word.substr(4);
    }
    const auto found = cells.find(words[0] + " " + words[1] + " " + words[2] + " " + dim);
    if (words[3] == "absent") {
      EXPECT_EQ(found, cells.end());
      continue;
    }
    if (found == cells.end()) {
      ADD_FAILURE() << "no such cell";
      continue;
    }
    EXPECT_EQ(found->second.numerator, words[3]);
    EXPECT_EQ(found->second.denominator, words.at(4));
    for (const std::string& word : words) {
      if (word.rfind("n=", 0) == 0) {
        EXPECT_EQ(found->second.n, word.substr(2));
      }
      std::string list;
      if (word.rfind("samples=", 0) == 0) {
        std::istringstream in(found->second.samples);
        for (std::string item; std::getline(in, item, ',');) list += (list.empty() ? "" : ",") + Plain(item);
        EXPECT_EQ(list, word.substr(8));
      }
      if (word.rfind("open=", 0) == 0) {
        std::istringstream in(word.substr(5));
        for (std::string item; std::getline(in, item, ',');) {
          list += (list.empty() ? "" : ",") + std::to_string(ToMicros(ParseInstant(item)));
        }
        EXPECT_EQ(found->second.open, list);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KpiReference, testing::ValuesIn(Cases()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

TEST(KpiReferences, EveryKpiHasOne) {
  const std::vector<std::string> cases = Cases();
  for (const kpi::Kpi& kpi : kpi::Catalogue::Linked().kpis()) {
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(),
                            [&](const std::string& name) {
                              return name.substr(0, name.find('.')) == kpi.id() &&
                                     fs::exists(kFolder / (name + ".reference"));
                            }))
        << kpi.id() << " has no tests/kpi/" << kpi.id() << ".reference";
  }
}

}  // namespace
}  // namespace yokoten::test
