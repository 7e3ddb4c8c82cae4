// The thread that runs the rules: by the clock, and soon after figures changed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/status.h"
#include "derive/deriver.h"
#include "telemetry/metrics.h"

namespace yokoten::derive {

struct WorkerOptions {
  // Between two runs over all plants.
  std::chrono::milliseconds interval{60000};
  // Shortest time from one run to the next; at least twice the last run's duration in any case.
  std::chrono::milliseconds pause{5000};
};

class Worker {
 public:
  Worker(WorkerOptions options, clickhouse::Client& clickhouse, kafka::RecordSink& sink, std::string topic,
         const Clock& clock, telemetry::Metrics& metrics);
  ~Worker() { Stop(); }

  void Start();
  void Stop();  // idempotent; ends a run that waits for Kafka
  // A value of the kpi-changed topic: its plant is looked at soon. Thread-safe, does not block.
  void OnChanged(std::string_view value);
  // Why the last run failed; OK before the first.
  Status LastRun() const;

 private:
  void Loop();

  const WorkerOptions options_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  Deriver deriver_;
  prometheus::Counter& runs_;
  prometheus::Counter& failures_;
  prometheus::Family<prometheus::Counter>& published_;
  prometheus::Gauge& seconds_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::string> changed_;
  Status last_;
  std::thread thread_;
};

}  // namespace yokoten::derive
