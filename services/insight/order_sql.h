// The question which events a state machine does not allow where they stand, as one SELECT a machine.
#pragma once

#include <string>

#include "lifecycle/machine.h"

namespace yokoten::insight {

// A question in the definitions' language with the columns of a finding; `detail` is the machine and the
// state the event met. The same fold as lifecycle::Fold. `clock_sql` yields the events that begin with @
// (plant, the machine's key fields, event, at); empty: the machine has none that matter for the order.
std::string OutOfOrderSql(const lifecycle::Machine& machine, const std::string& clock_sql);

}  // namespace yokoten::insight
