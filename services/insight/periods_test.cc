#include "insight/periods.h"

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

using kpi::v1::Grain;

Day D(const char* text) { return *ParseDay(text); }

std::string Text(const Period& period) { return FormatDay(period.first) + ".." + FormatDay(period.last); }

TEST(PeriodsTest, APeriodIsWholeAndHoldsItsDay) {
  const Day day = D("2026-02-28");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_DAY, day)), "2026-02-28..2026-02-28");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_WEEK, day)), "2026-02-23..2026-03-01");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_MONTH, day)), "2026-02-01..2026-02-28");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_QUARTER, day)), "2026-01-01..2026-03-31");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_YEAR, day)), "2026-01-01..2026-12-31");
  EXPECT_EQ(Text(PeriodOf(Grain::GRAIN_ROLLING_12_MONTHS, day)), "2025-03-01..2026-02-28");
}

TEST(PeriodsTest, TheRollingYearMovesByOneMonth) {
  const Period year = PeriodOf(Grain::GRAIN_ROLLING_12_MONTHS, D("2026-02-28"));
  EXPECT_EQ(Text(PeriodBefore(Grain::GRAIN_ROLLING_12_MONTHS, year)), "2025-02-01..2026-01-31");
}

TEST(PeriodsTest, ARangeIsCoveredByWholePeriodsInOrder) {
  const auto months = PeriodsIn(Grain::GRAIN_MONTH, D("2025-11-15"), D("2026-01-02"), 100);
  ASSERT_EQ(months.size(), 3u);
  EXPECT_EQ(Text(months.front()), "2025-11-01..2025-11-30");
  EXPECT_EQ(Text(months.back()), "2026-01-01..2026-01-31");
  EXPECT_EQ(PeriodsIn(Grain::GRAIN_ROLLING_12_MONTHS, D("2025-11-15"), D("2026-01-02"), 100).size(), 3u);
  EXPECT_EQ(PeriodsIn(Grain::GRAIN_DAY, D("2026-01-01"), D("2026-12-31"), 10).size(), 10u);
  EXPECT_TRUE(PeriodsIn(Grain::GRAIN_DAY, D("2026-01-02"), D("2026-01-01"), 10).empty());
}

}  // namespace
}  // namespace yokoten::insight
