// Random events of any type, made of the types' examples: for tests that want histories nobody thought of.
#pragma once

#include <functional>
#include <memory>
#include <random>

#include "base/clock.h"
#include "base/date.h"
#include "examples/examples.h"
#include "ingest/event.h"

namespace yokoten::test {

// What all events of a history share.
struct AnyEventOptions {
  Day first_day;          // of occurrence
  int days = 40;          // so many from then on
  WallTime now;           // nothing is ahead of it by more than the rules allow
  ingest::Rules rules{};  // of the type's domain; empty: none but the proto's
};

// The example with other values: ids out of a few (so that events speak of the same things), any enum value,
// small numbers, days and instants of the history; each kept only while the event stays valid. Id, source,
// plant and unit are the caller's. The same generator state gives the same event.
std::unique_ptr<google::protobuf::Message> AnyEvent(const Example& example, const AnyEventOptions& options,
                                                    std::mt19937_64& random);

}  // namespace yokoten::test
