// What the gateway counts: requests by route and outcome, their duration, open live streams.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "telemetry/metrics.h"

namespace yokoten::gateway {

// Thread-safe.
class RequestMetrics {
 public:
  // `registry` may be null: then nothing is counted.
  explicit RequestMetrics(std::shared_ptr<telemetry::Metrics> registry);

  // `route` is a method's path or a fixed word, never text a client made up. `code` is a Connect code name or
  // "ok".
  void Count(std::string_view route, std::string_view code, std::chrono::steady_clock::duration took);
  void StreamOpened();
  void StreamClosed();

 private:
  std::shared_ptr<telemetry::Metrics> registry_;
  prometheus::Family<prometheus::Counter>* requests_ = nullptr;
  prometheus::Family<prometheus::Histogram>* seconds_ = nullptr;
  prometheus::Gauge* streams_ = nullptr;
};

}  // namespace yokoten::gateway
