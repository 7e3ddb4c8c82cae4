// One seed: a broker, a store, processes of the product that come and go, records, and what must hold.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake_clickhouse.h"
#include "fake_kafka.h"
#include "faults.h"
#include "oracle.h"
#include "scheduler.h"

namespace yokoten::aggregator {
class Aggregator;
}

namespace yokoten::simulation {

// Faults in the simulated neighbours that the product relies on not to happen: with each of them the oracle
// must find something. None in a real run.
enum class Sabotage {
  kNone,
  kCommitBeforeArchive,  // the archive's rows are stored some time after the store said so
  kTouchBeforeFacts,     // facts are stored some time after the store said so
  kDropTouch,            // a touch is acknowledged and lost
  kDropFact,             // a row of a fact table is acknowledged and lost
  kFlipFact,             // a fact is stored with another number
  kDropArchiveRow,
  kChangeArchiveRow,   // a row written again says something else
  kSkipPositionCheck,  // the archive is said to be whole up to its highest offset
  kCommitBeforeCells,  // cells are stored some time after the store said so
  kIgnoreVersions,     // the last cell written wins
  kNoFence,            // commits of members that were replaced are taken
  kCount
};

const char* NameOf(Sabotage sabotage);

struct SeedResult {
  uint64_t seed = 0;
  // Empty: everything held. Else what did not, first thing first.
  std::string failure;
  uint64_t trace = 0;
  Counts counts;
};

struct SeedOptions {
  Sabotage sabotage = Sabotage::kNone;
  bool verbose = false;  // print the product's log lines and the faults
};

// Runs one seed on the calling thread. Thread-safe.
SeedResult RunSeed(uint64_t seed, const SeedOptions& options = {});

// What became of one request to a neighbour.
struct Fate {
  bool refused = false;
  bool reply_lost = false;
  bool late = false;
  bool partial = false;
};

class World {
 public:
  World(uint64_t seed, const SeedOptions& options);
  ~World();
  static World& Current();

  SeedResult Run();

  int64_t wall_us() const { return wall_start_us_ + scheduler.now(); }
  bool verbose() const { return options_.verbose; }
  Sabotage sabotage() const { return options_.sabotage; }
  // Something did not hold. The first one counts.
  void Fail(const std::string& what);
  void Hit(Branch branch) { ++counts.branches[static_cast<size_t>(branch)]; }
  void Note(const std::string& what);

  // The way to a neighbour: takes time, and the process may be killed or stalled on it. Throws Killed.
  Fate Cross(Site site);
  // The way back.
  void Return(Site site);
  // The process dies while it waits.
  void Crash(Site site);
  // What becomes of a record that a producer queued.
  Fate FateOfRecord(Site site);
  bool faults() const { return faults_; }
  bool Chance(double probability) { return faults_ && scheduler.random.Chance(probability); }
  // Whether this seed has faults of this kind at all.
  bool Wants(Fault fault) const { return rates_[static_cast<size_t>(fault)] > 0; }

  Scheduler scheduler;
  Counts counts;
  Broker broker;
  Store store;
  Oracle oracle;

 private:
  enum class Kind { kAggregator, kRollup };
  struct Slot {
    Kind kind;
    Process* process = nullptr;
    WaitQueue stop_signal;
    bool stop = false;
    bool wanted = true;
    aggregator::Aggregator* aggregator = nullptr;  // while it runs
  };

  bool Draw(Site site, Fault fault);
  void Die();
  void Start(size_t slot);
  void RunAggregator(size_t slot);
  void RunRollup(size_t slot);
  void AwaitStop(Slot& slot);
  void Stop(size_t slot);
  void PlanRecords();
  void PlanMembers();
  void EndFaults();
  void CheckDrained();
  bool Level();

  SeedOptions options_;
  uint64_t seed_;
  World* before_ = nullptr;
  int64_t wall_start_us_ = 0;
  bool faults_ = true;
  std::array<double, kFaults> rates_{};
  bool over_ = false;
  std::string failure_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace yokoten::simulation
