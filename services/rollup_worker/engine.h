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
#include "kpi/round_sql.h"
#include "rollup_worker/places.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::rollup_worker {

struct EngineOptions {
  // Prefix of the HTTP sessions that hold a round's temporary tables.
  std::string session_prefix = "rollup";
  // Most production days (of all plants together) in one round; more are split at month borders. A round's
  // statements cost their planning however few days they read, so few large rounds are best.
  size_t round_days_max = 12000;
  // Rows that a round's steps may take. Until a plant's rows a day are known, it is taken for one that
  // reaches this in round_days_unknown.
  size_t round_rows = 3'000'000;
  size_t round_days_unknown = 900;
  // Memory that one statement may take; a round that needs more is halved.
  uint64_t statement_bytes_max = 1'500'000'000;
};

// All waiting touches of one plant.
struct PlantTouches {
  std::vector<internal::v1::Touch> touches;
  // Of the cells to write (MakeVersion).
  uint64_t version = 0;
};

// Cells of a plant were replaced.
struct Replaced {
  std::string plant;
  std::vector<std::string> kpis;
  Day from;
  Day to;
  uint64_t version = 0;
};

// How long each kind of statement took, milliseconds.
using Timings = std::map<std::string, double>;

struct PassReport {
  std::vector<Replaced> replaced;
  size_t rounds = 0;
  size_t plant_days = 0;
  Timings timings;
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
         EngineOptions options);

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

 private:
  // Days to compute per KPI position.
  struct Scope {
    uint64_t version = 0;
    std::map<Day, std::set<uint16_t>> days;
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
  void AddTouch(const std::string& plant, const std::string& event, const std::set<Day>& days, Day earliest,
                Scope* scope) const;
  void AddRange(const std::string& plant, Day from, Day to, uint16_t kpi, Scope* scope) const;
  void AddNewDays(const std::string& plant, Scope* scope) const;
  Result<PassReport> Compute(const Scopes& scopes);
  // A round, or two of half as many days where memory is short.
  Status RunRounds(kpi::RoundPlan plan, PassReport* report);
  Status RunRound(kpi::RoundPlan* plan, const std::string& session, Timings* timings);
  Status LearnRows(const kpi::RoundPlan& plan, const std::string& session);
  Status Run(const kpi::Statement& statement, const std::string& session, Timings* timings);

  clickhouse::Client& client_;
  const kpi::Catalogue& catalogue_;
  const Clock& clock_;
  const EngineOptions options_;
  Places places_;
  // Range of days of which every KPI is known to have a generation.
  std::map<std::string, std::pair<Day, Day>> complete_;
  // Rows of a round's steps a production day, by plant.
  std::map<std::string, double> rows_per_day_;
  uint64_t sessions_ = 0;
};

}  // namespace yokoten::rollup_worker
