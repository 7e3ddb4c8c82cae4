// Looks into logs: where they begin and end, and single records, without belonging to a group.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "kafka/consumer.h"

namespace yokoten::kafka {

// First and next offset of a partition's log.
struct LogRange {
  int64_t first = 0;
  int64_t next = 0;
};

// Looks things up in logs without belonging to a group. Not thread-safe.
class LogReader {
 public:
  static Result<std::unique_ptr<LogReader>> Create(const std::string& bootstrap_servers);
  ~LogReader();

  // Unavailable when the brokers do not answer in time; NotFound when the partition does not exist.
  Result<LogRange> Range(const TopicPartition& partition, std::chrono::milliseconds timeout);
  // The first offset recorded at `ms` (since 1970-01-01 UTC) or later; the log's end where there is none.
  // Unavailable when the brokers do not answer in time.
  Result<int64_t> FirstSince(const TopicPartition& partition, int64_t ms, std::chrono::milliseconds timeout);
  // The records at exactly these offsets, which must lie in the logs' ranges. Unavailable when not all came
  // in time.
  Result<std::map<TopicPartition, Message>> ReadAt(const std::map<TopicPartition, int64_t>& offsets,
                                                   std::chrono::milliseconds timeout);
  // All records of a range, in order; offsets without a record are skipped. Unavailable when they do not come
  // in time.
  Result<std::vector<Message>> ReadAll(const TopicPartition& partition, const LogRange& range,
                                       std::chrono::milliseconds timeout);
  // Partition counts of topics; 0 for one that does not exist.
  Result<std::map<std::string, int32_t>> PartitionCounts(const std::vector<std::string>& topics,
                                                         std::chrono::milliseconds timeout);
  // The cluster's own id.
  Result<std::string> ClusterId(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::kafka
