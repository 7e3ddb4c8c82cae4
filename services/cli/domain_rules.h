// The rules between the fields of one event, as the ingest services hold them: the program hands them to the
// verbs, so that an import can check them before it sends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "events/registry.h"
#include "events/validator.h"

namespace yokoten::cli {

// Appends what is wrong with an event whose fields are each fine by themselves. Thread-safe.
using CheckEvent = void (*)(const events::EventType& type, const google::protobuf::Message& event,
                            std::vector<events::Violation>& violations);

// By the domain's name ("standard_work"). A domain that is not there has no such rules.
using DomainRules = std::map<std::string, CheckEvent>;

}  // namespace yokoten::cli
