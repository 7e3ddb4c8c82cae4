// Incremental equals batch: after any history of events of all types (shuffled, sent twice, corrected,
// voided, moved to another plant or day, a changed calendar, restarts, days that began meanwhile) the cells
// are, exactly, those of one run over all facts, whatever the size of its rounds; and those of ten KPIs equal
// an independent model's (tests/kpi/reference_model.py). Cells of before the last facts must be told from
// them.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "base/date.h"
#include "events/identity.h"
#include "integration/random_history.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/process.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

// How many histories are told; YOKOTEN_HISTORIES asks for more.
int Histories() {
  const char* asked = std::getenv("YOKOTEN_HISTORIES");
  return asked == nullptr ? 2 : std::atoi(asked);
}

const Day kStart = RandomHistory::kStart;

Warehouse* SharedWarehouse() {
  static Result<std::unique_ptr<Warehouse>> warehouse = Warehouse::Start();
  return warehouse.ok() ? warehouse->get() : nullptr;
}

// Cells that count, within each plant's days: a calendar may take back a day that had begun or was the first,
// and nobody reads its cells then.
std::vector<std::string> Cells(clickhouse::Client& client) {
  auto rows = client.Select(
      "SELECT concat(grain, ' ', level, ' ', kpi, ' ', c.plant, '/', workshop, '/', line, ' ', dim, ' ', "
      "toString(day)) AS cell, toString((numerator, numerator_days, denominator, denominator_days, "
      "observations, sum_squares, samples, open_since, days)) AS value FROM kpi_cell AS c FINAL INNER JOIN "
      "(SELECT plant, first_day, current_day FROM plant_state FINAL) AS s ON s.plant = c.plant WHERE (grain, "
      "kpi, c.plant, day, version) IN (SELECT grain, kpi, plant, day, version FROM kpi_cell FINAL WHERE "
      "level "
      "= 'plant' AND dim = '') AND day BETWEEN multiIf(grain = 'd', s.first_day, grain = 'm', "
      "toStartOfMonth(s.first_day), grain = 'q', toStartOfQuarter(s.first_day), toStartOfYear(s.first_day)) "
      "AND s.current_day ORDER BY cell");
  if (!rows.ok()) {
    ADD_FAILURE() << rows.status();
    return {};
  }
  std::vector<std::string> cells;
  for (size_t i = 0; i < rows->size(); ++i)
    cells.push_back(rows->Text(i, "cell") + " = " + rows->Text(i, "value"));
  return cells;
}

// Totals of the plants' days as tests/kpi/reference_model.py prints them, zeros left out, for its KPIs.
std::vector<std::string> PlantDays(clickhouse::Client& client, const std::set<std::string>& kpis) {
  std::string list;
  for (const std::string& kpi : kpis) list += (list.empty() ? "'" : ", '") + kpi + "'";
  auto rows = client.Select(
      "SELECT kpi, plant, day, dim, toString(numerator) AS n, toString(denominator) AS d, observations FROM "
      "kpi_cell AS c FINAL INNER JOIN (SELECT plant, current_day FROM plant_state FINAL) AS s ON s.plant = "
      "c.plant WHERE grain = 'd' AND level = 'plant' AND observations > 0 AND day <= s.current_day AND kpi "
      "IN (" +
      list + ")");
  std::vector<std::string> lines;
  if (!rows.ok()) {
    ADD_FAILURE() << rows.status();
    return lines;
  }
  for (size_t i = 0; i < rows->size(); ++i) {
    lines.push_back(rows->Text(i, "kpi") + "\t" + rows->Text(i, "plant") + "\t" + rows->Text(i, "day") +
                    "\t" + rows->Text(i, "dim") + "\t" + rows->Text(i, "n") + "\t" + rows->Text(i, "d") +
                    "\t" + rows->Text(i, "observations"));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// What the model makes of the history, for days up to each plant's current one.
std::vector<std::string> Modelled(const std::vector<LoggedEvent>& history,
                                  const std::map<std::string, std::string>& current_days) {
  const TempDir folder;
  const std::string log = folder.path() + "/history.jsonl";
  std::ofstream out(log);
  for (const LoggedEvent& logged : history) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(*logged.event, &json).ok());
    out << "{\"type\": \"" << logged.type->short_name << "\", \"entity\": \""
        << events::EntityOf(*logged.type, *logged.event) << "\", \"event\": " << json << "}\n";
  }
  out.close();
  std::vector<std::string> lines;
  auto model = Process::Start({"python3", YOKOTEN_REFERENCE_MODEL, log});
  if (!model.ok()) {
    ADD_FAILURE() << model.status();
    return lines;
  }
  while (true) {
    Result<std::string> line = (*model)->ReadLine(std::chrono::minutes(1));
    if (!line.ok()) break;
    std::istringstream parts(*line);
    std::string kpi, plant, day;
    std::getline(std::getline(std::getline(parts, kpi, '\t'), plant, '\t'), day, '\t');
    const auto current = current_days.find(plant);
    if (current != current_days.end() && day <= current->second) lines.push_back(*line);
  }
  const Result<int> code = (*model)->Wait(std::chrono::minutes(1));
  EXPECT_TRUE(code.ok() && *code == 0) << "the model failed";
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The plants' days, for a failure's message.
std::string Days(clickhouse::Client& client) {
  std::string text;
  auto rows = client.Select("SELECT plant, first_day, current_day FROM plant_state FINAL ORDER BY plant");
  for (size_t i = 0; rows.ok() && i < rows->size(); ++i) {
    text +=
        " " + rows->Text(i, "plant") + " " + rows->Text(i, "first_day") + ".." + rows->Text(i, "current_day");
  }
  return text;
}

// What only one of two sorted lists has.
std::vector<std::string> Differences(const std::vector<std::string>& one,
                                     const std::vector<std::string>& other) {
  std::vector<std::string> only;
  std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(only));
  return only;
}

