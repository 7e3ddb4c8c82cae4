// Series and snapshots: cells to values, with targets, completeness and the group's rate.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "insight/cells.h"
#include "insight/values.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Thread-safe: holds nothing but references.
class Figures {
 public:
  Figures(const kpi::Catalogue& catalogue, clickhouse::Client& clickhouse, const Clock& clock)
      : catalogue_(catalogue), clickhouse_(clickhouse), clock_(clock) {}

  // Fills kpi, values and target. NotFound for an unknown KPI or plant; InvalidArgument names the field.
  Status Series(const v1::GetKpiSeriesRequest& request, v1::GetKpiSeriesResponse* response) const;
  // Fills entries, day and completeness.
  Status Snapshot(const v1::GetKpiSnapshotRequest& request, v1::GetKpiSnapshotResponse* response) const;

 private:
  struct PlantDays {
    Day first;
    Day current;
  };
  // Periods asked of one KPI.
  struct Ask {
    const kpi::Kpi* kpi = nullptr;
    kpi::v1::Grain grain;
    std::vector<Period> periods;
  };
  struct Answered {
    std::vector<Sides> sides;          // per period
    std::vector<v1::KpiValue> values;  // per period
  };

  Result<PlantDays> DaysOf(const std::string& plant_id) const;
  struct Evaluation {
    std::vector<Answered> answers;       // one per ask
    std::optional<double> completeness;  // of the reports due in the week before the day
  };
  // All asks of one unit, with as few statements as grains need. `day` is the one the answer is for.
  Result<Evaluation> Evaluate(const std::vector<Ask>& asks, const v1::Unit& unit,
                              const std::string& dimension, const PlantDays& days, Day day) const;
  // Numerator / denominator of all plants together over the twelve months up to `day`, by KPI.
  Result<std::map<std::string, double>> GroupRates(const std::vector<const kpi::Kpi*>& kpis, Day day) const;
  // Targets in force for the unit on `day`, by KPI: the unit's own, else its workshop's, its plant's, the
  // group's.
  Result<std::map<std::string, v1::Target>> Targets(const v1::Unit& unit, Day day) const;

  const kpi::Catalogue& catalogue_;
  clickhouse::Client& clickhouse_;
  const Clock& clock_;
};

}  // namespace yokoten::insight
