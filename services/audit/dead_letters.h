// Records that could not become facts, as the archive has them: found, shown, sent again.
#pragma once

#include <atomic>
#include <string>

#include "audit/auditor.h"
#include "base/clock.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"
#include "yokoten/audit/v1/service.pb.h"

namespace yokoten::audit {

// Thread-safe.
class DeadLetters {
 public:
  // `prefix` of topics. All must outlive it.
  DeadLetters(std::string prefix, clickhouse::Client& client, kafka::RecordSink& sink, Auditor& auditor,
              const Clock& clock)
      : prefix_(std::move(prefix)), client_(client), sink_(sink), auditor_(auditor), clock_(clock) {}

  // InvalidArgument for a wrong page.
  Result<v1::ListDeadLettersResponse> List(const v1::ListDeadLettersRequest& request);
  // NotFound when there is no dead letter at that place.
  Result<v1::GetDeadLetterResponse> Get(const v1::Position& position);
  // Sends again what this version would take; Unavailable when Kafka does not acknowledge until `stop`.
  Result<v1::ReplayDeadLettersResponse> Replay(const v1::ReplayDeadLettersRequest& request);
  // How many are open.
  Result<int64_t> CountOpen();
  // Replays under way give up.
  void Stop() { stopping_ = true; }

 private:
  Result<v1::Position> Complete(const v1::Position& position);

  const std::string prefix_;
  clickhouse::Client& client_;
  kafka::RecordSink& sink_;
  Auditor& auditor_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
};

}  // namespace yokoten::audit
