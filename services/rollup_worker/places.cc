// Plants, their days and calendars. Everything here can be thrown away and read again.
#include "rollup_worker/places.h"

#include <algorithm>

#include "facts/beginnings.h"
#include "facts/calendars.h"
#include "kpi/round_sql.h"

namespace yokoten::rollup_worker {
namespace {

constexpr int32_t kRenewWithin = 100;
// Which of the facts of a plant's first days is on its first production day depends on the calendar, and that
// changes. Production days of an instant and of a date are never so far apart.
constexpr int64_t kFirstDaysMicros = 3 * int64_t{86'400'000'000};

bool NeedsExpansion(const Place& place, WallTime now) {
  if (place.timeline.empty()) return false;
  const std::optional<Day> first = place.FirstDay();
  if (first && place.timeline.intervals().front().day > *first) return true;
  return place.timeline.CurrentDay(now) + kRenewWithin > place.expanded_to;
}

std::string MicrosSql(const std::string& column) { return "toUnixTimestamp64Micro(" + column + ")"; }

}  // namespace

std::string QuotedList(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ", ") + clickhouse::Quote(item);
  return list.empty() ? "''" : list;
}

const Place* Places::Find(const std::string& plant) const {
  const auto found = places_.find(plant);
  return found == places_.end() ? nullptr : &found->second;
}

Status Places::ReadIntervals(const std::string& condition) {
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      client_.Select("SELECT plant, " + MicrosSql("start_utc") + " AS s, " + MicrosSql("end_utc") +
                     " AS e, day, shift_code, calendar_version, time_zone, version FROM shift_interval WHERE "
                     "(plant, version) IN "
                     "(SELECT plant, max(version) FROM shift_interval GROUP BY plant)" +
                     condition + " ORDER BY plant, start_utc"));
  std::map<std::string, std::vector<calendar::Interval>> intervals;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string& plant = rows.Text(i, "plant");
    Place& place = places_[plant];
    place.interval_version = rows.UInt(i, "version");
    std::vector<calendar::Interval>& own = intervals[plant];
    if (rows.Text(i, "shift_code").empty()) continue;  // the mark of a plant whose calendars were all voided
    own.push_back({FromMicros(rows.Int(i, "s")), FromMicros(rows.Int(i, "e")),
                   ParseDay(rows.Text(i, "day")).value_or(kFirstDay), rows.Text(i, "shift_code"),
                   static_cast<int32_t>(rows.Int(i, "calendar_version")), rows.Text(i, "time_zone")});
  }
  for (auto& [plant, own] : intervals) {
    Place& place = places_[plant];
    place.expanded_to = own.empty() ? kFirstDay : own.back().day;
    place.time_zone = own.empty() ? "" : own.back().time_zone;
    place.timeline = calendar::Timeline(std::move(own));
  }
  return OkStatus();
}

Status Places::Load() {
  places_.clear();
  YK_ASSIGN_OR_RETURN(const auto beginnings, facts::ReadBeginnings(client_, {}));
  for (const auto& [plant, beginning] : beginnings) places_[plant].beginning = beginning;
  YK_RETURN_IF_ERROR(ReadComputed());
  return ReadIntervals("");
}

Status Places::ReadComputed() {
  YK_ASSIGN_OR_RETURN(clickhouse::Rows rows,
                      client_.Select("SELECT plant, toInt32(current_day) AS day FROM plant_state FINAL"));
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto found = places_.find(rows.Text(i, "plant"));
    if (found != places_.end()) found->second.computed_to = Day{static_cast<int32_t>(rows.Int(i, "day"))};
  }
  return OkStatus();
}

Status Places::Discover(const std::map<std::string, int64_t>& earliest, WallTime now) {
  std::vector<std::string> ask;
  for (const auto& [plant, us] : earliest) {
    const Place* known = Find(plant);
    const std::optional<WallTime> first = known == nullptr ? std::nullopt : known->beginning.Earliest();
    if (first && ToMicros(*first) + kFirstDaysMicros <= us) continue;
    ask.push_back(plant);
  }
  if (ask.empty()) return OkStatus();
  YK_ASSIGN_OR_RETURN(const auto beginnings, facts::ReadBeginnings(client_, ask));
  std::vector<std::string> changed;
  for (const auto& [plant, beginning] : beginnings) {
    if (places_[plant].beginning == beginning) continue;
    places_[plant].beginning = beginning;
    changed.push_back(plant);
  }
  return WriteState(changed, now, false);
}

