// The aggregator target: its parts and their order.
#pragma once

#include "base/status.h"

namespace yokoten::config::v1 {
class Config;
}
namespace yokoten::app {
class App;
}

namespace yokoten::aggregator {

// Fails only where a setting contradicts another; neighbours that are away are waited for.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::aggregator
