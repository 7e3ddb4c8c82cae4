// The statements of one rollup round, in the order they run in one HTTP session: temporary tables made once,
// then the cells of each KPI and of the months, then one INSERT of them all. Pure text; the worker and the
// tests of the definitions run them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "kpi/catalogue.h"
#include "kpi/fact_sql.h"

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
  // First and last production day there is: a month of which no other day is missing here is made of the
  // round's cells alone.
  std::pair<Day, Day> range{kFirstDay, kLastDay};
  // Days, ascending, and which KPIs want each (positions in RoundPlan::kpis).
  std::vector<ScopeDay> days;
  std::vector<std::vector<uint16_t>> kpis;
};

// A month of a KPI of a plant that was closed when something about its facts was put right.
struct Restatable {
  std::string plant;
  const Kpi* kpi = nullptr;
  Day month;               // its first
  std::string event_type;  // of the correction or void
  std::string source;
  std::string event_id;
  int64_t recorded_ms = 0;
};

struct RoundPlan {
  std::vector<const Kpi*> kpis;
  std::vector<PlantScope> plants;
  // Facts recorded later are not there; see FactQuery. Such a round is not stored.
  std::optional<int64_t> recorded_until_ms{};
  // Event types of which no plant has a fact: they are not looked for.
  std::set<std::string> absent;
  // Positions of KPIs that read no other types: nothing but zeros is written for them.
  std::set<uint16_t> idle;
  // Of these it is kept what they were, should they change.
  std::vector<Restatable> restatable{};
};

// One statement and, for INSERT ... FORMAT TSV, its data.
struct Statement {
  std::string what;  // for logs and timings: "live safety.IncidentReported"
  std::string sql;
  std::string data;
  // KPIs it is made for (positions in RoundPlan::kpis); empty: for the round as a whole.
  std::vector<uint16_t> users{};
  // Of a statement that makes a table of a SELECT: both, and what decides the table's columns ("" for
  // others).
  std::string table{};
  std::string select{};
  std::string columns_of{};
};

// Temporary tables of the scope, the shift intervals and, empty, the round's rows and cells.
std::vector<Statement> OpenRound(const RoundPlan& plan);
// Temporary tables of the facts that do not count, and of the ranks of those that are corrected.
std::vector<Statement> JudgeAmendments(const RoundPlan& plan);
// A query of one type's live facts over the tables made so far.
FactQuery LiveFacts(const RoundPlan& plan, const std::string& event, std::vector<std::string> columns);
// Event types the KPIs read, by short name.
std::set<std::string> EventsOf(const RoundPlan& plan);
// A SELECT of those of them (column `event`) that any of the plants has a fact of.
std::string PresentEventsSql(const RoundPlan& plan);
// Notes which types are absent and which KPIs therefore idle; those that read other tables than facts never
// do.
void KeepPresent(const std::set<std::string>& present, RoundPlan* plan);
// Temporary tables of the live facts and steps the KPIs need.
std::vector<Statement> PrepareRound(const Catalogue& catalogue, const RoundPlan& plan);
// The SELECT of one of the plan's queries over the tables made before: for questions that make no cells.
std::string QuerySql(const RoundPlan& plan, size_t position);
// What one KPI (position in plan.kpis) says of each unit and day, into the round's rows; of a KPI that counts
// members its cells at once.
Statement DayRows(const RoundPlan& plan, size_t kpi);
// Makes the day cells of all KPIs of the round's rows, with a plant's row of zeros for each KPI and day.
Statement DayCells(const RoundPlan& plan);
// A SELECT of (plant, rows): how large the steps are; empty when the KPIs need none.
std::string StepRowsSql(const RoundPlan& plan);
// Makes the month cells of all of the plan's KPIs that the days lie in, from the round's cells and, where a
// month has days outside the round, the stored ones.
Statement MonthCells(const RoundPlan& plan);
// Replaces the stored cells by the round's: one insert, as each writes and syncs a part a year.
Statement StoreCells();
// Frees the tables where the session goes on.
Statement CloseRound(const RoundPlan& plan);

}  // namespace yokoten::kpi
