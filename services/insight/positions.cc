#include "insight/positions.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/wait.h"
#include "events/identity.h"
#include "telemetry/log.h"

namespace yokoten::insight {
namespace {

std::chrono::milliseconds Left(const Clock& clock, MonotonicTime deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock.Monotonic());
}

}  // namespace

Positions::Positions(PositionsOptions options, clickhouse::Client& clickhouse, const Clock& clock)
    : options_(std::move(options)), clickhouse_(clickhouse), clock_(clock) {}

Result<std::unique_ptr<Positions>> Positions::Create(PositionsOptions options, clickhouse::Client& clickhouse,
                                                     const Clock& clock) {
  std::unique_ptr<Positions> positions(new Positions(std::move(options), clickhouse, clock));
  const auto& o = positions->options_;
  YK_ASSIGN_OR_RETURN(positions->aggregator_,
                      kafka::OffsetReader::Create(o.bootstrap_servers, o.aggregator_group));
  YK_ASSIGN_OR_RETURN(positions->rollup_, kafka::OffsetReader::Create(o.bootstrap_servers, o.rollup_group));
  return positions;
}

Result<std::vector<kafka::TopicPartition>> Positions::PartitionsOf(
    const std::vector<std::string>& topics, std::vector<kafka::TopicPartition>* cache) {
  const std::lock_guard lock(partitions_mutex_);
  if (cache->empty()) {
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(options_.topic_prefix + topic);
    YK_ASSIGN_OR_RETURN(*cache, aggregator_->Partitions(names, options_.kafka_timeout));
  }
  return *cache;
}

Status Positions::WaitCommitted(kafka::OffsetReader& reader, const kafka::Offsets& goal, const char* who,
                                MonotonicTime deadline) {
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& [partition, offset] : goal) partitions.push_back(partition);
  if (partitions.empty()) return OkStatus();
  bool compared = false;
  while (true) {
    const auto left = Left(clock_, deadline);
    if (left.count() <= 0) {
      return DeadlineExceeded(
          std::string("the ") + who +
          " has not yet reached what the token names; ask again later, or without the token for the "
          "figures as they are");
    }
    const auto committed = reader.Committed(partitions, std::min(left, options_.kafka_timeout));
    if (committed.ok() && kafka::Lag(goal, *committed) == 0) return OkStatus();
    // Asked once, where the first look was not enough: such a token would be waited for in vain.
    if (committed.ok() && !std::exchange(compared, true))
      YK_RETURN_IF_ERROR(CheckLogHas(reader, goal, deadline));
    Wait(options_.poll_interval);
  }
}

Status Positions::CheckLogHas(kafka::OffsetReader& reader, const kafka::Offsets& goal,
                              MonotonicTime deadline) {
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& [partition, offset] : goal) partitions.push_back(partition);
  const auto ends = reader.Ends(partitions, std::min(Left(clock_, deadline), options_.kafka_timeout));
  if (!ends.ok()) return OkStatus();
  for (const auto& [partition, offset] : goal) {
    const auto end = ends->find(partition);
    if (end == ends->end() || end->second >= offset) continue;
    return FailedPrecondition("the log of " + partition.first + "/" + std::to_string(partition.second) +
                              " ends at offset " + std::to_string(end->second) +
                              ", what is waited for stood at " + std::to_string(offset - 1) +
                              ": it was truncated or made anew since; ask without the token");
  }
  return OkStatus();
}

Status Positions::WaitFor(const event::v1::ConsistencyToken& token, Stage stage, MonotonicTime deadline) {
  if (token.positions().empty()) return OkStatus();
  kafka::Offsets goal;
  for (const auto& position : token.positions()) {
    const auto& topics = options_.domain_topics;
    if (std::find(topics.begin(), topics.end(), position.topic()) == topics.end()) {
      return InvalidArgument(
          "token.positions.topic '" + position.topic() +
          "' is not a topic of this deployment; give the token exactly as it was answered");
    }
    if (position.partition() < 0 || position.offset() < 0 || position.offset() == INT64_MAX) {
      return InvalidArgument("token.positions: partition " + std::to_string(position.partition()) +
                             ", offset " + std::to_string(position.offset()) +
                             " is no place in a log; give the token exactly as it was answered");
    }
    auto& offset = goal[{options_.topic_prefix + position.topic(), position.partition()}];
    offset = std::max(offset, position.offset() + 1);
  }
  YK_RETURN_IF_ERROR(WaitCommitted(*aggregator_, goal, "aggregator", deadline));
  if (stage == Stage::kFacts) return OkStatus();
  // The rollup hands a group fact on to every plant as touches of their own, behind the ends read before it.
  const bool group =
      std::find(token.plant_ids().begin(), token.plant_ids().end(), "*") != token.plant_ids().end();
  YK_RETURN_IF_ERROR(WaitForRollup(deadline));
  return group ? WaitForRollup(deadline) : OkStatus();
}

