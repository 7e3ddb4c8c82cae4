// A member of a consumer group that decides itself where each partition starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "kafka/offsets.h"

struct rd_kafka_message_s;

namespace yokoten::kafka {

using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

// Stable 64-bit checksum of a record's recorded time, key, headers and value; the same in every build.
uint64_t RecordChecksum(int64_t timestamp_ms, std::string_view key, const HeaderViews& headers,
                        std::string_view value);

// One record as it came from the broker. Move-only; views live as long as it does.
class Message {
 public:
  Message() = default;
  explicit Message(rd_kafka_message_s* message) : message_(message) {}
  Message(Message&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  Message& operator=(Message&& other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~Message();

  // As the broker names it (deployment prefix included).
  std::string_view topic() const;
  int32_t partition() const;
  int64_t offset() const;
  // Milliseconds since 1970-01-01 UTC; the broker's append time where append_time() is true.
  int64_t timestamp_ms() const;
  bool append_time() const;
  std::string_view key() const;
  std::string_view value() const;
  HeaderViews headers() const;
  // Bytes of key, value and headers, roughly.
  size_t bytes() const;

  uint64_t Checksum() const { return RecordChecksum(timestamp_ms(), key(), headers(), value()); }

 private:
  rd_kafka_message_s* message_ = nullptr;
};

// Where a newly assigned partition starts.
struct Start {
  enum class Kind { kOffset, kCommitted, kBeginning, kHalted };
  Kind kind = Kind::kOffset;
  int64_t offset = 0;

  static Start At(int64_t offset) { return {Kind::kOffset, offset}; }
  // The group's committed offset; the log's beginning where it has none.
  static Start Committed() { return {Kind::kCommitted, 0}; }
  static Start Beginning() { return {Kind::kBeginning, 0}; }
  // Keep the partition, but read nothing from it.
  static Start Halted() { return {Kind::kHalted, 0}; }
};

struct ConsumerOptions {
  std::string bootstrap_servers;
  std::string group;
  // Topics as the broker names them.
  std::vector<std::string> topics;
  std::chrono::milliseconds session_timeout{6000};
  // How soon new partitions and topics are noticed.
  std::chrono::milliseconds metadata_interval{10000};
  // Longest time between two Poll calls before the group gives the partitions to another member.
  std::chrono::milliseconds poll_interval_max{300000};
  // Bytes fetched ahead.
  int32_t prefetch_kib = 65536;
};

// Called on the thread that calls Poll or Close.
class Assignment {
 public:
  virtual ~Assignment() = default;
  // The group gave us these partitions (all of them: what we had before was revoked first). Returns where
  // each starts; one that is left out is halted. May block for a while, at most poll_interval_max.
  virtual std::map<TopicPartition, Start> OnAssign(const std::vector<TopicPartition>& partitions) = 0;
  // They are taken away. With `lost` another member may have them already: commit nothing.
  virtual void OnRevoke(const std::vector<TopicPartition>& partitions, bool lost) = 0;
};

// Uses subscribe() with the classic protocol and the range assignor, so that commits of a member that was
// replaced are refused (fencing). A start offset outside the log is an error (auto.offset.reset=error), never
// a silent skip. Not thread-safe: one thread polls, commits and closes.
class Consumer {
 public:
  // `assignment` must outlive the consumer. Does not wait for the brokers.
  static Result<std::unique_ptr<Consumer>> Create(const ConsumerOptions& options, Assignment* assignment);
  ~Consumer();

  // Appends up to `max` records to `out`; waits up to `timeout` for the first. Returns how many. Partitions
  // whose log no longer has the wanted offset are appended to `lost` (with that offset) and read no further.
  size_t Poll(std::chrono::milliseconds timeout, size_t max, std::vector<Message>& out,
              std::vector<std::pair<TopicPartition, int64_t>>& lost);
  // Commits next offsets and waits for the answer. Aborted: we are no longer a member in good standing
  // (fenced); what was consumed belongs to somebody else. Unavailable: try again.
  Status Commit(const Offsets& next);
  // Reads nothing from these until Resume or a new assignment; what was fetched ahead is dropped and fetched
  // again.
  void Pause(const std::vector<TopicPartition>& partitions);
  void Resume(const std::vector<TopicPartition>& partitions);
  // Next offset of a partition's log as last heard with a fetch; -1 when nothing was heard yet. Does not ask
  // the broker.
  int64_t KnownEnd(const TopicPartition& partition) const;
  // Leaves the group (OnRevoke is called). Idempotent.
  void Close();

 private:
  struct Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::kafka
