#include "rebuild/feed.h"

#include <future>
#include <map>
#include <memory>
#include <set>

#include "aggregator/positions.h"
#include "aggregator/writer.h"
#include "base/error_ids.h"
#include "kafka/topics.h"
#include "rebuild/archived_records.h"
#include "telemetry/log.h"

namespace yokoten::rebuild {
namespace {

constexpr char kRoom[] = "rebuild";

// One life of a partition, and what of it is to be stored.
struct Stretch {
  aggregator::Source source;
  uint32_t epoch = 0;
  int64_t next = 0;
  int64_t end = 0;
};

// What the archive says of a record without the broker's time, among others: the flag itself is not kept, so
// all of them stay the dead letters they are.
std::string NoTypeVerdict() {
  return std::string(aggregator::kVerdictDeadPrefix) + std::string(error_id::kEnvelopeType);
}

std::string OfStretchSql(const Stretch& stretch) {
  return "topic = " + clickhouse::Quote(stretch.source.first) +
         " AND epoch = " + std::to_string(stretch.epoch) +
         " AND partition = " + std::to_string(stretch.source.second) +
         " AND offset >= " + std::to_string(stretch.next) + " AND offset < " + std::to_string(stretch.end);
}

Result<std::vector<Stretch>> Stretches(clickhouse::Client& from, clickhouse::Client& to) {
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      from.Select(
          "SELECT toString(topic) AS name, epoch, partition, toInt64(min(offset)) AS first, "
          "toInt64(max(offset)) AS last FROM archive GROUP BY topic, epoch, partition ORDER BY name, epoch, "
          "partition"));
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < rows.size(); ++i) {
    Stretch stretch;
    stretch.source = {rows.Text(i, "name"), static_cast<int32_t>(rows.Int(i, "partition"))};
    stretch.epoch = static_cast<uint32_t>(rows.UInt(i, "epoch"));
    stretch.end = rows.Int(i, "last") + 1;
    YK_ASSIGN_OR_RETURN(
        const auto archived,
        aggregator::ReadArchive(to, {{stretch.source.first, stretch.epoch}}, {stretch.source}, 1));
    const auto there = archived.find(stretch.source);
    stretch.next = there == archived.end() ? rows.Int(i, "first") : there->second.last + 1;
    if (stretch.next < stretch.end) stretches.push_back(std::move(stretch));
  }
  return stretches;
}

// A batch with the bytes its views look at.
struct Chunk {
  std::vector<ArchivedRecord> records;
  aggregator::Batch batch;
};

class Feeder {
 public:
  Feeder(clickhouse::Client& from, clickhouse::Client& to, kafka::RecordSink& sink,
         const FeedOptions& options)
      : from_(from),
        options_(options),
        decoder_(aggregator::Decoder::Linked()),
        writer_({.dirty_topic = options.topic_prefix + std::string(kafka::kDirtyTopic),
                 .dead_letter_topic = options.topic_prefix + std::string(kafka::kDeadLetterTopic),
                 .on_retry =
                     [](const Status& status) {
                       log::Warn(kRoom, "a batch waits and is tried again: {}", Message(status));
                     }},
                decoder_, to, sink) {}
  ~Feeder() { (void)Settle(); }

  // The next batch is read and decoded while the one before it is written.
  Status Take(Stretch stretch) {
    while (stretch.next < stretch.end) {
      YK_ASSIGN_OR_RETURN(const int64_t last, LastOfBatch(stretch));
      Stretch part = stretch;
      part.end = last + 1;
      YK_ASSIGN_OR_RETURN(auto chunk, Read(part));
      YK_RETURN_IF_ERROR(Settle());
      stretch.next = part.end;
      if (chunk->batch.empty()) continue;
      writing_ = std::async(std::launch::async, [this, chunk = std::shared_ptr<Chunk>(std::move(chunk))] {
        return writer_.Write(chunk->batch);
      });
    }
    return OkStatus();
  }

  // Waits for what is being written.
  Status Settle() {
    if (!writing_.valid()) return OkStatus();
    YK_ASSIGN_OR_RETURN(const aggregator::Written written, writing_.get());
    if (!written.halts.empty()) return FailedPrecondition(written.halts.front().message);
    stored_ += static_cast<int64_t>(written.records);
    return OkStatus();
  }

