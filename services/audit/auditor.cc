#include "audit/auditor.h"

#include <algorithm>

#include "aggregator/positions.h"
#include "clickhouse/epochs.h"
#include "events/registry.h"
#include "kafka/topics.h"
#include "telemetry/log.h"

namespace yokoten::audit {
namespace {

constexpr std::chrono::milliseconds kBrokerTimeout{10000};
constexpr std::chrono::milliseconds kReadTimeout{60000};
// Records read and stored at once.
constexpr int64_t kChunk = 10000;
// What lies between two missing ranges is written again rather than read apart.
constexpr int64_t kBridge = 1000;
constexpr int kRangesTold = 100;
constexpr char kRoom[] = "audit";

void Tell(const std::vector<Range>& ranges, google::protobuf::RepeatedPtrField<v1::OffsetRange>* told) {
  for (const Range& range : ranges) {
    if (told->size() == kRangesTold) return;
    v1::OffsetRange* out = told->Add();
    out->set_first(range.first);
    out->set_last(range.last);
  }
}

bool Right(const v1::PartitionAudit& partition) {
  return partition.missing_count() == 0 && partition.conflicting() == 0 && partition.lost_fact_count() == 0 &&
         partition.log_lost() == 0;
}

std::vector<Range> Bridged(const std::vector<Range>& ranges) {
  std::vector<Range> wide = ranges;
  for (Range& range : wide) range.last += kBridge;
  wide = United(std::move(wide));
  for (Range& range : wide) range.last -= kBridge;
  return wide;
}

}  // namespace

Auditor::Auditor(std::string prefix, clickhouse::Client& client, kafka::RecordSink& sink)
    : prefix_(std::move(prefix)),
      client_(client),
      sink_(sink),
      decoder_(events::Registry::Linked()),
      writer_({.dirty_topic = prefix_ + std::string(kafka::kDirtyTopic),
               .dead_letter_topic = prefix_ + std::string(kafka::kDeadLetterTopic),
               .on_retry =
                   [](const Status& status) {
                     log::Warn(kRoom, "a repair waits and is tried again: {}", Message(status));
                   }},
              decoder_, client_, sink_),
      identity_({.dirty_topic = prefix_ + std::string(kafka::kDirtyTopic)}, client_, sink_, changes_,
                waiting_) {}

Result<std::unique_ptr<Auditor>> Auditor::Create(const std::string& bootstrap_servers, std::string prefix,
                                                 clickhouse::Client& client, kafka::RecordSink& sink) {
  std::unique_ptr<Auditor> auditor(new Auditor(std::move(prefix), client, sink));
  YK_ASSIGN_OR_RETURN(auditor->reader_, kafka::LogReader::Create(bootstrap_servers));
  return auditor;
}

void Auditor::Stop() {
  writer_.Cancel();
  identity_.Stop();
}

Result<uint32_t> Auditor::EpochOf(const std::string& topic) {
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf({topic}));
  return epochs.at(topic);
}

Result<Epochs> Auditor::EpochsOf(const std::vector<std::string>& topics) {
  const std::vector<std::string> known = kafka::DomainTopics("");
  Epochs epochs;
  for (const std::string& topic : topics.empty() ? known : topics) {
    if (std::find(known.begin(), known.end(), topic) == known.end()) {
      std::string names;
      for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
      return InvalidArgument("topic: there is no domain topic '" + topic + "'; name one of " + names);
    }
    YK_ASSIGN_OR_RETURN(const clickhouse::TopicEpoch epoch, clickhouse::CurrentEpoch(client_, topic));
    epochs[topic] = epoch.epoch;
  }
  return epochs;
}

Status Auditor::CheckCluster(const Epochs& epochs) {
  YK_ASSIGN_OR_RETURN(const std::string cluster, reader_->ClusterId(kBrokerTimeout));
  for (const auto& [topic, number] : epochs) {
    YK_ASSIGN_OR_RETURN(const clickhouse::TopicEpoch epoch, clickhouse::CurrentEpoch(client_, topic));
    if (epoch.epoch == 0 || epoch.cluster_id == cluster) continue;
    return FailedPrecondition(topic + " was stored from Kafka cluster " + epoch.cluster_id +
                              ", this is cluster " + cluster +
                              "; check kafka.bootstrap_servers (docs/runbooks/yk-cluster-changed.md)");
  }
  return OkStatus();
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
  std::set<std::string> types;
  for (size_t i = 0; i < promised.size(); ++i) types.insert(promised.Text(i, "type"));
  if (types.empty()) return OkStatus();
  // Asked after what is promised: a batch under way can only make them more.
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows stored, client_.Select(FactsStoredSql(types)));
  using Sum = std::pair<std::string, std::string>;
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (size_t i = 0; i < stored.size(); ++i)
    sums[{stored.Text(i, "type"), stored.Text(i, "hour")}] = {stored.Text(i, "n"), stored.Text(i, "hash")};
  std::map<std::string, std::string> suspect;
  for (size_t i = 0; i < promised.size(); ++i) {
    if (sums[{promised.Text(i, "type"), promised.Text(i, "hour")}] ==
        Sum(promised.Text(i, "n"), promised.Text(i, "hash")))
      continue;
    std::string& list = suspect[promised.Text(i, "type")];
    list += (list.empty() ? "" : ", ") + promised.Text(i, "hour");
  }
  for (const auto& [type, of_hours] : suspect) YK_RETURN_IF_ERROR(take(LostFactsSql(type, of_hours)));
  return OkStatus();
}

