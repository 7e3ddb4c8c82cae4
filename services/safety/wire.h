// The target `safety`.
#pragma once

#include "app/app.h"

namespace yokoten::safety {

// Registers SafetyIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::safety
