// The gateway: one HTTP port for the Connect API of every gRPC service, CloudEvents, the dashboards and
// health.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "gateway/limits.h"
#include "telemetry/metrics.h"

namespace yokoten::gateway {

struct Options {
  std::string listen_address = "127.0.0.1:8080";  // port 0 takes a free one; loopback only
  std::string dashboards_path;                  // folder of the built dashboards; empty: a page that says so
  std::map<std::string, std::string> backends;  // gRPC addresses by target name
  std::string default_backend;                  // gRPC address of every other target
  Limits limits;
  int worker_threads = 8;  // requests read and parsed at once
  int call_threads = 2;    // work on answers of backends
  std::chrono::milliseconds drain{5000};
  std::shared_ptr<telemetry::Metrics> metrics;  // may be null
};

// Start and Stop belong to one thread.
class Gateway {
 public:
  explicit Gateway(Options options);
  // As Stop.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // InvalidArgument: an address that is none or not loopback, a backend of no target. NotFound: no dashboards
  // in their folder. Unavailable: the address is taken. Backends need not be up.
  Status Start();
  // Turns /readyz off, ends live streams with UNAVAILABLE, lets running calls end within `drain`. Idempotent.
  void Stop();

  // "http://127.0.0.1:8080"; empty before Start.
  std::string Url() const;

 private:
  struct Running;
  const Options options_;
  std::unique_ptr<Running> running_;
};

}  // namespace yokoten::gateway