Result<Found> Auditor::Check(const std::vector<std::string>& topics) {
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf(topics));
  std::map<aggregator::Source, v1::PartitionAudit> audits;
  std::map<aggregator::Source, std::vector<Range>> missing;
  std::map<aggregator::Source, std::vector<int64_t>> lost;
  std::map<aggregator::Source, Range> archived;
  const auto source_of = [](const clickhouse::Rows& rows, size_t i) {
    return aggregator::Source{rows.Text(i, "topic"), static_cast<int32_t>(rows.Int(i, "partition"))};
  };
  // The archive first: what comes meanwhile is waiting, not missing.
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows partitions, client_.Select(PartitionsSql(epochs)));
  std::vector<aggregator::Source> with_holes;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const aggregator::Source source = source_of(partitions, i);
    v1::PartitionAudit& audit = audits[source];
    audit.set_archived(partitions.Int(i, "offsets"));
    audit.set_dead_letters(partitions.Int(i, "dead"));
    audit.set_gaps(partitions.Int(i, "gaps"));
    audit.set_conflicting(partitions.Int(i, "conflicting"));
    const Range range{partitions.Int(i, "lowest"), partitions.Int(i, "highest")};
    archived[source] = range;
    if (audit.archived() != range.last - range.first + 1) with_holes.push_back(source);
  }
  for (const aggregator::Source& source : with_holes) {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows,
                        client_.Select(HolesSql(source, epochs.at(source.first))));
    for (size_t i = 0; i < rows.size(); ++i)
      missing[source].push_back({rows.Int(i, "first"), rows.Int(i, "last")});
  }
  YK_RETURN_IF_ERROR(FindLostFacts(epochs, &lost));

  const std::lock_guard lock(mutex_);
  YK_RETURN_IF_ERROR(CheckCluster(epochs));
  std::vector<std::string> names;
  for (const auto& [topic, epoch] : epochs) names.push_back(prefix_ + topic);
  YK_ASSIGN_OR_RETURN(const auto counts, reader_->PartitionCounts(names, kBrokerTimeout));
  for (const auto& [topic, epoch] : epochs) {
    for (int32_t number = 0; number < counts.at(prefix_ + topic); ++number) (void)audits[{topic, number}];
  }
  Found found;
  found.told.set_ok(true);
  for (auto& [source, audit] : audits) {
    const auto& [topic, number] = source;
    kafka::LogRange range;
    if (number < counts.at(prefix_ + topic)) {
      YK_ASSIGN_OR_RETURN(range, reader_->Range({prefix_ + topic, number}, kBrokerTimeout));
    }
    audit.set_topic(topic);
    audit.set_partition(number);
    audit.set_epoch(static_cast<int32_t>(epochs.at(topic)));
    audit.set_log_first(range.first);
    audit.set_log_next(range.next);
    std::vector<Range>& holes = missing[source];
    if (const auto known = archived.find(source); known != archived.end()) {
      audit.set_waiting(std::max<int64_t>(0, range.next - known->second.last - 1));
      audit.set_log_lost(std::max<int64_t>(0, known->second.last + 1 - range.next));
      if (known->second.first > range.first) holes.push_back({range.first, known->second.first - 1});
    } else {
      audit.set_waiting(range.next - range.first);
    }
    holes = United(std::move(holes));
    Tell(holes, audit.mutable_missing());
    audit.set_missing_count(Count(holes));
    const std::vector<Range> facts = RangesOf(lost[source]);
    Tell(facts, audit.mutable_lost_facts());
    audit.set_lost_fact_count(Count(facts));
    holes.insert(holes.end(), facts.begin(), facts.end());
    if (!holes.empty()) found.ranges[source] = United(std::move(holes));
    found.told.set_ok(found.told.ok() && Right(audit));
    *found.told.add_partitions() = std::move(audit);
  }
  return found;
}

