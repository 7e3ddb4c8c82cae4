// The statements of one rollup round, in the order they run in one HTTP session: temporary tables made once,
// then the cells of each KPI and of the months, then one INSERT of them all. Pure text; the worker and the
// tests of the definitions run them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kpi/catalogue.h"
#include "kpi/fact_sql.h"
#include "kpi/round_plan.h"

namespace yokoten::kpi {

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
  // The SELECT yields none: where the columns are known the table is filled already.
  bool no_rows = false;
};

// Temporary tables of the scope, the shift intervals and, empty, the round's rows and cells.
std::vector<Statement> OpenRound(const RoundPlan& plan);
// Temporary tables of the facts that do not count, and of the ranks of those that are corrected.
std::vector<Statement> JudgeAmendments(const RoundPlan& plan);
// A query of one type's live facts over the tables made so far.
FactQuery LiveFacts(const RoundPlan& plan, const std::string& event, std::vector<std::string> columns);
// A SELECT of the event types the KPIs read, beside plan.present, that any of the plants has a fact of
// (column `event`), with such a plant (`plant`; '*' for group facts). Empty where there is nothing to ask.
std::string PresentEventsSql(const RoundPlan& plan);
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
