// Both sides of the log, counted by source, hour and partition.
#include <algorithm>
#include <tuple>

#include "audit/auditor.h"
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
  const std::string of_topic = OfEpochsSql(epochs);
  clickhouse::Params params;
  params.parameters = {{"from", std::to_string(from_ms)}, {"to", std::to_string(to_ms)}};
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows ends,
                      client_.Select("SELECT partition, toInt64(max(offset)) AS last FROM archive WHERE " +
                                     of_topic + " GROUP BY partition"));
  std::map<int32_t, int64_t> archived;
  for (size_t i = 0; i < ends.size(); ++i)
    archived[static_cast<int32_t>(ends.Int(i, "partition"))] = ends.Int(i, "last");
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      client_.Select(
          "SELECT if(has(names, 'ce_source'), values[indexOf(names, 'ce_source')], '') AS source, partition, "
          "intDiv(ms, 3600000) AS hour, count() AS n, sum(checksum) AS checksum FROM (SELECT partition, "
          "toUnixTimestamp64Milli(recorded_at) AS ms, checksum, arrayFilter((x, i) -> i % 2 = 1, headers, "
          "arrayEnumerate(headers)) AS names, arrayFilter((x, i) -> i % 2 = 0, headers, "
          "arrayEnumerate(headers)) AS values FROM archive FINAL WHERE " +
              of_topic +
              " AND verdict != 'gap' AND recorded_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND "
              "recorded_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')) GROUP BY source, partition, hour",
          params));
  std::map<Key, Sides> sides;
  for (size_t i = 0; i < rows.size(); ++i) {
    auto& archive =
        sides[{rows.Text(i, "source"), rows.Int(i, "hour"), static_cast<int32_t>(rows.Int(i, "partition"))}]
            .archive;
    archive.set_records(rows.Int(i, "n"));
    archive.set_checksum(rows.UInt(i, "checksum"));
  }

  v1::ReconcileResponse response;
  const std::lock_guard lock(mutex_);
  const std::string name = prefix_ + topic;
  YK_ASSIGN_OR_RETURN(const auto counts, reader_->PartitionCounts({name}, kBrokerTimeout));
  int64_t read = 0;
  for (int32_t partition = 0; partition < counts.at(name); ++partition) {
    const kafka::TopicPartition place{name, partition};
    YK_ASSIGN_OR_RETURN(int64_t next, reader_->FirstSince(place, from_ms, kBrokerTimeout));
    YK_ASSIGN_OR_RETURN(const int64_t end, reader_->FirstSince(place, to_ms, kBrokerTimeout));
    const auto known = archived.find(partition);
    const int64_t stored =
        known == archived.end() ? next : std::clamp(known->second + 1, next, std::max(next, end));
    response.set_waiting(response.waiting() + std::max<int64_t>(0, end - stored));
    if ((read += stored - next) > kRecordsMax) {
      return ResourceExhausted("from, to: more than " + std::to_string(kRecordsMax) +
                               " records lie between them; ask for a shorter time");
    }
    while (next < stored) {
      const int64_t until = std::min(stored, next + kChunk);
      YK_ASSIGN_OR_RETURN(const auto records, reader_->ReadAll(place, {next, until}, kReadTimeout));
      for (const kafka::Message& message : records) {
        auto& log = sides[{SourceOf(message), message.timestamp_ms() / kHourMs, partition}].log;
        log.set_records(log.records() + 1);
        log.set_checksum(log.checksum() + message.Checksum());
      }
      next = until;
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
