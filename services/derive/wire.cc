#include "derive/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "clickhouse/migrate.h"
#include "derive/service.h"
#include "derive/worker.h"
#include "kafka/producer.h"
#include "kafka/tail.h"
#include "kafka/topics.h"
#include "rpc/server.h"

namespace yokoten::derive {
namespace {

class DerivePart final : public app::Part {
 public:
  DerivePart(const config::v1::Config& config, app::App& app, kafka::RecordSink& sink,
             std::unique_ptr<EventLog> log)
      : config_(config),
        metrics_(app.metrics()),
        clickhouse_(app::ClickHouseOptionsOf(config)),
        log_(std::move(log)),
        service_(*log_),
        worker_({std::chrono::milliseconds(config.derive().interval_ms()),
                 std::chrono::milliseconds(config.derive().pause_ms())},
                clickhouse_, sink, Topic(kafka::kDerivedTopic), app.clock(), *metrics_) {}

  Status Start() override {
    YK_RETURN_IF_ERROR(clickhouse::Migrate(clickhouse_));
    YK_RETURN_IF_ERROR(kafka::EnsureTopics(app::TopicOptionsOf(config_)));
    service_.Start();
    YK_ASSIGN_OR_RETURN(published_,
                        kafka::Tail::Start(config_.kafka().bootstrap_servers(), Topic(kafka::kDerivedTopic),
                                           [this](std::string_view) { service_.OnPublished(); }));
    YK_ASSIGN_OR_RETURN(
        changed_, kafka::Tail::Start(config_.kafka().bootstrap_servers(), Topic(kafka::kKpiChangedTopic),
                                     [this](std::string_view value) { worker_.OnChanged(value); }));
    worker_.Start();
    return OkStatus();
  }

  void Stop() override {
    changed_.reset();
    published_.reset();
    worker_.Stop();
    service_.Close();
  }

  DerivedService& service() { return service_; }
  clickhouse::Client& clickhouse() { return clickhouse_; }

 private:
  std::string Topic(std::string_view name) const {
    return config_.deployment().topic_prefix() + std::string(name);
  }

  const config::v1::Config config_;
  const std::shared_ptr<telemetry::Metrics> metrics_;
  clickhouse::Client clickhouse_;
  const std::unique_ptr<EventLog> log_;
  DerivedService service_;
  Worker worker_;
  std::unique_ptr<kafka::Tail> published_, changed_;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  YK_ASSIGN_OR_RETURN(rpc::Server* const server, app.Grpc());
  YK_ASSIGN_OR_RETURN(
      auto log, EventLog::Create(config.kafka().bootstrap_servers(),
                                 config.deployment().topic_prefix() + std::string(kafka::kDerivedTopic)));
  auto part = std::make_unique<DerivePart>(config, app, *producer, std::move(log));
  server->Register(&part->service());
  server->OnDrain([service = &part->service()] { service->Close(); });
  app.AddReadiness("derive", [clickhouse = &part->clickhouse()] { return clickhouse->Ping(); });
  app.Own("derive", std::move(part));
  return OkStatus();
}

}  // namespace yokoten::derive
