#include "kafka/tail.h"

#include <atomic>
#include <thread>

#include <librdkafka/rdkafka.h>

namespace yokoten::kafka {
namespace {

constexpr int kMetadataTimeoutMs = 10000;
constexpr int kPollMs = 100;

}  // namespace

struct Tail::Impl {
  rd_kafka_t* handle = nullptr;
  std::function<void(std::string_view)> on_value;
  std::atomic<bool> stop{false};
  std::thread thread;

  ~Impl() {
    stop = true;
    if (thread.joinable()) thread.join();
    if (handle != nullptr) {
      rd_kafka_consumer_close(handle);
      rd_kafka_destroy(handle);
    }
  }

  void Run() {
    while (!stop) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, kPollMs);
      if (message == nullptr) continue;
      // Errors here are about connections; librdkafka reconnects by itself.
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        on_value({static_cast<const char*>(message->payload), message->len});
      }
      rd_kafka_message_destroy(message);
    }
  }
};

Tail::Tail(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tail::~Tail() = default;

Result<std::unique_ptr<Tail>> Tail::Start(const std::string& bootstrap_servers, const std::string& topic,
                                          std::function<void(std::string_view)> on_value) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512] = "";
  for (const auto& [key, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", bootstrap_servers},
        {"group.id", "yokoten-tail"},  // needed by the client, never joined
        {"enable.auto.commit", "false"},
        {"fetch.wait.max.ms", "100"},
        {"log_level", "3"}}) {
    if (rd_kafka_conf_set(conf, key, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return InvalidArgument(std::string("Kafka setting ") + key + ": " + error);
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->on_value = std::move(on_value);
  impl->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (impl->handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return Internal(std::string("Kafka client cannot be made: ") + error);
  }
  const rd_kafka_metadata_t* metadata = nullptr;
  if (const auto code = rd_kafka_metadata(impl->handle, 1, nullptr, &metadata, kMetadataTimeoutMs);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Unavailable(std::string("Kafka does not answer: ") + rd_kafka_err2str(code) +
                       "; check that kafka.bootstrap_servers is right and the brokers run");
  }
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(8);
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    if (topic != metadata->topics[t].topic) continue;
    for (int p = 0; p < metadata->topics[t].partition_cnt; ++p) {
      rd_kafka_topic_partition_list_add(list, topic.c_str(), metadata->topics[t].partitions[p].id)->offset =
          RD_KAFKA_OFFSET_END;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  const bool found = list->cnt > 0;
  if (found) rd_kafka_assign(impl->handle, list);
  rd_kafka_topic_partition_list_destroy(list);
  if (!found)
    return NotFound("Kafka has no topic " + topic + "; start the aggregator once, it creates the topics");
  impl->thread = std::thread([raw = impl.get()] { raw->Run(); });
  return std::unique_ptr<Tail>(new Tail(std::move(impl)));
}

}  // namespace yokoten::kafka
