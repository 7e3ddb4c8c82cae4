// What a generation that is not in use may say to Kafka.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "kafka/producer.h"

namespace yokoten::rebuild {

// Hands on records of the topics named (as the broker names them); the others count as delivered and go
// nowhere. Thread-safe.
class PartialSink final : public kafka::RecordSink {
 public:
  // `sink` must outlive it.
  PartialSink(kafka::RecordSink& sink, std::set<std::string> topics)
      : sink_(sink), topics_(std::move(topics)) {}

  Status Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) override {
    if (topics_.contains(topic)) return sink_.Produce(topic, std::move(record), std::move(done));
    if (done) done({.status = OkStatus(), .possibly_persisted = false, .partition = 0, .offset = 0});
    return OkStatus();
  }
  Status Health() const override { return sink_.Health(); }

 private:
  kafka::RecordSink& sink_;
  const std::set<std::string> topics_;
};

}  // namespace yokoten::rebuild
