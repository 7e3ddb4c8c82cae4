// Checks one event against the rules its proto states (yokoten.options.v1) and against the rules of the
// context. What needs two events is not checked here: such facts are stored and shown as findings.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "events/registry.h"

namespace yokoten::events {

// One broken rule.
struct Violation {
  std::string field;  // path from the event message: "context.plant_id", "steps[2].key_points[0].reason"
  std::string
      rule;  // stable word: "required", "max_length", "range", "pattern", "format", "enum", "utf8", ...
  std::string message_en;  // what is wrong and what to do; never the value of a sensitive field
  std::string message_zh;
};

struct ValidateOptions {
  WallTime now;  // against which "ahead" is judged
  std::chrono::milliseconds future_tolerance = std::chrono::minutes(5);
  size_t violations_max = 20;  // further ones of the same event are not looked for
};

// All broken rules, in the order of the fields; empty when the event is fine. Thread-safe.
std::vector<Violation> Validate(const EventType& type, const google::protobuf::Message& event,
                                const ValidateOptions& options);

// Why bytes do not parse as a message of the type: the first string that is no UTF-8 or the first place where
// the wire format breaks, named by field. Call it only when the parse failed; a fault it cannot find is
// reported on "".
Violation DiagnoseWire(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace yokoten::events
