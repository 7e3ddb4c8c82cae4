// How far the pipeline has come: waits for consistency tokens and says how fresh an answer is.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "kafka/offsets.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

struct PositionsOptions {
  std::string bootstrap_servers;
  std::string topic_prefix;                // of the deployment
  std::vector<std::string> domain_topics;  // without the prefix
  // Of those: when their last fact came is confidential; freshness does not name them, but waits for them
  // too.
  std::set<std::string> untold_topics;
  std::string dirty_topic;       // without the prefix
  std::string aggregator_group;  // with the prefix
  std::string rollup_group;      // with the prefix
  bool simulated = false;
  std::chrono::milliseconds kafka_timeout{5000};
  std::chrono::milliseconds poll_interval{15};       // while somebody waits for a token
  std::chrono::milliseconds freshness_max_age{400};  // an answer's freshness is at most this old
};

// What an answer is made from.
enum class Stage {
  kFacts,  // facts and findings: the aggregator alone has to be there
  kCells,  // KPI cells and production days: the rollup too
};

// Thread-safe.
class Positions {
 public:
  static Result<std::unique_ptr<Positions>> Create(PositionsOptions options, clickhouse::Client& clickhouse,
                                                   const Clock& clock);

  // Blocks until everything the token names is in what the stage names: first until the aggregator has
  // committed past each position (its facts, touches and archive rows are then stored), then, for cells,
  // until the rollup has committed past the end its dirty log had at that moment. DeadlineExceeded when that
  // takes longer; InvalidArgument for a topic we do not have or a place no log has;
  // FailedPrecondition when the log that held it is gone. A token without positions returns at once.
  Status WaitFor(const event::v1::ConsistencyToken& token, Stage stage, MonotonicTime deadline);

  // How fresh figures are now. Never fails: what cannot be asked is left out.
  v1::Freshness Now();

 private:
  Positions(PositionsOptions options, clickhouse::Client& clickhouse, const Clock& clock);
  // Waits until `reader`'s group has committed at least `goal`.
  Status WaitCommitted(kafka::OffsetReader& reader, const kafka::Offsets& goal, const char* who,
                       MonotonicTime deadline);
  // FailedPrecondition when a log ends before its goal: what the goal names is gone.
  Status CheckLogHas(kafka::OffsetReader& reader, const kafka::Offsets& goal, MonotonicTime deadline);
  // Until the rollup has applied what its dirty log holds now.
  Status WaitForRollup(MonotonicTime deadline);
  Result<std::vector<kafka::TopicPartition>> PartitionsOf(const std::vector<std::string>& topics,
                                                          std::vector<kafka::TopicPartition>* cache);
  Status Refresh(v1::Freshness* freshness);

  const PositionsOptions options_;
  clickhouse::Client& clickhouse_;
  const Clock& clock_;
  std::unique_ptr<kafka::OffsetReader> aggregator_;
  std::unique_ptr<kafka::OffsetReader> rollup_;

  std::mutex partitions_mutex_;
  std::vector<kafka::TopicPartition> domain_partitions_;
  std::vector<kafka::TopicPartition> dirty_partitions_;

  std::mutex freshness_mutex_;
  v1::Freshness freshness_;
  MonotonicTime freshness_at_{};
};

}  // namespace yokoten::insight
