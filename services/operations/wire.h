// The target `operations`.
#pragma once

#include "app/app.h"

namespace yokoten::operations {

// Registers OperationsIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::operations
