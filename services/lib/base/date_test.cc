#include "base/date.h"

#include <gtest/gtest.h>

namespace yokoten {
namespace {

TEST(DateTest, ParsesOnlyWholeIsoDates) {
  EXPECT_EQ(ParseDay("1970-01-01")->value, 0);
  EXPECT_EQ(ParseDay("2026-03-02")->value, 20514);
  EXPECT_EQ(ParseDay("1969-12-31")->value, -1);
  EXPECT_FALSE(ParseDay("2026-02-29").has_value());
  EXPECT_FALSE(ParseDay("2026-3-2").has_value());
  EXPECT_FALSE(ParseDay("2026-03-02T00:00").has_value());
  EXPECT_FALSE(ParseDay("1899-12-31").has_value());
  EXPECT_FALSE(ParseDay("").has_value());
}

TEST(DateTest, FormatsWhatItParses) {
  for (const char* text : {"1900-01-01", "1970-01-01", "2000-02-29", "2024-12-31", "2299-12-31"}) {
    EXPECT_EQ(FormatDay(*ParseDay(text)), text);
  }
}

TEST(DateTest, PeriodsStartWhereTheCalendarSays) {
  EXPECT_EQ(FormatDay(MonthStart(*ParseDay("2026-03-31"))), "2026-03-01");
  EXPECT_EQ(FormatDay(QuarterStart(*ParseDay("2026-06-30"))), "2026-04-01");
  EXPECT_EQ(FormatDay(YearStart(*ParseDay("2026-06-30"))), "2026-01-01");
  EXPECT_EQ(FormatDay(WeekStart(*ParseDay("2026-01-01"))), "2025-12-29");
  EXPECT_EQ(FormatDay(WeekStart(*ParseDay("2025-12-29"))), "2025-12-29");
  EXPECT_EQ(FormatDay(NextMonthStart(*ParseDay("2025-12-15"))), "2026-01-01");
}

TEST(DateTest, LimitsAreWhatDate32Holds) {
  EXPECT_EQ(ParseDay("1900-01-01"), kFirstDay);
  EXPECT_EQ(ParseDay("2299-12-31"), kLastDay);
}

}  // namespace
}  // namespace yokoten