Status Auditor::CheckSameLog(const aggregator::Source& source, uint32_t epoch) {
  YK_ASSIGN_OR_RETURN(const auto archive,
                      aggregator::ReadArchive(client_, {{source.first, epoch}}, {source}, 1));
  const auto known = archive.find(source);
  if (known == archive.end() || known->second.last < 0) return OkStatus();
  const kafka::TopicPartition name{prefix_ + source.first, source.second};
  aggregator::LogState log;
  YK_ASSIGN_OR_RETURN(log.range, reader_->Range(name, kBrokerTimeout));
  const int64_t last = known->second.last;
  if (!known->second.is_gap && last >= log.range.first && last < log.range.next) {
    YK_ASSIGN_OR_RETURN(const auto records, reader_->ReadAt({{name, last}}, kBrokerTimeout));
    const kafka::Message& record = records.at(name);
    log.checksum = record.offset() == last ? record.Checksum() : ~known->second.checksum;
  }
  const aggregator::Resume resume = aggregator::Decide(source, known->second, log);
  return resume.halt ? FailedPrecondition(resume.halt->message) : OkStatus();
}

Result<int64_t> Auditor::Restore(const aggregator::Source& source, uint32_t epoch, const Range& range,
                                 std::vector<aggregator::FactId>* ids) {
  const kafka::TopicPartition name{prefix_ + source.first, source.second};
  YK_ASSIGN_OR_RETURN(const kafka::LogRange log, reader_->Range(name, kBrokerTimeout));
  const int64_t end = std::min(range.last + 1, log.next);
  int64_t next = std::max(range.first, log.first);
  int64_t stored = 0;
  while (next < end) {
    const int64_t until = std::min(end, next + kChunk);
    YK_ASSIGN_OR_RETURN(auto records, reader_->ReadAll(name, {next, until}, kReadTimeout));
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows,
                        client_.Select(ChecksumsSql(source, epoch, {next, until - 1})));
    std::map<int64_t, uint64_t> known;
    for (size_t i = 0; i < rows.size(); ++i) known[rows.Int(i, "at")] = rows.UInt(i, "checksum");
    aggregator::Batch batch;
    aggregator::Position position{.epoch = epoch, .partition = source.second};
    const auto gaps_until = [&](int64_t offset) {
      for (; next < offset; ++next) {
        position.offset = next;
        batch.AddGap(source.first, position);
      }
    };
    for (kafka::Message& message : records) {
      position.recorded_ms = message.timestamp_ms();
      gaps_until(message.offset());
      position.offset = message.offset();
      next = message.offset() + 1;
      if (const auto row = known.find(position.offset);
          row != known.end() && row->second != message.Checksum()) {
        return FailedPrecondition(
            source.first + "/" + std::to_string(source.second) + " has another record at offset " +
            std::to_string(position.offset) +
            " than the archive: nothing is overwritten (docs/runbooks/yk-log-replaced.md)");
      }
      aggregator::RecordView view{.topic = source.first,
                                  .position = position,
                                  .append_time = message.append_time(),
                                  .key = message.key(),
                                  .value = message.value(),
                                  .headers = message.headers()};
      aggregator::Verdict verdict = decoder_.Decode(view);
      batch.Add(std::move(view), std::move(verdict), std::move(message));
    }
    gaps_until(until);
    if (batch.empty()) continue;
    YK_ASSIGN_OR_RETURN(aggregator::Written written, writer_.Write(batch));
    if (!written.halts.empty()) return FailedPrecondition(written.halts.front().message);
    stored += static_cast<int64_t>(written.records);
    ids->insert(ids->end(), written.ids.begin(), written.ids.end());
  }
  return stored;
}

Result<int64_t> Auditor::Repair(const Found& found) {
  const std::lock_guard lock(mutex_);
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf({}));
  YK_RETURN_IF_ERROR(CheckCluster(epochs));
  int64_t repaired = 0;
  std::vector<aggregator::FactId> ids;
  for (const auto& [source, ranges] : found.ranges) {
    const uint32_t epoch = epochs.at(source.first);
    YK_RETURN_IF_ERROR(CheckSameLog(source, epoch));
    for (const Range& range : Bridged(ranges)) {
      YK_ASSIGN_OR_RETURN(const int64_t stored, Restore(source, epoch, range, &ids));
      repaired += stored;
    }
  }
  if (ids.empty()) return repaired;
  // Whether a restored fact counts is judged as that of any other.
  identity_.Add(ids);
  YK_RETURN_IF_ERROR(identity_.Run(false));
  return repaired;
}

}  // namespace yokoten::audit