void CompareWithModel(clickhouse::Client& client, std::vector<LoggedEvent> history,
                      const std::vector<LoggedEvent>& last) {
  history.insert(history.end(), last.begin(), last.end());
  auto states = client.Select("SELECT plant, current_day FROM plant_state FINAL");
  ASSERT_TRUE(states.ok()) << states.status();
  std::map<std::string, std::string> current_days;
  for (size_t i = 0; i < states->size(); ++i)
    current_days[states->Text(i, "plant")] = states->Text(i, "current_day");
  const std::vector<std::string> model = Modelled(history, current_days);
  std::set<std::string> kpis;
  for (const std::string& line : model) kpis.insert(line.substr(0, line.find('\t')));
  EXPECT_GE(kpis.size(), 10u) << "the history says too little";
  EXPECT_GE(model.size(), 60u) << "the history says too little";
  const std::vector<std::string> cells = PlantDays(client, kpis);
  const std::vector<std::string> wrong = Differences(cells, model);
  for (size_t i = 0; i < std::min<size_t>(20, wrong.size()); ++i) {
    ADD_FAILURE() << "only "
                  << (std::binary_search(model.begin(), model.end(), wrong[i]) ? "the model: "
                                                                               : "the cells: ")
                  << wrong[i];
  }
  EXPECT_EQ(wrong.size(), 0u) << "of " << model.size() << " plant-days";
}

class Incremental : public testing::TestWithParam<int> {};

