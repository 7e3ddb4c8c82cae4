// Kafka to ClickHouse: decode -> batch -> insert -> touch -> archive -> commit.
//
// One thread polls and decodes, one writes; a batch is decoded while the one before it is written.
// docs/dataplane.md says what is promised and why it holds.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/batch.h"
#include "aggregator/dead_letter_rate.h"
#include "aggregator/decoder.h"
#include "aggregator/identity_pass.h"
#include "aggregator/metrics.h"
#include "aggregator/writer.h"
#include "base/threads.h"
#include "clickhouse/client.h"
#include "kafka/consumer.h"
#include "kafka/log_reader.h"
#include "kafka/producer.h"

namespace yokoten::aggregator {

struct AggregatorOptions {
  std::string bootstrap_servers;
  // Prefix of topics and consumer group.
  std::string topic_prefix;
  // Of the consumer group: each generation of facts has its own.
  std::string group_suffix;
  // For topics that have to be made.
  int32_t domain_partitions = 4;
  int32_t dirty_partitions = 4;
  int32_t replication_factor = 1;
  std::chrono::milliseconds session_timeout{6000};

  // A batch is closed by whichever comes first. After a pause of batch_age the first records do not wait for
  // it.
  size_t batch_records_max = 50000;
  size_t batch_bytes_max = 32 << 20;
  std::chrono::milliseconds batch_age{150};

  std::chrono::milliseconds identity_interval{5000};
  double dead_letter_percent_max = 1;
  size_t dead_letter_window = 10000;

  // How long a running batch may take to finish when its partitions are taken away.
  std::chrono::milliseconds revoke_wait{2000};
  // How long an assignment may look for its positions before the group is left and joined anew.
  std::chrono::milliseconds resolve_wait{20000};
  // Called once, from the aggregator's thread, when it cannot go on at all (a migration was changed).
  std::function<void(const Status&)> on_fatal;
};

// Start and Stop once each, from one thread; the rest from any thread.
class Aggregator final : private kafka::Assignment {
 public:
  // `client`, `sink` and `metrics` must outlive the aggregator.
  Aggregator(AggregatorOptions options, clickhouse::Client& client, kafka::RecordSink& sink,
             prometheus::Registry& metrics);
  ~Aggregator() override;

  // Returns at once: database, topics and group are prepared in the background, with retries for as long as
  // it takes.
  Status Start();
  // Finishes or gives up the running batch and leaves the group; bounded by a few seconds and one statement's
  // time.
  void Stop();

  // OK when migrations and topics are there and the group has given us our share (which may be nothing).
  Status Readiness() const;
  // Partitions that stand still until an operator acts.
  std::vector<Halt> halts() const;
  // Runs the identity pass now; returns when it is done. For audits and tests.
  Status RunIdentityPass(bool full) { return identity_.Run(full); }

 private:
  // What we know of a partition that is ours. Used by the polling thread alone.
  struct Partition {
    Source source;
    // The same as source.first, in epochs_: a batch being written may outlive the assignment.
    std::string_view topic;
    uint32_t epoch = 1;
    int64_t next = 0;  // offset wanted next
    bool halted = false;
    DeadLetterRate rate;
  };

  // A batch on its way, between the two threads.
  struct Job {
    std::unique_ptr<Batch> batch;
    uint64_t generation = 0;
  };

  std::map<kafka::TopicPartition, kafka::Start> OnAssign(
      const std::vector<kafka::TopicPartition>& partitions) override;
  void OnRevoke(const std::vector<kafka::TopicPartition>& partitions, bool lost) override;
  Result<std::map<kafka::TopicPartition, kafka::Start>> Resolve(
      const std::vector<kafka::TopicPartition>& partitions);

  void Run();
  Status Prepare();
  void Consume();
  void PollOnce(std::chrono::milliseconds timeout);
  void Take(kafka::Message message);
  void HaltPartition(Partition& partition, Halt halt);
  bool Due(MonotonicTime now) const;
  void HandOver();
  void CommitPending();
  void Progress(bool last);
  std::vector<kafka::TopicPartition> OurPartitions() const;

  void WriteLoop();
  bool WriterIdle() const;

  const AggregatorOptions options_;
  clickhouse::Client& client_;
  kafka::RecordSink& sink_;
  const Decoder& decoder_;
  Metrics metrics_;
  std::atomic<int64_t> retry_logged_{0};  // steady clock ticks; 0: never
  BatchWriter writer_;
  IdentityPass identity_;

  Thread run_thread_;
  Thread write_thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ready_{false};

  // Polling thread.
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<kafka::LogReader> log_reader_;
  std::map<std::string, uint32_t> epochs_;
  std::map<std::string, Halt> topic_halts_;
  std::map<kafka::TopicPartition, Partition> partitions_;
  std::unique_ptr<Batch> open_;
  MonotonicTime opened_at_{};
  MonotonicTime closed_at_{};
  // Nothing is fetched while the writer is stuck (polling thread).
  bool paused_ = false;
  std::vector<kafka::Message> polled_;
  bool rejoin_ = false;
  MonotonicTime commit_tried_at_{};
  MonotonicTime progress_at_{};
  uint64_t progress_records_ = 0;

  mutable std::mutex mutex_;
  Signal changed_;
  // Guarded by mutex_.
  std::optional<Job> job_;   // handed over, not yet taken
  bool writing_ = false;     // the writer has one
  uint64_t generation_ = 0;  // of the assignment; a batch of an older one is not committed
  kafka::Offsets pending_commit_;
  std::vector<Halt> new_halts_;   // from the writer
  std::map<Source, Halt> halts_;  // all that hold
};

}  // namespace yokoten::aggregator
