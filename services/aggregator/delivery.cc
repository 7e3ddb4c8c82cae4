#include "aggregator/delivery.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace yokoten::aggregator {

bool Backoff(int attempt, std::chrono::milliseconds min, std::chrono::milliseconds max,
             const std::atomic<bool>& stop) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto wait = std::min<std::chrono::milliseconds>(min * (1 << std::min(attempt, 16)), max);
  const std::chrono::duration<double, std::milli> jittered =
      wait * std::uniform_real_distribution<double>(0.5, 1.0)(random);
  const auto until = std::chrono::steady_clock::now() + jittered;
  // Nobody signals the stop flag, so the wait is cut into short ones.
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  while (!stop && std::chrono::steady_clock::now() < until) nobody.wait_for(lock, std::chrono::milliseconds(5));
  return !stop;
}

Status ProduceAll(kafka::RecordSink& sink, const std::string& topic, std::vector<events::Record> records,
                  const std::atomic<bool>& stop, const DeliveryOptions& options) {
  for (int attempt = 0; !records.empty(); ++attempt) {
    std::mutex mutex;
    std::condition_variable changed;
    size_t open = records.size();
    std::vector<Status> results(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
      const Status queued = sink.Produce(topic, records[i], [&, i](const kafka::Delivery& delivery) {
        const std::lock_guard lock(mutex);
        results[i] = delivery.status;
        if (--open == 0) changed.notify_all();
      });
      if (queued.ok()) continue;
      const std::lock_guard lock(mutex);
      results[i] = queued;
      --open;
    }
    {
      // Every record gets its report within the sink's delivery timeout, so this ends.
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return open == 0; });
    }
    std::vector<events::Record> again;
    Status failure;
    for (size_t i = 0; i < records.size(); ++i) {
      if (results[i].ok()) continue;
      failure = results[i];
      if (failure.code() == StatusCode::kInvalidArgument && options.shorten) options.shorten(records[i]);
      again.push_back(std::move(records[i]));
    }
    records = std::move(again);
    if (records.empty()) break;
    if (options.on_retry) options.on_retry(failure);
    if (!Backoff(attempt, options.backoff_min, options.backoff_max, stop))
      return Cancelled("given up while Kafka did not answer");
  }
  return OkStatus();
}

}  // namespace yokoten::aggregator
