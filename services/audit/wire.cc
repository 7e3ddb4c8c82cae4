#include "audit/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "audit/service.h"
#include "audit/worker.h"
#include "clickhouse/migrate.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "rpc/server.h"

namespace yokoten::audit {
namespace {

class AuditPart final : public app::Part {
 public:
  AuditPart(const config::v1::Config& config, app::App& app, kafka::RecordSink& sink)
      : config_(config),
        metrics_(app.metrics()),
        sink_(sink),
        clock_(app.clock()),
        clickhouse_(app::ClickHouseOptionsOf(config)) {}

  Status Connect() {
    const std::string& prefix = config_.deployment().topic_prefix();
    YK_ASSIGN_OR_RETURN(auditor_,
                        Auditor::Create(config_.kafka().bootstrap_servers(), prefix, clickhouse_, sink_));
    letters_ = std::make_unique<DeadLetters>(prefix, clickhouse_, sink_, *auditor_, clock_);
    service_ = std::make_unique<AuditService>(*auditor_, *letters_);
    worker_ = std::make_unique<Worker>(
        WorkerOptions{std::chrono::milliseconds(config_.audit().interval_ms()), config_.audit().repair()},
        *auditor_, *letters_, *metrics_);
    return OkStatus();
  }

  Status Start() override {
    YK_RETURN_IF_ERROR(clickhouse::Migrate(clickhouse_));
    YK_RETURN_IF_ERROR(kafka::EnsureTopics(app::TopicOptionsOf(config_)));
    worker_->Start();
    return OkStatus();
  }
  void Stop() override { worker_->Stop(); }

  AuditService& service() { return *service_; }
  clickhouse::Client& clickhouse() { return clickhouse_; }

 private:
  const config::v1::Config config_;
  const std::shared_ptr<telemetry::Metrics> metrics_;
  kafka::RecordSink& sink_;
  const Clock& clock_;
  clickhouse::Client clickhouse_;
  std::unique_ptr<Auditor> auditor_;
  std::unique_ptr<DeadLetters> letters_;
  std::unique_ptr<AuditService> service_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  YK_ASSIGN_OR_RETURN(rpc::Server* const server, app.Grpc());
  auto part = std::make_unique<AuditPart>(config, app, *producer);
  YK_RETURN_IF_ERROR(part->Connect());
  server->Register(&part->service());
  app.AddReadiness("audit", [clickhouse = &part->clickhouse()] { return clickhouse->Ping(); });
  app.Own("audit", std::move(part));
  return OkStatus();
}

}  // namespace yokoten::audit
