// The order in which a round's statements run. Who carries them out (which session, which clock) is the
// caller's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "kpi/catalogue.h"
#include "kpi/round_sql.h"

namespace yokoten::kpi {

using RunStatement = std::function<Status(const Statement&)>;
// Runs PresentEventsSql and gives the events it names.
using AskPresent = std::function<Result<std::vector<std::string>>(const std::string& sql)>;

// Makes the same table of a SELECT with these columns ("a UInt8, b String"), and fills it: the engine plans
// the SELECT once where CREATE ... AS SELECT plans it twice, the first time only for the columns.
Statement CreateWith(const Statement& statement, const std::string& columns);
Statement Fill(const Statement& statement);

// Makes the tables of plants, days, live facts and steps. Where `present` is there it is asked which facts
// there are, and the plan is told.
Status MakeTables(const Catalogue& catalogue, const RunStatement& run, const AskPresent& present,
                  RoundPlan* plan);
// Makes the cells of days and months, in the round's own table of cells.
Status MakeCells(const RoundPlan& plan, const RunStatement& run);

}  // namespace yokoten::kpi
