// The rules of every domain, for tests that look at events of all of them.
#pragma once

#include <map>
#include <string>

#include "ingest/event.h"

namespace yokoten::test {

// By the domain's name. Thread-safe.
const std::map<std::string, ingest::Rules>& DomainRules();

}  // namespace yokoten::test
