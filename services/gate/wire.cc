#include "gate/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "clickhouse/migrate.h"
#include "gate/service.h"
#include "kafka/topics.h"
#include "rpc/server.h"

namespace yokoten::gate {
namespace {

class GatePart final : public app::Part {
 public:
  GatePart(const config::v1::Config& config, app::App& app)
      : config_(config),
        metrics_(app.metrics()),
        clickhouse_(app::ClickHouseOptionsOf(config)),
        keeper_(
            {config.kafka().bootstrap_servers(), config.deployment().topic_prefix(),
             clickhouse::GroupSuffix(app.generation()), std::chrono::milliseconds(config.gate().gather_ms()),
             std::chrono::milliseconds(config.gate().refresh_ms()),
             std::chrono::milliseconds(config.gate().stale_max_ms())},
            clickhouse_, app.clock(), *metrics_),
        service_(keeper_, app.clock()) {}

  Status Start() override {
    YK_RETURN_IF_ERROR(clickhouse::Migrate(clickhouse_));
    YK_RETURN_IF_ERROR(kafka::EnsureTopics(app::TopicOptionsOf(config_)));
    return keeper_.Start();
  }
  void Stop() override { keeper_.Stop(); }

  GateService& service() { return service_; }
  const Keeper& keeper() const { return keeper_; }

 private:
  const config::v1::Config config_;
  const std::shared_ptr<telemetry::Metrics> metrics_;
  clickhouse::Client clickhouse_;
  Keeper keeper_;
  GateService service_;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(rpc::Server* const server, app.Grpc());
  auto part = std::make_unique<GatePart>(config, app);
  server->Register(&part->service());
  app.AddReadiness("gate", [keeper = &part->keeper()] { return keeper->Level(); });
  app.Own("gate", std::move(part));
  return OkStatus();
}

}  // namespace yokoten::gate
