// Keeps the books up to date: reads touched plants again, and knows until when the facts are complete.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "gate/loader.h"
#include "kafka/log_reader.h"
#include "kafka/offsets.h"
#include "telemetry/metrics.h"

namespace yokoten::gate {

struct KeeperOptions {
  std::string bootstrap_servers;
  std::string topic_prefix;
  // Of the aggregators' group.
  std::string group_suffix;
  // Between two looks at the dirty topic.
  std::chrono::milliseconds gather{200};
  // Between two readings of all plants.
  std::chrono::milliseconds refresh{300000};
  // Facts known to be complete longer ago than this are no answer.
  std::chrono::milliseconds stale_max{60000};
};

// A book and until when its facts are complete.
struct Current {
  std::shared_ptr<const Book> book;  // null: there is no such plant
  WallTime facts_until;
};

// One thread of its own. Book() is thread-safe and never waits for a reading.
class Keeper {
 public:
  Keeper(KeeperOptions options, clickhouse::Client& clickhouse, const Clock& clock,
         telemetry::Metrics& metrics);
  ~Keeper() { Stop(); }

  // Unavailable when Kafka does not answer. The books are read on the thread; until then Book() is
  // Unavailable.
  Status Start();
  void Stop();

  // Unavailable until all facts that Kafka had at the start are in the books, and while they are too far
  // behind.
  Result<Current> BookOf(const std::string& plant) const;
  // OK when BookOf may answer.
  Status Level() const;

 private:
  // Where the domain topics ended at an instant.
  struct Mark {
    WallTime at;
    kafka::Offsets ends;
  };

  void Loop();
  Status Cycle();
  // Plants touched since the last look; "*" = all.
  Result<std::set<std::string>> ReadTouches();
  Status Read(const std::vector<std::string>& plants);

  const KeeperOptions options_;
  clickhouse::Client& clickhouse_;
  const Clock& clock_;
  const std::set<std::string> events_;  // full names that matter
  std::unique_ptr<kafka::OffsetReader> aggregator_;
  std::unique_ptr<kafka::LogReader> reader_;
  std::vector<kafka::TopicPartition> domains_, dirty_;
  kafka::Offsets read_to_;  // of the dirty topic
  std::optional<Mark> mark_;
  bool loaded_ = false;
  MonotonicTime refreshed_;
  std::set<std::string> waiting_;  // plants that a failed reading left

  prometheus::Counter& readings_;
  prometheus::Counter& failures_;
  prometheus::Gauge& age_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Books books_;
  std::optional<WallTime> facts_until_;
  std::thread thread_;
};

}  // namespace yokoten::gate
