// Which figures an import would change: the KPIs that read its events, by plant and months.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/date.h"
#include "cli/import/import_plan.h"
#include "yokoten/kpi/v1/kpi.pb.h"

namespace yokoten::cli {

// One KPI of one plant.
struct AffectedFigure {
  std::string kpi_id, plant_id;
  std::string months;  // "2026-03 to 2026-05", or "all"
  int64_t events = 0;
};

// Collects planned events; only those that would be sent count.
class AffectedFigures {
 public:
  // `void_type` is the type of the event that a void cancels.
  void Add(const PlannedEvent& planned);
  // By plant, then in the catalogue's order. `today` ends what reaches forward.
  std::vector<AffectedFigure> List(const std::vector<kpi::v1::KpiDefinition>& catalogue, Day today) const;

 private:
  struct Touched {
    int64_t events = 0;
    std::set<Day> months;  // their first days
    bool unknown = false;  // a void: its day is known to the server alone
  };
  std::map<std::pair<std::string, std::string>, Touched> touched_;  // (plant, event type)
};

}  // namespace yokoten::cli
