// What an ingest target counts.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "telemetry/metrics.h"

namespace yokoten::ingest {

// Thread-safe.
class Meters {
 public:
  // Without metrics nothing is counted.
  Meters(telemetry::Metrics* metrics, std::string target);

  // One event's fate: outcome "accepted", "rejected" or "retry"; reason an error id or "".
  void Event(std::string_view outcome, std::string_view reason, uint64_t n = 1);
  // One answered request: outcome "ok" or the error id of the failed call.
  void Request(std::string_view method, std::string_view outcome, std::chrono::nanoseconds took,
               size_t bytes);
  void Inflight(size_t bytes);

 private:
  telemetry::Metrics* const metrics_;
  const std::string target_;
  prometheus::Family<prometheus::Counter>* events_ = nullptr;
  prometheus::Family<prometheus::Counter>* requests_ = nullptr;
  prometheus::Family<prometheus::Histogram>* seconds_ = nullptr;
  prometheus::Counter* bytes_ = nullptr;
  prometheus::Gauge* inflight_ = nullptr;
};

}  // namespace yokoten::ingest
