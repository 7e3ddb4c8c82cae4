#include "rollup_worker/restatements.h"

#include "kpi/fact_sql.h"

namespace yokoten::rollup_worker {

Result<std::vector<Amended>> ReadAmended(clickhouse::Client& client, const std::string& fact_keys) {
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      client.Select(
          "SELECT toString(f.event_type) AS about, toString(a.event_type) AS type, toString(a.source) "
          "AS source, a.event_id AS event_id, " +
          kpi::RecordedMsSql("a.rank") + " AS ms, " + kpi::RecordedMsSql("f.rank") +
          " AS fact_ms FROM (SELECT fact_key, root_key, any(event_type) AS event_type, any(source) AS "
          "source, any(event_id) AS event_id, max(rank) AS rank FROM event_key WHERE fact_key IN (SELECT "
          "fact_key FROM amendment WHERE root_key IN (" +
          fact_keys + ")) AND kind IN ('correct', 'void') AND root_key IN (" + fact_keys +
          ") GROUP BY fact_key, root_key) AS a INNER JOIN (SELECT fact_key, any(event_type) AS "
          "event_type, max(rank) AS rank FROM event_key WHERE fact_key IN (" +
          fact_keys + ") GROUP BY fact_key) AS f ON f.fact_key = a.root_key"));
  std::vector<Amended> amended;
  for (size_t i = 0; i < rows.size(); ++i) {
    amended.push_back({rows.Text(i, "about"), rows.Text(i, "type"), rows.Text(i, "source"),
                       rows.Text(i, "event_id"), rows.Int(i, "ms"), rows.Int(i, "fact_ms")});
  }
  return amended;
}

std::vector<kpi::Restatable> RestatableMonths(const kpi::RoundPlan& plan,
                                              const std::map<std::string, std::vector<Amended>>& amended,
                                              const std::vector<facts::WorkdaysTold>& workdays) {
  std::vector<kpi::Restatable> months;
  for (const kpi::PlantScope& scope : plan.plants) {
    const auto own = amended.find(scope.plant);
    if (own == amended.end()) continue;
    std::map<Day, std::set<uint16_t>> kpis;
    for (size_t i = 0; i < scope.days.size(); ++i)
      kpis[MonthStart(scope.days[i].day)].insert(scope.kpis[i].begin(), scope.kpis[i].end());
    for (const auto& [month, positions] : kpis) {
      const Day last = NextMonthStart(month) - 1;
      const int64_t closed_ms =
          ToMicros(facts::CloseOf(last, facts::KnownWhenEnded(workdays, scope.plant, last))) / 1000;
      for (const Amended& cause : own->second) {
        if (cause.recorded_ms < closed_ms || cause.fact_recorded_ms >= closed_ms) continue;
        for (const uint16_t position : positions) {
          const kpi::Kpi& kpi = *plan.kpis[position];
          // What small numbers may tell is decided when a year closes, and not between.
          if (kpi.definition.privacy_k() > 0) continue;
          if (kpi.HorizonOf(cause.event_type) == kpi::v1::HORIZON_UNSPECIFIED) continue;
          months.push_back({scope.plant, &kpi, month, cause.amendment_type, cause.source, cause.event_id,
                            cause.recorded_ms});
        }
      }
    }
  }
  return months;
}

}  // namespace yokoten::rollup_worker
