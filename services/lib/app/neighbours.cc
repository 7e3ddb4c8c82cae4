#include "app/neighbours.h"

#include <charconv>

namespace yokoten::app {

clickhouse::ClientOptions ClickHouseOptionsOf(const config::v1::Config& config) {
  clickhouse::ClientOptions options;
  options.url = config.clickhouse().url();
  options.database = config.clickhouse().database();
  options.user = config.clickhouse().user();
  options.password = config.clickhouse().password();
  options.timeout = std::chrono::milliseconds(config.clickhouse().timeout_ms());
  return options;
}

kafka::TopicOptions TopicOptionsOf(const config::v1::Config& config) {
  kafka::TopicOptions options;
  options.bootstrap_servers = config.kafka().bootstrap_servers();
  options.prefix = config.deployment().topic_prefix();
  options.domain_partitions = config.kafka().domain_partitions();
  options.dirty_partitions = config.kafka().dirty_partitions();
  options.replication_factor = config.kafka().replication_factor();
  return options;
}

Result<Address> SplitAddress(const std::string& address, const std::string& setting) {
  const size_t colon = address.rfind(':');
  uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
    if (error == std::errc() && stop == end && stop != address.data() + colon + 1) {
      return Address{address.substr(0, colon), port};
    }
  }
  return InvalidArgument(setting + " is '" + address + "'; write it as host:port, such as 127.0.0.1:9100");
}

}  // namespace yokoten::app