Status Positions::WaitForRollup(MonotonicTime deadline) {
  YK_ASSIGN_OR_RETURN(const auto dirty, PartitionsOf({options_.dirty_topic}, &dirty_partitions_));
  YK_ASSIGN_OR_RETURN(const auto ends, rollup_->Ends(dirty, options_.kafka_timeout));
  kafka::Offsets touched;
  for (const auto& [partition, end] : ends) {
    if (end > 0) touched[partition] = end;
  }
  return WaitCommitted(*rollup_, touched, "rollup", deadline);
}

Status Positions::Refresh(v1::Freshness* freshness) {
  YK_ASSIGN_OR_RETURN(const auto domain, PartitionsOf(options_.domain_topics, &domain_partitions_));
  YK_ASSIGN_OR_RETURN(const auto dirty, PartitionsOf({options_.dirty_topic}, &dirty_partitions_));
  YK_ASSIGN_OR_RETURN(const auto ends, aggregator_->Ends(domain, options_.kafka_timeout));
  YK_ASSIGN_OR_RETURN(const auto committed, aggregator_->Committed(domain, options_.kafka_timeout));
  YK_ASSIGN_OR_RETURN(const auto dirty_ends, rollup_->Ends(dirty, options_.kafka_timeout));
  YK_ASSIGN_OR_RETURN(const auto dirty_committed, rollup_->Committed(dirty, options_.kafka_timeout));
  YK_ASSIGN_OR_RETURN(const auto last,
                      clickhouse_.Select("SELECT topic, partition, toUnixTimestamp64Milli(max(recorded_at)) "
                                         "AS ms FROM archive GROUP BY topic, partition"));
  std::map<std::pair<std::string, int32_t>, int64_t> last_of;
  for (size_t row = 0; row < last.size(); ++row) {
    last_of[{last.Text(row, "topic"), static_cast<int32_t>(last.Int(row, "partition"))}] =
        last.Int(row, "ms") * 1000;
  }
  int64_t complete_us =
      freshness->answered_at().seconds() * 1000000 + freshness->answered_at().nanos() / 1000;
  for (const auto& name : options_.domain_topics) {
    int64_t last_us = 0;
    for (const auto& [partition, us] : last_of) {
      if (partition.first == name) last_us = std::max(last_us, us);
    }
    // A partition that lags is known up to its own last record, however far the others are.
    for (const auto& [partition, end] : ends) {
      if (partition.first != options_.topic_prefix + name || end == 0) continue;
      const auto done = committed.find(partition);
      if (done != committed.end() && done->second >= end) continue;
      const auto known = last_of.find({name, partition.second});
      complete_us = std::min(complete_us, known == last_of.end() ? 0 : known->second);
    }
    if (options_.untold_topics.contains(name)) continue;
    auto* out = freshness->add_domains();
    out->set_topic(name);
    out->set_lag(kafka::Lag(ends, committed, options_.topic_prefix + name));
    if (last_us > 0) *out->mutable_last_fact_at() = events::ToTimestamp(FromMicros(last_us));
  }
  freshness->set_rollup_lag(kafka::Lag(dirty_ends, dirty_committed));
  *freshness->mutable_complete_until() = events::ToTimestamp(FromMicros(complete_us));
  return OkStatus();
}

v1::Freshness Positions::Now() {
  const std::lock_guard lock(freshness_mutex_);
  const auto now = clock_.Monotonic();
  if (freshness_.has_answered_at() && now - freshness_at_ < options_.freshness_max_age) return freshness_;
  v1::Freshness fresh;
  *fresh.mutable_answered_at() = events::ToTimestamp(clock_.Now());
  fresh.set_simulated(options_.simulated);
  if (const Status status = Refresh(&fresh); !status.ok()) {
    log::Warn("insight", "freshness is not known: {}", Message(status));
  }
  freshness_ = fresh;
  freshness_at_ = now;
  return fresh;
}

}  // namespace yokoten::insight
