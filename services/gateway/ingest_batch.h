// A batch of events as JSON, read event by event, so that one broken event never sinks the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "events/registry.h"
#include "gateway/connect_error.h"
#include "gateway/limits.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::gateway {

// What became of the items of a batch before any was sent.
struct JsonBatch {
  std::string wire;                             // IngestEventsRequest with the readable events
  std::vector<uint32_t> sent;                   // place in the caller's batch of each event in `wire`
  std::vector<event::v1::EventResult> refused;  // the others, answered already, by index
};

// Reads {"events": [...]}. An error means that the batch as a whole is refused.
std::optional<google::rpc::Status> ReadJsonBatch(std::string_view body, const events::Domain& domain,
                                                 const Limits& limits, JsonBatch* batch);

// Puts the backend's results and the refused ones together, in the caller's order. `response` is the
// service's IngestEventsResponse; the fields its errors name become those of the caller's batch. An error
// means that the backend answered for another number of events than it was sent.
std::optional<google::rpc::Status> MergeResults(const JsonBatch& batch, google::protobuf::Message* response);

// The answer for one event that cannot be sent. `prefix` as in EventError.
event::v1::EventResult Refused(uint32_t index, std::string_view id, std::string_view prefix,
                               const events::Violation& violation, std::string_view error_id);
event::v1::EventResult TooLarge(uint32_t index, std::string_view prefix, size_t bytes, size_t bytes_max);
// How errors name the event at `index` of a batch: "events[3]".
std::string EventPath(uint32_t index);

// Appends one event, in the wrapper's field of its type, as an item of IngestEventsRequest.events.
void AppendWireEvent(const google::protobuf::FieldDescriptor& wrapper_field, std::string_view event,
                     std::string* wire);

// Id an event carries or derives from its source key; empty when it has neither.
std::string EventIdOf(const event::v1::EventContext& context);

}  // namespace yokoten::gateway
