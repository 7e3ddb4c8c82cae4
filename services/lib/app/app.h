// The frame every target runs in: configuration, clock, metrics, the process's gRPC server and Kafka
// producer, and the order in which parts start and stop.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/generations.h"
#include "telemetry/metrics.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::kafka {
class Producer;
}
namespace yokoten::rpc {
class Server;
}
namespace yokoten::http {
class Server;
}

namespace yokoten::app {

// Something that runs. Start returns when it works (or says why not); Stop drains and returns within a bound.
// Both are called once, from the main thread.
class Part {
 public:
  virtual ~Part() = default;
  virtual Status Start() = 0;
  virtual void Stop() = 0;
};

// Not thread-safe but for Readiness, ReportFatal and metrics: wiring happens on the main thread.
class App {
 public:
  App(config::v1::Config config, std::vector<std::string> targets);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  const config::v1::Config& config() const { return config_; }
  const std::vector<std::string>& targets() const { return targets_; }
  // The generation the process works on; config().clickhouse().database() is its database.
  const clickhouse::Generation& generation() const { return generation_; }
  // The configured database, which keeps what belongs to no generation.
  const std::string& base_database() const { return base_database_; }
  // Before anything is wired; without it the process works on the configured database.
  void SetGeneration(clickhouse::Generation generation, std::string base_database);
  const Clock& clock() const { return SystemClock(); }
  // Prometheus registry of the process.
  std::shared_ptr<telemetry::Metrics> metrics() const { return metrics_; }

  // The process's gRPC server; made at the first call. Register services on it in Wire; it starts after all
  // parts and stops before them.
  Result<rpc::Server*> Grpc();
  // Address of the gRPC server as clients in this process reach it ("127.0.0.1:8090"); known after Start.
  std::string GrpcAddress() const;

  // The process's idempotent Kafka producer; made at the first call, flushed and closed after all parts.
  Result<kafka::Producer*> Producer();

  // Takes a part: parts start in this order and stop in the reverse one. `needs_grpc` parts (the gateway)
  // start after the gRPC server and stop before it.
  void Own(std::string name, std::unique_ptr<Part> part, bool needs_grpc = false);

  // Adds a condition for being ready; `check` is called from any thread and must not block for long.
  void AddReadiness(std::string name, std::function<Status()> check);
  // OK when everything is started and all conditions hold; otherwise says which do not.
  Status Readiness() const;

  // A part can no longer work and says so: the process logs the line, stops cleanly and exits with an error.
  // Thread-safe.
  void ReportFatal(Status status);

  // Another generation is current: the process stops cleanly, to be wired anew. Thread-safe.
  void Rewire();

  // Starts everything in order. On failure stops what was started.
  Status Start();
  // Blocks until SIGTERM or SIGINT, Rewire or ReportFatal. Returns the fatal status, OK for a signal.
  Status WaitForStop();
  // Stops everything in the reverse order. Idempotent.
  void Stop();
  // Whether it was Rewire that ended the wait.
  bool rewire() const { return rewire_; }

 private:
  struct OwnedPart {
    std::string name;
    std::unique_ptr<Part> part;
    bool needs_grpc = false;
    bool started = false;
  };
  Status StartParts(bool needs_grpc);
  void StopParts(bool needs_grpc);
  Status StartMetricsPage();

  const config::v1::Config config_;
  const std::vector<std::string> targets_;
  clickhouse::Generation generation_;
  std::string base_database_;
  std::shared_ptr<telemetry::Metrics> metrics_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<rpc::Server> grpc_;
  std::vector<OwnedPart> parts_;
  std::vector<std::pair<std::string, std::function<Status()>>> readiness_;
  std::unique_ptr<http::Server> metrics_page_;
  std::atomic<bool> started_{false};
  bool grpc_started_ = false;
  bool rewire_ = false;
  mutable std::mutex fatal_mutex_;
  Status fatal_;
};

// One line of the target table.
struct Target {
  std::string_view name;  // as --target= takes it
  std::string_view kind;  // "gRPC ingest", "consumer", "gRPC query", "HTTP"
  std::string_view job;   // one line
  Status (*wire)(const config::v1::Config&, App&);
  bool in_all = true;        // whether --target=all runs it (everything but the warehouse)
  bool reads_facts = false;  // whether it works on a generation of facts and figures
};

// Runs `yokoten serve` with the targets chosen from the table: wires, starts, waits, stops. Returns the
// process's exit code and logs one line that says why when it is not 0.
int Serve(const std::vector<Target>& table, const std::vector<std::string>& chosen,
          const config::v1::Config& config);

// The table as text, one line a target.
std::string TargetTable(const std::vector<Target>& table);

}  // namespace yokoten::app
