// Calendar dates as plain numbers: what "production day" and "occurred on" are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yokoten {

// Days since 1970-01-01, proleptic Gregorian; negative before. Valid range 1900-01-01 .. 2299-12-31
// (what ClickHouse's Date32 holds).
struct Day {
  int32_t value = 0;
  friend auto operator<=>(const Day&, const Day&) = default;
  Day operator+(int32_t days) const { return Day{value + days}; }
  Day operator-(int32_t days) const { return Day{value - days}; }
};

inline constexpr Day kFirstDay{-25567};  // 1900-01-01
inline constexpr Day kLastDay{120529};   // 2299-12-31

struct CivilDate {
  int32_t year = 1970;
  int32_t month = 1;  // 1..12
  int32_t day = 1;    // 1..31
};

CivilDate ToCivil(Day day);
Day FromCivil(int32_t year, int32_t month, int32_t day);

// "2026-03-02" (ISO 8601, exactly ten characters). Nothing for anything else, an impossible date included.
std::optional<Day> ParseDay(std::string_view text);
std::string FormatDay(Day day);

// First day of the month, the quarter, the year and the ISO week (Monday) that `day` lies in.
Day MonthStart(Day day);
Day QuarterStart(Day day);
Day YearStart(Day day);
Day WeekStart(Day day);
// First day of the period that follows the one `day` lies in.
Day NextMonthStart(Day day);

}  // namespace yokoten
