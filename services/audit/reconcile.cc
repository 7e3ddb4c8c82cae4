// Both sides of the log, counted by source, hour and partition.
#include <algorithm>
#include <tuple>

#include "audit/auditor.h"
#include "audit/readable.h"
#include "kafka/topics.h"

namespace yokoten::audit {
namespace {

constexpr std::chrono::milliseconds kBrokerTimeout{10000};
constexpr std::chrono::milliseconds kReadTimeout{60000};
constexpr int64_t kChunk = 20000;
constexpr int64_t kRecordsMax = 5'000'000;
constexpr int64_t kHourMs = 3'600'000;

// Source, hour, partition.
using Key = std::tuple<std::string, int64_t, int32_t>;
struct Sides {
  v1::ReconcileResponse::Side log, archive;
};

std::string SourceOf(const kafka::Message& message) {
  for (const auto& [name, value] : message.headers()) {
    if (name == "ce_source") return std::string(value);
  }
  return "";
}

}  // namespace

Result<v1::ReconcileResponse> Auditor::Reconcile(const std::string& topic, int64_t from_ms, int64_t to_ms) {
  YK_ASSIGN_OR_RETURN(const Epochs epochs, EpochsOf({topic}));
  const std::lock_guard lock(mutex_);
  YK_RETURN_IF_ERROR(CheckCluster(epochs));
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows ends, client_.Select(PartitionsSql(epochs)));
  std::map<int32_t, int64_t> archived;
  for (size_t i = 0; i < ends.size(); ++i)
    archived[static_cast<int32_t>(ends.Int(i, "partition"))] = ends.Int(i, "highest");

  // Both sides are cut at the same offsets: what is stored meanwhile waits on both.
  v1::ReconcileResponse response;
  const std::string name = prefix_ + topic;
  YK_ASSIGN_OR_RETURN(const auto counts, reader_->PartitionCounts({name}, kBrokerTimeout));
  std::map<int32_t, kafka::LogRange> wanted;
  std::string where;
  int64_t records = 0;
  for (int32_t partition = 0; partition < counts.at(name); ++partition) {
    const kafka::TopicPartition place{name, partition};
    YK_ASSIGN_OR_RETURN(const int64_t first, reader_->FirstSince(place, from_ms, kBrokerTimeout));
    YK_ASSIGN_OR_RETURN(const int64_t end, reader_->FirstSince(place, to_ms, kBrokerTimeout));
    const auto known = archived.find(partition);
    const int64_t stored =
        known == archived.end() ? first : std::clamp(known->second + 1, first, std::max(first, end));
    response.set_waiting(response.waiting() + std::max<int64_t>(0, end - stored));
    if (stored <= first) continue;
    records += stored - first;
    wanted[partition] = {first, stored};
    where += (where.empty() ? "(partition = " : " OR (partition = ") + std::to_string(partition) +
             " AND offset >= " + std::to_string(first) + " AND offset < " + std::to_string(stored) + ")";
  }
  if (records > kRecordsMax) {
    return ResourceExhausted("from, to: " + std::to_string(records) +
                             " records lie between them, more than " + std::to_string(kRecordsMax) +
                             "; ask for a shorter time");
  }
  std::map<Key, Sides> sides;
  if (!wanted.empty()) {
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        client_.Select(
            "SELECT if(has(names, 'ce_source'), values[indexOf(names, 'ce_source')], '') AS source, "
            "partition, intDiv(ms, 3600000) AS hour, count() AS n, sum(checksum) AS checksum FROM (SELECT "
            "partition, toUnixTimestamp64Milli(recorded_at) AS ms, checksum, arrayFilter((x, i) -> i % 2 = "
            "1, headers, arrayEnumerate(headers)) AS names, arrayFilter((x, i) -> i % 2 = 0, headers, "
            "arrayEnumerate(headers)) AS values FROM archive WHERE " +
            OfEpochsSql(epochs) + " AND verdict != 'gap' AND (" + where +
            ") LIMIT 1 BY partition, offset) GROUP BY source, partition, hour"));
    for (size_t i = 0; i < rows.size(); ++i) {
      auto& archive = sides[{Readable(rows.Text(i, "source")), rows.Int(i, "hour"),
                             static_cast<int32_t>(rows.Int(i, "partition"))}]
                          .archive;
      archive.set_records(archive.records() + rows.Int(i, "n"));
      archive.set_checksum(archive.checksum() + rows.UInt(i, "checksum"));
    }
  }
  for (const auto& [partition, range] : wanted) {
    for (int64_t next = range.first; next < range.next; next += kChunk) {
      const int64_t until = std::min(range.next, next + kChunk);
      YK_ASSIGN_OR_RETURN(const auto messages,
                          reader_->ReadAll({name, partition}, {next, until}, kReadTimeout));
      for (const kafka::Message& message : messages) {
        auto& log = sides[{Readable(SourceOf(message)), message.timestamp_ms() / kHourMs, partition}].log;
        log.set_records(log.records() + 1);
        log.set_checksum(log.checksum() + message.Checksum());
      }
    }
  }
  response.set_equal(true);
  for (const auto& [key, both] : sides) {
    v1::ReconcileResponse::Row* row = response.add_rows();
    row->set_source(std::get<0>(key));
    row->mutable_hour()->set_seconds(std::get<1>(key) * kHourMs / 1000);
    row->set_partition(std::get<2>(key));
    *row->mutable_log() = both.log;
    *row->mutable_archive() = both.archive;
    row->set_equal(both.log.records() == both.archive.records() &&
                   both.log.checksum() == both.archive.checksum());
    response.set_equal(response.equal() && row->equal());
  }
  return response;
}

}  // namespace yokoten::audit
