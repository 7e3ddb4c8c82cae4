#include "kpi/reference.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "insight/cells.h"
#include "insight/values.h"
#include "kpi/fact_log.h"

namespace yokoten::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "3.000000" and "3" are one number.
std::string Plain(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  while (number.back() == '0') number.pop_back();
  if (number.back() == '.') number.pop_back();
  return number;
}

std::string PlainList(const std::string& list) {
  std::istringstream in(list);
  std::string out;
  for (std::string item; std::getline(in, item, ',');) out += (out.empty() ? "" : ",") + Plain(item);
  return out;
}

std::string InstantList(const std::string& list) {
  std::istringstream in(list);
  std::string out;
  for (std::string item; std::getline(in, item, ',');)
    out += (out.empty() ? "" : ",") + std::to_string(ToMicros(ParseInstant(item)));
  return out;
}

// The value as readers of the cell's own period see it.
std::string ValueOf(kpi::v1::KpiDefinition definition, const insight::Cell& cell) {
  definition.clear_interval();  // is tested elsewhere, and figures gone wrong may have none
  const insight::Period period{cell.day, cell.day};
  const insight::Sides sides = insight::Aggregate(definition, {{cell.day}, {cell}}, period);
  const insight::v1::KpiValue value =
      insight::MakeValue(definition, sides, period, {kLastDay, 0, std::nullopt, std::nullopt});
  return value.has_value() ? std::to_string(value.value()) : "";
}

bool SameValue(const std::string& has, const std::string& wanted) {
  if (has.empty() || wanted == "none") return has.empty() && wanted == "none";
  const size_t point = wanted.find('.');
  // Whole numbers are meant as such.
  const double digits = point == std::string::npos ? 6 : static_cast<double>(wanted.size() - point - 1);
  return std::abs(std::stod(has) - std::stod(wanted)) <= 0.500001 * std::pow(10, -digits);
}

}  // namespace

std::string ReadText(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<kpi::SourceText> ReadSqlFolder(const fs::path& folder) {
  std::vector<kpi::SourceText> texts;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".sql")
      texts.push_back({entry.path().stem().string(), ReadText(entry.path())});
  }
  std::sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return texts;
}

std::vector<std::string> ReferenceNames(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".reference") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Reference> ReadReference(const fs::path& folder, const std::string& name) {
  Reference reference{name, name.substr(0, name.find('.')), name, {}, false, {}, {}};
  std::istringstream in(ReadText(folder / (name + ".reference")));
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> words = Words(line);
    if (words.empty() || words[0][0] == '#') continue;
    if (words[0] == "clock" && words.size() == 2) {
      reference.clock = ParseInstant(words[1]);
    } else if (words[0] == "facts" && words.size() == 2) {
      reference.facts = words[1];
    } else if (words[0] == "like" && words.size() == 2) {
      YK_ASSIGN_OR_RETURN(const Reference other, ReadReference(folder, words[1]));
      reference.facts = other.facts;
      reference.clock = other.clock;
      reference.lines = other.lines;
    } else if (words[0] == "unjudged" || words[0] == "retold") {
      reference.unjudged = true;
      reference.retold.assign(words.begin() + 1, words.end());
    } else if (words[0] == "given") {
      reference.lines.push_back(words);
    } else if (words.size() < (words.back() == "absent" ? 4 : 5)) {
      return InvalidArgument(name + ".reference: '" + line + "' is no line of a reference");
    } else {
      reference.lines.push_back(words);
    }
  }
  const bool cells = !reference.lines.empty() && reference.lines[0][0] != "given";
  if (cells && ToMicros(reference.clock) == 0) return InvalidArgument(name + ".reference names no clock");
  if (reference.lines.empty()) return InvalidArgument(name + ".reference names no cell");
  return reference;
}

Result<std::vector<LoggedEvent>> FactsOf(const fs::path& folder, const Reference& reference) {
  YK_ASSIGN_OR_RETURN(std::vector<LoggedEvent> facts,
                      ReadFacts(ReadText(folder / (reference.facts + ".facts"))));
  for (size_t i = 0, told = facts.size(); i < told; ++i) {
    const std::string& type = facts[i].type->short_name;
    // What has an id of its own is voided or corrected elsewhere.
    const bool is_amended =
        !ContextOf(facts[i]).id().starts_with("line") || ContextOf(facts[i]).has_corrects();
    if (is_amended ||
        std::find(reference.retold.begin(), reference.retold.end(), type) == reference.retold.end())
      continue;
    LoggedEvent again{facts[i].type, std::shared_ptr<google::protobuf::Message>(facts[i].event->New())};
    again.event->CopyFrom(*facts[i].event);
    event::v1::EventContext& context = ContextOf(again);
    context.set_id(context.id() + "-again");
    context.set_workshop_id("W9");
    if (context.has_occurred_at()) {
      context.mutable_occurred_at()->set_seconds(context.occurred_at().seconds() + 86400);
    } else {
      context.set_occurred_on(FormatDay(*ParseDay(context.occurred_on()) + 1));
    }
    if (context.has_reported_at())
      context.mutable_reported_at()->set_seconds(context.reported_at().seconds() + 86400);
    facts.push_back(std::move(again));
  }
  return facts;
}

