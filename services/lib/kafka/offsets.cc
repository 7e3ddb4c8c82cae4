#include "kafka/offsets.h"

#include <librdkafka/rdkafka.h>

namespace yokoten::kafka {
namespace {

struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

List MakeList(const std::vector<TopicPartition>& partitions, int64_t offset) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

Status Failed(const char* what, rd_kafka_resp_err_t error) {
  return Unavailable(std::string("Kafka did not say ") + what + ": " + rd_kafka_err2str(error) +
                     "; check that kafka.bootstrap_servers is right and the brokers run");
}

Result<Offsets> ToOffsets(const rd_kafka_topic_partition_list_t& list, const char* what) {
  Offsets offsets;
  for (int i = 0; i < list.cnt; ++i) {
    const auto& entry = list.elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed(what, entry.err);
    if (entry.offset >= 0) offsets[{entry.topic, entry.partition}] = entry.offset;
  }
  return offsets;
}

}  // namespace

struct OffsetReader::Impl {
  rd_kafka_t* handle = nullptr;
  ~Impl() {
    if (handle != nullptr) rd_kafka_destroy(handle);
  }
};

OffsetReader::OffsetReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OffsetReader::~OffsetReader() = default;

Result<std::unique_ptr<OffsetReader>> OffsetReader::Create(const std::string& bootstrap_servers,
                                                           const std::string& group) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512] = "";
  for (const auto& [key, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", bootstrap_servers},
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"log_level", "3"}}) {
    if (rd_kafka_conf_set(conf, key, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return InvalidArgument(std::string("Kafka setting ") + key + ": " + error);
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (impl->handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return Internal(std::string("Kafka client cannot be made: ") + error);
  }
  return std::unique_ptr<OffsetReader>(new OffsetReader(std::move(impl)));
}

Result<std::vector<TopicPartition>> OffsetReader::Partitions(const std::vector<std::string>& topics,
                                                             std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error =
      rd_kafka_metadata(impl_->handle, 1, nullptr, &metadata, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("which topics there are", error);
  std::vector<TopicPartition> partitions;
  for (const std::string& topic : topics) {
    for (int t = 0; t < metadata->topic_cnt; ++t) {
      if (topic != metadata->topics[t].topic) continue;
      for (int p = 0; p < metadata->topics[t].partition_cnt; ++p) {
        partitions.emplace_back(topic, metadata->topics[t].partitions[p].id);
      }
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return partitions;
}

Result<Offsets> OffsetReader::Ends(const std::vector<TopicPartition>& partitions,
                                   std::chrono::milliseconds timeout) {
  // Asking for the offset at "time" END is one request a broker for any number of partitions.
  const List list = MakeList(partitions, RD_KAFKA_OFFSET_END);
  const auto error = rd_kafka_offsets_for_times(impl_->handle, list.get(), static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("where the logs end", error);
  return ToOffsets(*list, "where the logs end");
}

Result<Offsets> OffsetReader::Committed(const std::vector<TopicPartition>& partitions,
                                        std::chrono::milliseconds timeout) {
  const List list = MakeList(partitions, RD_KAFKA_OFFSET_INVALID);
  const auto error = rd_kafka_committed(impl_->handle, list.get(), static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("what the group has committed", error);
  return ToOffsets(*list, "what the group has committed");
}

}  // namespace yokoten::kafka
