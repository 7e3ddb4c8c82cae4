#include "base/date.h"

#include <chrono>
#include <cstdio>

namespace yokoten {
namespace {

namespace chr = std::chrono;

chr::year_month_day ToYmd(Day day) { return chr::year_month_day(chr::sys_days(chr::days(day.value))); }
Day FromYmd(chr::year_month_day ymd) {
  return Day{static_cast<int32_t>(chr::sys_days(ymd).time_since_epoch().count())};
}

}  // namespace

CivilDate ToCivil(Day day) {
  const auto ymd = ToYmd(day);
  return {static_cast<int>(ymd.year()), static_cast<int32_t>(static_cast<unsigned>(ymd.month())),
          static_cast<int32_t>(static_cast<unsigned>(ymd.day()))};
}

Day FromCivil(int32_t year, int32_t month, int32_t day) {
  return FromYmd(chr::year(year) / chr::month(static_cast<unsigned>(month)) /
                 chr::day(static_cast<unsigned>(day)));
}

std::optional<Day> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto number = [&](size_t at, size_t n) -> int {
    int v = 0;
    for (size_t i = at; i < at + n; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      v = v * 10 + (text[i] - '0');
    }
    return v;
  };
  const int y = number(0, 4), m = number(5, 2), d = number(8, 2);
  if (y < 0 || m < 0 || d < 0) return std::nullopt;
  const auto ymd = chr::year(y) / chr::month(static_cast<unsigned>(m)) / chr::day(static_cast<unsigned>(d));
  if (!ymd.ok()) return std::nullopt;
  const Day day = FromYmd(ymd);
  if (day < kFirstDay || day > kLastDay) return std::nullopt;
  return day;
}

std::string FormatDay(Day day) {
  const CivilDate c = ToCivil(day);
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d", c.year, c.month, c.day);
  return buffer;
}

Day MonthStart(Day day) {
  const CivilDate c = ToCivil(day);
  return FromCivil(c.year, c.month, 1);
}
Day QuarterStart(Day day) {
  const CivilDate c = ToCivil(day);
  return FromCivil(c.year, (c.month - 1) / 3 * 3 + 1, 1);
}
Day YearStart(Day day) { return FromCivil(ToCivil(day).year, 1, 1); }
Day WeekStart(Day day) {
  const chr::weekday wd{chr::sys_days(chr::days(day.value))};
  return day - static_cast<int32_t>(wd.iso_encoding() - 1);
}
Day NextMonthStart(Day day) {
  const CivilDate c = ToCivil(day);
  return c.month == 12 ? FromCivil(c.year + 1, 1, 1) : FromCivil(c.year, c.month + 1, 1);
}

}  // namespace yokoten
