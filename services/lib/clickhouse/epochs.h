// Which life of a Kafka topic its offsets belong to. A topic that was re-created, truncated or moved to
// another cluster begins a new epoch, by an operator's command alone: offsets of different epochs say nothing
// about each other.
#pragma once

#include <string>
#include <string_view>

#include "clickhouse/client.h"

namespace yokoten::clickhouse {

struct TopicEpoch {
  uint32_t epoch = 0;  // 1 is the first; 0: none begun yet
  std::string cluster_id;
  uint32_t partitions = 0;
};

// The topic's latest epoch. Topics are named without the deployment's prefix (the database belongs to one
// deployment).
Result<TopicEpoch> CurrentEpoch(Database& client, std::string_view topic);

// The current epoch, begun now as the first where there is none. FailedPrecondition when the cluster is
// another than the epoch's.
Result<TopicEpoch> EnsureEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                               uint32_t partitions);

// Begins epoch 1, whatever began meanwhile: of processes that all saw none, each does the same.
Result<TopicEpoch> BeginFirstEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                                   uint32_t partitions);

// Begins the next epoch. Whoever consumes the topic must be stopped.
Result<TopicEpoch> BeginEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                              uint32_t partitions, std::string_view reason);

}  // namespace yokoten::clickhouse
