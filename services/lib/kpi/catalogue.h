// The KPI catalogue: what is measured, read from definitions/<id>.sql and steps/<name>.sql. A KPI is one
// file; nothing about it is typed anywhere else. Immutable once loaded and usable from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "yokoten/kpi/v1/kpi.pb.h"

namespace yokoten::kpi {

// Fewest persons or cases that KpiDefinition.privacy_k may ask for.
inline constexpr int kSmallestPrivacyK = 5;

// One source text and its name without folder and ".sql".
struct SourceText {
  std::string name;
  std::string text;
};

// A query after its macros were read. Literal pieces alternate with macros; Render puts it together again.
struct Template {
  enum class Kind { kText, kScope, kPlants, kMonths, kShifts, kDead, kFacts, kRows, kStep };
  struct Piece {
    Kind kind = Kind::kText;
    std::string text;  // kText: the SQL; kFacts, kRows: the event's short name; kStep: the step's name
  };
  std::vector<Piece> pieces;
  // Columns asked of each event type, sorted, without repetition.
  std::map<std::string, std::vector<std::string>> facts;
  // Steps named, in order of first use.
  std::vector<std::string> steps;
};

// A shared step: a temporary table made once a round for all KPIs that name it.
struct Step {
  std::string name;
  Template query;
};

// One KPI.
struct Kpi {
  v1::KpiDefinition definition;
  Template query;
  // SHA-256 (first eight bytes, big endian) of what the header says about cells, the query and every step it
  // uses, comments and blanks left out, together with the version of the macros' meaning. It is in every
  // cell's key: a changed formula leaves the old cells alone and has none of its own until they are computed.
  uint64_t hash = 0;
  // Steps it needs, its steps' steps included, in an order in which they can be made.
  std::vector<std::string> all_steps;
  // Event types it needs, those of its steps included, with the columns asked for.
  std::map<std::string, std::vector<std::string>> all_facts;
  // Which of the columns that all facts have (CommonColumns) its query or its steps name.
  std::set<std::string> common_columns;

  const std::string& id() const { return definition.id(); }
  // An older version of a KPI, whose id is "<id>@<version>": computed like any other, so that history is
  // known under both definitions.
  bool older = false;
  // Without the version.
  std::string base_id() const { return id().substr(0, id().find('@')); }
  // How far a touched fact of this type reaches; HORIZON_UNSPECIFIED when the KPI does not read it.
  v1::Horizon HorizonOf(std::string_view event_short_name) const;
  bool has_dimension() const { return !definition.dimension().empty(); }
  bool has_samples() const { return definition.numerator() == v1::AGGREGATION_VALUES; }
  // Its periods have cells of their own, counted from members.
  bool has_members() const { return definition.numerator() == v1::AGGREGATION_DISTINCT; }
  // Made of other KPIs' values at read: it has no query and no cells.
  bool has_parts() const { return definition.numerator() == v1::AGGREGATION_PARTS; }
};

// A query in the definitions' language that is no KPI: a finding, a rule, what a cache is made of.
struct Question {
  std::string header;  // the leading comment lines, without "-- "
  // Query, steps and facts; definition.id is the file's name, nothing else of it is set.
  Kpi query;

  const std::string& name() const { return query.definition.id(); }
};

class Catalogue {
 public:
  // The definitions linked into this program. A broken one ends the program with one line: it is a fault of
  // the build, and a unit test finds it first.
  static const Catalogue& Linked();

  // Reads definitions and steps. InvalidArgument names the file and what is wrong: a header that does not
  // parse or says nothing about a required field, an id that is not the file's name, an unknown event type or
  // column, an older version (<id>.v<n>.sql) that is not older than <id>.sql's, a macro that does not exist,
  // a fact read without a horizon (or a horizon without reading it), a banned function (now, today, rand,
  // ...), a circle of steps.
  static Result<Catalogue> Load(const std::vector<SourceText>& definitions,
                                const std::vector<SourceText>& steps);

  // Reads a query that may use this catalogue's steps. InvalidArgument as Load's, but for the header, which
  // is whatever the asker makes of it, and the horizons, which it has none of. {name:Type} is a parameter of
  // the statement.
  Result<Question> Ask(const SourceText& source) const;

  Catalogue(Catalogue&&) = default;
  Catalogue& operator=(Catalogue&&) = default;

  // Sorted by id; older versions follow theirs.
  const std::vector<Kpi>& kpis() const { return kpis_; }
  // "<id>", "<id>@<version>"; with the newest version the same as without.
  const Kpi* Find(std::string_view id) const;
  const Step* FindStep(std::string_view name) const;

 private:
  Catalogue() = default;
  // Fills in the steps and facts that the KPI's query needs.
  Status Resolve(const std::string& name, Kpi* kpi) const;
  // Tells every KPI of its older versions.
  Status LinkVersions();
  // Whether the query or one of its steps reads {months}, which are there where members are counted.
  bool NamesMonths(const Kpi& kpi) const;

  std::vector<Kpi> kpis_;
  std::map<std::string, Step, std::less<>> steps_;
};

// The texts linked into this program (definitions/*.sql and steps/*.sql), for tests that load a changed copy.
const std::vector<SourceText>& LinkedDefinitions();
const std::vector<SourceText>& LinkedSteps();

}  // namespace yokoten::kpi
