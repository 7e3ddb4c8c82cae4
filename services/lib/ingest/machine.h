// One domain's ingest, without gRPC: takes a request's bytes, answers once Kafka has what was accepted.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "events/registry.h"
#include "google/rpc/status.pb.h"
#include "ingest/engine.h"
#include "ingest/event.h"
#include "kafka/producer.h"
#include "telemetry/metrics.h"

namespace yokoten::ingest {

class Batch;
class Meters;

// The bytes of a request and whoever keeps them alive.
struct RequestBytes {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

// Exactly one of the two: a failed call (code not 0), or the serialized response.
struct Answer {
  google::rpc::Status failure;
  std::string response;
};

struct MachineOptions {
  const events::Domain* domain = nullptr;
  std::string topic_prefix;
  Limits limits;
  Rules rules = nullptr;  // null: the protos say it all
  // Longest time from a request to its answer.
  std::chrono::milliseconds max_deadline{60000};
};

// Thread-safe. What it was given must outlive WaitIdle.
class Machine : public std::enable_shared_from_this<Machine> {
 public:
  // A single call is refused while the bytes under way are over the bound; a stream's request waits for room
  // instead.
  enum class Mode { kCall, kStream };

  static std::shared_ptr<Machine> Make(MachineOptions options, std::shared_ptr<Engine> engine,
                                       kafka::RecordSink* sink, const Clock& clock,
                                       telemetry::Metrics* metrics);
  ~Machine();

  // Checks the request, produces its events and calls `answered` exactly once, on any thread, at the latest
  // when the deadline (or the machine's own, if earlier) comes. `queued`, if given, is called once before:
  // from then on the next request of a stream may be handed in without overtaking this one.
  void Take(RequestBytes request, Mode mode, std::chrono::system_clock::time_point deadline,
            std::function<void()> queued, std::function<void(Answer)> answered);

  // Waits until Kafka has reported on every record of every request, also of those answered before. The sink
  // must be closed, or still be reporting. False when the bound comes first.
  bool WaitIdle(std::chrono::milliseconds bound);

  // From now on requests are answered with UNAVAILABLE: the process is stopping.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }

  const events::Domain& domain() const { return *options_.domain; }
  // UNAVAILABLE with yk-stopping and RetryInfo.
  google::rpc::Status Stopping() const;

 private:
  friend class Batch;
  Machine(MachineOptions options, std::shared_ptr<Engine> engine, kafka::RecordSink* sink, const Clock& clock,
          telemetry::Metrics* metrics);
  void Process(const std::shared_ptr<Batch>& batch);
  Status Produce(Batch& batch, uint32_t index, events::Record record);
  google::rpc::Status Retriable(StatusCode code, std::string_view id, const std::string& message) const;

  const MachineOptions options_;
  const std::string topic_;
  const std::shared_ptr<Engine> engine_;
  kafka::RecordSink* const sink_;
  const Clock& clock_;
  const std::unique_ptr<Meters> meters_;
  std::atomic<bool> draining_{false};
  std::mutex idle_mutex_;
  std::condition_variable idle_;
  size_t live_batches_ = 0;
};

}  // namespace yokoten::ingest
