#include "aggregator/wire.h"

#include "aggregator/aggregator.h"
#include "app/app.h"
#include "app/neighbours.h"

namespace yokoten::aggregator {
namespace {

using std::chrono::milliseconds;

// The aggregator with the database client it works through.
class AggregatorPart final : public app::Part {
 public:
  AggregatorPart(const config::v1::Config& config, app::App& app, kafka::RecordSink& sink)
      : metrics_(app.metrics()), client_(app::ClickHouseOptionsOf(config)) {
    AggregatorOptions options = OptionsOf(config);
    options.group_suffix = clickhouse::GroupSuffix(app.generation());
    options.on_fatal = [&app](const Status& status) { app.ReportFatal(status); };
    aggregator_ = std::make_unique<Aggregator>(std::move(options), client_, sink, *metrics_);
  }
  Status Start() override { return aggregator_->Start(); }
  void Stop() override { aggregator_->Stop(); }
  Status Readiness() const { return aggregator_->Readiness(); }

 private:
  const std::shared_ptr<telemetry::Metrics> metrics_;
  clickhouse::Client client_;
  std::unique_ptr<Aggregator> aggregator_;
};

}  // namespace

AggregatorOptions OptionsOf(const config::v1::Config& config) {
  const auto& settings = config.aggregator();
  return {.bootstrap_servers = config.kafka().bootstrap_servers(),
          .topic_prefix = config.deployment().topic_prefix(),
          .domain_partitions = config.kafka().domain_partitions(),
          .dirty_partitions = config.kafka().dirty_partitions(),
          .replication_factor = config.kafka().replication_factor(),
          .session_timeout = milliseconds(config.kafka().session_timeout_ms()),
          .batch_records_max = static_cast<size_t>(settings.batch_records_max()),
          .batch_bytes_max = static_cast<size_t>(settings.batch_bytes_max()),
          .batch_age = milliseconds(settings.batch_age_ms()),
          .identity_interval = milliseconds(settings.identity_interval_ms()),
          .dead_letter_percent_max = settings.dead_letter_percent_max(),
          .dead_letter_window = static_cast<size_t>(settings.dead_letter_window())};
}

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  auto part = std::make_unique<AggregatorPart>(config, app, *producer);
  app.AddReadiness("aggregator", [aggregator = part.get()] { return aggregator->Readiness(); });
  app.Own("aggregator", std::move(part));
  return OkStatus();
}

}  // namespace yokoten::aggregator
