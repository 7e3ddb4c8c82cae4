#include "rebuild/rebuild.h"

#include <algorithm>

#include "aggregator/identity_pass.h"
#include "app/neighbours.h"
#include "base/wait.h"
#include "clickhouse/migrate.h"
#include "kafka/topics.h"
#include "kpi/catalogue.h"
#include "rebuild/feed.h"

namespace yokoten::rebuild {
namespace {

// A generation that comes no closer to the log's end for so long has nobody who feeds it, or has halted.
constexpr std::chrono::seconds kPatience{300};
constexpr std::chrono::milliseconds kAnswer{10000};
// Statements over whole tables.
constexpr std::chrono::hours kLong{6};
// Of the configured database, what belongs to no generation.
constexpr char kBaseTables[] =
    "('current_generation', 'schema_migration', 'person_directory', 'backup_position')";

// Which facts count, before any figure is made of them: nobody has to be told.
Status JudgeUntold(clickhouse::Client& client, kafka::RecordSink& nowhere, const std::string& prefix) {
  prometheus::Counter changes;
  prometheus::Gauge waiting;
  aggregator::IdentityPass pass({.dirty_topic = prefix + std::string(kafka::kDirtyTopic)}, client, nowhere,
                                changes, waiting);
  return pass.Run(true);
}

}  // namespace

Rebuilder::Rebuilder(const config::v1::Config& config, std::function<void(const std::string&)> say)
    : config_(config), base_(config.clickhouse().database()), say_(std::move(say)) {}

Rebuilder::~Rebuilder() { follower_.reset(); }

std::unique_ptr<clickhouse::Client> Rebuilder::ClientOf(const std::string& database) const {
  clickhouse::ClientOptions options = app::ClickHouseOptionsOf(config_);
  options.database = database;
  options.timeout = std::max<std::chrono::milliseconds>(options.timeout, std::chrono::minutes(30));
  return std::make_unique<clickhouse::Client>(std::move(options));
}

Result<std::unique_ptr<Rebuilder>> Rebuilder::Open(const config::v1::Config& config,
                                                   std::function<void(const std::string&)> say) {
  std::unique_ptr<Rebuilder> own(new Rebuilder(config, std::move(say)));
  own->base_client_ = own->ClientOf(own->base_);
  YK_RETURN_IF_ERROR(clickhouse::Migrate(*own->base_client_));
  YK_ASSIGN_OR_RETURN(own->current_, clickhouse::CurrentGeneration(*own->base_client_, own->base_));
  own->current_client_ = own->ClientOf(own->current_.database);
  YK_ASSIGN_OR_RETURN(own->current_positions_, Positions::Create(config, own->current_));
  const auto& kafka = config.kafka();
  YK_ASSIGN_OR_RETURN(
      own->producer_,
      kafka::Producer::Create({.bootstrap_servers = kafka.bootstrap_servers(),
                               .delivery_timeout = std::chrono::milliseconds(kafka.delivery_timeout_ms())}));
  return own;
}

Result<std::vector<Listed>> Rebuilder::List() {
  YK_ASSIGN_OR_RETURN(const auto generations, clickhouse::Generations(*base_client_, base_));
  std::vector<Listed> listed;
  for (const clickhouse::Generation& generation : generations) {
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        base_client_->Select(
            "SELECT sumIf(rows, table = 'archive') AS records, sum(bytes_on_disk) AS bytes FROM "
            "system.parts WHERE active AND database = {database:String}",
            {.parameters = {{"database", clickhouse::EscapeParameter(generation.database)}}}));
    listed.push_back({generation, generation == current_, rows.UInt(0, "records"), rows.UInt(0, "bytes")});
  }
  return listed;
}

Result<clickhouse::Generation> Rebuilder::Find(uint64_t number) {
  YK_ASSIGN_OR_RETURN(const auto generations, clickhouse::Generations(*base_client_, base_));
  std::string numbers;
  for (const clickhouse::Generation& generation : generations) {
    if (generation.number == number) return generation;
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(generation.number);
  }
  return NotFound("there is no generation " + std::to_string(number) + "; there are " + numbers);
}