  int64_t stored() const { return stored_; }

 private:
  Result<int64_t> LastOfBatch(const Stretch& stretch) {
    // The first is taken however large it is.
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        from_.Select(
            "SELECT toInt64(max(at)) AS last, count() AS n FROM (SELECT at, sum(bytes) OVER (ORDER BY at "
            "ROWS "
            "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - bytes AS before FROM (SELECT offset AS at, "
            "toInt64(any(length(value))) AS bytes FROM archive WHERE " +
            OfStretchSql(stretch) + " GROUP BY offset ORDER BY at LIMIT " +
            std::to_string(options_.records_max) +
            ")) WHERE before <= " + std::to_string(options_.bytes_max)));
    return rows.Int(0, "n") == 0 ? stretch.end - 1 : rows.Int(0, "last");
  }

  Result<std::unique_ptr<Chunk>> Read(const Stretch& part) {
    YK_ASSIGN_OR_RETURN(const std::string bytes,
                        from_.Query(std::string("SELECT ") + kRecordColumns + " FROM archive WHERE " +
                                        OfStretchSql(part) + " ORDER BY offset LIMIT 1 BY offset",
                                    {.format = "RowBinary"}));
    auto chunk = std::make_unique<Chunk>();
    YK_ASSIGN_OR_RETURN(chunk->records, ParseRecords(bytes));
    const std::string& topic = *topics_.insert(part.source.first).first;
    for (const ArchivedRecord& record : chunk->records) {
      const aggregator::Position position{.epoch = part.epoch,
                                          .partition = part.source.second,
                                          .offset = static_cast<int64_t>(record.offset),
                                          .recorded_ms = record.recorded_ms};
      if (record.verdict == aggregator::kVerdictGap) {
        chunk->batch.AddGap(topic, position);
        continue;
      }
      aggregator::RecordView view{.topic = topic,
                                  .position = position,
                                  .append_time = record.verdict != NoTypeVerdict(),
                                  .key = record.key,
                                  .value = record.value,
                                  .headers = {}};
      for (size_t i = 0; i + 1 < record.headers.size(); i += 2)
        view.headers.emplace_back(record.headers[i], record.headers[i + 1]);
      if (kafka::RecordChecksum(record.recorded_ms, view.key, view.headers, view.value) != record.checksum) {
        return DataLoss("the archive's record at offset " + std::to_string(record.offset) + " of " + topic +
                        "/" + std::to_string(part.source.second) +
                        " is not what it was when it was stored; rebuild with --from-kafka");
      }
      aggregator::Verdict verdict = decoder_.Decode(view);
      chunk->batch.Add(std::move(view), std::move(verdict));
    }
    return chunk;
  }

  clickhouse::Client& from_;
  const FeedOptions& options_;
  const aggregator::Decoder& decoder_;
  aggregator::BatchWriter writer_;
  std::set<std::string> topics_;  // batches look at their names
  std::future<Result<aggregator::Written>> writing_;
  int64_t stored_ = 0;
};

}  // namespace

Status TakeEpochs(clickhouse::Client& from, clickhouse::Client& to) {
  return to.Execute("INSERT INTO topic_epoch SELECT * FROM " +
                    clickhouse::QuoteIdentifier(from.options().database) + ".topic_epoch");
}

Result<int64_t> Feed(clickhouse::Client& from, clickhouse::Client& to, kafka::RecordSink& sink,
                     const FeedOptions& options) {
  YK_ASSIGN_OR_RETURN(const std::vector<Stretch> stretches, Stretches(from, to));
  int64_t all = 0;
  for (const Stretch& stretch : stretches) all += stretch.end - stretch.next;
  Feeder feeder(from, to, sink, options);
  for (const Stretch& stretch : stretches) {
    YK_RETURN_IF_ERROR(feeder.Take(stretch));
    if (options.on_progress) options.on_progress(feeder.stored(), all);
  }
  YK_RETURN_IF_ERROR(feeder.Settle());
  if (options.on_progress) options.on_progress(feeder.stored(), all);
  return feeder.stored();
}

}  // namespace yokoten::rebuild
