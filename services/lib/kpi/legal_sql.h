// Which events of a thing may follow which, for the queries that take a thing's events in the order of time.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace yokoten::kpi {

// SQL of an array of numbers: `100 * n + m` where event m may follow event n by the machine of that name
// (lifecycle/machines.cc), and `m` where it may be the first; n and m count `events` from 1. An event is
// "ProposalSubmitted" or, where the machine asks for a field, "ProposalVerified[outcome=EFFECTIVE]".
// InvalidArgument for a machine or an event that is not there, and where what may follow depends on more than
// the event before.
Result<std::string> LegalPairsSql(const std::string& machine, const std::vector<std::string>& events);

}  // namespace yokoten::kpi
