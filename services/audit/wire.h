// The audit target.
#pragma once

#include "app/app.h"

namespace yokoten::audit {

Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::audit
