// The audit: log, archive and facts compared, and what is missing read from Kafka once more.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aggregator/batch.h"
#include "aggregator/decoder.h"
#include "aggregator/identity_pass.h"
#include "aggregator/writer.h"
#include "audit/ranges.h"
#include "audit/sql.h"
#include "clickhouse/client.h"
#include "kafka/log_reader.h"
#include "kafka/producer.h"
#include "yokoten/audit/v1/service.pb.h"

namespace yokoten::audit {

// What one comparison found.
struct Found {
  v1::CheckLogResponse told;
  // All offsets that are missing or whose facts are lost, of partitions that have such.
  std::map<aggregator::Source, std::vector<Range>> ranges;
};

// Thread-safe; one call at a time looks at the log.
class Auditor {
 public:
  // `prefix` of topics. All must outlive the auditor. Unavailable when the client of Kafka cannot be made.
  static Result<std::unique_ptr<Auditor>> Create(const std::string& bootstrap_servers, std::string prefix,
                                                 clickhouse::Client& client, kafka::RecordSink& sink);

  // Compares; `topics` without prefix, all domain topics when empty. InvalidArgument names an unknown one.
  // FailedPrecondition when the cluster is another than the archive's.
  Result<Found> Check(const std::vector<std::string>& topics);
  // Reads what that check found from Kafka and stores it as the aggregator does, in the same order; returns
  // how many records. FailedPrecondition, and nothing of that partition is stored, when its log is not the
  // one the archive was made of, or has another record where the archive has one, or when ClickHouse refuses
  // a record.
  Result<int64_t> Repair(const Found& found);
  // Both sides of a topic between two instants (milliseconds since 1970-01-01 UTC). ResourceExhausted beyond
  // 5,000,000 records.
  Result<v1::ReconcileResponse> Reconcile(const std::string& topic, int64_t from_ms, int64_t to_ms);
  // A repair under way gives up, and so does every later one.
  void Stop();

  const aggregator::Decoder& decoder() const { return decoder_; }
  // The topic's current epoch; 0 where nothing was ever stored of it. InvalidArgument for an unknown topic.
  Result<uint32_t> EpochOf(const std::string& topic);

 private:
  Auditor(std::string prefix, clickhouse::Client& client, kafka::RecordSink& sink);
  // Of domain topics; 0 where none has begun.
  Result<Epochs> EpochsOf(const std::vector<std::string>& topics);
  // FailedPrecondition when a topic was consumed from another cluster.
  Status CheckCluster(const Epochs& epochs);
  Status FindLostFacts(const Epochs& epochs, std::map<aggregator::Source, std::vector<int64_t>>* lost);
  // FailedPrecondition when the partition's log is not the archive's.
  Status CheckSameLog(const aggregator::Source& source, uint32_t epoch);
  Result<int64_t> Restore(const aggregator::Source& source, uint32_t epoch, const Range& range,
                          std::vector<aggregator::FactId>* ids);

  const std::string prefix_;
  clickhouse::Client& client_;
  kafka::RecordSink& sink_;
  const aggregator::Decoder decoder_;
  aggregator::BatchWriter writer_;
  prometheus::Counter changes_;
  prometheus::Gauge waiting_;
  aggregator::IdentityPass identity_;
  std::mutex mutex_;  // of the reader, the writer and the pass
  std::unique_ptr<kafka::LogReader> reader_;
};

}  // namespace yokoten::audit
