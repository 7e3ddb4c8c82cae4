#include "facts/workdays.h"

#include <algorithm>
#include <map>

namespace yokoten::facts {
namespace {

constexpr int kWorkdaysToClose = 5;

std::vector<Day> Days(const std::string& array) {
  std::vector<Day> days;
  for (size_t at = 0; at + 10 <= array.size(); ++at) {
    if (const auto day = ParseDay(std::string_view(array).substr(at, 10))) days.push_back(*day);
  }
  return days;
}

}  // namespace

bool Workdays::Works(Day day) const {
  if (std::find(worked.begin(), worked.end(), day) != worked.end()) return true;
  if (std::find(off.begin(), off.end(), day) != off.end()) return false;
  return day.value - WeekStart(day).value < 5;
}

WallTime CloseOf(Day last, const Workdays& workdays) {
  Day day = last;
  for (int left = kWorkdaysToClose; left > 0;) {
    day = day + 1;
    if (workdays.Works(day)) --left;
  }
  return FromMicros((int64_t{day.value} + 1) * 86'400 * 1'000'000);
}

Result<std::vector<WorkdaysTold>> ReadWorkdays(clickhouse::Database& database,
                                               const std::vector<std::string>& plants) {
  clickhouse::Params params;
  params.parameters["plants"] = clickhouse::ArrayParameter(plants);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      database.Select(
          "SELECT toString(plant) AS p, toUnixTimestamp64Milli(recorded_at) AS ms, year, version, "
          "holidays, extra_workdays FROM fact_operations_workdays_published FINAL WHERE plant = '*' "
          "OR has({plants:Array(String)}, plant) ORDER BY version, rank DESC",
          params));
  std::vector<WorkdaysTold> publications;
  for (size_t i = 0; i < rows.size(); ++i) {
    publications.push_back({rows.Text(i, "p"),
                            rows.Int(i, "ms"),
                            rows.Int(i, "year"),
                            rows.Int(i, "version"),
                            {Days(rows.Text(i, "holidays")), Days(rows.Text(i, "extra_workdays"))}});
  }
  return publications;
}

Workdays KnownWhenEnded(const std::vector<WorkdaysTold>& publications, const std::string& plant, Day last) {
  const int64_t end_ms = (int64_t{last.value} + 1) * 86'400'000;
  std::map<int64_t, const WorkdaysTold*> years;
  for (const WorkdaysTold& publication : publications) {
    const bool own = publication.plant == "*" || publication.plant == plant;
    if (own && publication.recorded_ms < end_ms) years[publication.year] = &publication;
  }
  Workdays workdays;
  for (const auto& [year, publication] : years) {
    const auto add = [](const std::vector<Day>& from, std::vector<Day>* to) {
      to->insert(to->end(), from.begin(), from.end());
    };
    add(publication->days.off, &workdays.off);
    add(publication->days.worked, &workdays.worked);
  }
  return workdays;
}

}  // namespace yokoten::facts
