// The target `training`.
#pragma once

#include "app/app.h"

namespace yokoten::training {

// Registers TrainingIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::training
