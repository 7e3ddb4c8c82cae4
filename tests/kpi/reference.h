// What a KPI must give for a file of facts: a .reference, read and compared with cells.
//
// A reference's lines:
//   facts mini_plant                         another file of facts than <kpi>.facts
//   clock 2026-05-01T00:00:00+08:00          when the pass runs
//   like trir                                facts, clock and cells of another reference
//   unjudged                                 before the pass that finds what was sent twice
//   retold safety.IncidentReported ...       unjudged, and each such event was told again at the end, a day
//                                            later and for line W9/L9: the first one counts
//   d 2026-04-30 PL1/W1/L1 3 5 [dim=J1] [n=2] [squares=9] [value=60] [samples=1.5,2]
//                              [open=2026-04-01T00:00:00Z]
//   m 2026-04-01 PL1 3 5                     a month; with days a side had a value: 1200:30
//   q 2026-01-01 PL1 3 5                     a quarter, y: a year, of KPIs that count members
//   d 2026-04-30 PL1/W9 absent               no cell
//   given 15 60 none 50 value=75             of one made of parts: their values, and what follows
// Without `squares` their sum is 0.
// `value` is what readers see (factor and quantile applied), exact to the digits written; "none" = no value.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"

namespace yokoten::test {

struct Reference {
  std::string name;   // file name without ".reference": <kpi> or <kpi>.<case>
  std::string kpi;    // id
  std::string facts;  // file name without ".facts"
  WallTime clock{};
  bool unjudged = false;
  std::vector<std::string> retold;              // short names of event types
  std::vector<std::vector<std::string>> lines;  // words of each line about a cell
};

std::string ReadText(const std::filesystem::path& path);
// Texts of a folder's *.sql, by name.
std::vector<kpi::SourceText> ReadSqlFolder(const std::filesystem::path& folder);
// Names of the folder's references, sorted.
std::vector<std::string> ReferenceNames(const std::filesystem::path& folder);
// InvalidArgument when it names no line, or no clock for its cells.
Result<Reference> ReadReference(const std::filesystem::path& folder, const std::string& name);

// The reference's facts, retold ones included.
Result<std::vector<LoggedEvent>> FactsOf(const std::filesystem::path& folder, const Reference& reference);

// One cell as a reference writes it.
struct ReferenceCell {
  std::string numerator, denominator, n, squares, samples, open;
  std::string value;  // "" = none
};
// By "<grain> <day> <unit> <dim>".
using ReferenceCells = std::map<std::string, ReferenceCell>;

// Cells of the KPI that count, from `table` ("kpi_cell FINAL", or a round's own).
Result<ReferenceCells> ReadReferenceCells(clickhouse::Client& client, const std::string& table,
                                          const kpi::Kpi& kpi, const clickhouse::Params& params);

// How the lines "given" of a KPI made of parts differ from what it makes of them.
std::vector<std::string> PartDifferences(const Reference& reference,
                                         const kpi::v1::KpiDefinition& definition);

// One line for each way in which the cells differ from what is written; `grains`: of which lines.
std::vector<std::string> Differences(const Reference& reference, const ReferenceCells& cells,
                                     const std::string& grains = "dmqy");

}  // namespace yokoten::test
