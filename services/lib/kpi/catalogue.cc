// Parser of the definitions: header, macros, checks, hash.
#include "kpi/catalogue.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <regex>
#include <set>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <openssl/sha.h>

#include "kpi/fact_sql.h"
#include "kpi/legal_sql.h"
#include "kpi/linked_definitions.h"

namespace yokoten::kpi {
namespace {

// Raised when a macro comes to mean something else, so that every cell is computed again.
constexpr char kMacroVersion[] = "2";

constexpr const char* kBanned =
    "(now|now64|nowInBlock|today|yesterday|current_timestamp|UTCTimestamp|rand|rand32|rand64|randConstant|"
    "randUniform|"
    "randCanonical|generateUUIDv4|generateUUIDv7|toFloat32|toFloat64|avg|quantile|any|anyLast|groupUniqArray|"
    "timezone|"
    "serverTimezone|hostName|rowNumberInAllBlocks)";

Status Wrong(const std::string& name, const std::string& what) {
  return InvalidArgument(name + ".sql: " + what);
}

struct Parts {
  std::string header;
  std::string query;  // without comments and with single blanks
};

// "a, b" in parts.
std::vector<std::string> SplitNames(const std::string& list) {
  std::vector<std::string> names;
  std::string name;
  for (const char c : list + ",") {
    if (c == ',') {
      if (!name.empty()) names.push_back(name);
      name.clear();
    } else if (c != ' ') {
      name += c;
    }
  }
  return names;
}

// Puts in what "{legal ...}" stands for, so that it is in the hash.
Status ExpandLegal(const std::string& file, std::string* query) {
  static const std::regex macro(R"(\{legal ([a-z_]+)\(([^)]*)\)\})");
  std::smatch match;
  while (std::regex_search(*query, match, macro)) {
    const Result<std::string> pairs = LegalPairsSql(match[1].str(), SplitNames(match[2].str()));
    if (!pairs.ok()) return Wrong(file, Message(pairs.status()));
    *query = match.prefix().str() + *pairs + match.suffix().str();
  }
  return OkStatus();
}

// Leading comment lines, up to the first blank one, are the header; later comments and surplus blanks do not
// count.
Result<Parts> Split(const std::string& file, const std::string& text) {
  Parts parts;
  bool in_header = true;
  size_t at = 0;
  while (at <= text.size()) {
    size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    std::string line = text.substr(at, end - at);
    at = end + 1;
    const bool comment = line.rfind("--", 0) == 0;
    if (in_header && comment) {
      parts.header += line.substr(std::min<size_t>(line.size(), 3)) + "\n";
      continue;
    }
    if (!comment && (!line.empty() || !parts.header.empty())) in_header = false;
    const size_t inline_comment = line.find(" --");
    if (comment) continue;
    if (inline_comment != std::string::npos) line.resize(inline_comment);
    for (const char c : line + " ") {
      const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
      if (blank && (parts.query.empty() || parts.query.back() == ' ')) continue;
      parts.query += blank ? ' ' : c;
    }
  }
  while (!parts.query.empty() && (parts.query.back() == ' ' || parts.query.back() == ';'))
    parts.query.pop_back();
  YK_RETURN_IF_ERROR(ExpandLegal(file, &parts.query));
  return parts;
}

Result<Template> ParseTemplate(const std::string& file, const std::string& query, bool parameters = false) {
  static const std::regex macro(
      R"(^(scope|plants|months|shifts|dead|facts|rows|step)(?: ([A-Za-z_.]+)(?:\(([^)]*)\))?)?$)");
  static const std::regex banned(std::string("\\b") + kBanned + R"(\s*\()", std::regex::icase);
  // A parameter of the statement, as questions have them.
  static const std::regex parameter(R"(^[a-z_]+:[A-Za-z0-9()]+$)");
  std::smatch match;
  if (std::regex_search(query, match, banned)) {
    return Wrong(file, "calls " + match[1].str() +
                           "(), which depends on the clock, on chance or on the order of rows, or is "
                           "a float; use the scope's day and integers or decimals");
  }
  Template result;
  size_t at = 0;
  while (true) {
    const size_t open = query.find('{', at);
    if (open == std::string::npos) break;
    const size_t close = query.find('}', open);
    if (close == std::string::npos) return Wrong(file, "a macro is not closed");
    if (open > at) result.pieces.push_back({Template::Kind::kText, query.substr(at, open - at)});
    const std::string inside = query.substr(open + 1, close - open - 1);
    if (parameters && std::regex_match(inside, parameter)) {
      result.pieces.push_back({Template::Kind::kText, query.substr(open, close + 1 - open)});
      at = close + 1;
      continue;
    }
    if (!std::regex_match(inside, match, macro)) return Wrong(file, "unknown macro {" + inside + "}");
    const std::string word = match[1].str(), name = match[2].str();
    if (word == "scope") {
      result.pieces.push_back({Template::Kind::kScope, ""});
    } else if (word == "plants") {
      result.pieces.push_back({Template::Kind::kPlants, ""});
    } else if (word == "months") {
      result.pieces.push_back({Template::Kind::kMonths, ""});
    } else if (word == "shifts") {
      result.pieces.push_back({Template::Kind::kShifts, ""});
    } else if (word == "dead") {
      result.pieces.push_back({Template::Kind::kDead, ""});
    } else if (word == "step") {
      result.pieces.push_back({Template::Kind::kStep, name});
      if (std::find(result.steps.begin(), result.steps.end(), name) == result.steps.end())
        result.steps.push_back(name);
    } else {
      if (FindEvent(name) == nullptr) return Wrong(file, "no event type '" + name + "'");
      const bool raw = word == "rows";
      result.pieces.push_back({raw ? Template::Kind::kRows : Template::Kind::kFacts, name});
      std::vector<std::string>& columns = result.facts[name];
      const std::vector<std::string> own = OwnColumns(name);
      for (const std::string& column : SplitNames(match[3].str())) {
        if (std::find(own.begin(), own.end(), column) == own.end()) {
          return Wrong(file, name + " has no column '" + column + "'");
        }
        columns.push_back(column);
      }
      std::sort(columns.begin(), columns.end());
      columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    }
    at = close + 1;
  }
  if (at < query.size()) result.pieces.push_back({Template::Kind::kText, query.substr(at)});
  if (query.rfind("SELECT", 0) != 0 && query.rfind("WITH", 0) != 0)
    return Wrong(file, "the query must begin with SELECT or WITH");
  return result;
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty())
      text = "header line " + std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": " + message;
  }
  std::string text;
};

