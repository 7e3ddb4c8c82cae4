// Figures of KPIs with a privacy_k, as they were known when their periods closed (privacy.h says what is
// shown of them). Computed from the facts once and remembered: what was known then does not change.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "facts/workdays.h"
#include "insight/cells.h"
#include "insight/periods.h"
#include "insight/privacy.h"
#include "insight/scopes.h"
#include "kpi/catalogue.h"

namespace yokoten::insight {

// Thread-safe; one computation at a time, others wait.
class Frozen {
 public:
  // `known_until`: everything recorded until then is stored.
  Frozen(const kpi::Catalogue& catalogue, clickhouse::Client& client, std::function<WallTime()> known_until)
      : catalogue_(catalogue), client_(client), known_until_(std::move(known_until)) {}

  // A period's figure, or that it is not shown.
  struct Figure {
    bool shown = false;
    Sides sides;        // where it is shown
    WallTime known_at;  // as of which
  };
  // One per period, for who asks at `now`; nothing is shown of what ended before the plant's first day. The
  // question must have passed CheckPrivateQuestion.
  Result<std::vector<Figure>> Read(const kpi::Kpi& kpi, const v1::Unit& unit, const std::string& dimension,
                                   const std::vector<Period>& periods, Day first_day, WallTime now);
  // The same for all plants together. A period is shown once it has closed for every plant that existed in
  // it, and as often anew as all of them were; so that no difference to the plants' own figures, nor between
  // two times, shows less than privacy_k of those that are hidden.
  Result<std::vector<Figure>> ReadGroup(const kpi::Kpi& kpi, const std::vector<Scope::Plant>& plants,
                                        const std::string& dimension, const std::vector<Period>& periods,
                                        WallTime now);

 private:
  // What is known of plants beside their figures.
  struct Background {
    std::vector<facts::WorkdaysTold> workdays;
    std::set<std::string> with_facts;  // that these KPIs alone may read
  };
  Result<Background> Look(const std::vector<std::string>& plants);

  // A unit's figure as of one instant, with the plant's counts.
  struct Known {
    Figure figure;
    bool plant_hidden = false;
    Sides plant;
  };
  // For each period what was known at each instant it is shown as of.
  Result<std::vector<std::vector<Known>>> Histories(const kpi::Kpi& kpi, const v1::Unit& unit,
                                                    const std::string& dimension,
                                                    const std::vector<Period>& periods, Day first_day,
                                                    WallTime now, const Background& background);

  // Sides by workshop and value of the dimension.
  using PartSides = std::map<std::pair<std::string, std::string>, Sides>;
  using State = std::map<std::string, PartSides>;           // by KPI
  using Key = std::tuple<std::string, WallTime, Day, Day>;  // plant, instant, period

  Status Compute(const std::string& plant, WallTime at, const std::set<std::pair<Day, Day>>& periods);

  const PartSides& Parts(const Key& key, const std::string& kpi_id) const;

  const kpi::Catalogue& catalogue_;
  clickhouse::Client& client_;
  const std::function<WallTime()> known_until_;
  std::mutex mutex_;
  std::map<Key, State> states_;
};

}  // namespace yokoten::insight
