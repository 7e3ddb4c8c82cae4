// From configuration to the options of the rooms that reach a neighbour: said once for all targets.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "clickhouse/client.h"
#include "kafka/topics.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::app {

clickhouse::ClientOptions ClickHouseOptionsOf(const config::v1::Config& config);
kafka::TopicOptions TopicOptionsOf(const config::v1::Config& config);

// "host:port" taken apart; port 0 means any free one. InvalidArgument names `setting`.
struct Address {
  std::string host;
  uint16_t port = 0;
};
Result<Address> SplitAddress(const std::string& address, const std::string& setting);

}  // namespace yokoten::app
