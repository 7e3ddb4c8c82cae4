#include "clickhouse/epochs.h"

namespace yokoten::clickhouse {

Result<TopicEpoch> CurrentEpoch(Database& client, std::string_view topic) {
  YK_ASSIGN_OR_RETURN(const Rows rows,
                      client.Select("SELECT epoch, argMin(cluster_id, begun_at) AS cluster_id, "
                                    "argMin(partitions, begun_at) AS partitions FROM topic_epoch "
                                    "WHERE topic = {topic:String} GROUP BY epoch ORDER BY epoch DESC LIMIT 1",
                                    {.parameters = {{"topic", EscapeParameter(topic)}}}));
  if (rows.empty()) return TopicEpoch{};
  return TopicEpoch{static_cast<uint32_t>(rows.UInt(0, "epoch")), rows.Text(0, "cluster_id"),
                    static_cast<uint32_t>(rows.UInt(0, "partitions"))};
}

namespace {

Status Insert(Database& client, std::string_view topic, const TopicEpoch& epoch, std::string_view reason) {
  return client.Execute(
      "INSERT INTO topic_epoch SELECT {topic:String}, {epoch:UInt32}, {cluster:String}, "
      "{partitions:UInt32}, {reason:String}, now64(3)",
      {.settings = {{"async_insert", "0"}},
       .parameters = {{"topic", EscapeParameter(topic)},
                      {"epoch", std::to_string(epoch.epoch)},
                      {"cluster", EscapeParameter(epoch.cluster_id)},
                      {"partitions", std::to_string(epoch.partitions)},
                      {"reason", EscapeParameter(reason)}}});
}

}  // namespace

Result<TopicEpoch> BeginEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                              uint32_t partitions, std::string_view reason) {
  YK_ASSIGN_OR_RETURN(const TopicEpoch last, CurrentEpoch(client, topic));
  const TopicEpoch epoch{last.epoch + 1, std::string(cluster_id), partitions};
  YK_RETURN_IF_ERROR(Insert(client, topic, epoch, reason));
  return epoch;
}

Result<TopicEpoch> BeginFirstEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                                   uint32_t partitions) {
  const TopicEpoch first{1, std::string(cluster_id), partitions};
  YK_RETURN_IF_ERROR(Insert(client, topic, first, "first start"));
  // Whatever began meanwhile counts.
  return CurrentEpoch(client, topic);
}

Result<TopicEpoch> EnsureEpoch(Database& client, std::string_view topic, std::string_view cluster_id,
                               uint32_t partitions) {
  YK_ASSIGN_OR_RETURN(TopicEpoch epoch, CurrentEpoch(client, topic));
  if (epoch.epoch == 0) return BeginFirstEpoch(client, topic, cluster_id, partitions);
  if (epoch.cluster_id != cluster_id) {
    return FailedPrecondition("topic " + std::string(topic) + " was consumed from Kafka cluster " +
                              epoch.cluster_id + ", this is cluster " + std::string(cluster_id));
  }
  return epoch;
}

}  // namespace yokoten::clickhouse
