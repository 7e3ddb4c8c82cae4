#include "insight/wire.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "app/config.h"
#include "app/neighbours.h"
#include "clickhouse/migrate.h"
#include "events/identity.h"
#include "events/registry.h"
#include "insight/admin.h"
#include "insight/loop/service.h"
#include "insight/service.h"
#include "kafka/tail.h"
#include "kafka/topics.h"
#include "kpi/fact_sql.h"
#include "rpc/server.h"
#include "telemetry/log.h"

namespace yokoten::insight {
namespace {

// Everything the two services share, in the order it is made.
class Insight final : public app::Part {
 public:
  Insight(const config::v1::Config& config, const app::App& app)
      : config_(config),
        clock_(app.clock()),
        group_suffix_(clickhouse::GroupSuffix(app.generation())),
        clickhouse_(app::ClickHouseOptionsOf(config)),
        base_(BaseOptions(config, app)),
        targets_(app.targets()) {}

  Status Connect() {
    const auto& registry = events::Registry::Linked();
    PositionsOptions options;
    options.bootstrap_servers = config_.kafka().bootstrap_servers();
    options.topic_prefix = config_.deployment().topic_prefix();
    for (const auto& domain : registry.domains()) {
      options.domain_topics.push_back(domain.topic);
      if (std::all_of(domain.types.begin(), domain.types.end(),
                      [](const auto* type) { return kpi::IsRestricted(type->short_name); })) {
        options.untold_topics.insert(domain.topic);
      }
    }
    options.dirty_topic = std::string(kafka::kDirtyTopic);
    options.aggregator_group = options.topic_prefix + std::string(kafka::kAggregatorGroup) + group_suffix_;
    options.rollup_group = options.topic_prefix + std::string(kafka::kRollupGroup) + group_suffix_;
    options.simulated = config_.deployment().simulated();
    YK_ASSIGN_OR_RETURN(positions_, Positions::Create(std::move(options), clickhouse_, clock_));
    const auto& catalogue = kpi::Catalogue::Linked();
    watch_ = std::make_unique<WatchHub>(*positions_, catalogue);
    frozen_ = std::make_unique<Frozen>(
        catalogue, clickhouse_, [this] { return events::FromTimestamp(positions_->Now().complete_until()); });
    insight_ = std::make_unique<InsightService>(
        catalogue, Figures(catalogue, clickhouse_, clock_, frozen_.get()),
        Facts(catalogue, registry, clickhouse_, clock_), clickhouse_, *positions_, *watch_, clock_,
        std::chrono::milliseconds(config_.insight().token_wait_ms()), *frozen_,
        config_.insight().as_of_max());
    loop_ = std::make_unique<LoopService>(clickhouse_, *positions_, clock_,
                                          std::chrono::milliseconds(config_.insight().token_wait_ms()));
    admin_ = std::make_unique<AdminService>(
        ProcessFacts{YOKOTEN_VERSION, targets_, app::EffectiveConfigText(config_), app::ConfigHash(config_),
                     config_.deployment().simulated()},
        clickhouse_, base_, *positions_, clock_);
    return OkStatus();
  }

  Status Start() override {
    YK_RETURN_IF_ERROR(clickhouse::Migrate(clickhouse_));
    YK_RETURN_IF_ERROR(kafka::EnsureTopics(app::TopicOptionsOf(config_)));
    YK_ASSIGN_OR_RETURN(
        tail_, kafka::Tail::Start(config_.kafka().bootstrap_servers(),
                                  config_.deployment().topic_prefix() + std::string(kafka::kKpiChangedTopic),
                                  [this](std::string_view value) { watch_->OnChanged(value); }));
    heart_ = std::thread([this] { Beat(); });
    return OkStatus();
  }

  void Stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (heart_.joinable()) heart_.join();
    tail_.reset();
  }

  grpc::Service* insight() { return insight_.get(); }
  grpc::Service* loop() { return loop_.get(); }
  grpc::Service* admin() { return admin_.get(); }
  WatchHub& watch() { return *watch_; }
  clickhouse::Client& clickhouse() { return clickhouse_; }

 private:
  static clickhouse::ClientOptions BaseOptions(const config::v1::Config& config, const app::App& app) {
    clickhouse::ClientOptions options = app::ClickHouseOptionsOf(config);
    options.database = app.base_database();
    return options;
  }

  void Beat() {
    std::unique_lock lock(mutex_);
    const std::chrono::milliseconds interval(config_.insight().watch_heartbeat_ms());
    while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
      lock.unlock();
      watch_->Heartbeat();
      lock.lock();
    }
  }

  const config::v1::Config config_;
  const Clock& clock_;
  const std::string group_suffix_;
  clickhouse::Client clickhouse_;
  clickhouse::Client base_;  // whose directory of persons outlives generations
  const std::vector<std::string> targets_;
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<WatchHub> watch_;
  std::unique_ptr<Frozen> frozen_;
  std::unique_ptr<InsightService> insight_;
  std::unique_ptr<LoopService> loop_;
  std::unique_ptr<AdminService> admin_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread heart_;
  std::unique_ptr<kafka::Tail> tail_;  // last: it calls into the others
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  auto insight = std::make_unique<Insight>(config, app);
  YK_RETURN_IF_ERROR(insight->Connect());
  YK_ASSIGN_OR_RETURN(rpc::Server * server, app.Grpc());
  server->Register(insight->insight());
  server->Register(insight->loop());
  server->Register(insight->admin());
  server->OnDrain([watch = &insight->watch()] { watch->Close(); });
  app.AddReadiness("insight", [clickhouse = &insight->clickhouse()] { return clickhouse->Ping(); });
  app.Own("insight", std::move(insight));
  return OkStatus();
}

}  // namespace yokoten::insight
