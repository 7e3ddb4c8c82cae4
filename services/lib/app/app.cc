#include "app/app.h"

#include <csignal>
#include <cstring>

#include "app/neighbours.h"
#include "http/server.h"
#include "kafka/producer.h"
#include "rpc/server.h"
#include "telemetry/log.h"

namespace yokoten::app {
namespace {

constexpr std::chrono::seconds kMetricsDrain{1};
// Another generation is current. A signal of its own, so that a stop that is asked for meanwhile is not lost
// in it.
constexpr int kRewire = SIGUSR1;

// Signals are blocked in every thread and fetched by the main thread alone, so that no handler runs anywhere.
sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, kRewire);
  return set;
}

}  // namespace

App::App(config::v1::Config config, std::vector<std::string> targets)
    : config_(std::move(config)),
      targets_(std::move(targets)),
      generation_(clickhouse::GenerationOf(config_.clickhouse().database(), 1)),
      base_database_(config_.clickhouse().database()),
      metrics_(std::make_shared<telemetry::Metrics>()) {}

App::~App() { Stop(); }

void App::SetGeneration(clickhouse::Generation generation, std::string base_database) {
  generation_ = std::move(generation);
  base_database_ = std::move(base_database);
}

Result<rpc::Server*> App::Grpc() {
  if (!grpc_) {
    rpc::ServerOptions options;
    options.listen_address = config_.grpc().listen_address();
    options.max_deadline = std::chrono::milliseconds(config_.grpc().max_deadline_ms());
    YK_ASSIGN_OR_RETURN(grpc_, rpc::Server::Create(options));
  }
  return grpc_.get();
}

std::string App::GrpcAddress() const {
  return grpc_started_ ? grpc_->BoundAddress() : config_.grpc().listen_address();
}

Result<kafka::Producer*> App::Producer() {
  if (!producer_) {
    const auto& k = config_.kafka();
    kafka::ProducerOptions options;
    options.bootstrap_servers = k.bootstrap_servers();
    options.linger = std::chrono::milliseconds(k.linger_ms());
    options.queue_kib = k.producer_queue_kib();
    options.delivery_timeout = std::chrono::milliseconds(k.delivery_timeout_ms());
    YK_ASSIGN_OR_RETURN(producer_, kafka::Producer::Create(options));
  }
  return producer_.get();
}

void App::Own(std::string name, std::unique_ptr<Part> part, bool needs_grpc) {
  parts_.push_back({std::move(name), std::move(part), needs_grpc, false});
}

void App::AddReadiness(std::string name, std::function<Status()> check) {
  readiness_.emplace_back(std::move(name), std::move(check));
}

Status App::Readiness() const {
  if (!started_) return Unavailable("still starting");
  std::string text;
  for (const auto& [name, check] : readiness_) {
    if (const Status status = check(); !status.ok())
      text += (text.empty() ? "" : "; ") + name + ": " + Message(status);
  }
  return text.empty() ? OkStatus() : Unavailable(text);
}

void App::ReportFatal(Status status) {
  {
    const std::lock_guard lock(fatal_mutex_);
    if (!fatal_.ok()) return;
    fatal_ = std::move(status);
  }
  // Wakes the main thread out of sigwait; the fatal status tells it that nobody asked for the stop.
  kill(getpid(), SIGTERM);
}

void App::Rewire() { kill(getpid(), kRewire); }

Status App::StartParts(bool needs_grpc) {
  for (auto& owned : parts_) {
    if (owned.needs_grpc != needs_grpc) continue;
    if (const Status status = owned.part->Start(); !status.ok()) {
      return MakeStatus(status.code(), owned.name + " did not start: " + Message(status));
    }
    owned.started = true;
  }
  return OkStatus();
}

void App::StopParts(bool needs_grpc) {
  for (auto it = parts_.rbegin(); it != parts_.rend(); ++it) {
    if (it->needs_grpc != needs_grpc || !it->started) continue;
    it->started = false;
    it->part->Stop();
  }
}

Status App::StartMetricsPage() {
  const std::string& address = config_.metrics().listen_address();
  if (address.empty()) return OkStatus();
  YK_ASSIGN_OR_RETURN(const auto bind, SplitAddress(address, "metrics.listen_address"));
  http::ServerOptions options;
  options.address = bind.host;
  options.port = bind.port;
  options.worker_threads = 1;
  options.max_connections = 64;
  auto handler = [this](http::Request& request, const std::shared_ptr<http::Response>& response) {
    const http::Headers text{{"Content-Type", "text/plain; charset=utf-8"}};
    if (request.path == "/metrics") {
      (void)response->Send(200, {{"Content-Type", "text/plain; version=0.0.4"}},
                           telemetry::Exposition(*metrics_));
    } else if (request.path == "/healthz") {
      (void)response->Send(200, text, "ok\n");
    } else if (request.path == "/readyz") {
      const Status status = Readiness();
      (void)response->Send(status.ok() ? 200 : 503, text, status.ok() ? "ready\n" : Message(status) + "\n");
    } else {
      (void)response->Send(404, text, "there are /metrics, /healthz and /readyz\n");
    }
  };
  auto server = http::Server::Start(options, handler);
  if (!server.ok()) {
    return MakeStatus(
        server.status().code(),
        Message(server.status()) + "; set metrics.listen_address to a free port, or to \"\" for none");
  }
  metrics_page_ = std::move(*server);
  log::Info("app", "metrics and health at {}", metrics_page_->Url());
  return OkStatus();
}

Status App::Start() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Status status = StartMetricsPage();
  if (status.ok()) status = StartParts(false);
  if (status.ok() && grpc_) {
    status = grpc_->Start();
    grpc_started_ = status.ok();
    if (status.ok()) log::Info("app", "gRPC at {}", grpc_->BoundAddress());
  }
  if (status.ok()) status = StartParts(true);
  if (!status.ok()) {
    Stop();
    return status;
  }
  started_ = true;
  return OkStatus();
}

Status App::WaitForStop() {
  const sigset_t set = StopSignals();
  int signal = 0;
  sigwait(&set, &signal);
  const std::lock_guard lock(fatal_mutex_);
  rewire_ = signal == kRewire && fatal_.ok();
  if (fatal_.ok() && !rewire_) log::Info("app", "{}: stopping", strsignal(signal));
  return fatal_;
}

void App::Stop() {
  started_ = false;
  StopParts(true);
  if (grpc_started_) {
    grpc_started_ = false;
    grpc_->Stop();
  }
  StopParts(false);
  if (producer_) producer_->Close();
  if (metrics_page_) metrics_page_->Stop(kMetricsDrain);
  metrics_page_.reset();
}

}  // namespace yokoten::app