// What k-suppression can protect (DOMAIN 3.5): fixed periods of a month or longer, nothing below the
// workshop, no quantile but the median. Confidential facts need it.
Status CheckPrivacy(const std::string& file, const v1::KpiDefinition& d) {
  if (d.privacy_k() == 0) {
    for (const v1::Read& read : d.reads()) {
      if (IsRestricted(read.event()))
        return Wrong(file, "reads " + read.event() + ", which is confidential, without a privacy_k");
    }
    return OkStatus();
  }
  // What is frozen at a period's close is put together from months.
  if (d.numerator() == v1::AGGREGATION_DISTINCT)
    return Wrong(file, "privacy_k does not go with AGGREGATION_DISTINCT");
  if (d.privacy_k() < kSmallestPrivacyK)
    return Wrong(file, "privacy_k must be " + std::to_string(kSmallestPrivacyK) + " or more");
  if (d.finest_level() == v1::LEVEL_LINE)
    return Wrong(file, "privacy_k goes with nothing below the workshop");
  if (d.default_grain() != v1::GRAIN_MONTH && d.default_grain() != v1::GRAIN_QUARTER &&
      d.default_grain() != v1::GRAIN_YEAR) {
    return Wrong(file,
                 "privacy_k goes with a default_grain of month, quarter or year: it is the only one shown");
  }
  if (!d.quantile().empty() && d.quantile() != "0.5")
    return Wrong(file, "privacy_k goes with no quantile but the median");
  return OkStatus();
}

