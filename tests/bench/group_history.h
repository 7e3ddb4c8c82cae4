// A simulated group's history as facts in a real engine, and the rollup's engine over it: what a round costs,
// without a broker. Events are recorded a week after the last of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "cli/simulate/simulation.h"
#include "clickhouse/client.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"

namespace yokoten::test {

using PlainTouches = std::map<std::string, std::vector<internal::v1::Touch>>;

// Not thread-safe. Everything throws where it cannot go on.
class GroupHistory {
 public:
  // Simulates and stores `months` of 30 days; `seen` is shown each event before it is stored.
  GroupHistory(clickhouse::Client& client, int plants, int months, double scale,
               const std::function<void(const LoggedEvent&)>& seen = {});

  // What came since the last call and has to be computed, by plant.
  PlainTouches TakeTouches() { return log_.TakeTouches(); }
  // Computes it: the cells of the days these reach. Each call has a later version.
  rollup_worker::PassReport Apply(const PlainTouches& touches);
  // Stores one more event.
  void Store(LoggedEvent event);

  size_t events() const { return events_; }
  Day until() const { return options_.until; }
  const std::string& first_plant() const { return first_plant_; }

 private:
  clickhouse::Client& client_;
  cli::SimulationOptions options_;
  FixedClock clock_;
  FactLog log_;
  std::optional<rollup_worker::Engine> engine_;
  std::string first_plant_;
  size_t events_ = 0;
  int64_t version_ = int64_t{1} << 30;
};

}  // namespace yokoten::test