Result<std::map<std::string, std::vector<Day>>> Places::RefreshCalendars(
    const std::vector<std::string>& plants, WallTime now, const std::map<std::string, uint64_t>& versions) {
  std::map<std::string, std::vector<Day>> changed;
  if (plants.empty()) return changed;
  YK_ASSIGN_OR_RETURN(const auto calendars, facts::ReadCalendars(client_, plants));
  std::string data;
  std::map<std::string, uint64_t> written;
  for (const std::string& plant : plants) {
    Place& place = places_[plant];
    const auto found = calendars.find(plant);
    const std::optional<Day> first = place.FirstDay();
    if (!first) continue;
    std::vector<calendar::Interval> intervals;
    if (found != calendars.end())
      intervals = facts::ExpandAround(found->second, *first, place.timeline.CurrentDay(now));
    // The calendar moves the first day with the others.
    const Day from = std::min(*first, *place.beginning.FirstDay(calendar::Timeline(intervals)));
    // What lies ahead of the day is written once in a while; only what it has reached must be right at once.
    std::vector<Day> days = calendar::ChangedDays(place.timeline.intervals(), intervals);
    std::erase_if(days,
                  [&](Day day) { return day < from || day > place.timeline.CurrentDay(now) + kRenewWithin; });
    if (days.empty() && !(NeedsExpansion(place, now) && !intervals.empty())) continue;
    changed[plant] = std::move(days);
    const auto wanted = versions.find(plant);
    const uint64_t version =
        std::max(place.interval_version + 1, wanted == versions.end() ? 0 : wanted->second);
    written[plant] = version;
    const auto append = [&](const calendar::Interval& i) {
      data += plant + "\t" + kpi::InstantText(i.start) + "\t" + kpi::InstantText(i.end) + "\t" +
              FormatDay(i.day) + "\t" + i.shift + "\t" + std::to_string(i.version) + "\t" + i.time_zone +
              "\t" + std::to_string(version) + "\n";
    };
    for (const calendar::Interval& i : intervals) append(i);
    if (intervals.empty()) append({FromMicros(0), FromMicros(0), Day{0}, "", 0, ""});
  }
  if (data.empty()) return changed;
  YK_RETURN_IF_ERROR(
      client_.InsertRaw("INSERT INTO shift_interval (plant, start_utc, end_utc, day, shift_code, "
                        "calendar_version, time_zone, version) FORMAT TSV",
                        data));
  std::vector<std::string> names;
  for (const auto& [plant, version] : written) names.push_back(plant);
  YK_RETURN_IF_ERROR(ReadIntervals(" AND plant IN (" + QuotedList(names) + ")"));
  YK_RETURN_IF_ERROR(WriteState(names, now, false));
  return changed;
}

std::vector<std::string> Places::NeedExpansion(WallTime now) const {
  std::vector<std::string> plants;
  for (const auto& [plant, place] : places_) {
    if (NeedsExpansion(place, now)) plants.push_back(plant);
  }
  return plants;
}

Status Places::WriteState(const std::vector<std::string>& plants, WallTime now, bool computed) {
  std::string data;
  for (const std::string& plant : plants) {
    const auto found = places_.find(plant);
    if (found == places_.end() || !found->second.FirstDay()) continue;
    Place& place = found->second;
    const Day current = place.timeline.CurrentDay(now);
    place.computed_to = computed || !place.computed_to ? current : std::min(*place.computed_to, current);
    data += plant + "\t" + FormatDay(*place.FirstDay()) + "\t" + FormatDay(*place.computed_to) + "\t" +
            place.time_zone + "\t" + std::to_string(ToMicros(now)) + "\n";
  }
  if (data.empty()) return OkStatus();
  return client_.InsertRaw(
      "INSERT INTO plant_state (plant, first_day, current_day, time_zone, version) FORMAT TSV", data);
}

Result<std::vector<std::string>> Places::AllPlants() {
  YK_ASSIGN_OR_RETURN(clickhouse::Rows rows,
                      client_.Select("SELECT DISTINCT plant FROM plant_state ORDER BY plant"));
  std::vector<std::string> plants;
  for (size_t i = 0; i < rows.size(); ++i) plants.push_back(rows.Text(i, "plant"));
  return plants;
}

}  // namespace yokoten::rollup_worker
