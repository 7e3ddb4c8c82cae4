#include "kafka/delivery.h"

#include <mutex>

#include "base/threads.h"
#include "base/wait.h"

namespace yokoten::kafka {

Status ProduceAll(RecordSink& sink, const std::string& topic, std::vector<events::Record> records,
                  const std::atomic<bool>& stop, const DeliveryOptions& options) {
  for (int attempt = 0; !records.empty(); ++attempt) {
    std::mutex mutex;
    Signal changed;
    size_t open = records.size();
    std::vector<Status> results(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
      const Status queued = sink.Produce(topic, records[i], [&, i](const Delivery& delivery) {
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
    if (!WaitBackoff(attempt, options.backoff_min, options.backoff_max, stop))
      return Cancelled("given up while Kafka did not answer");
  }
  return OkStatus();
}

}  // namespace yokoten::kafka
