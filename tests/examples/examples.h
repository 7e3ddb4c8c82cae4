// The example of every event type, read from tests/examples/<domain>.<EventType>.json.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "base/status.h"
#include "events/registry.h"

namespace yokoten::test {

struct Example {
  const events::EventType* type = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
};

// Sorted by type name. Fails when a file is no valid JSON of the type its name says, or when a type has no
// example.
Result<std::vector<Example>> LoadExamples();

// The example in its domain's wrapper message; Voided in that of `voided_domain`.
std::unique_ptr<google::protobuf::Message> Wrap(const Example& example,
                                                const std::string& voided_domain = "training");

}  // namespace yokoten::test
