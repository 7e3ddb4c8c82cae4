// The target `relations`.
#pragma once

#include "app/app.h"

namespace yokoten::relations {

// Registers RelationsIngestService on the process's gRPC server.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::relations
