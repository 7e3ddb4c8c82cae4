// Production days by the vectors of the domain: night shifts, clock changes, holidays, changed calendars.
#include "calendar/calendar.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace yokoten::calendar {
namespace {

constexpr uint8_t kMondayToFriday = 0x1f;

Day D(const char* text) { return *ParseDay(text); }

// "2026-03-03T02:15:00" read as UTC, minus the offset in minutes.
WallTime At(const char* text, int offset_minutes = 0) {
  int hour = 0, minute = 0, second = 0;
  std::sscanf(text + 11, "%d:%d:%d", &hour, &minute, &second);
  const int64_t seconds =
      D(std::string(text, 10).c_str()).value * int64_t{86400} + hour * 3600 + minute * 60 + second;
  return FromMicros((seconds - offset_minutes * 60) * 1'000'000);
}

CalendarVersion TwoShifts(const char* zone, int day_start, int night_start, int offset = 0) {
  return {1,
          zone,
          D("2020-01-01"),
          {{"D", day_start * 60, night_start * 60, 0, 0}, {"N", night_start * 60, day_start * 60, offset, 0}},
          {}};
}

Timeline Make(const std::vector<CalendarVersion>& versions, const char* from, const char* to) {
  Result<std::vector<Interval>> intervals = Expand(versions, D(from), D(to));
  EXPECT_TRUE(intervals.ok()) << intervals.status();
  return Timeline(*intervals);
}

void ExpectPlace(const Timeline& line, WallTime at, const char* day, const char* shift, double hours) {
  const Interval* i = line.Find(at);
  ASSERT_NE(i, nullptr);
  EXPECT_EQ(FormatDay(i->day), day);
  EXPECT_EQ(i->shift, shift);
  EXPECT_EQ(std::chrono::duration<double>(i->end - i->start).count() / 3600, hours);
}

TEST(Calendar, ANightShiftBelongsToTheDayItBegan) {
  const Timeline cn = Make({TwoShifts("Asia/Shanghai", 8, 20)}, "2025-12-01", "2026-04-01");
  ExpectPlace(cn, At("2026-03-03T02:15:00", 480), "2026-03-02", "N", 12);
  ExpectPlace(cn, At("2026-03-03T07:59:59", 480), "2026-03-02", "N", 12);
  ExpectPlace(cn, At("2026-03-03T08:00:00", 480), "2026-03-03", "D", 12);
  ExpectPlace(cn, At("2026-03-02T18:15:00"), "2026-03-02", "N", 12);
  ExpectPlace(cn, At("2026-01-01T03:00:00", 480), "2025-12-31", "N", 12);
}

TEST(Calendar, NightsOfAClockChangeAreSevenAndNineHoursLong) {
  const CalendarVersion eu{
      1,
      "Europe/Berlin",
      D("2020-01-01"),
      {{"E", 6 * 60, 14 * 60, 0, 0}, {"L", 14 * 60, 22 * 60, 0, 0}, {"N", 22 * 60, 6 * 60, 0, 0}},
      {}};
  const Timeline line = Make({eu}, "2026-03-01", "2026-11-30");
  ExpectPlace(line, At("2026-10-25T01:30:00"), "2026-10-24", "N", 9);
  ExpectPlace(line, At("2026-03-29T01:30:00"), "2026-03-28", "N", 7);
}

TEST(Calendar, AShiftMayOpenTheNextDay) {
  const CalendarVersion us{1,
                           "America/New_York",
                           D("2020-01-01"),
                           {{"N", 23 * 60, 7 * 60, -1, 0}, {"D", 7 * 60, 15 * 60, 0, 0}},
                           {}};
  const Timeline line = Make({us}, "2026-02-01", "2026-04-01");
  ExpectPlace(line, At("2026-03-02T23:30:00", -300), "2026-03-03", "N", 8);
  EXPECT_EQ(FormatDay(line.CurrentDay(At("2026-03-02T23:30:00", -300))), "2026-03-03");
  EXPECT_EQ(line.StartOf(D("2026-03-03")), At("2026-03-02T23:00:00", -300));
}

TEST(Calendar, IntervalsAreContiguousAndGapsAreSplitAtLocalMidnight) {
  const CalendarVersion weekdays{
      1,
      "Europe/Berlin",
      D("2026-01-05"),
      {{"D", 6 * 60, 14 * 60, 0, kMondayToFriday}, {"L", 14 * 60, 22 * 60, 0, kMondayToFriday}},
      {D("2026-04-06")}};
  Result<std::vector<Interval>> intervals = Expand({weekdays}, D("2025-12-20"), D("2026-12-31"));
  ASSERT_TRUE(intervals.ok());
  for (size_t i = 1; i < intervals->size(); ++i)
    ASSERT_EQ((*intervals)[i - 1].end, (*intervals)[i].start) << i;
  const Timeline line(*intervals);
  ExpectPlace(line, At("2026-04-04T12:00:00", 120), "2026-04-04", "NONE", 24);  // Saturday
  ExpectPlace(line, At("2026-04-06T12:00:00", 120), "2026-04-06", "NONE", 24);  // holiday
  ExpectPlace(line, At("2026-04-07T23:00:00", 120), "2026-04-07", "NONE", 2);
  ExpectPlace(line, At("2025-12-24T12:00:00", 60), "2025-12-24", "NONE", 24);  // before the first calendar
}

TEST(Calendar, TheVersionInForceIsTheOneOfTheProductionDay) {
  CalendarVersion later = TwoShifts("Asia/Shanghai", 6, 18);
  later.version = 2;
  later.valid_from = D("2026-03-10");
  const std::vector<CalendarVersion> both{TwoShifts("Asia/Shanghai", 8, 20), later};
  const Timeline line = Make(both, "2026-03-01", "2026-03-31");
  ExpectPlace(line, At("2026-03-09T19:00:00", 480), "2026-03-09", "D", 12);
  ExpectPlace(line, At("2026-03-10T05:00:00", 480), "2026-03-09", "N", 10);  // cut by the new first shift
  ExpectPlace(line, At("2026-03-10T07:00:00", 480), "2026-03-10", "D", 12);
}

TEST(Calendar, OnlyDaysWhoseInstantsChangedAreNamed) {
  CalendarVersion later = TwoShifts("Asia/Shanghai", 6, 18);
  later.version = 2;
  later.valid_from = D("2026-03-29");
  const auto before = *Expand({TwoShifts("Asia/Shanghai", 8, 20)}, D("2026-03-01"), D("2026-03-30"));
  const auto after = *Expand({TwoShifts("Asia/Shanghai", 8, 20), later}, D("2026-03-01"), D("2026-03-30"));
  const std::vector<Day> days = ChangedDays(before, after);
  ASSERT_FALSE(days.empty());
  EXPECT_EQ(FormatDay(days.front()), "2026-03-28");
  EXPECT_TRUE(ChangedDays(after, after).empty());
}

TEST(Calendar, WithoutACalendarDaysAreUtcDates) {
  const Timeline none;
  EXPECT_EQ(FormatDay(none.DayOf(At("2026-03-03T23:59:59"))), "2026-03-03");
  EXPECT_EQ(FormatDay(none.DayOf(At("1969-12-31T12:00:00"))), "1969-12-31");
  EXPECT_EQ(none.EndOf(D("2026-03-03")), At("2026-03-04T00:00:00"));
}

TEST(Calendar, AnUnknownTimeZoneIsRefused) {
  EXPECT_FALSE(Expand({TwoShifts("Asia/Nowhere", 8, 20)}, D("2026-01-01"), D("2026-01-02")).ok());
}

}  // namespace
}  // namespace yokoten::calendar
