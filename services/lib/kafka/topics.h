// The topics the product uses and how they are made.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace yokoten::kafka {

// Topics without the deployment's prefix. Domain topics are named by their protos (events::Domain::topic).
inline constexpr std::string_view kDirtyTopic = "yokoten.dirty.v1";
inline constexpr std::string_view kDeadLetterTopic = "yokoten.dead-letter.v1";
inline constexpr std::string_view kKpiChangedTopic = "yokoten.kpi-changed.v1";
// What the service concludes (proto/yokoten/derived). One partition: readers go through it by one offset.
inline constexpr std::string_view kDerivedTopic = "yokoten.derived.v1";

// Consumer groups without the deployment's prefix.
inline constexpr std::string_view kAggregatorGroup = "yokoten-aggregator";
inline constexpr std::string_view kRollupGroup = "yokoten-rollup";

struct TopicOptions {
  std::string bootstrap_servers;
  std::string prefix;
  int32_t domain_partitions = 4;
  int32_t dirty_partitions = 4;
  int32_t replication_factor = 1;
  std::chrono::milliseconds timeout{30000};
};

// All topics of the deployment as the broker names them: domains first, then the four above.
std::vector<std::string> AllTopics(std::string_view prefix);
std::vector<std::string> DomainTopics(std::string_view prefix);

// Makes the topics that are not there: append time of the broker, kept for ever, never compacted. Existing
// topics are left as they are. Idempotent, safe in several processes at once. Unavailable when the brokers do
// not answer.
Status EnsureTopics(const TopicOptions& options);

}  // namespace yokoten::kafka
