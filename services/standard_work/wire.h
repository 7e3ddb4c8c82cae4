// The target `standard-work`.
#pragma once

#include "app/app.h"

namespace yokoten::standard_work {

// Registers StandardWorkIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::standard_work
