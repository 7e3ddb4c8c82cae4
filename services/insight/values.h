// From the sides of a ratio to a value with interval and status, and how it stands against its target.
#pragma once

#include <optional>

#include "insight/cells.h"
#include "insight/periods.h"
#include "yokoten/insight/v1/service.pb.h"
#include "yokoten/kpi/v1/kpi.pb.h"

namespace yokoten::insight {

// What a value needs to know besides its sides.
struct ValueContext {
  Day current_day;                     // the plant's production day now: periods that reach it are open
  int64_t now_us = 0;                  // asking time, for what grows with it
  std::optional<double> completeness;  // of the period, 0 to 1
  // Rate of the whole group (sum of numerators / sum of denominators, of a mean the sum over its days;
  // without factor), for min_expected; absent when unknown.
  std::optional<double> group_rate;
  // Above the plant: plants whose cells are in, and those that are not though they existed then.
  int plants = 0;
  int plants_missing = 0;
};

// The value as DOMAIN 3.0 wants it: no denominator means no value, never 0.
v1::KpiValue MakeValue(const kpi::v1::KpiDefinition& definition, const Sides& sides, const Period& period,
                       const ValueContext& context);

// The value of a KPI that is made of others: factor times the mean of min(1, value / target); `parts` in the
// order of the definition. None where a part has none, whose state it then has; else the least sure state
// among theirs.
v1::KpiValue MakeFromParts(const kpi::v1::KpiDefinition& definition, const std::vector<v1::KpiValue>& parts,
                           const Period& period);

// Whether the value grows while its period goes on, as it sums up events over something that does not grow
// with it (persons, the unit): until the period is over, comparing it with a whole one says nothing.
bool Accumulates(const kpi::v1::KpiDefinition& definition);

// GREEN, YELLOW or RED by the direction; UNSPECIFIED when the value may not be coloured (no value,
// insufficient, open, suppressed, context only), and where one that `may_grow` may still reach a target.
v1::TargetState StateAgainst(const kpi::v1::KpiDefinition& definition, const v1::KpiValue& value,
                             const v1::Target& target, bool may_grow);

// Whether two periods' sides differ by more than chance explains (95 %). False for KPIs without an interval.
bool IsSignal(const kpi::v1::KpiDefinition& definition, const Sides& current, const Sides& previous);

}  // namespace yokoten::insight
