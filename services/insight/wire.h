// The target `insight`.
#pragma once

#include "app/app.h"

namespace yokoten::insight {

// Registers InsightService and AdminService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::insight
