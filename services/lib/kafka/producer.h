// The process's way into Kafka: one idempotent producer with acks=all, delivery reports on a thread of its
// own, and a new librdkafka instance in place of one that turned fatal (docs/adr/0003).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "events/envelope.h"

namespace yokoten::kafka {

// What became of one record.
struct Delivery {
  // OK: all in-sync replicas have it. UNAVAILABLE: not in time; send the same record again. INVALID_ARGUMENT:
  // Kafka refuses it for good (too large, topic not allowed).
  Status status;
  // With a failed status: the record may be in the log all the same.
  bool possibly_persisted = false;
  int32_t partition = -1;
  int64_t offset = -1;  // with an OK status
};

using DeliveryCallback = std::function<void(const Delivery&)>;

// Where records go. The seam between whoever makes records and Kafka; tests put a fake here.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // Queues a record for a topic (as the broker names it, deployment prefix included). OK: `done` is called
  // exactly once, on another thread, and must not block. RESOURCE_EXHAUSTED: the queue is full, nothing was
  // queued, `done` is never called. Any other failure likewise. Never blocks. Thread-safe.
  virtual Status Produce(const std::string& topic, events::Record record, DeliveryCallback done) = 0;

  // OK while Kafka answers; UNAVAILABLE, with the brokers asked, since it does not. Never blocks.
  // Thread-safe.
  virtual Status Health() const = 0;
};

struct ProducerOptions {
  std::string bootstrap_servers;
  std::string client_id = "yokoten";
  std::chrono::milliseconds linger{2};
  int queue_kib = 65536;
  // From Produce to the delivery report, at most.
  std::chrono::milliseconds delivery_timeout{10000};
  // Lines of librdkafka's log and of our own (a recreated instance), with syslog severity (3 error .. 7
  // debug). Called from any thread. Empty: lines are dropped.
  std::function<void(int severity, const std::string& line)> log;
  // librdkafka properties on top of ours, applied last.
  std::vector<std::pair<std::string, std::string>> overrides;
};

// Counted since the producer was made.
struct ProducerCounts {
  uint64_t queued = 0;
  uint64_t delivered = 0;
  uint64_t failed = 0;
  uint64_t queue_full = 0;
  uint64_t recreated = 0;
};

class Producer final : public RecordSink {
 public:
  // Fails with INVALID_ARGUMENT when a property is refused; does not wait for Kafka.
  static Result<std::unique_ptr<Producer>> Create(ProducerOptions options);
  ~Producer() override;

  // Records of one key go to one partition, the one Java's default partitioner picks (murmur2).
  Status Produce(const std::string& topic, events::Record record, DeliveryCallback done) override;
  Status Health() const override;
  ProducerCounts counts() const;

  // Waits until everything queued has its delivery report. DEADLINE_EXCEEDED when the timeout comes first.
  Status Flush(std::chrono::milliseconds timeout);

  // Flushes within the delivery timeout, reports what is left as failed, ends the threads. Produce then
  // fails. Idempotent; not from a delivery callback.
  void Close();

  // Makes the instance in use fail as the broker can make it fail.
  void InjectFatalErrorForTest();

 private:
  struct Impl;
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::kafka