TEST_P(Incremental, EqualsBatch) {
  Warehouse* warehouse = SharedWarehouse();
  ASSERT_NE(warehouse, nullptr) << "no warehouse: run deploy/install-deps";
  auto made = warehouse->NewDatabase("property_" + std::to_string(GetParam()));
  ASSERT_TRUE(made.ok()) << made.status();
  clickhouse::Client& client = **made;
  RandomHistory world(static_cast<uint64_t>(GetParam()) + 1);
  const std::vector<LoggedEvent> history = world.Make();
  ASSERT_FALSE(history.empty());

  FixedClock clock;
  clock.now = FromMicros((kStart.value + 30) * int64_t{86'400'000'000});
  FactLog log(client);
  const auto open_engine = [&](size_t days_max = rollup_worker::RoundOptions{}.days_max) {
    rollup_worker::RoundOptions options;
    options.days_max = days_max;
    auto engine = std::make_unique<rollup_worker::Engine>(client, kpi::Catalogue::Linked(), clock, options);
    EXPECT_TRUE(engine->Load().ok());
    return engine;
  };
  const auto everyone = [](const std::string&) { return true; };
  std::map<std::string, std::vector<internal::v1::Touch>> waiting;
  const auto gather = [&](const rollup_worker::Engine& engine) {
    for (auto& [plant, touches] : log.TakeTouches()) {
      if (plant != "*") {
        waiting[plant].insert(waiting[plant].end(), touches.begin(), touches.end());
        continue;
      }
      for (const auto& [known, place] : engine.places().all()) {
        waiting[known].insert(waiting[known].end(), touches.begin(), touches.end());
      }
    }
  };
  const auto apply = [&](rollup_worker::Engine& engine) {
    std::map<std::string, rollup_worker::PlantTouches> touches;
    for (const auto& [plant, own] : waiting)
      touches[plant] = {own, rollup_worker::MakeVersion(1, log.dirty_offset(), false)};
    const auto report = engine.Apply(touches);
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& refused : report->refused)
      ADD_FAILURE() << refused.kpi << " of " << refused.plant << ": " << refused.why;
  };
  const auto sweep = [&](rollup_worker::Engine& engine) {
    const auto report = engine.Sweep(1, everyone, [&](const std::string&) {
      return rollup_worker::MakeVersion(1, log.dirty_offset(), true);
    });
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& refused : report->refused)
      ADD_FAILURE() << refused.kpi << " of " << refused.plant << ": " << refused.why;
  };

  auto engine = open_engine();
  for (size_t at = 0; at < history.size();) {
    const size_t n = std::min(history.size() - at, static_cast<size_t>(120 + world.Pick(160)));
    const Status stored = log.Store(
        {history.begin() + static_cast<ptrdiff_t>(at), history.begin() + static_cast<ptrdiff_t>(at + n)});
    ASSERT_TRUE(stored.ok()) << stored;
    at += n;
    if (world.Pick(2) == 0) {
      ASSERT_TRUE(log.JudgeIdentity().ok());
    }
    gather(*engine);
    if (world.Pick(3) == 0) continue;  // touches pile up
    apply(*engine);
    if (world.Pick(3) == 0) {
      engine = open_engine();  // a crash before the commit: the same touches come again
      sweep(*engine);
      apply(*engine);
    }
    waiting.clear();
    if (world.Pick(3) == 0) {
      clock.now += std::chrono::hours(24 * (1 + world.Pick(3)));
      sweep(*engine);
    }
  }
  // The control: a fact of each plant that is stored and not computed yet.
  std::ostringstream last;
  for (int plant = 1; plant <= 3; ++plant) {
    last << "operations.OperationErrorRecorded {\"context\": {\"source\": \"/last\", \"plantId\": \"PL"
         << plant << "\", \"occurredOn\": \"" << FormatDay(kStart + 20)
         << "\", \"workshopId\": \"W9\", \"lineId\": \"L9\"}, \"errorId\": \"LAST\", \"jobId\": \"J9\", "
            "\"errorClass\": \"ERROR_CLASS_OTHER\", \"methodRelated\": true}\n";
  }
  const auto last_facts = ReadFacts(last.str());
  ASSERT_TRUE(last_facts.ok()) << last_facts.status();
  ASSERT_TRUE(log.Store(*last_facts).ok());
  ASSERT_TRUE(log.JudgeIdentity().ok());
  const std::vector<std::string> stale = Cells(client);
  gather(*engine);
  apply(*engine);
  sweep(*engine);
  const std::vector<std::string> incremental = Cells(client);
  const std::string incremental_days = Days(client);

  for (const char* table : {"kpi_cell", "shift_interval", "plant_state"}) {
    ASSERT_TRUE(client.Execute(std::string("TRUNCATE TABLE ") + table).ok());
  }
  engine = open_engine(GetParam() == 0 ? 60 : 12000);
  sweep(*engine);
  const std::vector<std::string> batch = Cells(client);
  EXPECT_GT(batch.size(), 1000u);
  const std::vector<std::string> differences = Differences(incremental, batch);
  for (size_t i = 0; i < std::min<size_t>(10, differences.size()); ++i) {
    ADD_FAILURE() << "only "
                  << (std::binary_search(batch.begin(), batch.end(), differences[i]) ? "batch: "
                                                                                     : "incremental: ")
                  << differences[i];
  }
  EXPECT_EQ(differences.size(), 0u) << "of " << batch.size() << " cells; incremental" << incremental_days
                                    << "; batch" << Days(client);
  CompareWithModel(client, history, *last_facts);
  const std::vector<std::string> missed = Differences(stale, batch);
  for (const char* plant : {" PL1/", " PL2/", " PL3/"}) {
    EXPECT_TRUE(std::any_of(missed.begin(), missed.end(),
                            [plant](const std::string& cell) {
                              return cell.find(" operation_error_rate") != std::string::npos &&
                                     cell.find(plant) != std::string::npos;
                            }))
        << "cells of before the last fact of" << plant << " pass for those after it";
  }
}

INSTANTIATE_TEST_SUITE_P(Histories, Incremental, testing::Range(0, Histories()));

}  // namespace
}  // namespace yokoten::test
