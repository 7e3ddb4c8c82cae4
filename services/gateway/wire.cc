// See wire.h.
#include "gateway/wire.h"

#include <memory>
#include <utility>

#include "gateway/gateway.h"
#include "telemetry/log.h"

namespace yokoten::gateway {

namespace {

class GatewayPart final : public app::Part {
 public:
  GatewayPart(Options options, app::App& app) : options_(std::move(options)), app_(app) {}

  Status Start() override {
    // Only now the port of the process's own gRPC server is known.
    options_.default_backend = app_.GrpcAddress();
    gateway_ = std::make_unique<Gateway>(options_);
    YK_RETURN_IF_ERROR(gateway_->Start());
    log::Info("gateway", "serves {}, gRPC services at {}", gateway_->Url(), options_.default_backend);
    return OkStatus();
  }
  void Stop() override {
    if (gateway_ != nullptr) gateway_->Stop();
  }

 private:
  Options options_;
  app::App& app_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  Options options;
  options.listen_address = config.gateway().listen_address();
  options.dashboards_path = config.gateway().dashboards_path();
  for (const auto& [target, address] : config.gateway().backends()) options.backends.emplace(target, address);
  options.limits.streams_max = config.gateway().streams_max();
  options.limits.event_bytes_max = static_cast<size_t>(config.ingest().event_bytes_max());
  options.limits.body_bytes_max = static_cast<size_t>(config.ingest().batch_bytes_max());
  options.limits.batch_events_max = static_cast<size_t>(config.ingest().batch_events_max());
  options.limits.call_time_max = std::chrono::milliseconds(config.grpc().max_deadline_ms());
  options.metrics = app.metrics();
  app.Own("gateway", std::make_unique<GatewayPart>(std::move(options), app), /*needs_grpc=*/true);
  return OkStatus();
}

}  // namespace yokoten::gateway
