#include "rollup_worker/epochs.h"

#include <vector>

#include "clickhouse/epochs.h"
#include "kafka/log_reader.h"
#include "kafka/offsets.h"
#include "kafka/topics.h"

namespace yokoten::rollup_worker {

Result<uint32_t> OpenEpoch(clickhouse::Database& database, const std::string& cluster_id,
                           int32_t partitions) {
  YK_ASSIGN_OR_RETURN(clickhouse::TopicEpoch known, clickhouse::CurrentEpoch(database, kafka::kDirtyTopic));
  const auto count = static_cast<uint32_t>(partitions);
  if (known.epoch == 0) {
    YK_ASSIGN_OR_RETURN(known, clickhouse::BeginFirstEpoch(database, kafka::kDirtyTopic, cluster_id, count));
  }
  if (known.cluster_id != cluster_id || known.partitions != count) {
    return FailedPrecondition(
        "the dirty topic has " + std::to_string(partitions) + " partitions on cluster " + cluster_id +
        ", the cells were made from one with " + std::to_string(known.partitions) + " on " +
        known.cluster_id + "; run 'yokoten rebuild --new-dirty-epoch' to compute all cells anew");
  }
  return known.epoch;
}

Result<uint32_t> BeginEpoch(clickhouse::Database& database, const std::string& bootstrap_servers,
                            const std::string& prefix, const std::string& group_suffix) {
  constexpr std::chrono::seconds kTimeout{10};
  const std::string topic = prefix + std::string(kafka::kDirtyTopic);
  YK_ASSIGN_OR_RETURN(const auto reader, kafka::LogReader::Create(bootstrap_servers));
  YK_ASSIGN_OR_RETURN(const std::string cluster, reader->ClusterId(kTimeout));
  YK_ASSIGN_OR_RETURN(const auto counts, reader->PartitionCounts({topic}, kTimeout));
  // What the group had read may lie behind the log's end, where nothing could ever be read again. All cells
  // are made anew, so it may as well start at the beginning.
  std::vector<kafka::TopicPartition> partitions;
  for (int32_t p = 0; p < counts.at(topic); ++p) partitions.emplace_back(topic, p);
  YK_RETURN_IF_ERROR(kafka::ForgetOffsets(
      bootstrap_servers, prefix + std::string(kafka::kRollupGroup) + group_suffix, partitions, kTimeout));
  YK_ASSIGN_OR_RETURN(const clickhouse::TopicEpoch begun,
                      clickhouse::BeginEpoch(database, kafka::kDirtyTopic, cluster,
                                             static_cast<uint32_t>(counts.at(topic)), "operator"));
  return begun.epoch;
}

}  // namespace yokoten::rollup_worker
