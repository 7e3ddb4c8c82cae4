// Rules between fields of one event of the domain management: what a field's options cannot say (DOMAIN:
// groups F and I).
#pragma once

#include <vector>

#include "events/registry.h"
#include "events/validator.h"

namespace yokoten::management {

// Appends what is wrong. Only for events whose fields are each fine by themselves. Thread-safe.
void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations);

}  // namespace yokoten::management
