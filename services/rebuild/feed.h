// The archive of one generation decoded once more into another: the aggregator's own decoder, batches and
// writer, with the archive in place of Kafka.
#pragma once

#include <cstdint>
#include <functional>

#include "base/status.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"

namespace yokoten::rebuild {

struct FeedOptions {
  // Of topics.
  std::string topic_prefix;
  // Read and stored at once.
  int64_t records_max = 20000;
  int64_t bytes_max = 32 << 20;
  // Called after each batch with the records stored so far, and how many there are to store.
  std::function<void(int64_t done, int64_t all)> on_progress;
};

// Makes known to `to` which lives of the topics the offsets of `from` belong to.
Status TakeEpochs(clickhouse::Client& from, clickhouse::Client& to);

// Stores in `to` what the archive of `from` has beyond what the archive of `to` has, partition by partition,
// in the order of the log; returns how many records. Both are migrated and know the same epochs. Touches go
// to `sink`, as of any batch. What was interrupted is gone on with by the next call. FailedPrecondition when
// ClickHouse refuses a record.
Result<int64_t> Feed(clickhouse::Client& from, clickhouse::Client& to, kafka::RecordSink& sink,
                     const FeedOptions& options);

}  // namespace yokoten::rebuild