// Of a value that is made of others: it has parts with targets, and nothing of its own to read.
Status CheckParts(const std::string& file, const v1::KpiDefinition& d) {
  static const std::regex decimal("[0-9]{1,18}(\\.[0-9]{1,6})?");
  if (d.parts().empty()) return Wrong(file, "AGGREGATION_PARTS needs parts");
  for (const v1::Part& part : d.parts()) {
    if (!std::regex_match(part.target(), decimal) || std::stod(part.target()) <= 0)
      return Wrong(file, "parts: the target of " + part.kpi() + " must be a decimal number above 0");
  }
  if (!d.reads().empty()) return Wrong(file, "AGGREGATION_PARTS reads no events");
  if (d.finest_level() != v1::LEVEL_PLANT) return Wrong(file, "AGGREGATION_PARTS goes with LEVEL_PLANT");
  if (d.privacy_k() != 0) return Wrong(file, "AGGREGATION_PARTS has no privacy_k; its parts have");
  return OkStatus();
}

// Of "<id>.v<n>" the id and n; of any other name the name and 0.
std::pair<std::string, int> IdAndVersion(const std::string& file) {
  static const std::regex versioned(R"((.*)\.v([1-9][0-9]{0,3}))");
  std::smatch match;
  if (!std::regex_match(file, match, versioned)) return {file, 0};
  return {match[1], std::stoi(match[2])};
}

Status CheckHeader(const std::string& file, const v1::KpiDefinition& d) {
  const auto [id, version] = IdAndVersion(file);
  if (version != 0 && d.version() != version)
    return Wrong(file, "the header's version is " + std::to_string(d.version()) + "; it must be the file's");
  // Two formulas over the same few cases would tell by their difference.
  if (version != 0 && d.privacy_k() > 0) return Wrong(file, "a KPI with a privacy_k has no older versions");
  if (!d.older_versions().empty()) return Wrong(file, "older_versions is not for headers; the files tell");
  if (d.id() != id) return Wrong(file, "the header's id is '" + d.id() + "'; it must be the file's name");
  // A last capital is a symbol that has its name in the literature (GB's A, B and N).
  static const std::regex snake("[a-z][a-z0-9_]{0,61}(_[A-Z]|[a-z0-9_]{0,2})");
  if (!std::regex_match(d.id(), snake)) return Wrong(file, "the id must be snake_case of at most 64 letters");
  for (const auto& [field, value] : {std::pair<const char*, const std::string&>{"name_zh", d.name_zh()},
                                     {"name_en", d.name_en()},
                                     {"formula_zh", d.formula_zh()},
                                     {"formula_en", d.formula_en()},
                                     {"factor", d.factor()},
                                     {"unit_zh", d.unit_zh()},
                                     {"unit_en", d.unit_en()},
                                     {"pillar", d.pillar()},
                                     {"source", d.source()}}) {
    if (value.empty()) return Wrong(file, std::string("the header says no ") + field);
  }
  static const std::regex decimal("[0-9]{1,18}(\\.[0-9]{1,6})?");
  if (!std::regex_match(d.factor(), decimal))
    return Wrong(file, "factor '" + d.factor() + "' is not a decimal number");
  if (d.direction() == v1::DIRECTION_UNSPECIFIED) return Wrong(file, "the header says no direction");
  if (d.tps().empty()) return Wrong(file, "the header says no tps");
  if (d.productive_forces().empty()) return Wrong(file, "the header says no productive_forces");
  for (const int tps : d.tps()) {
    if (tps == v1::TPS_ELEMENT_UNSPECIFIED) return Wrong(file, "tps: TPS_ELEMENT_UNSPECIFIED is no element");
  }
  for (const int force : d.productive_forces()) {
    if (force == v1::PRODUCTIVE_FORCE_UNSPECIFIED)
      return Wrong(file, "productive_forces: PRODUCTIVE_FORCE_UNSPECIFIED is no dimension");
  }
  if (d.finest_level() == v1::LEVEL_UNSPECIFIED) return Wrong(file, "the header says no finest_level");
  if (d.numerator() == v1::AGGREGATION_UNSPECIFIED)
    return Wrong(file, "the header says not how the numerator aggregates");
  if (d.denominator() == v1::AGGREGATION_UNSPECIFIED)
    return Wrong(file, "the header says not how the denominator aggregates");
  if (d.default_grain() == v1::GRAIN_UNSPECIFIED) return Wrong(file, "the header says no default_grain");
  if (d.version() < 1) return Wrong(file, "version must be 1 or more");
  if ((d.numerator() == v1::AGGREGATION_VALUES) != !d.quantile().empty()) {
    return Wrong(file, "quantile goes with AGGREGATION_VALUES and only with it");
  }
  if (d.no_total() && d.dimension().empty()) return Wrong(file, "no_total goes with a dimension");
  for (const v1::Aggregation both : {v1::AGGREGATION_DISTINCT, v1::AGGREGATION_PARTS}) {
    if ((d.numerator() == both) != (d.denominator() == both))
      return Wrong(file, v1::Aggregation_Name(both) + " goes with both sides or none");
  }
  const bool fixed_grain = d.default_grain() == v1::GRAIN_MONTH || d.default_grain() == v1::GRAIN_QUARTER ||
                           d.default_grain() == v1::GRAIN_YEAR;
  if (d.numerator() == v1::AGGREGATION_DISTINCT && (!fixed_grain || !d.dimension().empty()))
    return Wrong(file, "AGGREGATION_DISTINCT goes with month, quarter or year and no dimension");
  if (d.numerator() == v1::AGGREGATION_PARTS) return CheckParts(file, d);
  if (!d.parts().empty()) return Wrong(file, "parts go with AGGREGATION_PARTS");
  if (d.reads().empty()) return Wrong(file, "the header names no event in reads");
  return CheckPrivacy(file, d);
}

