// The target `improvement`.
#pragma once

#include "app/app.h"

namespace yokoten::improvement {

// Registers ImprovementIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::improvement
