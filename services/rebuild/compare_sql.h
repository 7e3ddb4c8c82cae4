// The statements of a comparison. Databases are quoted identifiers.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rebuild/compare.h"

namespace yokoten::rebuild {

// A table whose rows say when they were recorded, and how a row is named.
struct RecordedTable {
  std::string name;
  std::string place;  // SQL of the plant
  std::string what;   // SQL of the rest of its name
  std::string shown;  // SQL of what a row says in short
  std::string hash;   // SQL of its whole content
  std::string until;  // SQL condition; {ms} stands for the instant
};

// A KPI, and the definition by which each side has computed it.
struct Figure {
  std::string kpi;
  uint64_t current = 0;
  uint64_t rebuilt = 0;
};

// One column `ms`: until when everything recorded is compared.
std::string LatestRecordSql();
// One column `name`: tables of facts that have rows.
std::string FactTablesSql(const std::string& database);
std::vector<RecordedTable> RecordedTables(const std::set<std::string>& fact_tables);

// name, n, hash of each.
std::string RecordedSumsSql(std::span<const RecordedTable> tables, int64_t until_ms);
// place, what, ours, theirs of the rows that are not the same on both sides.
std::string RecordedDifferencesSql(const RecordedTable& table, const std::string& current,
                                   const std::string& rebuilt, int64_t until_ms, int most);

// id, definition, latest (version).
std::string DefinitionsSql();
enum class Side { kCurrent, kRebuilt };
// kpi, place, n, hash of the figures that count, by KPI and plant.
std::string FigureSumsSql(std::span<const Figure> figures, Side side, const CompareScope& scope);
// place, what, ours, theirs, our_version, their_version of figures that are not the same on both sides; at
// most `most` of a KPI.
std::string FigureDifferencesSql(std::span<const Figure> figures, const std::string& current,
                                 const std::string& rebuilt, const CompareScope& scope, int most);
// The same by table, of facts that do not count, findings, and plants' days.
std::vector<std::pair<std::string, std::string>> VerdictDifferencesSql(const std::string& current,
                                                                       const std::string& rebuilt, int most);

}  // namespace yokoten::rebuild
