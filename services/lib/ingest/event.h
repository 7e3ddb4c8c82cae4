// One event of a batch: from its bytes to a Kafka record, or to an error that says which field is wrong.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "events/envelope.h"
#include "events/registry.h"
#include "events/validator.h"
#include "yokoten/event/v1/event.pb.h"

namespace google::protobuf {
class Arena;
}

namespace yokoten::ingest {

// A domain's rules between fields of one event. Called only with events whose fields are each fine by
// themselves; appends what is wrong, with paths from the event. Must be thread-safe.
using Rules = void (*)(const events::EventType& type, const google::protobuf::Message& event,
                       std::vector<events::Violation>& violations);

// What a call may hold; see yokoten.config.v1.Ingest.
struct Limits {
  size_t event_bytes_max = 1u << 20;
  size_t batch_bytes_max = 16u << 20;
  size_t batch_events_max = 10'000;
  std::chrono::milliseconds future_tolerance = std::chrono::minutes(5);
  std::chrono::milliseconds retry_after = std::chrono::seconds(1);
};

// What became of the bytes.
struct PreparedEvent {
  event::v1::EventResult result;            // index, id, entity; status and error when it was rejected
  const events::EventType* type = nullptr;  // null when it could not be read
  std::string plant_id;
  std::optional<events::Record> record;  // present unless it was rejected
};

// Reads, checks and encodes the `index`-th event of a batch. `arena` holds what is parsed.
PreparedEvent PrepareEvent(const events::Domain& domain, std::string_view bytes, uint32_t index,
                           const Limits& limits, WallTime now, Rules rules, google::protobuf::Arena& arena);

// Marks a result as failed: status REJECTED for INVALID_ARGUMENT, else RETRY; details hold ErrorInfo.
void SetError(event::v1::EventResult& result, const Status& status);

}  // namespace yokoten::ingest
