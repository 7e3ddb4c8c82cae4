#include "kpi/round_run.h"

#include <cstdint>

namespace yokoten::kpi {

Statement CreateWith(const Statement& statement, const std::string& columns) {
  return {statement.what,
          "CREATE OR REPLACE TEMPORARY TABLE " + statement.table + " (" + columns + ") ENGINE = Memory", "",
          statement.users};
}

Statement Fill(const Statement& statement) {
  return {statement.what, "INSERT INTO " + statement.table + " " + statement.select, "", statement.users};
}

Status MakeTables(const Catalogue& catalogue, const RunStatement& run, const AskPresent& present,
                  RoundPlan* plan) {
  for (const Statement& statement : OpenRound(*plan)) YK_RETURN_IF_ERROR(run(statement));
  if (present) {
    std::vector<std::string> events;
    if (const std::string sql = PresentEventsSql(*plan); !sql.empty()) {
      YK_ASSIGN_OR_RETURN(events, present(sql));
    }
    KeepPresent({events.begin(), events.end()}, plan);
  }
  for (const Statement& statement : JudgeAmendments(*plan)) YK_RETURN_IF_ERROR(run(statement));
  for (const Statement& statement : PrepareRound(catalogue, *plan)) YK_RETURN_IF_ERROR(run(statement));
  return OkStatus();
}

Status MakeCells(const RoundPlan& plan, const RunStatement& run) {
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (!plan.idle.contains(i)) YK_RETURN_IF_ERROR(run(DayRows(plan, i)));
  }
  YK_RETURN_IF_ERROR(run(DayCells(plan)));
  return run(MonthCells(plan));
}

}  // namespace yokoten::kpi
