// Series and snapshots of a plant, its parts, a country or the group: cells to values, with targets,
// completeness and the group's rate.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "insight/as_of.h"
#include "insight/cells.h"
#include "insight/frozen.h"
#include "insight/scopes.h"
#include "insight/values.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Thread-safe: holds nothing but references.
class Figures {
 public:
  // What is known now. `frozen` answers for KPIs with a privacy_k; without it they are suppressed.
  Figures(const kpi::Catalogue& catalogue, clickhouse::Database& clickhouse, const Clock& clock,
          Frozen* frozen = nullptr)
      : catalogue_(catalogue), clickhouse_(clickhouse), clock_(clock), frozen_(frozen) {}
  // What was known at the view's instant, which must be the clock's. Not thread-safe, as the view is not.
  Figures(const kpi::Catalogue& catalogue, AsOfView& view, const Clock& clock, Frozen* frozen = nullptr)
      : catalogue_(catalogue), clickhouse_(view), clock_(clock), frozen_(frozen), view_(&view) {}

  // Whether an answer about these KPIs (empty: all) needs those of the whole group.
  static bool NeedsGroup(const kpi::Catalogue& catalogue, const std::vector<std::string>& kpi_ids);

  // Fills kpi, values and target. NotFound for an unknown KPI or plant; InvalidArgument names the field.
  Status Series(const v1::GetKpiSeriesRequest& request, v1::GetKpiSeriesResponse* response) const;
  // Fills entries, day and completeness.
  Status Snapshot(const v1::GetKpiSnapshotRequest& request, v1::GetKpiSnapshotResponse* response) const;

 private:
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

  Result<Scope> ScopeOf(const v1::Unit& unit) const;
  struct Evaluation {
    std::vector<Answered> answers;       // one per ask
    std::optional<double> completeness;  // of the reports due in the week before the day
  };
  // All asks of one unit, with as few statements as grains need. `day` is the one the answer is for.
  Result<Evaluation> Evaluate(const std::vector<Ask>& asked, const v1::Unit& unit,
                              const std::string& dimension, const Scope& scope, Day day) const;
  // Of a KPI with a privacy_k.
  Result<Answered> AnswerPrivately(const Ask& ask, const v1::Unit& unit, const std::string& dimension,
                                   const Scope& scope) const;
  // Makes the cells the asks need, where an instant of the past is asked for.
  Status ComputeView(const std::vector<Ask>& asks, const CellQuery (&queries)[2], const bool (&used)[2],
                     const kpi::Kpi* completeness, Day year_end) const;
  // Values made of other KPIs' values, over the same periods.
  static Answered MakeOfParts(const Ask& ask, const std::vector<Answered>& parts);
  // The cells of one query by plant, those of the reports due among them, which may be of another level.
  Result<PlantCells> ReadWithReports(CellQuery query, const kpi::Kpi* reports, const v1::Unit& unit) const;
  // Numerator / denominator of all plants together over the twelve months up to `day`, by KPI.
  Result<std::map<std::string, double>> GroupRates(const std::vector<const kpi::Kpi*>& kpis, Day day) const;
  // Targets in force for the unit on `day`, by KPI: the unit's own, else its workshop's, its plant's, the
  // group's. A country has the group's.
  Result<std::map<std::string, v1::Target>> Targets(const v1::Unit& unit, Day day) const;

  const kpi::Catalogue& catalogue_;
  clickhouse::Database& clickhouse_;
  const Clock& clock_;
  Frozen* const frozen_;
  AsOfView* const view_ = nullptr;
};

}  // namespace yokoten::insight