Result<ReferenceCells> ReadReferenceCells(clickhouse::Client& client, const std::string& table,
                                          const kpi::Kpi& kpi, const clickhouse::Params& params) {
  const std::string own =
      " FROM " + table + " WHERE kpi = '" + kpi.id() + "' AND definition = " + std::to_string(kpi.hash);
  const auto list = [](const std::string& item) { return "arrayStringConcat(arrayMap(x -> " + item; };
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      client.Select(
          "SELECT grain, toInt32(day) AS number, toString(day) AS date, plant, workshop, line, level, dim, "
          "toString(numerator) AS n, numerator_days AS nd, toString(denominator) AS d, "
          "denominator_days AS dd, observations AS o, toString(sum_squares) AS q, " +
              list("toString(x), samples), ',') AS s, ") +
              list("toString(toUnixTimestamp64Micro(x)), open_since), ',') AS w") + own +
              " AND (grain, plant, day, version) IN (SELECT grain, plant, day, version" + own +
              " AND level = 'plant' AND dim = '')",
          params));
  ReferenceCells cells;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::string unit = rows.Text(i, "plant");
    if (rows.Text(i, "level") != "plant") unit += "/" + rows.Text(i, "workshop");
    if (rows.Text(i, "level") == "line") unit += "/" + rows.Text(i, "line");
    const std::string key =
        rows.Text(i, "grain") + " " + rows.Text(i, "date") + " " + unit + " " + rows.Text(i, "dim");
    const auto side = [&](const char* value, const char* days, kpi::v1::Aggregation aggregation) {
      std::string text = Plain(rows.Text(i, value));
      if (rows.Text(i, "grain") != "d" && aggregation == kpi::v1::AGGREGATION_MEAN_OF_DAYS)
        text += ":" + rows.Text(i, days);
      return text;
    };
    insight::Cell cell;
    cell.day = Day{static_cast<int32_t>(rows.Int(i, "number"))};
    cell.numerator = insight::ParseDecimal(rows.Text(i, "n"));
    cell.denominator = insight::ParseDecimal(rows.Text(i, "d"));
    cell.numerator_days = rows.Int(i, "nd");
    cell.denominator_days = rows.Int(i, "dd");
    cell.observations = rows.Int(i, "o");
    std::istringstream samples(rows.Text(i, "s")), starts(rows.Text(i, "w"));
    for (std::string item; std::getline(samples, item, ',');)
      cell.samples.push_back(insight::ParseDecimal(item));
    for (std::string item; std::getline(starts, item, ',');) cell.open_since.push_back(std::stoll(item));
    const auto [place, fresh] =
        cells.emplace(key, ReferenceCell{side("n", "nd", kpi.definition.numerator()),
                                         side("d", "dd", kpi.definition.denominator()), rows.Text(i, "o"),
                                         Plain(rows.Text(i, "q")), PlainList(rows.Text(i, "s")),
                                         rows.Text(i, "w"), ValueOf(kpi.definition, cell)});
    if (!fresh) return Internal(key + " is there twice");
  }
  return cells;
}

std::vector<std::string> PartDifferences(const Reference& reference,
                                         const kpi::v1::KpiDefinition& definition) {
  std::vector<std::string> differences;
  for (const std::vector<std::string>& words : reference.lines) {
    std::vector<insight::v1::KpiValue> parts;
    std::string text;
    for (size_t i = 1; i < words.size(); ++i) {
      text += (text.empty() ? "" : " ") + words[i];
      if (words[i].rfind("value=", 0) == 0) continue;
      parts.emplace_back().set_status(insight::v1::KPI_STATUS_OK);
      if (words[i] == "none") {
        parts.back().set_status(insight::v1::KPI_STATUS_NO_DENOMINATOR);
      } else {
        parts.back().set_value(std::stod(words[i]));
      }
    }
    if (parts.size() != static_cast<size_t>(definition.parts_size())) {
      differences.push_back("'" + text + "': the KPI has another number of parts");
      continue;
    }
    const insight::v1::KpiValue value = insight::MakeFromParts(definition, parts, {kFirstDay, kFirstDay});
    const std::string has = value.has_value() ? std::to_string(value.value()) : "";
    if (!SameValue(has, words.back().substr(std::string("value=").size())))
      differences.push_back("'" + text + "': value is " + (has.empty() ? "none" : has));
  }
  return differences;
}

std::vector<std::string> Differences(const Reference& reference, const ReferenceCells& cells,
                                     const std::string& grains) {
  std::vector<std::string> differences;
  for (const std::vector<std::string>& words : reference.lines) {
    if (grains.find(words[0]) == std::string::npos) continue;
    std::string text, dim;
    for (const std::string& word : words) {
      text += (text.empty() ? "" : " ") + word;
      if (word.rfind("dim=", 0) == 0) dim = word.substr(4);
    }
    const auto differs = [&](const std::string& how) { differences.push_back("'" + text + "': " + how); };
    const auto found = cells.find(words[0] + " " + words[1] + " " + words[2] + " " + dim);
    if (words[3] == "absent") {
      if (found != cells.end()) differs("there is one");
      continue;
    }
    if (found == cells.end()) {
      differs("no such cell");
      continue;
    }
    const ReferenceCell& cell = found->second;
    const auto same = [&](const char* what, const std::string& has, const std::string& wanted) {
      if (has != wanted) differs(std::string(what) + " is " + has);
    };
    same("numerator", cell.numerator, words[3]);
    same("denominator", cell.denominator, words[4]);
    std::string squares = "0";
    for (const std::string& word : words) {
      if (word.rfind("squares=", 0) == 0) squares = word.substr(8);
      if (word.rfind("n=", 0) == 0) same("n", cell.n, word.substr(2));
      if (word.rfind("samples=", 0) == 0) same("samples", cell.samples, word.substr(8));
      if (word.rfind("open=", 0) == 0) same("open", cell.open, InstantList(word.substr(5)));
      if (word.rfind("value=", 0) == 0 && !SameValue(cell.value, word.substr(6)))
        differs("value is " + (cell.value.empty() ? "none" : cell.value));
    }
    same("sum of squares", cell.squares, squares);
  }
  return differences;
}

}  // namespace yokoten::test
