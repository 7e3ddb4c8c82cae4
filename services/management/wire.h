// The target `management`.
#pragma once

#include "app/app.h"

namespace yokoten::management {

// Registers ManagementIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::management
