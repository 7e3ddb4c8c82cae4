// The gateway target.
#pragma once

#include "app/app.h"
#include "base/status.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::gateway {

// Adds the gateway to the process. It starts after the process's own gRPC server, which is where services
// that gateway.backends does not name are looked for.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::gateway
