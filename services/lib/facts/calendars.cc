// Reads the two event types that make calendars and takes their lists apart.
#include "facts/calendars.h"

#include <charconv>

#include "kpi/fact_sql.h"

namespace yokoten::facts {
namespace {

std::vector<std::string> Split(const std::string& text, char by) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  size_t at = 0;
  while (true) {
    const size_t next = text.find(by, at);
    parts.push_back(text.substr(at, next == std::string::npos ? next : next - at));
    if (next == std::string::npos) return parts;
    at = next + 1;
  }
}

int32_t Number(const std::string& text) {
  int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "08:30" to minutes.
int32_t Minutes(const std::string& text) {
  return text.size() == 5 ? Number(text.substr(0, 2)) * 60 + Number(text.substr(3, 2)) : 0;
}

calendar::CalendarVersion ReadVersion(const clickhouse::Rows& rows, size_t row) {
  calendar::CalendarVersion version;
  version.version = static_cast<int32_t>(rows.Int(row, "calendar_version"));
  version.time_zone = rows.Text(row, "time_zone");
  version.valid_from = ParseDay(rows.Text(row, "valid_from")).value_or(kFirstDay);
  const auto codes = Split(rows.Text(row, "codes"), '|'), starts = Split(rows.Text(row, "starts"), '|'),
             ends = Split(rows.Text(row, "ends"), '|'), offsets = Split(rows.Text(row, "offsets"), '|');
  // Every shift ends with the separator, because a shift without weekdays is an empty text.
  const auto weekdays = Split(rows.Text(row, "weekdays"), '|');
  for (size_t i = 0; i < codes.size() && i < starts.size() && i < ends.size() && i < offsets.size(); ++i) {
    calendar::Shift shift{codes[i], Minutes(starts[i]), Minutes(ends[i]), Number(offsets[i]), 0};
    for (const std::string& day : Split(i < weekdays.size() ? weekdays[i] : "", ',')) {
      const int32_t number = Number(day);
      if (number >= 1 && number <= 7) shift.weekdays |= static_cast<uint8_t>(1 << (number - 1));
    }
    version.shifts.push_back(std::move(shift));
  }
  for (const std::string& day : Split(rows.Text(row, "holidays"), '|')) {
    if (const auto parsed = ParseDay(day)) version.holidays.push_back(*parsed);
  }
  return version;
}

}  // namespace

Result<std::map<std::string, std::vector<calendar::CalendarVersion>>> ReadCalendars(
    clickhouse::Database& database, const std::vector<std::string>& plants,
    std::optional<int64_t> recorded_until_ms) {
  std::string one_of;
  for (const std::string& plant : plants) {
    one_of += (one_of.empty() ? "SELECT " : " UNION ALL SELECT ") + clickhouse::Quote(plant) + " AS plant";
  }
  const std::string dead = kpi::DeadFactsSql(one_of);
  std::string sql;
  for (const char* event : {"operations.CalendarPublished", "operations.CalendarCorrected"}) {
    kpi::FactQuery query;
    query.event = event;
    query.plants = one_of;
    query.columns = {"calendar_version",  "time_zone",         "valid_from",
                     "shifts_shift_code", "shifts_start_time", "shifts_end_time",
                     "shifts_day_offset", "shifts_weekdays",   "holidays"};
    query.dead = dead;
    query.recorded_until_ms = recorded_until_ms;
    sql += (sql.empty() ? "" : " UNION ALL ") +
           ("SELECT *, " + std::to_string(sql.empty() ? 0 : 1) + " AS corrects FROM (") +
           kpi::LiveFactsSql(query) + ")";
  }
  // Of a version the latest recorded correction counts, else the first publication.
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      database.Select(
          "SELECT plant, calendar_version, time_zone, valid_from, arrayStringConcat(shifts_shift_code, '|') "
          "AS codes, "
          "arrayStringConcat(shifts_start_time, '|') AS starts, arrayStringConcat(shifts_end_time, '|') AS "
          "ends, "
          "arrayStringConcat(arrayMap(x -> toString(x), shifts_day_offset), '|') AS offsets, "
          "concat(arrayStringConcat(arrayMap(w -> arrayStringConcat(arrayMap(x -> toString(x), w), ','), "
          "shifts_weekdays), '|'), '|') AS weekdays, arrayStringConcat(arrayMap(x -> toString(x), holidays), "
          "'|') AS "
          "holidays FROM (" +
          sql +
          ") ORDER BY corrects DESC, if(corrects = 1, rank, bitNot(rank)) LIMIT 1 BY plant, "
          "calendar_version"));
  std::map<std::string, std::vector<calendar::CalendarVersion>> calendars;
  for (size_t i = 0; i < rows.size(); ++i) calendars[rows.Text(i, "plant")].push_back(ReadVersion(rows, i));
  return calendars;
}

}  // namespace yokoten::facts
