// Shift calendars: from "shift N, 22:00 to 06:00, Berlin" to the instants of a production day. Nothing here
// reads a clock or stores anything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "base/time_zone.h"

namespace yokoten::calendar {

// One shift of a calendar, in local wall time.
struct Shift {
  std::string code;
  int32_t start_minute = 0;  // of the day, 0..1439
  int32_t end_minute = 0;    // of the day; not after the start means the next day
  int32_t day_offset = 0;    // production day = local date of the start minus this: -1, 0 or 1
  uint8_t weekdays = 0;      // bit 0 = Monday ... bit 6 = Sunday, on which the shift starts; 0 = every day
};

// A calendar from a production day on, until the next one.
struct CalendarVersion {
  int32_t version = 0;
  std::string time_zone;  // IANA
  Day valid_from;
  std::vector<Shift> shifts;
  std::vector<Day> holidays;  // local dates on which no shift starts; any order
};

// [start, end) belongs to a production day and a shift.
struct Interval {
  WallTime start;
  WallTime end;
  Day day;
  std::string shift;  // "NONE" outside all shifts
  int32_t version = 0;
  std::string time_zone;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// Shift code of what lies outside all shifts.
inline constexpr char kNoShift[] = "NONE";

// The intervals of all production days in [from, to], contiguous and sorted, with a margin on both sides. In
// force on a production day is the version with the greatest valid_from up to it (equal ones: the highest
// version number). Before the first valid_from the first version's time zone holds without shifts. Where
// shifts overlap (two versions at their border) the later start cuts the earlier shift. InvalidArgument for
// an unknown time zone; empty without versions.
Result<std::vector<Interval>> Expand(const std::vector<CalendarVersion>& versions, Day from, Day to);

// Questions to one plant's expanded calendar. Without intervals (a plant without calendar) and outside of
// them production days are UTC dates. Immutable; thread-safe.
class Timeline {
 public:
  Timeline() = default;
  explicit Timeline(std::vector<Interval> intervals);

  // Production day of an instant.
  Day DayOf(WallTime time) const;
  // Latest production day that has begun.
  Day CurrentDay(WallTime now) const;
  // First instant and end (exclusive) of a production day.
  WallTime StartOf(Day day) const;
  WallTime EndOf(Day day) const;
  // Null outside the intervals.
  const Interval* Find(WallTime time) const;

  const std::vector<Interval>& intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }

 private:
  struct Span {
    WallTime start;
    WallTime end;
  };
  std::vector<Interval> intervals_;
  std::map<Day, Span> days_;
};

// Production days whose instants differ between two expansions: the days that have to be computed again.
// Sorted.
std::vector<Day> ChangedDays(const std::vector<Interval>& before, const std::vector<Interval>& after);

}  // namespace yokoten::calendar
