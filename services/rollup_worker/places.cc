// Plants, their days and calendars. Everything here can be thrown away and read again.
#include "rollup_worker/places.h"

#include <algorithm>

#include "facts/calendars.h"
#include "kpi/round_sql.h"

namespace yokoten::rollup_worker {
namespace {

constexpr int32_t kExpandBefore = 370;
constexpr int32_t kExpandAhead = 400;
constexpr int32_t kRenewWithin = 100;

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

std::optional<Day> Place::FirstDay() const {
  std::optional<Day> first = first_on;
  if (first_at) {
    const Day day = timeline.DayOf(*first_at);
    if (!first || day < *first) first = day;
  }
  return first;
}

const Place* Places::Find(const std::string& plant) const {
  const auto found = places_.find(plant);
  return found == places_.end() ? nullptr : &found->second;
}

Status Places::ReadFirsts(const std::string& condition) {
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      client_.Select(
          "SELECT plant, minIf(" + MicrosSql("occurred_at") +
          ", isNull(occurred_on)) AS at, countIf(isNull(occurred_on)) AS n_at, toString(minIf(occurred_on, "
          "isNotNull(occurred_on))) AS day, countIf(isNotNull(occurred_on)) AS n_on FROM event_key WHERE "
          "plant != '*' "
          "AND kind != 'void'" +
          condition + " GROUP BY plant"));
  for (size_t i = 0; i < rows.size(); ++i) {
    Place& place = places_[rows.Text(i, "plant")];
    if (rows.Int(i, "n_at") > 0) {
      const WallTime at = FromMicros(rows.Int(i, "at"));
      place.first_at = place.first_at ? std::min(*place.first_at, at) : at;
    }
    if (rows.Int(i, "n_on") > 0) {
      const std::optional<Day> day = ParseDay(rows.Text(i, "day"));
      if (day) place.first_on = place.first_on ? std::min(*place.first_on, *day) : *day;
    }
  }
  return OkStatus();
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
  asked_.clear();
  YK_RETURN_IF_ERROR(ReadFirsts(""));
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
    const std::optional<Day> first = known == nullptr ? std::nullopt : known->FirstDay();
    const auto asked = asked_.find(plant);
    if (asked != asked_.end() && asked->second <= us && first) continue;
    if (first && ToMicros(known->timeline.StartOf(*first)) <= us) continue;
    asked_[plant] = us;
    ask.push_back(plant);
  }
  if (ask.empty()) return OkStatus();
  YK_RETURN_IF_ERROR(ReadFirsts(" AND plant IN (" + QuotedList(ask) + ")"));
  return WriteState(ask, now, false);
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
    const Day from = *first - kExpandBefore;
    const Day to = place.timeline.CurrentDay(now) + kExpandAhead;
    std::vector<calendar::Interval> intervals;
    if (found != calendars.end()) {
      Result<std::vector<calendar::Interval>> expanded =
          calendar::Expand(found->second, std::max(from, kFirstDay + 10), to);
      // A time zone this machine does not know must not stop all plants; validation refuses it at ingest.
      if (expanded.ok()) intervals = *std::move(expanded);
    }
    // What lies ahead of the day is written once in a while; only what it has reached must be right at once.
    std::vector<Day> days = calendar::ChangedDays(place.timeline.intervals(), intervals);
    std::erase_if(
        days, [&](Day day) { return day < *first || day > place.timeline.CurrentDay(now) + kRenewWithin; });
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
