// /readyz: whether every service the gateway stands for is SERVING, asked with gRPC's health service.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/backend_calls.h"
#include "gateway/catalog.h"
#include "http/server.h"

namespace yokoten::gateway {

// Thread-safe. The arguments must outlive it and every call it started.
class Readiness {
 public:
  Readiness(const Catalog* catalog, BackendCalls* calls) : catalog_(*catalog), calls_(*calls) {}

  // 200 {"ready":true,"services":[...]} or 503 with what is not ready and why. Asks the backends at most
  // every half second; in between the last answer holds.
  void Handle(const std::shared_ptr<http::Response>& response);
  // From now on not ready: the gateway is stopping.
  void Drain();

 private:
  struct Round;
  void Finish(const std::shared_ptr<Round>& round);
  void Answer(const std::shared_ptr<http::Response>& response, bool ready, const std::string& body);

  const Catalog& catalog_;
  BackendCalls& calls_;
  std::mutex mutex_;
  bool draining_ = false;
  bool asking_ = false;
  bool ready_ = false;
  std::string body_;
  std::chrono::steady_clock::time_point asked_{};
  std::vector<std::shared_ptr<http::Response>> waiting_;  // for the round under way
};

}  // namespace yokoten::gateway