Status Rebuilder::ForgetGroups(const clickhouse::Generation& generation) {
  const std::string& brokers = config_.kafka().bootstrap_servers();
  const std::string& prefix = config_.deployment().topic_prefix();
  const std::string suffix = clickhouse::GroupSuffix(generation);
  const auto forget = [&](std::string_view group, const std::vector<std::string>& topics) -> Status {
    const std::string name = prefix + std::string(group) + suffix;
    YK_ASSIGN_OR_RETURN(const auto reader, kafka::OffsetReader::Create(brokers, name));
    YK_ASSIGN_OR_RETURN(const auto partitions, reader->Partitions(topics, kAnswer));
    return kafka::ForgetOffsets(brokers, name, partitions, kAnswer);
  };
  YK_RETURN_IF_ERROR(forget(kafka::kAggregatorGroup, kafka::DomainTopics(prefix)));
  return forget(kafka::kRollupGroup, {prefix + std::string(kafka::kDirtyTopic)});
}

Result<clickhouse::Generation> Rebuilder::Begin() {
  YK_ASSIGN_OR_RETURN(const auto generations, clickhouse::Generations(*base_client_, base_));
  const auto generation =
      clickhouse::GenerationOf(base_, generations.empty() ? 2 : generations.back().number + 1);
  YK_RETURN_IF_ERROR(ForgetGroups(generation));
  const auto client = ClientOf(generation.database);
  YK_RETURN_IF_ERROR(clickhouse::Migrate(*client));
  say_("generation " + std::to_string(generation.number) + " begins, database " + generation.database);
  return generation;
}

Result<bool> Rebuilder::HasFigures(clickhouse::Client& client) const {
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows,
                      client.Select("SELECT count() AS n FROM (SELECT 1 FROM kpi_cell LIMIT 1)"));
  return rows.UInt(0, "n") > 0;
}

Status Rebuilder::BringLevel(const clickhouse::Generation& generation, bool from_kafka) {
  if (generation == current_)
    return InvalidArgument("generation " + std::to_string(generation.number) + " is the current one");
  follower_.reset();
  target_ = generation;
  target_client_ = ClientOf(generation.database);
  YK_RETURN_IF_ERROR(clickhouse::Migrate(*target_client_));
  YK_ASSIGN_OR_RETURN(target_positions_, Positions::Create(config_, target_));
  const std::string& prefix = config_.deployment().topic_prefix();

  // As long as nothing is computed, its first sweep will compute everything; touches would only be in the way
  // of the current generation.
  YK_ASSIGN_OR_RETURN(const bool has_figures, HasFigures(*target_client_));
  std::set<std::string> told;
  if (has_figures) told.insert(prefix + std::string(kafka::kDirtyTopic));
  PartialSink touches(*producer_, told);
  YK_RETURN_IF_ERROR(TakeEpochs(*current_client_, *target_client_));
  if (!from_kafka) {
    int64_t percent = -1;
    FeedOptions options{
        .topic_prefix = prefix, .on_progress = [&](int64_t done, int64_t all) {
          const int64_t now = all == 0 ? 100 : done * 100 / all;
          if (now / 10 == percent / 10 && percent >= 0) return;
          percent = now;
          say_(std::to_string(done) + " of " + std::to_string(all) + " records of the archive stored");
        }};
    YK_RETURN_IF_ERROR(Feed(*current_client_, *target_client_, touches, options).status());
  }
  if (!has_figures) {
    if (!from_kafka) YK_RETURN_IF_ERROR(JudgeUntold(*target_client_, touches, prefix));
    if (from_kafka) {
      say_("reading what Kafka has");
      Follower facts(Follower::Kind::kFactsUntold, config_, target_, *target_client_, *producer_);
      YK_RETURN_IF_ERROR(facts.Start());
      YK_RETURN_IF_ERROR(facts.WaitLevel(*target_positions_, nullptr, kPatience));
    }
    // Touches from here on are its own to answer.
    YK_ASSIGN_OR_RETURN(const kafka::Offsets ends, target_positions_->DirtyEnds());
    YK_RETURN_IF_ERROR(kafka::SetOffsets(config_.kafka().bootstrap_servers(),
                                         target_positions_->rollup_group(), ends, kAnswer));
  }
  say_("computing figures and taking in what has come meanwhile");
  follower_ =
      std::make_unique<Follower>(Follower::Kind::kWhole, config_, target_, *target_client_, *producer_);
  YK_RETURN_IF_ERROR(follower_->Start());
  YK_RETURN_IF_ERROR(follower_->WaitLevel(*target_positions_, nullptr, kPatience));
  say_("generation " + std::to_string(target_.number) + " is level");
  return OkStatus();
}

