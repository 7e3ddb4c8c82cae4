#include "insight/live_facts.h"

#include "kpi/fact_sql.h"

namespace yokoten::insight {

Result<std::string> DeadAmong(clickhouse::Database& clickhouse, std::string_view event,
                              std::string_view plants, const clickhouse::Params& params) {
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse.Select(kpi::AnyDeadSql(event, plants), params));
  if (rows.Int(0, "dead") == 0) return std::string();
  return kpi::DeadFactsSql(plants);
}

}  // namespace yokoten::insight
