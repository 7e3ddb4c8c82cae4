// Rules between fields of one event of the domain rollout: what a field's options cannot say (DOMAIN:
// group H).
#pragma once

#include <vector>

#include "events/registry.h"
#include "events/validator.h"

namespace yokoten::rollout {

// Appends what is wrong. Only for events whose fields are each fine by themselves. Thread-safe.
void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations);

}  // namespace yokoten::rollout
