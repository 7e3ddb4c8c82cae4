// Expansion of shift calendars. Wall times go to UTC one by one, so a night of a clock change is 7 or 9 hours
// long.
#include "calendar/calendar.h"

#include <algorithm>
#include <set>

namespace yokoten::calendar {
namespace {

constexpr int32_t kMarginDays = 3;
constexpr int64_t kDayUs = 86'400'000'000;

struct Version {
  const CalendarVersion* calendar;
  TimeZone zone;
  std::set<Day> holidays;
};

// 0 = Monday; 1970-01-01 was a Thursday.
int WeekdayOf(Day day) { return ((day.value + 3) % 7 + 7) % 7; }

// The version in force on a day; null before the first.
const Version* InForce(const std::vector<Version>& versions, Day day) {
  const Version* found = nullptr;
  for (const Version& v : versions) {
    if (v.calendar->valid_from <= day) found = &v;
  }
  return found;
}

void AppendGap(const std::vector<Version>& versions, WallTime from, WallTime to, std::vector<Interval>* out) {
  while (from < to) {
    // The date at UTC is near enough to choose a version; only its time zone matters here.
    const Day about{static_cast<int32_t>((ToMicros(from) - (ToMicros(from) < 0 ? kDayUs - 1 : 0)) / kDayUs)};
    const Version* version = InForce(versions, about);
    if (version == nullptr) version = &versions.front();
    const Day local = version->zone.ToLocal(from).day;
    WallTime end = std::min(to, version->zone.ToUtc(local + 1, 0));
    if (end <= from) end = to;
    out->push_back({from, end, local, kNoShift, version->calendar->version, version->zone.name()});
    from = end;
  }
}

}  // namespace

Result<std::vector<Interval>> Expand(const std::vector<CalendarVersion>& calendars, Day from, Day to) {
  std::vector<Interval> out;
  if (calendars.empty() || to < from) return out;
  std::vector<Version> versions;
  for (const CalendarVersion& calendar : calendars) {
    YK_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(calendar.time_zone));
    versions.push_back({&calendar, zone, {calendar.holidays.begin(), calendar.holidays.end()}});
  }
  std::stable_sort(versions.begin(), versions.end(), [](const Version& a, const Version& b) {
    if (a.calendar->valid_from != b.calendar->valid_from)
      return a.calendar->valid_from < b.calendar->valid_from;
    return a.calendar->version < b.calendar->version;
  });

  std::vector<Interval> shifts;
  for (Day day = from - kMarginDays; day <= to + kMarginDays; day = day + 1) {
    const Version* version = InForce(versions, day);
    if (version == nullptr) continue;
    for (const Shift& shift : version->calendar->shifts) {
      const Day date = day + shift.day_offset;
      if (shift.weekdays != 0 && (shift.weekdays >> WeekdayOf(date) & 1) == 0) continue;
      if (version->holidays.contains(date)) continue;
      const int32_t end_minute =
          shift.end_minute > shift.start_minute ? shift.end_minute : shift.end_minute + 1440;
      Interval interval{version->zone.ToUtc(date, shift.start_minute * 60),
                        end_minute >= 1440 ? version->zone.ToUtc(date + 1, (end_minute - 1440) * 60)
                                           : version->zone.ToUtc(date, end_minute * 60),
                        day,
                        shift.code,
                        version->calendar->version,
                        version->zone.name()};
      if (interval.start < interval.end) shifts.push_back(std::move(interval));
    }
  }
  std::sort(shifts.begin(), shifts.end(), [](const Interval& a, const Interval& b) {
    if (a.start != b.start) return a.start < b.start;
    return a.day != b.day ? a.day < b.day : a.shift < b.shift;
  });

  const Version* first = InForce(versions, from);
  const TimeZone& first_zone = first != nullptr ? first->zone : versions.front().zone;
  WallTime cursor = first_zone.ToUtc(from - (kMarginDays - 1), 0);
  const Version* last = InForce(versions, to);
  const WallTime end = (last != nullptr ? last->zone : versions.front().zone).ToUtc(to + kMarginDays, 0);
  for (size_t i = 0; i < shifts.size(); ++i) {
    Interval& shift = shifts[i];
    if (i + 1 < shifts.size() && shifts[i + 1].start < shift.end) shift.end = shifts[i + 1].start;
    if (shift.end <= cursor) continue;
    if (shift.start < cursor) shift.start = cursor;
    if (shift.start >= end) break;
    AppendGap(versions, cursor, shift.start, &out);
    out.push_back(shift);
    cursor = shift.end;
  }
  AppendGap(versions, cursor, end, &out);
  return out;
}

Timeline::Timeline(std::vector<Interval> intervals) : intervals_(std::move(intervals)) {
  for (const Interval& i : intervals_) {
    auto [it, fresh] = days_.try_emplace(i.day, Span{i.start, i.end});
    if (fresh) continue;
    it->second.start = std::min(it->second.start, i.start);
    it->second.end = std::max(it->second.end, i.end);
  }
}

const Interval* Timeline::Find(WallTime time) const {
  auto after = std::upper_bound(intervals_.begin(), intervals_.end(), time,
                                [](WallTime t, const Interval& i) { return t < i.start; });
  if (after == intervals_.begin()) return nullptr;
  const Interval& candidate = *(after - 1);
  return time < candidate.end ? &candidate : nullptr;
}

Day Timeline::DayOf(WallTime time) const {
  if (const Interval* found = Find(time)) return found->day;
  const int64_t us = ToMicros(time);
  return Day{static_cast<int32_t>((us - (us < 0 ? kDayUs - 1 : 0)) / kDayUs)};
}

Day Timeline::CurrentDay(WallTime now) const {
  Day current = DayOf(now);
  // Days need not begin in order: the shift before midnight may open the next one.
  auto after = std::upper_bound(intervals_.begin(), intervals_.end(), now,
                                [](WallTime t, const Interval& i) { return t < i.start; });
  for (int back = 0; back < 16 && after != intervals_.begin(); ++back)
    current = std::max(current, (--after)->day);
  return current;
}

WallTime Timeline::StartOf(Day day) const {
  const auto found = days_.find(day);
  return found != days_.end() ? found->second.start : FromMicros(day.value * kDayUs);
}

WallTime Timeline::EndOf(Day day) const {
  const auto found = days_.find(day);
  return found != days_.end() ? found->second.end : FromMicros((day.value + 1) * kDayUs);
}

std::vector<Day> ChangedDays(const std::vector<Interval>& before, const std::vector<Interval>& after) {
  std::set<Day> days;
  const auto less = [](const Interval& a, const Interval& b) { return a.start < b.start; };
  auto collect = [&](const std::vector<Interval>& from, const std::vector<Interval>& other) {
    for (const Interval& i : from) {
      const auto same = std::lower_bound(other.begin(), other.end(), i, less);
      if (same != other.end() && *same == i) continue;
      days.insert(i.day);
    }
  };
  collect(before, after);
  collect(after, before);
  return {days.begin(), days.end()};
}

}  // namespace yokoten::calendar