std::string HashText(const v1::KpiDefinition& definition) {
  // Only what changes the cells: a better word in a name must not make all of them anew.
  v1::KpiDefinition essential;
  essential.set_id(definition.id());
  essential.set_version(definition.version());
  essential.set_finest_level(definition.finest_level());
  essential.set_dimension(definition.dimension());
  essential.set_no_total(definition.no_total());
  essential.set_numerator(definition.numerator());
  essential.set_denominator(definition.denominator());
  for (const v1::Read& read : definition.reads()) *essential.add_reads() = read;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(essential, &text);
  return text;
}

uint64_t Hash(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  uint64_t hash = 0;
  for (int i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  return hash;
}

void MergeFacts(const std::map<std::string, std::vector<std::string>>& from,
                std::map<std::string, std::vector<std::string>>* into) {
  for (const auto& [event, columns] : from) {
    std::vector<std::string>& all = (*into)[event];
    all.insert(all.end(), columns.begin(), columns.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
}

// A word of that name is taken for the column, be it of a fact or not.
void NoteCommonColumns(const Template& query, std::set<std::string>* named) {
  static const std::regex word("[A-Za-z_][A-Za-z_0-9]*");
  static const std::set<std::string> common(CommonColumns().begin(), CommonColumns().end());
  for (const Template::Piece& piece : query.pieces) {
    if (piece.kind != Template::Kind::kText) continue;
    for (std::sregex_iterator at(piece.text.begin(), piece.text.end(), word), end; at != end; ++at) {
      if (common.contains(at->str())) named->insert(at->str());
    }
  }
}

}  // namespace

v1::Horizon Kpi::HorizonOf(std::string_view event) const {
  for (const v1::Read& read : definition.reads()) {
    if (read.event() == event) return read.horizon();
  }
  return v1::HORIZON_UNSPECIFIED;
}

Status Catalogue::Resolve(const std::string& source, Kpi* kpi) const {
  kpi->all_facts = kpi->query.facts;
  std::set<std::string> visiting;
  Status status;
  const std::function<void(const std::string&)> visit = [&](const std::string& name) {
    if (!status.ok() || std::find(kpi->all_steps.begin(), kpi->all_steps.end(), name) != kpi->all_steps.end())
      return;
    const Step* step = FindStep(name);
    if (step == nullptr) {
      status = Wrong(source, "no step '" + name + "'");
    } else if (!visiting.insert(name).second) {
      status = Wrong(source, "step '" + name + "' needs itself");
    } else {
      for (const std::string& below : step->query.steps) visit(below);
      if (status.ok()) kpi->all_steps.push_back(name);
      MergeFacts(step->query.facts, &kpi->all_facts);
    }
  };
  for (const std::string& name : kpi->query.steps) visit(name);
  NoteCommonColumns(kpi->query, &kpi->common_columns);
  for (const std::string& name : kpi->all_steps)
    NoteCommonColumns(FindStep(name)->query, &kpi->common_columns);
  return status;
}

bool Catalogue::NamesMonths(const Kpi& kpi) const {
  const auto names = [](const Template& query) {
    return std::any_of(query.pieces.begin(), query.pieces.end(),
                       [](const auto& piece) { return piece.kind == Template::Kind::kMonths; });
  };
  return names(kpi.query) || std::any_of(kpi.all_steps.begin(), kpi.all_steps.end(),
                                         [&](const auto& step) { return names(FindStep(step)->query); });
}

Result<Question> Catalogue::Ask(const SourceText& source) const {
  YK_ASSIGN_OR_RETURN(const Parts parts, Split(source.name, source.text));
  Question question;
  question.header = parts.header;
  question.query.definition.set_id(source.name);
  YK_ASSIGN_OR_RETURN(question.query.query, ParseTemplate(source.name, parts.query, true));
  YK_RETURN_IF_ERROR(Resolve(source.name, &question.query));
  return question;
}

Result<Catalogue> Catalogue::Load(const std::vector<SourceText>& definitions,
                                  const std::vector<SourceText>& steps) {
  Catalogue catalogue;
  std::map<std::string, std::string> step_texts;
  for (const SourceText& source : steps) {
    YK_ASSIGN_OR_RETURN(const Parts parts, Split(source.name, source.text));
    if (parts.header.empty())
      return Wrong("steps/" + source.name, "begin with a comment that says what a row is");
    YK_ASSIGN_OR_RETURN(Template query, ParseTemplate("steps/" + source.name, parts.query));
    catalogue.steps_[source.name] = Step{source.name, std::move(query)};
    step_texts[source.name] = parts.query;
  }
  for (const SourceText& source : definitions) {
    YK_ASSIGN_OR_RETURN(const Parts parts, Split(source.name, source.text));
    Kpi kpi;
    FirstError error;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&error);
    if (!parser.ParseFromString(parts.header, &kpi.definition)) return Wrong(source.name, error.text);
    YK_RETURN_IF_ERROR(CheckHeader(source.name, kpi.definition));
    kpi.older = IdAndVersion(source.name).second != 0;
    if (kpi.older) kpi.definition.set_id(kpi.id() + "@" + std::to_string(kpi.definition.version()));
    if (kpi.has_parts()) {
      if (!parts.query.empty()) return Wrong(source.name, "AGGREGATION_PARTS goes with no query");
      catalogue.kpis_.push_back(std::move(kpi));
      continue;
    }
    YK_ASSIGN_OR_RETURN(kpi.query, ParseTemplate(source.name, parts.query));
    YK_RETURN_IF_ERROR(catalogue.Resolve(source.name, &kpi));
    if (!kpi.has_members() && catalogue.NamesMonths(kpi))
      return Wrong(source.name, "{months} goes with AGGREGATION_DISTINCT");

    std::set<std::string> read;
    for (const v1::Read& r : kpi.definition.reads()) {
      if (FindEvent(r.event()) == nullptr)
        return Wrong(source.name, "reads: no event type '" + r.event() + "'");
      if (r.horizon() == v1::HORIZON_UNSPECIFIED)
        return Wrong(source.name, "reads: no horizon for " + r.event());
      if (!kpi.all_facts.contains(r.event()))
        return Wrong(source.name, "reads " + r.event() + " but its query does not");
      if (!read.insert(r.event()).second) return Wrong(source.name, "reads " + r.event() + " twice");
    }
    for (const auto& [event, columns] : kpi.all_facts) {
      if (!read.contains(event))
        return Wrong(source.name, "its query uses " + event + ", which reads does not name");
    }
    for (const std::string& evidence : kpi.definition.evidence()) {
      if (!read.contains(evidence)) return Wrong(source.name, "evidence " + evidence + " is not among reads");
    }
    std::string essence = std::string(kMacroVersion) + "\n" + HashText(kpi.definition) + "\n" + parts.query;
    for (const std::string& step : kpi.all_steps) essence += "\n" + step + "\n" + step_texts[step];
    kpi.hash = Hash(essence);
    catalogue.kpis_.push_back(std::move(kpi));
  }
  std::sort(catalogue.kpis_.begin(), catalogue.kpis_.end(),
            [](const Kpi& a, const Kpi& b) { return a.id() < b.id(); });
  for (size_t i = 1; i < catalogue.kpis_.size(); ++i) {
    if (catalogue.kpis_[i].id() == catalogue.kpis_[i - 1].id())
      return Wrong(catalogue.kpis_[i].id(), "there twice");
  }
  YK_RETURN_IF_ERROR(catalogue.LinkVersions());
  for (const Kpi& kpi : catalogue.kpis_) {
    for (const v1::Part& part : kpi.definition.parts()) {
      const Kpi* of = catalogue.Find(part.kpi());
      if (of == nullptr || of->has_parts() || of->older)
        return Wrong(kpi.id(), "parts: there is no KPI '" + part.kpi() + "' with cells");
      // Another grain of it would let its hidden figures be computed.
      if (of->definition.privacy_k() > 0 && of->definition.default_grain() != kpi.definition.default_grain())
        return Wrong(kpi.id(), "parts: " + part.kpi() + " is shown by another default_grain alone");
    }
  }
  return catalogue;
}

Status Catalogue::LinkVersions() {
  for (const Kpi& older : kpis_) {
    if (!older.older) continue;
    const auto newest =
        std::find_if(kpis_.begin(), kpis_.end(), [&](const Kpi& kpi) { return kpi.id() == older.base_id(); });
    if (newest == kpis_.end() || newest->definition.version() <= older.definition.version())
      return Wrong(older.base_id() + ".v" + std::to_string(older.definition.version()),
                   "there must be a " + older.base_id() + ".sql of a higher version");
    newest->definition.add_older_versions(older.definition.version());
  }
  for (Kpi& kpi : kpis_) {
    auto* versions = kpi.definition.mutable_older_versions();
    std::sort(versions->begin(), versions->end());
  }
  return OkStatus();
}

const Kpi* Catalogue::Find(std::string_view id) const {
  if (const size_t at = id.find('@'); at != std::string_view::npos) {
    const Kpi* newest = Find(id.substr(0, at));
    if (newest != nullptr && id.substr(at + 1) == std::to_string(newest->definition.version())) return newest;
  }
  const auto found = std::lower_bound(kpis_.begin(), kpis_.end(), id,
                                      [](const Kpi& k, std::string_view i) { return k.id() < i; });
  return found != kpis_.end() && found->id() == id ? &*found : nullptr;
}

const Step* Catalogue::FindStep(std::string_view name) const {
  const auto found = steps_.find(name);
  return found == steps_.end() ? nullptr : &found->second;
}

const std::vector<SourceText>& LinkedDefinitions() {
  static const std::vector<SourceText> texts = DefinitionTexts();
  return texts;
}

const std::vector<SourceText>& LinkedSteps() {
  static const std::vector<SourceText> texts = StepTexts();
  return texts;
}

const Catalogue& Catalogue::Linked() {
  static const Catalogue catalogue = [] {
    Result<Catalogue> loaded = Load(LinkedDefinitions(), LinkedSteps());
    if (!loaded.ok()) {
      std::fprintf(stderr, "KPI catalogue: %s\n", Message(loaded.status()).c_str());
      std::abort();
    }
    return *std::move(loaded);
  }();
  return catalogue;
}

}  // namespace yokoten::kpi
