#include "kafka/handles.h"

namespace yokoten::kafka {

Result<Conf> MakeConf(const Settings& settings) {
  Conf conf(rd_kafka_conf_new());
  char error[512] = "";
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK)
      return InvalidArgument("Kafka setting " + name + ": " + error);
  }
  return conf;
}

Result<Handle> MakeHandle(rd_kafka_type_t type, Conf conf) {
  char error[512] = "";
  Handle handle(rd_kafka_new(type, conf.get(), error, sizeof error));
  if (handle == nullptr) return Internal(std::string("Kafka client cannot be made: ") + error);
  conf.release();  // belongs to the handle from here on
  return handle;
}

Result<Metadata> FetchMetadata(rd_kafka_t* handle, std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(handle, 1, nullptr, &metadata, static_cast<int>(timeout.count()));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata(metadata);
  return Unavailable(std::string("Kafka did not say which topics there are: ") + rd_kafka_err2str(code) +
                     "; check that kafka.bootstrap_servers is right and the brokers run");
}

std::vector<TopicPartition> PartitionsOf(const rd_kafka_metadata_t& metadata, const std::string& topic) {
  std::vector<TopicPartition> partitions;
  for (int t = 0; t < metadata.topic_cnt; ++t) {
    if (topic != metadata.topics[t].topic) continue;
    for (int p = 0; p < metadata.topics[t].partition_cnt; ++p) {
      partitions.emplace_back(topic, metadata.topics[t].partitions[p].id);
    }
  }
  return partitions;
}

List ListOf(const std::vector<TopicPartition>& partitions, int64_t offset) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

List ListOf(const Offsets& offsets) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), partition.first.c_str(), partition.second)->offset = offset;
  }
  return list;
}

void Assign(rd_kafka_t* handle, const List& list) {
  rd_kafka_assign(handle, list.get());
  // A pause outlives its assignment: without this, nothing would ever come from a partition paused before.
  if (list != nullptr) rd_kafka_resume_partitions(handle, list.get());
}

}  // namespace yokoten::kafka
