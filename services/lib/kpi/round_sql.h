// The statements of one rollup round, in the order they run in one HTTP session: temporary tables made once,
// then one INSERT per KPI, then one for the months. Pure text; the worker and the tests of the definitions
// run them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "kpi/catalogue.h"

namespace yokoten::kpi {

// One production day to compute.
struct ScopeDay {
  Day day;
  WallTime starts_at;  // instants of the production day, [starts_at, ends_at)
  WallTime ends_at;
};

// What one round computes for one plant.
struct PlantScope {
  std::string plant;
  // Version of the cells: everything below it in the plant's dirt is in.
  uint64_t version = 0;
  // Days, ascending, and which KPIs want each (positions in RoundPlan::kpis).
  std::vector<ScopeDay> days;
  std::vector<std::vector<uint16_t>> kpis;
};

struct RoundPlan {
  std::vector<const Kpi*> kpis;
  std::vector<PlantScope> plants;
};

// One statement and, for INSERT ... FORMAT TSV, its data.
struct Statement {
  std::string what;  // for logs and timings: "live safety.IncidentReported"
  std::string sql;
  std::string data;
};

// Temporary tables of the plants, the scope, the shift intervals and the corrections concerned.
std::vector<Statement> OpenRound(const RoundPlan& plan);
// Temporary table of the facts that do not count.
Statement JudgeAmendments();
// Temporary tables of the live facts and steps the KPIs need.
std::vector<Statement> PrepareRound(const Catalogue& catalogue, const RoundPlan& plan);
// Replaces the day cells of one KPI (position in plan.kpis).
Statement DayCells(const RoundPlan& plan, size_t kpi);
// Replaces the month cells of all of the plan's KPIs that the days lie in.
Statement MonthCells(const RoundPlan& plan);
// An instant as ClickHouse reads it in TSV: "2026-03-02 18:15:00.000000" (UTC).
std::string InstantText(WallTime time);
// Frees the session's tables.
std::vector<Statement> CloseRound(const Catalogue& catalogue, const RoundPlan& plan);

}  // namespace yokoten::kpi