Result<Comparison> Rebuilder::CompareWithCurrent(const CompareScope& scope) {
  const auto level = [this]() -> Status {
    // The services judge ids at intervals.
    Wait(2 * std::chrono::milliseconds(config_.aggregator().identity_interval_ms()));
    return follower_->WaitLevel(*target_positions_, current_positions_.get(), kPatience);
  };
  return Compare(*current_client_, *target_client_, kpi::Catalogue::Linked(), scope, level);
}

Status Rebuilder::Switch() {
  follower_.reset();
  const std::string from = clickhouse::QuoteIdentifier(current_.database) + ".";
  const clickhouse::Params patient{.timeout = kLong};
  // What was told of closed months stays what was told: a rebuild knows the last word alone. A row counts
  // from the version of its month's figure on, which the generations reached by different steps.
  YK_RETURN_IF_ERROR(target_client_->Execute("TRUNCATE TABLE kpi_restatement"));
  YK_RETURN_IF_ERROR(
      target_client_->Execute("INSERT INTO kpi_restatement SELECT r.* REPLACE (if(c.stored = 0, r.version, "
                              "least(r.version, c.stored)) AS "
                              "version) FROM (SELECT * FROM " +
                                  from +
                                  "kpi_restatement FINAL) AS r LEFT JOIN (SELECT kpi, definition, plant, "
                                  "day AS month, max(version) AS stored FROM kpi_cell WHERE grain = 'm' AND "
                                  "level = 'plant' AND workshop = '' AND "
                                  "line = '' GROUP BY kpi, definition, plant, month) AS c ON c.kpi = r.kpi "
                                  "AND c.definition = r.definition AND "
                                  "c.plant = r.plant AND c.month = r.month",
                              patient));
  // So is what was published.
  YK_RETURN_IF_ERROR(target_client_->Execute(
      "INSERT INTO derived_state SELECT * FROM " + from + "derived_state FINAL", patient));
  YK_RETURN_IF_ERROR(clickhouse::SwitchTo(*base_client_, base_, target_));
  say_("generation " + std::to_string(target_.number) + " is current; services go on there within seconds");
  return OkStatus();
}

Status Rebuilder::Drop(const clickhouse::Generation& generation) {
  if (generation == current_) {
    return FailedPrecondition("generation " + std::to_string(generation.number) +
                              " is the current one; switch to another first");
  }
  if (follower_ && generation == target_) follower_.reset();
  if (generation.number == 1) {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows tables,
                        base_client_->Select(std::string("SELECT name FROM system.tables WHERE database = "
                                                         "{base:String} AND name NOT IN ") +
                                                 kBaseTables,
                                             {.parameters = {{"base", clickhouse::EscapeParameter(base_)}}}));
    for (const std::string& name : tables.Texts("name"))
      YK_RETURN_IF_ERROR(base_client_->Execute("TRUNCATE TABLE " + clickhouse::QuoteIdentifier(name)));
  } else {
    YK_RETURN_IF_ERROR(
        base_client_->Execute("DROP DATABASE IF EXISTS " + clickhouse::QuoteIdentifier(generation.database)));
  }
  return ForgetGroups(generation);
}

}  // namespace yokoten::rebuild
