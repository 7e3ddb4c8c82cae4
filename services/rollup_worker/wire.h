// The target `rollup`.
#pragma once

#include "base/status.h"

namespace yokoten::config::v1 {
class Config;
}
namespace yokoten::app {
class App;
}

namespace yokoten::rollup_worker {

// Adds the worker: touches in, replaced KPI cells and kpi-changed out.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::rollup_worker
