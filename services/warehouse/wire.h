// The target `warehouse`.
#pragma once

#include "app/app.h"

namespace yokoten::warehouse {

// Opens the engine on warehouse.data_path and serves ClickHouse's HTTP interface. Never part of --target=all:
// the engine wants a process of its own.
Status Wire(const config::v1::Config& config, app::App& app);

}  // namespace yokoten::warehouse
