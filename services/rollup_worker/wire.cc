#include "rollup_worker/wire.h"

#include "app/app.h"
#include "app/neighbours.h"
#include "rollup_worker/worker.h"

namespace yokoten::rollup_worker {
namespace {

using std::chrono::milliseconds;

// The worker with the database client it works through.
class RollupPart final : public app::Part {
 public:
  RollupPart(const config::v1::Config& config, app::App& app, kafka::RecordSink& sink)
      : metrics_(app.metrics()), client_(app::ClickHouseOptionsOf(config)) {
    WorkerOptions options = OptionsOf(config);
    options.group_suffix = clickhouse::GroupSuffix(app.generation());
    options.on_fatal = [&app](const Status& status) { app.ReportFatal(status); };
    worker_ = std::make_unique<Worker>(std::move(options), kpi::Catalogue::Linked(), client_, sink,
                                       app.clock(), *metrics_);
  }
  Status Start() override { return worker_->Start(); }
  void Stop() override { worker_->Stop(); }
  Status Readiness() const { return worker_->Readiness(); }

 private:
  const std::shared_ptr<telemetry::Metrics> metrics_;
  clickhouse::Client client_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace

WorkerOptions OptionsOf(const config::v1::Config& config) {
  const auto& settings = config.rollup();
  return {.bootstrap_servers = config.kafka().bootstrap_servers(),
          .topic_prefix = config.deployment().topic_prefix(),
          .domain_partitions = config.kafka().domain_partitions(),
          .dirty_partitions = config.kafka().dirty_partitions(),
          .replication_factor = config.kafka().replication_factor(),
          .session_timeout = milliseconds(config.kafka().session_timeout_ms()),
          .gather = milliseconds(settings.gather_ms()),
          .touches_max = static_cast<size_t>(settings.touches_max()),
          .sweep_interval = milliseconds(settings.sweep_interval_ms()),
          .pause_factor = settings.pause_factor(),
          .pause_max = milliseconds(settings.pause_max_ms())};
}

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  auto part = std::make_unique<RollupPart>(config, app, *producer);
  app.AddReadiness("rollup", [rollup = part.get()] { return rollup->Readiness(); });
  app.Own("rollup", std::move(part));
  return OkStatus();
}

}  // namespace yokoten::rollup_worker
