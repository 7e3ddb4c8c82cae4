// The ceiling of ingest: librdkafka itself, set as the product's producer sets it, with nothing around it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <librdkafka/rdkafka.h>

#include "events/envelope.h"

namespace yokoten::bench {

// Ends the program with a line when librdkafka refuses something. One thread produces.
class BareProducer {
 public:
  // `delivered` is called for each record, on the poll's thread, with the tag it was produced with.
  BareProducer(const std::string& bootstrap_servers, const std::string& topic,
               std::function<void(size_t tag)> delivered);
  ~BareProducer();

  // Waits while librdkafka's queue is full. The record is copied, as the product's producer does.
  void Produce(const events::Record& record, size_t tag);

 private:
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);

  std::function<void(size_t)> delivered_;
  rd_kafka_t* rk_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  std::atomic<bool> stop_{false};
  std::thread poll_;
};

// Writes the line to standard error and ends the program with 1.
[[noreturn]] void Fail(const std::string& line);

}  // namespace yokoten::bench
