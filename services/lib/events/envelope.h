// Events as Kafka records: the CloudEvents Kafka binding in binary mode. Headers say what the event is, the
// value is the Protobuf message itself.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "events/registry.h"

namespace yokoten::events {

// A Kafka record without its place.
struct Record {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

// Record of an event whose context.id is filled in. `value` may be given when the event's serialization is at
// hand; it must parse to `event`.
Record Encode(const EventType& type, const google::protobuf::Message& event);
Record Encode(const EventType& type, const google::protobuf::Message& event, std::string value);

// An event read back from a record.
struct Decoded {
  const EventType* type = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
};

// Reads a record of a domain topic. Fails with INVALID_ARGUMENT and one of the error ids yk-envelope-type,
// yk-envelope-mismatch or yk-event-malformed (base/error_ids.h); none of them gets better by a retry.
Result<Decoded> Decode(const HeaderViews& headers, std::string_view value);

// RFC 3339 in UTC with as many decimals as needed (0, 3 or 6): "2026-03-02T18:15:00Z".
std::string FormatTime(WallTime time);

}  // namespace yokoten::events
