#include "rebuild/follower.h"

#include <algorithm>

#include "aggregator/wire.h"
#include "base/wait.h"
#include "kafka/topics.h"
#include "rollup_worker/wire.h"

namespace yokoten::rebuild {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kPause{200};

std::string DirtyTopic(const std::string& prefix) { return prefix + std::string(kafka::kDirtyTopic); }

}  // namespace

Result<std::unique_ptr<Positions>> Positions::Create(const config::v1::Config& config,
                                                     const clickhouse::Generation& generation) {
  auto positions = std::make_unique<Positions>();
  positions->prefix_ = config.deployment().topic_prefix();
  positions->number_ = generation.number;
  const std::string suffix = clickhouse::GroupSuffix(generation);
  positions->rollup_group_ = positions->prefix_ + std::string(kafka::kRollupGroup) + suffix;
  const std::string& brokers = config.kafka().bootstrap_servers();
  YK_ASSIGN_OR_RETURN(positions->aggregator_,
                      kafka::OffsetReader::Create(
                          brokers, positions->prefix_ + std::string(kafka::kAggregatorGroup) + suffix));
  YK_ASSIGN_OR_RETURN(positions->rollup_, kafka::OffsetReader::Create(brokers, positions->rollup_group_));
  return positions;
}

Result<kafka::Offsets> Positions::DirtyEnds() {
  YK_ASSIGN_OR_RETURN(const auto partitions, rollup_->Partitions({DirtyTopic(prefix_)}, kAnswer));
  if (partitions.empty()) return kafka::Offsets{};
  return rollup_->Ends(partitions, kAnswer);
}

Result<kafka::Offsets> Positions::DirtyAnswered() {
  YK_ASSIGN_OR_RETURN(const auto partitions, rollup_->Partitions({DirtyTopic(prefix_)}, kAnswer));
  if (partitions.empty()) return kafka::Offsets{};
  return rollup_->Committed(partitions, kAnswer);
}

Status Positions::WaitCommitted(kafka::OffsetReader& group, const kafka::Offsets& goal,
                                const std::string& who, std::chrono::seconds patience) {
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& [partition, end] : goal) partitions.push_back(partition);
  const auto behind = [&](const kafka::Offsets& committed) {
    int64_t lag = 0;
    for (const auto& [partition, end] : goal) {
      const auto done = committed.find(partition);
      lag += std::max<int64_t>(0, end - (done == committed.end() ? 0 : done->second));
    }
    return lag;
  };
  int64_t closest = -1;
  auto closer_at = std::chrono::steady_clock::now();
  while (true) {
    const auto committed = group.Committed(partitions, kAnswer);
    const int64_t lag = committed.ok() ? behind(*committed) : closest;
    if (committed.ok() && lag == 0) return OkStatus();
    const auto now = std::chrono::steady_clock::now();
    if (committed.ok() && (closest < 0 || lag < closest)) {
      closest = lag;
      closer_at = now;
    }
    if (now - closer_at > patience) {
      return Unavailable("the " + who + " of generation " + std::to_string(number_) + " stands " +
                         std::to_string(closest) + " records behind and comes no closer" +
                         (committed.ok() ? "" : " (" + Message(committed.status()) + ")") +
                         "; see that it runs, and whether it has halted");
    }
    Wait(kPause);
  }
}

Result<kafka::Offsets> Positions::FactEnds() {
  YK_ASSIGN_OR_RETURN(const auto partitions, aggregator_->Partitions(kafka::DomainTopics(prefix_), kAnswer));
  return aggregator_->Ends(partitions, kAnswer);
}

Status Positions::WaitFacts(const kafka::Offsets& ends, std::chrono::seconds patience) {
  return WaitCommitted(*aggregator_, ends, "aggregator", patience);
}

Status Positions::WaitFigures(const kafka::Offsets& ends, std::chrono::seconds patience) {
  return WaitCommitted(*rollup_, ends, "rollup", patience);
}

Follower::Follower(Kind kind, const config::v1::Config& config, const clickhouse::Generation& generation,
                   clickhouse::Client& client, kafka::RecordSink& sink)
    : sink_(sink, kind == Kind::kWhole ? std::set<std::string>{DirtyTopic(config.deployment().topic_prefix())}
                                       : std::set<std::string>{}) {
  const auto fail = [this](const Status& status) { Fail(status); };
  aggregator::AggregatorOptions facts = aggregator::OptionsOf(config);
  facts.group_suffix = clickhouse::GroupSuffix(generation);
  facts.on_fatal = fail;
  aggregator_ = std::make_unique<aggregator::Aggregator>(std::move(facts), client, sink_, metrics_);
  if (kind == Kind::kFactsUntold) return;
  rollup_worker::WorkerOptions figures = rollup_worker::OptionsOf(config);
  figures.group_suffix = clickhouse::GroupSuffix(generation);
  figures.on_fatal = fail;
  rollup_ = std::make_unique<rollup_worker::Worker>(std::move(figures), kpi::Catalogue::Linked(), client,
                                                    sink_, SystemClock(), metrics_);
}

Follower::~Follower() {
  if (rollup_) rollup_->Stop();
  aggregator_->Stop();
}

Status Follower::Start() {
  YK_RETURN_IF_ERROR(aggregator_->Start());
  return rollup_ ? rollup_->Start() : OkStatus();
}

void Follower::Fail(const Status& status) {
  const std::lock_guard lock(mutex_);
  if (failure_.ok()) failure_ = status;
}

Status Follower::Failure() const {
  const auto halts = aggregator_->halts();
  if (!halts.empty()) return FailedPrecondition(halts.front().message);
  const std::lock_guard lock(mutex_);
  return failure_;
}

Status Follower::Judge() {
  Status judged = aggregator_->RunIdentityPass(!passed_);
  // Whoever sends copies all the time keeps the verdicts changing; what changed last is looked at again.
  if (judged.code() == StatusCode::kAborted) judged = OkStatus();
  passed_ = passed_ || judged.ok();
  return judged;
}

Status Follower::WaitBoth(Positions& positions, Positions* beside, std::chrono::seconds patience) {
  YK_ASSIGN_OR_RETURN(const kafka::Offsets facts, positions.FactEnds());
  if (beside != nullptr) YK_RETURN_IF_ERROR(beside->WaitFacts(facts, patience));
  YK_RETURN_IF_ERROR(positions.WaitFacts(facts, patience));
  YK_RETURN_IF_ERROR(Judge());
  if (!rollup_) return OkStatus();
  YK_ASSIGN_OR_RETURN(const kafka::Offsets touches, positions.DirtyEnds());
  if (beside != nullptr) YK_RETURN_IF_ERROR(beside->WaitFigures(touches, patience));
  return positions.WaitFigures(touches, patience);
}

Status Follower::WaitLevel(Positions& positions, Positions* beside, std::chrono::seconds patience) {
  // The first sweep takes as long as there are figures to compute; it waits for ClickHouse by itself.
  while (!aggregator_->Readiness().ok() || (rollup_ && !rollup_->Readiness().ok())) {
    YK_RETURN_IF_ERROR(Failure());
    Wait(kPause);
  }
  const Status level = WaitBoth(positions, beside, patience);
  const Status failure = Failure();
  return level.ok() || failure.ok() ? level : failure;
}

}  // namespace yokoten::rebuild
