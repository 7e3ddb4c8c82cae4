// Rules between fields of one event of the domain relations: what a field's options cannot say (DOMAIN:
// group D).
#pragma once

#include <vector>

#include "events/registry.h"
#include "events/validator.h"

namespace yokoten::relations {

// Appends what is wrong. Only for events whose fields are each fine by themselves. Thread-safe.
void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations);

}  // namespace yokoten::relations
