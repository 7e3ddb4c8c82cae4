// The target `gate`.
#pragma once

#include "app/app.h"
#include "base/status.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::gate {

Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::gate
