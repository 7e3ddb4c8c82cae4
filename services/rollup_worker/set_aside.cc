#include "rollup_worker/set_aside.h"

#include <algorithm>

namespace yokoten::rollup_worker {
namespace {

// The session with its temporary tables, or the database, is gone: not the statement's fault.
constexpr int kUnknownTable = 60;
constexpr int kUnknownDatabase = 81;
constexpr int kSessionNotFound = 372;

}  // namespace

bool IsRefusal(const Status& status) {
  const int code = clickhouse::ExceptionCode(status);
  return code != 0 && code != kUnknownTable && code != kUnknownDatabase && code != kSessionNotFound &&
         !clickhouse::Retryable(status);
}

SetAside::SetAside(clickhouse::Client& client, const Clock& clock, RetryWait wait)
    : client_(client), clock_(clock), wait_(wait) {}

bool SetAside::Holds(const std::string& plant, const std::string& kpi, Day month) const {
  const auto found = waits_.find({plant, kpi, month});
  return found != waits_.end() && clock_.Monotonic() < found->second.over;
}

void SetAside::Refused(const std::string& plant, const std::string& kpi, Day month) {
  Wait& wait = waits_[{plant, kpi, month}];
  wait.length = std::clamp(wait.length * 2, wait_.min, wait_.max);
  wait.over = clock_.Monotonic() + wait.length;
}

void SetAside::Worked(const std::string& plant, const std::string& kpi, Day month) {
  waits_.erase({plant, kpi, month});
}

Status SetAside::TakeAway(const std::string& plant, const kpi::Kpi& kpi, const std::set<Day>& months) {
  std::string list;
  // A cell's day is its period's first; quarters and years are those that the months lie in.
  std::string quarters, years;
  for (const Day month : months) {
    list += (list.empty() ? "'" : ", '") + FormatDay(month) + "'";
    quarters += (quarters.empty() ? "'" : ", '") + FormatDay(QuarterStart(month)) + "'";
    years += (years.empty() ? "'" : ", '") + FormatDay(YearStart(month)) + "'";
  }
  const std::string cells =
      "kpi = " + clickhouse::Quote(kpi.id()) + " AND definition = " + std::to_string(kpi.hash) +
      " AND plant = " + clickhouse::Quote(plant) + " AND multiIf(grain = 'q', day IN (" + quarters +
      "), grain = 'y', day IN (" + years + "), toStartOfMonth(day) IN (" + list + "))";
  // A deletion rewrites parts: none where there is nothing to take away.
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows some,
                      client_.Select("SELECT 1 AS one FROM kpi_cell WHERE " + cells + " LIMIT 1"));
  if (some.empty()) return OkStatus();
  return client_.Execute("DELETE FROM kpi_cell WHERE " + cells);
}

}  // namespace yokoten::rollup_worker
