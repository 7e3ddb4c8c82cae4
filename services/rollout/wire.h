// The target `rollout`.
#pragma once

#include "app/app.h"

namespace yokoten::rollout {

// Registers RolloutIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::rollout
