#include "kafka/topics.h"

#include <memory>

#include <librdkafka/rdkafka.h>

#include "events/registry.h"

namespace yokoten::kafka {
namespace {

template <auto Fn>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Fn(p);
  }
};
using Handle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;

}  // namespace

std::vector<std::string> DomainTopics(std::string_view prefix) {
  std::vector<std::string> topics;
  for (const auto& domain : events::Registry::Linked().domains())
    topics.push_back(std::string(prefix) + domain.topic);
  return topics;
}

std::vector<std::string> AllTopics(std::string_view prefix) {
  auto topics = DomainTopics(prefix);
  for (const auto name : {kDirtyTopic, kDeadLetterTopic, kKpiChangedTopic}) {
    topics.push_back(std::string(prefix) + std::string(name));
  }
  return topics;
}

Status EnsureTopics(const TopicOptions& options) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512] = "";
  if (rd_kafka_conf_set(conf, "bootstrap.servers", options.bootstrap_servers.c_str(), error, sizeof(error)) !=
          RD_KAFKA_CONF_OK ||
      rd_kafka_conf_set(conf, "log_level", "3", error, sizeof(error)) != RD_KAFKA_CONF_OK) {
    rd_kafka_conf_destroy(conf);
    return InvalidArgument(std::string("kafka.bootstrap_servers: ") + error);
  }
  const Handle handle(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  if (handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return Internal(std::string("Kafka client cannot be made: ") + error);
  }

  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> raw;
  const std::string dirty = options.prefix + std::string(kDirtyTopic);
  const std::string changed = options.prefix + std::string(kKpiChangedTopic);
  const std::string dead = options.prefix + std::string(kDeadLetterTopic);
  for (const auto& name : AllTopics(options.prefix)) {
    const int32_t partitions = name == dead                       ? 1
                               : name == dirty || name == changed ? options.dirty_partitions
                                                                  : options.domain_partitions;
    NewTopic topic(
        rd_kafka_NewTopic_new(name.c_str(), partitions, options.replication_factor, error, sizeof(error)));
    if (topic == nullptr) return InvalidArgument("topic " + name + ": " + error);
    rd_kafka_NewTopic_set_config(topic.get(), "message.timestamp.type", "LogAppendTime");
    rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", "-1");
    rd_kafka_NewTopic_set_config(topic.get(), "retention.bytes", "-1");
    rd_kafka_NewTopic_set_config(topic.get(), "cleanup.policy", "delete");
    raw.push_back(topic.get());
    topics.push_back(std::move(topic));
  }
  const Queue queue(rd_kafka_queue_new(handle.get()));
  const Options admin(rd_kafka_AdminOptions_new(handle.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  const int timeout_ms = static_cast<int>(options.timeout.count());
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), timeout_ms, error, sizeof(error));
  rd_kafka_AdminOptions_set_operation_timeout(admin.get(), timeout_ms, error, sizeof(error));
  rd_kafka_CreateTopics(handle.get(), raw.data(), raw.size(), admin.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), timeout_ms + 5000));
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Unavailable(std::string("Kafka did not make the topics: ") +
                       (event == nullptr ? "no answer" : rd_kafka_event_error_string(event.get())) +
                       "; check that kafka.bootstrap_servers is right and the brokers run");
  }
  size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return Unavailable(std::string("Kafka did not make topic ") + rd_kafka_topic_result_name(results[i]) +
                       ": " + (text != nullptr ? text : rd_kafka_err2str(code)));
  }
  return OkStatus();
}

}  // namespace yokoten::kafka
