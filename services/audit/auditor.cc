#include "audit/auditor.h"

#include <algorithm>

#include "aggregator/identity_pass.h"
#include "aggregator/writer.h"
#include "clickhouse/epochs.h"
#include "events/registry.h"
#include "kafka/topics.h"
#include "telemetry/metrics.h"

namespace yokoten::audit {
namespace {

constexpr std::chrono::milliseconds kBrokerTimeout{10000};
constexpr std::chrono::milliseconds kReadTimeout{60000};
// Records read and stored at once.
constexpr int64_t kChunk = 10000;
constexpr int kRangesTold = 100;

void Tell(const std::vector<Range>& ranges, google::protobuf::RepeatedPtrField<v1::OffsetRange>* told) {
  for (const Range& range : ranges) {
    if (told->size() == kRangesTold) return;
    v1::OffsetRange* out = told->Add();
    out->set_first(range.first);
    out->set_last(range.last);
  }
}

bool Right(const v1::PartitionAudit& partition) {
  return partition.missing_count() == 0 && partition.conflicting() == 0 && partition.lost_fact_count() == 0;
}

}  // namespace

Auditor::Auditor(std::string prefix, clickhouse::Client& client, kafka::RecordSink& sink)
    : prefix_(std::move(prefix)), client_(client), sink_(sink), decoder_(events::Registry::Linked()) {}

Result<std::unique_ptr<Auditor>> Auditor::Create(const std::string& bootstrap_servers, std::string prefix,
                                                 clickhouse::Client& client, kafka::RecordSink& sink) {
  std::unique_ptr<Auditor> auditor(new Auditor(std::move(prefix), client, sink));
  YK_ASSIGN_OR_RETURN(auditor->reader_, kafka::LogReader::Create(bootstrap_servers));
  return auditor;
}

Result<uint32_t> Auditor::EpochOf(const std::string& topic) {
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf({topic}));
  const auto found = epochs.find(topic);
  return found == epochs.end() ? 0 : found->second;
}

Result<Epochs> Auditor::EpochsOf(const std::vector<std::string>& topics) {
  std::vector<std::string> known = kafka::DomainTopics("");
  for (const std::string& topic : topics) {
    if (std::find(known.begin(), known.end(), topic) != known.end()) continue;
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    return InvalidArgument("topics: there is no domain topic '" + topic + "'; name one of " + names);
  }
  Epochs epochs;
  for (const std::string& topic : topics.empty() ? known : topics) {
    YK_ASSIGN_OR_RETURN(const clickhouse::TopicEpoch epoch, clickhouse::CurrentEpoch(client_, topic));
    if (epoch.epoch > 0) epochs[topic] = epoch.epoch;
  }
  return epochs;
}

Status Auditor::FindLostFacts(const Epochs& epochs,
                              std::map<aggregator::Source, std::vector<int64_t>>* lost) {
  const auto take = [&](const std::string& sql) -> Status {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, client_.Select(sql));
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto epoch = epochs.find(rows.Text(i, "topic"));
      if (epoch == epochs.end() || rows.UInt(i, "epoch") != epoch->second) continue;
      (*lost)[{epoch->first, static_cast<int32_t>(rows.Int(i, "partition"))}].push_back(
          rows.Int(i, "offset"));
    }
    return OkStatus();
  };
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows differing, client_.Select(HoursThatDifferSql()));
  std::string hours;
  for (size_t i = 0; i < differing.size(); ++i) hours += (i == 0 ? "" : ", ") + differing.Text(i, "hour");
  if (!hours.empty()) YK_RETURN_IF_ERROR(take(LostKeysSql(hours)));

  YK_ASSIGN_OR_RETURN(const clickhouse::Rows promised, client_.Select(FactsPromisedSql()));
  std::vector<std::string> types = promised.Texts("type");
  if (types.empty()) return OkStatus();
  // Asked after what is promised: a batch under way can only make them more.
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows stored, client_.Select(FactsStoredSql(types)));
  std::map<std::string, std::pair<std::string, std::string>> sums;
  for (size_t i = 0; i < stored.size(); ++i)
    sums[stored.Text(i, "type")] = {stored.Text(i, "n"), stored.Text(i, "hash")};
  for (size_t i = 0; i < promised.size(); ++i) {
    if (sums[types[i]] == std::pair(promised.Text(i, "n"), promised.Text(i, "hash"))) continue;
    YK_RETURN_IF_ERROR(take(LostFactsSql(types[i])));
  }
  return OkStatus();
}

