// Events to stored facts on the real path (encoder, decoder, batch writer, identity pass), with the log and
// the dirty topic in memory: what a test of the figures needs, without a broker.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "aggregator/decoder.h"
#include "base/clock.h"
#include "clickhouse/client.h"
#include "events/registry.h"
#include "kafka/producer.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::test {

// Time that stands still until told.
class FixedClock final : public Clock {
 public:
  WallTime Now() const override { return now; }
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
  WallTime now{};
};

// "2026-05-01T00:00:00+08:00" or "...Z" to an instant. Aborts on anything else.
WallTime ParseInstant(std::string_view text);

// Keeps what is produced, by topic.
class MemorySink final : public kafka::RecordSink {
 public:
  Status Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) override;
  Status Health() const override { return OkStatus(); }
  std::map<std::string, std::vector<events::Record>> records;
};

// An event of any type, its context filled in.
struct LoggedEvent {
  const events::EventType* type = nullptr;
  std::shared_ptr<google::protobuf::Message> event;
};

// The event's context, to be changed.
event::v1::EventContext& ContextOf(LoggedEvent& logged);

class FactLog {
 public:
  explicit FactLog(clickhouse::Client& client);

  // Stores the events in this order, as one batch, recorded one millisecond apart. Aborts on an event the
  // decoder refuses.
  Status Store(const std::vector<LoggedEvent>& events);
  // Runs the identity pass over everything.
  Status JudgeIdentity();
  // Touches since the last call, by plant.
  std::map<std::string, std::vector<internal::v1::Touch>> TakeTouches();
  // Events to come are recorded so much later.
  void Wait(std::chrono::milliseconds time) { waited_ms_ += time.count(); }
  // When the last event was recorded.
  WallTime recorded_until() const;
  // Touches handed out so far: the next offset of the dirty topic.
  int64_t dirty_offset() const { return dirty_offset_; }

 private:
  clickhouse::Client& client_;
  aggregator::Decoder decoder_;
  MemorySink sink_;
  int64_t next_offset_ = 0;
  int64_t waited_ms_ = 0;
  int64_t dirty_offset_ = 0;
};

// Reads a .facts file: lines "<short type> <event in proto JSON>", "@context <JSON>" (merged into every later
// event's context; fields of the event win), "@voids" is simply the type event.Voided; '#' comments. An event
// without an id gets "line<number>". InvalidArgument names the line.
Result<std::vector<LoggedEvent>> ReadFacts(const std::string& text);

}  // namespace yokoten::test
