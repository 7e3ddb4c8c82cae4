// Which months of a round were closed when something about their facts was put right.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"
#include "facts/workdays.h"
#include "kpi/round_sql.h"

namespace yokoten::rollup_worker {

// A correction or void, and when it and what it is about were recorded first.
struct Amended {
  std::string event_type;  // of the fact it is about, by its short name
  std::string amendment_type;
  std::string source;
  std::string event_id;
  int64_t recorded_ms = 0;
  int64_t fact_recorded_ms = 0;
};

// Corrections and voids of these facts (SQL list of UUIDs).
Result<std::vector<Amended>> ReadAmended(clickhouse::Client& client, const std::string& fact_keys);

// Months of the plan's plants and KPIs for which a fact was put right after they had closed that was recorded
// before: what was told of them then was wrong. History that came late altogether restates nothing. `amended`
// by plant; `workdays` of these plants.
std::vector<kpi::Restatable> RestatableMonths(const kpi::RoundPlan& plan,
                                              const std::map<std::string, std::vector<Amended>>& amended,
                                              const std::vector<facts::WorkdaysTold>& workdays);

}  // namespace yokoten::rollup_worker
