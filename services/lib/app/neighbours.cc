#include "app/neighbours.h"

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

}  // namespace yokoten::app
