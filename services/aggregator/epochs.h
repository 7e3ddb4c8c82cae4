// The operator's way out of a halt that says the old log is gone for good.
#pragma once

#include <string>

#include "base/status.h"
#include "clickhouse/client.h"

namespace yokoten::aggregator {

// Begins the next epoch of a domain topic (named without the prefix): the aggregator then reads the topic, as
// it is now, from its beginning. Facts of the old epoch stay; what is in both logs is stored once, because
// facts are known by their ids. The aggregators must be stopped. InvalidArgument for a topic that is no
// domain's, Unavailable when Kafka or ClickHouse does not answer.
Status BeginEpoch(clickhouse::Database& database, const std::string& bootstrap_servers,
                  const std::string& prefix, const std::string& topic);

}  // namespace yokoten::aggregator
