// Sends events over the ingest services' streams: batches under way in a window, order of answers not
// required, what was not surely written is sent again with the same ids, what is wrong is reported and never
// sent again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"
#include "cli/connection.h"
#include "events/registry.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::cli {

// Thread-safe, except that Send of one event must not race with Close.
class EventSender {
 public:
  struct Options {
    size_t batch_events = 500;
    size_t batch_bytes = 1 << 20;
    // Batches under way per domain.
    size_t window = 8;
    // Batches waiting per domain before Send blocks.
    size_t queue = 16;
    // How long a domain may make no progress before the sender gives up.
    std::chrono::milliseconds patience{300'000};
  };
  struct Counts {
    uint64_t sent = 0;      // handed over to Send
    uint64_t accepted = 0;  // Kafka has it
    uint64_t rejected = 0;  // wrong
    uint64_t resent = 0;    // sent again because the fate was unknown
  };
  // Told once for each event, ACCEPTED or REJECTED; calls never overlap. Must not call the sender.
  using OnResult = std::function<void(uint64_t tag, const event::v1::EventResult& result)>;

  EventSender(std::shared_ptr<Connection> connection, Options options, OnResult on_result);
  ~EventSender();

  // Takes one event to its domain's service; a void (which any domain takes) to `domain`. Blocks while the
  // queue is full. Fails when the sender has given up; the same error is then returned ever after.
  Status Send(const events::Domain& domain, const events::EventType& type,
              const google::protobuf::Message& event, uint64_t tag);

  // Waits until every event given so far is answered. An error says why it gave up; what is unanswered is not
  // lost by sending it again.
  Status Flush();

  // What was written, for reading at least that.
  event::v1::ConsistencyToken token() const;
  Counts counts() const;

 private:
  class Lane;
  struct Shared;

  std::shared_ptr<Shared> shared_;
  std::mutex lanes_mutex_;
  std::map<std::string, std::unique_ptr<Lane>> lanes_;  // by target
};

// Serialized <Domain>Event that holds the event, as a batch carries it.
std::string WrapEvent(const events::Domain& domain, const events::EventType& type,
                      const google::protobuf::Message& event);

}  // namespace yokoten::cli
