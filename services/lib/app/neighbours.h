// From configuration to the options of the rooms that reach a neighbour: said once for all targets.
#pragma once

#include "clickhouse/client.h"
#include "kafka/topics.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::app {

clickhouse::ClientOptions ClickHouseOptionsOf(const config::v1::Config& config);
kafka::TopicOptions TopicOptionsOf(const config::v1::Config& config);

}  // namespace yokoten::app
