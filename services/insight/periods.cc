#include "insight/periods.h"

#include <algorithm>

namespace yokoten::insight {
namespace {

using kpi::v1::Grain;

Day MonthsEarlier(Day month_start, int months) {
  for (int i = 0; i < months; ++i) month_start = MonthStart(month_start - 1);
  return month_start;
}

}  // namespace

Period PeriodOf(Grain grain, Day day) {
  switch (grain) {
    case Grain::GRAIN_WEEK:
      return {WeekStart(day), WeekStart(day) + 6};
    case Grain::GRAIN_MONTH:
      return {MonthStart(day), NextMonthStart(day) - 1};
    case Grain::GRAIN_QUARTER: {
      const Day first = QuarterStart(day);
      return {first, NextMonthStart(NextMonthStart(NextMonthStart(first))) - 1};
    }
    case Grain::GRAIN_YEAR:
      return {YearStart(day), FromCivil(ToCivil(day).year, 12, 31)};
    case Grain::GRAIN_ROLLING_12_MONTHS:
      return {MonthsEarlier(MonthStart(day), 11), NextMonthStart(day) - 1};
    default:
      return {day, day};
  }
}

Period PeriodBefore(Grain grain, const Period& period) {
  if (grain == Grain::GRAIN_ROLLING_12_MONTHS) return PeriodOf(grain, MonthStart(period.last) - 1);
  return PeriodOf(grain, period.first - 1);
}

std::vector<Period> PeriodsIn(Grain grain, Day from, Day to, size_t max) {
  std::vector<Period> periods;
  if (to < from) return periods;
  // A rolling period is named by its last month, so the first one that counts is the one ending with from's
  // month.
  const Day earliest =
      grain == Grain::GRAIN_ROLLING_12_MONTHS ? MonthStart(from) : PeriodOf(grain, from).first;
  for (Period p = PeriodOf(grain, to); periods.size() < max; p = PeriodBefore(grain, p)) {
    const Day start = grain == Grain::GRAIN_ROLLING_12_MONTHS ? MonthStart(p.last) : p.first;
    if (start < earliest) break;
    periods.push_back(p);
  }
  std::reverse(periods.begin(), periods.end());
  return periods;
}

std::string OwnGrain(Grain grain) {
  if (grain == Grain::GRAIN_MONTH) return "m";
  if (grain == Grain::GRAIN_QUARTER) return "q";
  return grain == Grain::GRAIN_YEAR ? "y" : "";
}

bool FromMonths(Grain grain) {
  return grain == Grain::GRAIN_MONTH || grain == Grain::GRAIN_QUARTER || grain == Grain::GRAIN_YEAR ||
         grain == Grain::GRAIN_ROLLING_12_MONTHS;
}

}  // namespace yokoten::insight
