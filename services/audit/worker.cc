#include "audit/worker.h"

#include "base/error_ids.h"
#include "telemetry/log.h"

namespace yokoten::audit {
namespace {

constexpr char kRoom[] = "audit";

}  // namespace

Worker::Worker(WorkerOptions options, Auditor& auditor, DeadLetters& letters, telemetry::Metrics& metrics)
    : options_(options),
      auditor_(auditor),
      letters_(letters),
      missing_(
          prometheus::BuildGauge()
              .Name("yokoten_audit_missing_records")
              .Help("Records of the log that the archive or a fact table lacks, or has with another content")
              .Register(metrics)
              .Add({})),
      open_letters_(prometheus::BuildGauge()
                        .Name("yokoten_audit_open_dead_letters")
                        .Help("Dead letters that never came again")
                        .Register(metrics)
                        .Add({})),
      last_round_(prometheus::BuildGauge()
                      .Name("yokoten_audit_last_round_timestamp_seconds")
                      .Help("When the last comparison came to its end, as seconds since 1970")
                      .Register(metrics)
                      .Add({})),
      repaired_(prometheus::BuildCounter()
                    .Name("yokoten_audit_repaired_total")
                    .Help("Records read from Kafka once more and stored")
                    .Register(metrics)
                    .Add({})) {}

void Worker::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Worker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  letters_.Stop();
  auditor_.Stop();
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status Worker::Round() {
  YK_ASSIGN_OR_RETURN(Found found, auditor_.Check({}));
  int64_t missing = 0;
  for (const v1::PartitionAudit& partition : found.told.partitions()) {
    missing += partition.missing_count() + partition.conflicting() + partition.lost_fact_count() +
               partition.log_lost();
  }
  missing_.Set(static_cast<double>(missing));
  last_round_.SetToCurrentTime();
  // What one comparison finds may be under way: two aggregators that hand a partition over.
  std::map<aggregator::Source, int64_t> now;
  for (const auto& [source, ranges] : found.ranges) now[source] = ranges.front().first;
  look_again_ = false;
  std::erase_if(found.ranges, [&](const auto& item) {
    const auto before = seen_.find(item.first);
    const bool confirmed = before != seen_.end() && before->second == now[item.first];
    look_again_ |= !confirmed;
    return !confirmed;
  });
  seen_ = std::move(now);
  if (!found.ranges.empty()) {
    for (const auto& [source, ranges] : found.ranges)
      log::Error(kRoom, "{}: {}/{} lacks {} records from offset {} on; {} (docs/runbooks/{}.md)",
                 error_id::kArchiveIncomplete, source.first, source.second, Count(ranges),
                 ranges.front().first,
                 options_.repair ? "they are read from Kafka again" : "run `yokoten audit --repair`",
                 error_id::kArchiveIncomplete);
    if (options_.repair) {
      YK_ASSIGN_OR_RETURN(const int64_t repaired, auditor_.Repair(found));
      repaired_.Increment(static_cast<double>(repaired));
      log::Info(kRoom, "{} records were read from Kafka again and stored", repaired);
    }
  }
  YK_ASSIGN_OR_RETURN(const int64_t open, letters_.CountOpen());
  open_letters_.Set(static_cast<double>(open));
  return OkStatus();
}

void Worker::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (const Status status = Round(); !status.ok())
      log::Warn(kRoom, "log and archive could not be compared, the next round does: {}", Message(status));
    lock.lock();
    // What looks wrong is looked at again soon.
    const auto pause =
        look_again_ ? std::min(options_.interval, std::chrono::milliseconds(10000)) : options_.interval;
    wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace yokoten::audit
