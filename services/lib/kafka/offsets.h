// Where a log ends and how far a consumer group has come: what freshness and "read your own writes" are made
// of.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace yokoten::kafka {

// A topic as the broker names it (deployment prefix included) and a partition of it.
using TopicPartition = std::pair<std::string, int32_t>;
// Next offset per partition: the log's end, or the first offset a group has not committed. A group that has
// committed nothing for a partition has no entry.
using Offsets = std::map<TopicPartition, int64_t>;

// How many records `done` stands behind `ends`, summed over the partitions, or over those of `topic` when it
// is given. A partition without an entry in `done` counts from offset 0.
int64_t Lag(const Offsets& ends, const Offsets& done, std::string_view topic = {});

// Asks the brokers. Thread-safe; calls block up to the timeout. Unavailable when the brokers do not answer.
class OffsetReader {
 public:
  // `group` is the consumer group whose commits Committed() reads; the reader never joins it.
  static Result<std::unique_ptr<OffsetReader>> Create(const std::string& bootstrap_servers,
                                                      const std::string& group);
  ~OffsetReader();

  // All partitions of the topics; topics that do not exist have none.
  Result<std::vector<TopicPartition>> Partitions(const std::vector<std::string>& topics,
                                                 std::chrono::milliseconds timeout);
  // Tries again until the time is over: leaders change, and new topics have none for a moment.
  Result<Offsets> Ends(const std::vector<TopicPartition>& partitions, std::chrono::milliseconds timeout);
  Result<Offsets> Committed(const std::vector<TopicPartition>& partitions, std::chrono::milliseconds timeout);

 private:
  struct Impl;
  explicit OffsetReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Takes back what `group` has committed for these partitions, so that it starts as if it had never read them.
// OK where it has committed nothing. FailedPrecondition while a member of the group reads them; Unavailable
// when the brokers do not answer.
Status ForgetOffsets(const std::string& bootstrap_servers, const std::string& group,
                     const std::vector<TopicPartition>& partitions, std::chrono::milliseconds timeout);

// Sets what `group` has read, so that it goes on there. FailedPrecondition while it has members; Unavailable
// when the brokers do not answer.
Status SetOffsets(const std::string& bootstrap_servers, const std::string& group, const Offsets& next,
                  std::chrono::milliseconds timeout);

}  // namespace yokoten::kafka
