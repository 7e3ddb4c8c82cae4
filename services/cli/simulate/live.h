// A trickle of events in real time after the sample data's last day: the board moves while somebody looks at
// it.
#pragma once

#include <vector>

#include "cli/simulate/group.h"
#include "cli/simulate/outbox.h"

namespace yokoten::cli {

// Not thread-safe.
class LiveTrickle {
 public:
  LiveTrickle(const SimulationOptions& options, const std::vector<SimPlant>& plants);

  // One or two things that happen now somewhere in the group.
  std::vector<OutgoingEvent> Next(WallTime now);

 private:
  SimulationOptions options_;
  const std::vector<SimPlant>& plants_;
  Random random_;
};

}  // namespace yokoten::cli
