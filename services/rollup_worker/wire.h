// The target `rollup`.
#pragma once

#include "base/status.h"
#include "rollup_worker/worker.h"

namespace yokoten::config::v1 {
class Config;
}
namespace yokoten::app {
class App;
}

namespace yokoten::rollup_worker {

// The settings as options, for the first generation.
WorkerOptions OptionsOf(const config::v1::Config& config);

// Adds the worker: touches in, replaced KPI cells and kpi-changed out.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::rollup_worker
