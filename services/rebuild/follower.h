// A generation's own aggregator and rollup in this process: what brings it level with what comes in
// meanwhile.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "aggregator/aggregator.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/generations.h"
#include "kafka/offsets.h"
#include "kafka/producer.h"
#include "rebuild/sinks.h"
#include "rollup_worker/worker.h"
#include "telemetry/metrics.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::rebuild {

// How far a generation's groups have come. Thread-safe.
class Positions {
 public:
  static Result<std::unique_ptr<Positions>> Create(const config::v1::Config& config,
                                                   const clickhouse::Generation& generation);
  // Ends of the domain topics and of the dirty topic now.
  Result<kafka::Offsets> FactEnds();
  Result<kafka::Offsets> DirtyEnds();
  // Waits until everything before `ends` is stored, or answered. Unavailable when it comes no closer for
  // `patience`.
  Status WaitFacts(const kafka::Offsets& ends, std::chrono::seconds patience);
  Status WaitFigures(const kafka::Offsets& ends, std::chrono::seconds patience);
  // What the rollups of the generation have answered.
  Result<kafka::Offsets> DirtyAnswered();
  const std::string& rollup_group() const { return rollup_group_; }

 private:
  Status WaitCommitted(kafka::OffsetReader& group, const kafka::Offsets& goal, const std::string& who,
                       std::chrono::seconds patience);

  std::string prefix_;
  uint64_t number_ = 1;
  std::string rollup_group_;
  std::unique_ptr<kafka::OffsetReader> aggregator_;
  std::unique_ptr<kafka::OffsetReader> rollup_;
};

// Works from Start until it is destroyed.
class Follower {
 public:
  // Facts without touches, while nothing is computed of them yet; or facts and figures.
  enum class Kind { kFactsUntold, kWhole };
  // `client` is that of the generation's database. It says nothing to Kafka but touches.
  Follower(Kind kind, const config::v1::Config& config, const clickhouse::Generation& generation,
           clickhouse::Client& client, kafka::RecordSink& sink);
  ~Follower();

  Status Start();
  // Waits until `positions` and, where it is given, `beside` have everything that is in the topics now, ids
  // judged and touches answered. The status says why it cannot go on.
  Status WaitLevel(Positions& positions, Positions* beside, std::chrono::seconds patience);

 private:
  Status WaitBoth(Positions& positions, Positions* beside, std::chrono::seconds patience);
  // A pass over ids, over all of them the first time.
  Status Judge();
  Status Failure() const;
  void Fail(const Status& status);

  bool passed_ = false;  // a pass over all ids was made
  PartialSink sink_;
  telemetry::Metrics metrics_;
  mutable std::mutex mutex_;
  Status failure_;
  std::unique_ptr<aggregator::Aggregator> aggregator_;
  std::unique_ptr<rollup_worker::Worker> rollup_;  // none where facts are untold
};

}  // namespace yokoten::rebuild
