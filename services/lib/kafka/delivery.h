// Records into Kafka, all of them, with acknowledgement.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "events/envelope.h"
#include "kafka/producer.h"

namespace yokoten::kafka {

struct DeliveryOptions {
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{10000};
  // Called at every round of failures that will be repeated.
  std::function<void(const Status&)> on_retry;
  // Called for a record Kafka refuses for good, before it is tried again: makes it smaller.
  std::function<void(events::Record&)> shorten;
};

// Returns when all in-sync replicas have every record, however often that has to be tried, or CANCELLED soon
// after `stop` became true. Records may end up in the log more than once.
Status ProduceAll(RecordSink& sink, const std::string& topic, std::vector<events::Record> records,
                  const std::atomic<bool>& stop, const DeliveryOptions& options = {});

}  // namespace yokoten::kafka
