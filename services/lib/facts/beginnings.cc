#include "facts/beginnings.h"

#include <algorithm>

#include "kpi/fact_sql.h"

namespace yokoten::facts {
namespace {

constexpr int32_t kExpandBefore = 370;
constexpr int32_t kExpandAhead = 400;

}  // namespace

std::optional<Day> Beginning::FirstDay(const calendar::Timeline& timeline) const {
  if (!at) return on;
  const Day day = timeline.DayOf(*at);
  return on ? std::min(*on, day) : day;
}

std::optional<WallTime> Beginning::Earliest() const {
  if (!on) return at;
  const WallTime midnight = FromMicros(int64_t{on->value} * 86'400'000'000);
  return at ? std::min(*at, midnight) : midnight;
}

Result<std::map<std::string, Beginning>> ReadBeginnings(clickhouse::Database& database,
                                                        const std::vector<std::string>& plants,
                                                        std::optional<int64_t> recorded_until_ms) {
  clickhouse::Params params;
  std::string condition;
  if (!plants.empty()) {
    params.parameters["plants"] = clickhouse::ArrayParameter(plants);
    condition = " AND has({plants:Array(String)}, plant)";
  }
  if (recorded_until_ms) condition += " AND " + kpi::RecordedUntilSql("rank", *recorded_until_ms);
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      database.Select(
          "SELECT plant, minIf(toUnixTimestamp64Micro(occurred_at), isNull(occurred_on)) AS at, "
          "countIf(isNull(occurred_on)) AS n_at, toString(minIf(occurred_on, isNotNull(occurred_on))) AS "
          "day, countIf(isNotNull(occurred_on)) AS n_on FROM event_key WHERE plant != '*' AND kind != "
          "'void'" +
              condition + " GROUP BY plant",
          params));
  std::map<std::string, Beginning> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    Beginning& beginning = out[rows.Text(i, "plant")];
    if (rows.Int(i, "n_at") > 0) beginning.at = FromMicros(rows.Int(i, "at"));
    if (rows.Int(i, "n_on") > 0) beginning.on = ParseDay(rows.Text(i, "day"));
  }
  return out;
}

std::vector<calendar::Interval> ExpandAround(const std::vector<calendar::CalendarVersion>& calendars,
                                             Day first, Day current) {
  auto expanded =
      calendar::Expand(calendars, std::max(first - kExpandBefore, kFirstDay + 10), current + kExpandAhead);
  return expanded.ok() ? *std::move(expanded) : std::vector<calendar::Interval>{};
}

}  // namespace yokoten::facts
