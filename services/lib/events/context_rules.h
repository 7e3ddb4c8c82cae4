// Rules every event's context obeys, whatever its type.
#pragma once

#include <vector>

#include <google/protobuf/timestamp.pb.h>

#include "events/validator.h"

namespace yokoten::events {

// Years 1900 to 2299, nanoseconds in range.
bool IsValidTimestamp(const google::protobuf::Timestamp& time);

// Appends what is wrong between the fields of the context (and, for a void, between context and target).
void CheckContext(const EventType& type, const google::protobuf::Message& event,
                  const ValidateOptions& options, std::vector<Violation>& violations);

}  // namespace yokoten::events
