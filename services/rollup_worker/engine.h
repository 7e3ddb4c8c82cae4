// One pass of the rollup: touches in, replaced cells out. Knows nothing of Kafka, so the property tests and
// the tests of the definitions run the very same passes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"
#include "rollup_worker/places.h"
#include "rollup_worker/restatements.h"
#include "rollup_worker/rounds.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::rollup_worker {

// All waiting touches of one plant.
struct PlantTouches {
  std::vector<internal::v1::Touch> touches;
  // Of the cells to write (MakeVersion).
  uint64_t version = 0;
};

// epoch << 40 | offset << 1 | swept. `next_offset`: all dirt of the plant's partition below it is in the
// facts read. A sweep's cells are newer than those of touches up to the same offset: whoever wrote those may
// have read before the day began.
uint64_t MakeVersion(uint32_t epoch, int64_t next_offset, bool swept);
uint32_t EpochOf(uint64_t version);
int64_t NextOffsetOf(uint64_t version);

// Not thread-safe. Any failure leaves cells of either the old or the new version; calling again with the same
// touches is always right.
class Engine {
 public:
  Engine(clickhouse::Client& client, const kpi::Catalogue& catalogue, const Clock& clock,
         RoundOptions options);

  // Forgets everything and reads plants and calendars.
  Status Load();
  // Computes what the touches can have changed, and days of these plants that have no generation yet.
  Result<PassReport> Apply(const std::map<std::string, PlantTouches>& touches);
  // Computes every missing generation of the plants that `wanted` accepts: days that began, a new or changed
  // KPI, a new plant, an older epoch than `epoch`. `version_of` is asked before any fact is read.
  Result<PassReport> Sweep(uint32_t epoch, const std::function<bool(const std::string&)>& wanted,
                           const std::function<uint64_t(const std::string&)>& version_of);

  const Places& places() const { return places_; }
  Result<std::vector<std::string>> AllPlants() { return places_.AllPlants(); }
  // Months of KPIs of plants that cannot be computed now.
  size_t set_aside() const { return rounds_.set_aside().size(); }

 private:
  // Days to compute per KPI position.
  struct Scope {
    uint64_t version = 0;
    std::map<Day, std::set<uint16_t>> days;
    std::vector<Amended> amended;  // of the facts that were touched
  };
  using Scopes = std::map<std::string, Scope>;
  // What the stored versions of touched roots say, by plant: type, earliest effect and production days.
  struct RootFact {
    std::string event;
    std::set<Day> days;
    Day earliest;
  };

  Result<std::map<std::string, std::vector<RootFact>>> LookUpRoots(
      const std::map<std::string, PlantTouches>& touches);
  // Corrections and voids that the touches name, by plant.
  Result<std::map<std::string, std::vector<Amended>>> LookUpAmended(
      const std::map<std::string, PlantTouches>& touches);
  void AddTouch(const std::string& plant, const std::string& event, const std::set<Day>& days, Day earliest,
                Scope* scope) const;
  void AddRange(const std::string& plant, Day from, Day to, uint16_t kpi, Scope* scope) const;
  void AddNewDays(const std::string& plant, Scope* scope) const;
  Result<PassReport> Compute(const Scopes& scopes);
  clickhouse::Client& client_;
  const kpi::Catalogue& catalogue_;
  const Clock& clock_;
  const RoundOptions options_;
  Places places_;
  RoundRunner rounds_;
  // Range of days of which every KPI is known to have a generation.
  std::map<std::string, std::pair<Day, Day>> complete_;
};

}  // namespace yokoten::rollup_worker