Result<v1::CheckLogResponse> Auditor::Check(const std::vector<std::string>& topics) {
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf(topics));
  std::map<aggregator::Source, v1::PartitionAudit> audits;
  std::map<aggregator::Source, std::vector<Range>> missing;
  std::map<aggregator::Source, std::vector<int64_t>> lost;
  std::map<aggregator::Source, int64_t> lowest;
  const auto source_of = [](const clickhouse::Rows& rows, size_t i) {
    return aggregator::Source{rows.Text(i, "topic"), static_cast<int32_t>(rows.Int(i, "partition"))};
  };
  // The archive first: what comes meanwhile is waiting, not missing.
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows partitions, client_.Select(PartitionsSql(epochs)));
  bool holes = false;
  for (size_t i = 0; i < partitions.size(); ++i) {
    v1::PartitionAudit& audit = audits[source_of(partitions, i)];
    audit.set_archived(partitions.Int(i, "offsets"));
    audit.set_dead_letters(partitions.Int(i, "dead"));
    audit.set_gaps(partitions.Int(i, "gaps"));
    audit.set_conflicting(partitions.Int(i, "conflicting"));
    lowest[source_of(partitions, i)] = partitions.Int(i, "lowest");
    const int64_t highest = partitions.Int(i, "highest");
    audit.set_waiting(-highest - 1);  // and the log's end, below
    holes |= partitions.Int(i, "offsets") != highest - partitions.Int(i, "lowest") + 1;
  }
  if (holes) {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, client_.Select(HolesSql(epochs)));
    for (size_t i = 0; i < rows.size(); ++i)
      missing[source_of(rows, i)].push_back({rows.Int(i, "first"), rows.Int(i, "last")});
  }
  YK_RETURN_IF_ERROR(FindLostFacts(epochs, &lost));

  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [topic, epoch] : epochs) names.push_back(prefix_ + topic);
  YK_ASSIGN_OR_RETURN(const auto counts, reader_->PartitionCounts(names, kBrokerTimeout));
  v1::CheckLogResponse response;
  response.set_ok(true);
  for (const auto& [topic, epoch] : epochs) {
    for (int32_t number = 0; number < counts.at(prefix_ + topic); ++number) {
      const aggregator::Source source{topic, number};
      YK_ASSIGN_OR_RETURN(const kafka::LogRange range,
                          reader_->Range({prefix_ + topic, number}, kBrokerTimeout));
      v1::PartitionAudit audit = audits[source];
      audit.set_topic(topic);
      audit.set_partition(number);
      audit.set_epoch(static_cast<int32_t>(epoch));
      audit.set_log_first(range.first);
      audit.set_log_next(range.next);
      audit.set_waiting(lowest.contains(source) ? range.next + audit.waiting() : range.next - range.first);
      std::vector<Range>& holes_here = missing[source];
      if (lowest.contains(source) && lowest[source] > range.first)
        holes_here.push_back({range.first, lowest[source] - 1});
      const std::vector<Range> united = United(holes_here);
      Tell(united, audit.mutable_missing());
      audit.set_missing_count(Count(united));
      const std::vector<Range> facts = RangesOf(lost[source]);
      Tell(facts, audit.mutable_lost_facts());
      audit.set_lost_fact_count(Count(facts));
      response.set_ok(response.ok() && Right(audit));
      *response.add_partitions() = std::move(audit);
    }
  }
  return response;
}

Result<int64_t> Auditor::Restore(const aggregator::Source& source, uint32_t epoch, const Range& range,
                                 aggregator::BatchWriter& writer, std::vector<aggregator::FactId>* ids) {
  const kafka::TopicPartition name{prefix_ + source.first, source.second};
  YK_ASSIGN_OR_RETURN(const kafka::LogRange log, reader_->Range(name, kBrokerTimeout));
  const int64_t end = std::min(range.last + 1, log.next);
  int64_t next = std::max(range.first, log.first);
  int64_t stored = 0;
  while (next < end) {
    const int64_t until = std::min(end, next + kChunk);
    YK_ASSIGN_OR_RETURN(auto records, reader_->ReadAll(name, {next, until}, kReadTimeout));
    aggregator::Batch batch;
    for (kafka::Message& message : records) {
      aggregator::RecordView view{.topic = source.first,
                                  .position = {.epoch = epoch,
                                               .partition = source.second,
                                               .offset = message.offset(),
                                               .recorded_ms = message.timestamp_ms()},
                                  .append_time = message.append_time(),
                                  .key = message.key(),
                                  .value = message.value(),
                                  .headers = message.headers()};
      for (; next < view.position.offset; ++next) {
        aggregator::Position gap = view.position;
        gap.offset = next;
        batch.AddGap(source.first, gap);
      }
      next = view.position.offset + 1;
      aggregator::Verdict verdict = decoder_.Decode(view);
      batch.Add(std::move(view), std::move(verdict), std::move(message));
    }
    next = until;
    if (batch.empty()) continue;
    YK_ASSIGN_OR_RETURN(aggregator::Written written, writer.Write(batch));
    if (!written.halts.empty()) return FailedPrecondition(written.halts.front().message);
    stored += static_cast<int64_t>(written.records);
    ids->insert(ids->end(), written.ids.begin(), written.ids.end());
  }
  return stored;
}

Result<int64_t> Auditor::Repair(const v1::CheckLogResponse& found) {
  const std::lock_guard lock(mutex_);
  const std::string dirty = prefix_ + std::string(kafka::kDirtyTopic);
  aggregator::BatchWriter writer(
      {.dirty_topic = dirty, .dead_letter_topic = prefix_ + std::string(kafka::kDeadLetterTopic)}, decoder_,
      client_, sink_);
  int64_t repaired = 0;
  std::vector<aggregator::FactId> ids;
  for (const v1::PartitionAudit& partition : found.partitions()) {
    std::vector<Range> ranges;
    for (const auto& range : partition.missing()) ranges.push_back({range.first(), range.last()});
    for (const auto& range : partition.lost_facts()) ranges.push_back({range.first(), range.last()});
    for (const Range& range : United(std::move(ranges))) {
      YK_ASSIGN_OR_RETURN(const int64_t stored,
                          Restore({partition.topic(), partition.partition()},
                                  static_cast<uint32_t>(partition.epoch()), range, writer, &ids));
      repaired += stored;
    }
  }
  if (ids.empty()) return repaired;
  // Whether a restored fact counts is judged as that of any other.
  prometheus::Counter changes;
  prometheus::Gauge waiting;
  aggregator::IdentityPass identity({.dirty_topic = dirty}, client_, sink_, changes, waiting);
  identity.Add(ids);
  YK_RETURN_IF_ERROR(identity.Run(false));
  return repaired;
}

}  // namespace yokoten::audit
