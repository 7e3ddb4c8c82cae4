// What the aggregator counts.
#pragma once

#include <string>

#include "telemetry/metrics.h"

namespace yokoten::aggregator {

// Thread-safe; the registry must outlive it.
class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);

  prometheus::Counter& records;
  prometheus::Counter& batches;
  prometheus::Counter& retries;
  prometheus::Counter& identity_changes;
  prometheus::Gauge& identity_waiting;
  prometheus::Gauge& halted;
  prometheus::Gauge& lag;
  prometheus::Histogram& batch_seconds;
  prometheus::Histogram& batch_records;
  // Dead letters by reason (an error id).
  prometheus::Counter& DeadLetters(const std::string& reason);

 private:
  prometheus::Family<prometheus::Counter>& dead_letters_;
};

}  // namespace yokoten::aggregator
