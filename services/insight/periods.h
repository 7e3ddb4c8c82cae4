// Periods of production days: which one a day lies in, the one before, all of a range.
#pragma once

#include <string>
#include <vector>

#include "base/date.h"
#include "yokoten/kpi/v1/kpi.pb.h"

namespace yokoten::insight {

// Whole days, both inclusive.
struct Period {
  Day first;
  Day last;
  friend bool operator==(const Period&, const Period&) = default;
};

// The period of `grain` that `day` lies in. For ROLLING_12_MONTHS: the twelve months that end with the day's
// month.
Period PeriodOf(kpi::v1::Grain grain, Day day);
// The period before (for ROLLING_12_MONTHS: one month earlier).
Period PeriodBefore(kpi::v1::Grain grain, const Period& period);
// All periods that touch [from, to], ascending; at most `max` (the latest are kept).
std::vector<Period> PeriodsIn(kpi::v1::Grain grain, Day from, Day to, size_t max);
// Whether periods of this grain are put together from month cells ("m") or from day cells ("d").
bool FromMonths(kpi::v1::Grain grain);
// Grain of the cells that KPIs which count members have of such a period ("m", "q", "y"); "" where they have
// none.
std::string OwnGrain(kpi::v1::Grain grain);

}  // namespace yokoten::insight
