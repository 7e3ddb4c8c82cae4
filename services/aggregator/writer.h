// Third stage: a batch into ClickHouse and Kafka in the one order that lets the archive prove all the rest.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "aggregator/batch.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"

namespace yokoten::aggregator {

// A partition that is read no further, from this offset on, until an operator acts.
struct Halt {
  Source source;
  int64_t offset = 0;
  std::string error_id;
  std::string message;  // one line, ends with what to do
};

struct WriterOptions {
  // As the broker names them.
  std::string dirty_topic;
  std::string dead_letter_topic;
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{10000};
  // Inserts under way at once.
  size_t connections = 4;
  // Called at every failed try that will be repeated, from any thread.
  std::function<void(const Status&)> on_retry;
};

struct Written {
  // Offset after the last record that is stored, touched and archived, by partition.
  std::map<Source, int64_t> next;
  std::vector<Halt> halts;
  std::vector<FactId> ids;
  size_t records = 0;
  size_t dead_letters = 0;
};

// One Write at a time; Cancel from any thread.
class BatchWriter {
 public:
  // All must outlive the writer.
  BatchWriter(WriterOptions options, const Decoder& decoder, clickhouse::Database& database,
              kafka::RecordSink& sink);

  // Facts and their keys, then touches and dead letters, then the archive. Failures that may pass are
  // repeated until they do, or until Cancel (then CANCELLED: nothing is known, and nothing need be, because
  // every step may be done again). A batch ClickHouse refuses for good is taken apart until the one record is
  // found; that halts its partition.
  Result<Written> Write(const Batch& batch);

  // Makes Write return soon; it stays cancelled until Rearm.
  void Cancel() { cancelled_ = true; }
  void Rearm() { cancelled_ = false; }

 private:
  Status WriteWhole(const Batch& batch);
  Status WriteFacts(const Batch& batch);
  // Touches for amendments that were stored before what they amend, and for every place where a version of
  // what is amended stands.
  Status LookUpAmendments(const Batch& batch, TouchSet& touches);
  void Bisect(const Batch& batch, size_t from, size_t to, Written& written);
  Status WithRetry(const std::function<Status()>& attempt);

  const WriterOptions options_;
  const Decoder& decoder_;
  clickhouse::Database& database_;
  kafka::RecordSink& sink_;
  std::atomic<bool> cancelled_{false};
  bool amendments_exist_ = false;
};

// "fact_key IN (...)" over keys of any number: a list in the statement for few, a temporary table in a
// session of its own for many. The object owns the session; one statement at a time.
class KeyList {
 public:
  KeyList(clickhouse::Database& database, const std::vector<events::Uuid>& keys);
  // Ready to use; sends the keys if there are many.
  Status Prepare();
  // What stands behind IN: "('..','..')" or "(SELECT k FROM ...)".
  const std::string& sql() const { return sql_; }
  // Parameters every statement with sql() needs (the session).
  const clickhouse::Params& params() const { return params_; }

 private:
  clickhouse::Database& database_;
  const std::vector<events::Uuid>& keys_;
  std::string sql_;
  clickhouse::Params params_;
};

}  // namespace yokoten::aggregator
