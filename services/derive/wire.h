// The target `derive`.
#pragma once

#include "app/app.h"
#include "base/status.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::derive {

Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::derive
