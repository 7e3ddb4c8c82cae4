// The aggregator target: its parts and their order.
#pragma once

#include "aggregator/aggregator.h"
#include "base/status.h"

namespace yokoten::config::v1 {
class Config;
}
namespace yokoten::app {
class App;
}

namespace yokoten::aggregator {

// The settings as options, for the first generation.
AggregatorOptions OptionsOf(const config::v1::Config& config);

// Fails only where a setting contradicts another; neighbours that are away are waited for.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::aggregator
