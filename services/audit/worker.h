// The continuous audit: compares by the clock, tells metrics and log, and repairs what two comparisons found.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "audit/auditor.h"
#include "audit/dead_letters.h"
#include "telemetry/metrics.h"

namespace yokoten::audit {

struct WorkerOptions {
  std::chrono::milliseconds interval{600000};
  bool repair = true;
};

// Start and Stop once each, from one thread.
class Worker {
 public:
  // All must outlive the worker.
  Worker(WorkerOptions options, Auditor& auditor, DeadLetters& letters, telemetry::Metrics& metrics);
  ~Worker() { Stop(); }

  void Start();
  // Ends it after the statement under way.
  void Stop();
  // One round, as the clock's; for tests.
  Status Round();

 private:
  void Loop();

  const WorkerOptions options_;
  Auditor& auditor_;
  DeadLetters& letters_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& open_letters_;
  prometheus::Gauge& last_round_;
  prometheus::Counter& repaired_;
  // What the round before found: the first offset of each partition.
  std::map<aggregator::Source, int64_t> seen_;
  bool look_again_ = false;  // soon, as it may have been under way
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace yokoten::audit
