// What a round changes of closed months, as rows of kpi_restatement.
#pragma once

#include <vector>

#include "kpi/round_sql.h"

namespace yokoten::kpi {

// Keeps what the plan's restatable months were and are, where the round's cells differ from the stored ones;
// to be run before these are replaced. None where nothing is restatable.
std::vector<Statement> StoreRestatements(const RoundPlan& plan);
}  // namespace yokoten::kpi
