// Makes the topics that are not there.
#include "kafka/handles.h"
#include "kafka/topics.h"

namespace yokoten::kafka {
namespace {

using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;

}  // namespace

Status EnsureTopics(const TopicOptions& options) {
  YK_ASSIGN_OR_RETURN(Conf conf,
                      MakeConf({{"bootstrap.servers", options.bootstrap_servers}, {"log_level", "3"}}));
  YK_ASSIGN_OR_RETURN(const Handle handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  char error[512] = "";

  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> raw;
  const std::string dirty = options.prefix + std::string(kDirtyTopic);
  const std::string changed = options.prefix + std::string(kKpiChangedTopic);
  const std::string dead = options.prefix + std::string(kDeadLetterTopic);
  const std::string derived = options.prefix + std::string(kDerivedTopic);
  for (const auto& name : AllTopics(options.prefix)) {
    const int32_t partitions = name == dead || name == derived    ? 1
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
  const AdminOptions admin(rd_kafka_AdminOptions_new(handle.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
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
