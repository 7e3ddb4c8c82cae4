// Runs the events of one thing through its machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/machine.h"

namespace yokoten::lifecycle {

// An event that counts (live, by identity, corrections and voids).
struct StateEvent {
  int64_t at_us = 0;        // when it happened; microseconds since 1970-01-01 UTC
  int64_t recorded_us = 0;  // when it was recorded: decides among events of one instant
  std::string id;           // and this among those of one record time
  std::string event;        // short name within its domain
  FieldValue value;
};

// A stay in one state.
struct Stay {
  std::string state;  // as readers see it
  int64_t from_us = 0;
  std::optional<int64_t> to_us;  // nothing: still in it
  friend bool operator==(const Stay&, const Stay&) = default;
};

struct Life {
  std::string state;        // now, as readers see it; "-" when nothing was legal
  std::vector<Stay> stays;  // in order; an event that leaves the state as it is begins no new stay
  // By position in the events given: whether it was legal where it stood. Illegal ones changed nothing.
  std::vector<bool> legal;
};

// `events` may come in any order: they are taken by (at_us, recorded_us, id).
Life Fold(const Machine& machine, const std::vector<StateEvent>& events);

}  // namespace yokoten::lifecycle
