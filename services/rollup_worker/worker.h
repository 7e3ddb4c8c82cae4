// The dirty topic to replaced cells: gather all waiting touches -> one pass -> kpi-changed -> commit.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/threads.h"
#include "clickhouse/client.h"
#include "kafka/consumer.h"
#include "kafka/log_reader.h"
#include "kafka/offsets.h"
#include "kafka/producer.h"
#include "kpi/catalogue.h"
#include "rollup_worker/engine.h"
#include "telemetry/metrics.h"

namespace yokoten::rollup_worker {

struct WorkerOptions {
  std::string bootstrap_servers;
  std::string topic_prefix;
  // Of this group and the aggregators': each generation of facts has its own.
  std::string group_suffix;
  // For topics that have to be made.
  int32_t domain_partitions = 4;
  int32_t dirty_partitions = 4;
  int32_t replication_factor = 1;
  std::chrono::milliseconds session_timeout{6000};
  // After the first touch others are waited for this long.
  std::chrono::milliseconds gather{30};
  size_t touches_max = 20000;
  std::chrono::milliseconds sweep_interval{30000};
  // While the aggregator has records waiting, the next pass starts no sooner than this many durations of the
  // last one after its start, but at most pause_max after its end.
  double pause_factor = 3;
  std::chrono::milliseconds pause_max{10000};
  // Called once, from the worker's thread, when it cannot go on.
  std::function<void(const Status&)> on_fatal;
};

// Partition of a key as Java's default partitioner and our producer choose it.
int32_t PartitionOf(std::string_view key, int32_t partitions);

// Start and Stop once each, from one thread; the rest from any thread.
class Worker final : private kafka::Assignment {
 public:
  // All references must outlive the worker.
  Worker(WorkerOptions options, const kpi::Catalogue& catalogue, clickhouse::Client& client,
         kafka::RecordSink& sink, const Clock& clock, telemetry::Metrics& metrics);
  ~Worker() override;

  // Returns at once; database, topics and group are prepared in the background, with retries.
  Status Start();
  // Ends after the statement under way.
  void Stop();
  // OK when the group has given us our share and the first sweep of it is done.
  Status Readiness() const;

 private:
  struct Pending {
    std::map<std::string, PlantTouches> plants;
    std::vector<internal::v1::Touch> group;  // touches of plant "*"
    kafka::Offsets next;
    size_t touches = 0;
  };
  struct Counters;

  std::map<kafka::TopicPartition, kafka::Start> OnAssign(
      const std::vector<kafka::TopicPartition>& partitions) override;
  void OnRevoke(const std::vector<kafka::TopicPartition>& partitions, bool lost) override;

  void Run();
  Status Prepare();
  Status Loop();
  Status CheckEnds();
  // Dirty offsets up to which cells of this epoch were made, by plant.
  Result<std::map<std::string, int64_t>> WrittenUpTo();
  void Take(const std::vector<kafka::Message>& messages);
  // Polls until `until`; false when a new assignment made what was gathered void.
  Result<bool> Gather(MonotonicTime until);
  // Whether the aggregator has nothing to read; false too when Kafka does not say.
  bool AggregatorIsLevel();
  Status Pass();
  Status Sweep();
  Status FanOut();
  Status Announce(const PassReport& report);
  Status Produce(const std::string& topic, std::vector<events::Record> records);
  bool Owns(const std::string& plant) const;
  Result<std::map<int32_t, int64_t>> Ends();

  const WorkerOptions options_;
  clickhouse::Client& client_;
  kafka::RecordSink& sink_;
  const Clock& clock_;
  const std::string dirty_topic_;
  Engine engine_;
  std::unique_ptr<Counters> counters_;

  std::unique_ptr<kafka::LogReader> reader_;
  std::unique_ptr<kafka::OffsetReader> aggregator_;
  std::vector<kafka::TopicPartition> facts_;  // what the aggregator reads
  std::unique_ptr<kafka::OffsetReader> own_group_;
  std::unique_ptr<kafka::Consumer> consumer_;
  int32_t partitions_ = 0;
  uint32_t epoch_ = 0;
  std::set<int32_t> owned_;
  bool assigned_ = false;
  bool must_load_ = false;
  Pending pending_;
  MonotonicTime next_pass_{};
  MonotonicTime next_sweep_{};

  mutable std::mutex mutex_;
  Status readiness_;
  std::atomic<bool> stopping_{false};
  Thread thread_;
};

}  // namespace yokoten::rollup_worker
