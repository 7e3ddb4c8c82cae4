#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace yokoten {
namespace {

TimeZone Zone(const char* name) { return TimeZone::Load(name).value(); }

TEST(TimeZoneTest, ShanghaiIsEightHoursAhead) {
  TimeZone zone = Zone("Asia/Shanghai");
  Day day = *ParseDay("2026-03-03");
  WallTime utc = zone.ToUtc(day, 2 * 3600 + 15 * 60);
  EXPECT_EQ(ToMicros(utc), (int64_t{day.value} * 86400 - 8 * 3600 + 8100) * 1'000'000);
  EXPECT_EQ(zone.ToLocal(utc).day, day);
  EXPECT_EQ(zone.ToLocal(utc).second, 8100);
}

TEST(TimeZoneTest, NightOfTheSpringChangeHasSevenHours) {
  TimeZone zone = Zone("Europe/Berlin");
  Day day = *ParseDay("2026-03-28");
  WallTime begin = zone.ToUtc(day, 22 * 3600), end = zone.ToUtc(day + 1, 6 * 3600);
  EXPECT_EQ((end - begin) / std::chrono::hours(1), 7);
}

TEST(TimeZoneTest, RepeatedHourIsTheFirstOne) {
  TimeZone zone = Zone("Europe/Berlin");
  WallTime first = zone.ToUtc(*ParseDay("2026-10-25"), 2 * 3600 + 1800);
  EXPECT_EQ(zone.OffsetSeconds(first), 7200);
}

TEST(TimeZoneTest, UnknownZoneIsRefusedByName) {
  EXPECT_FALSE(TimeZone::Load("Mars/Olympus").ok());
  EXPECT_FALSE(TimeZone::Load("").ok());
}

}  // namespace
}  // namespace yokoten
