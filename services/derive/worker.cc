#include "derive/worker.h"

#include <algorithm>
#include <vector>

#include "telemetry/log.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::derive {

Worker::Worker(WorkerOptions options, clickhouse::Client& clickhouse, kafka::RecordSink& sink,
               std::string topic, const Clock& clock, telemetry::Metrics& metrics)
    : options_(options),
      clock_(clock),
      deriver_(clickhouse, kpi::Catalogue::Linked(), LinkedRules(), sink, std::move(topic), clock, stopping_),
      runs_(prometheus::BuildCounter()
                .Name("yokoten_derive_runs_total")
                .Help("Runs of the rules")
                .Register(metrics)
                .Add({})),
      failures_(prometheus::BuildCounter()
                    .Name("yokoten_derive_failures_total")
                    .Help("Runs of the rules that failed and are made good by the next")
                    .Register(metrics)
                    .Add({})),
      published_(prometheus::BuildCounter()
                     .Name("yokoten_derive_published_total")
                     .Help("Derived events published, by rule")
                     .Register(metrics)),
      seconds_(prometheus::BuildGauge()
                   .Name("yokoten_derive_last_run_seconds")
                   .Help("How long the last run took")
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
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::OnChanged(std::string_view value) {
  internal::v1::KpiChanged changed;
  if (!changed.ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
  {
    const std::lock_guard lock(mutex_);
    changed_.insert(changed.plant_id());
  }
  wake_.notify_all();
}

Status Worker::LastRun() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void Worker::Loop() {
  std::unique_lock lock(mutex_);
  MonotonicTime next_all = clock_.Monotonic();
  while (!stopping_) {
    const MonotonicTime begin = clock_.Monotonic();
    const bool all = begin >= next_all;
    std::vector<std::string> plants;
    if (!all) plants.assign(changed_.begin(), changed_.end());
    if (all || !plants.empty()) {
      changed_.clear();
      lock.unlock();
      const Result<RunReport> report = deriver_.Run(plants);
      const auto took = clock_.Monotonic() - begin;
      runs_.Increment();
      seconds_.Set(std::chrono::duration<double>(took).count());
      if (report.ok()) {
        for (const auto& [rule, count] : report->published)
          published_.Add({{"rule", rule}}).Increment(static_cast<double>(count));
      } else if (!stopping_) {
        failures_.Increment();
        log::Warn("derive", "the rules could not be run, the next run makes it good: {}",
                  Message(report.status()));
      }
      lock.lock();
      last_ = report.status();
      if (all) next_all = begin + options_.interval;
      const auto pause = std::max<MonotonicTime::duration>(options_.pause, 2 * took);
      wake_.wait_for(lock, pause, [this] { return stopping_.load(); });
    }
    wake_.wait_until(lock, next_all, [this] { return stopping_ || !changed_.empty(); });
  }
}

}  // namespace yokoten::derive
