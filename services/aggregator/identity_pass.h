// Runs behind the hot path: finds later copies of an id and doubled business keys, writes which facts do not
// count (inert_fact) and what to show (finding), and touches the places concerned.
//
// Safe with several aggregators: a pass repeats itself until it finds nothing to change, so the one that read
// last also writes last. Safe against crashes: rows say told=0 until their places are touched, and a full
// pass, made at every assignment, finds what an earlier process left undone.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "aggregator/batch.h"
#include "base/threads.h"
#include "clickhouse/client.h"
#include "facts/identity_rules.h"
#include "kafka/producer.h"
#include "telemetry/metrics.h"

namespace yokoten::aggregator {

struct IdentityOptions {
  std::string dirty_topic;  // as the broker names it
  std::chrono::milliseconds interval{5000};
  // Keys of one pass; more are left to further ones.
  size_t keys_max = 200000;
  // Keys remembered between passes; beyond it a full pass takes their place.
  size_t pending_max = 2000000;
};

// Thread-safe.
class IdentityPass {
 public:
  // `waiting` is 0 once every fact that was added has been looked at, and what came of it told.
  IdentityPass(IdentityOptions options, clickhouse::Database& database, kafka::RecordSink& sink,
               prometheus::Counter& changes, prometheus::Gauge& waiting);
  ~IdentityPass();

  // Starts the thread that runs passes; does nothing when it runs already.
  void Start();
  // Ends it after the running pass's statement. Keys not looked at are found by the next full pass.
  void Stop();

  // Facts that were just stored: looked at in the next pass.
  void Add(const std::vector<FactId>& ids);
  // The next pass looks at everything.
  void RequestFull();
  // Runs one pass on the caller's thread, over everything or over what was added; returns when it is whole.
  Status Run(bool full);

 private:
  struct Scope;
  void Loop();
  Status RunKeys(std::vector<events::Uuid> keys);
  Result<std::vector<events::Uuid>> SuspectKeys();
  Result<bool> Once(const std::vector<events::Uuid>& keys);
  Result<std::vector<events::Uuid>> Keys(const std::string& sql, const clickhouse::Params& params);
  Status Tell();

  const IdentityOptions options_;
  clickhouse::Database& database_;
  kafka::RecordSink& sink_;
  prometheus::Counter& changes_;
  prometheus::Gauge& waiting_;

  std::mutex run_mutex_;  // one pass at a time
  std::mutex mutex_;
  Signal changed_;
  std::vector<events::Uuid> pending_;
  bool full_ = false;      // asked for
  bool had_full_ = false;  // a full pass has come to its end
  std::atomic<bool> stopping_{false};
  Thread thread_;
};

}  // namespace yokoten::aggregator
