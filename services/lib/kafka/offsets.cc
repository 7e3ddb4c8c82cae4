#include "kafka/offsets.h"

#include <chrono>

#include "base/wait.h"
#include "kafka/handles.h"

namespace yokoten::kafka {
namespace {

constexpr std::chrono::milliseconds kNextTry{100};

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
  Handle handle;
};

OffsetReader::OffsetReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OffsetReader::~OffsetReader() = default;

namespace {

// A client that belongs to `group` by name and never joins it.
Result<Handle> MakeClient(const std::string& bootstrap_servers, const std::string& group) {
  YK_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", bootstrap_servers},
                                           {"group.id", group},
                                           {"enable.auto.commit", "false"},
                                           {"log_level", "3"}}));
  return MakeHandle(RD_KAFKA_CONSUMER, std::move(conf));
}

}  // namespace

Result<std::unique_ptr<OffsetReader>> OffsetReader::Create(const std::string& bootstrap_servers,
                                                           const std::string& group) {
  auto impl = std::make_unique<Impl>();
  YK_ASSIGN_OR_RETURN(impl->handle, MakeClient(bootstrap_servers, group));
  return std::unique_ptr<OffsetReader>(new OffsetReader(std::move(impl)));
}

Result<std::vector<TopicPartition>> OffsetReader::Partitions(const std::vector<std::string>& topics,
                                                             std::chrono::milliseconds timeout) {
  YK_ASSIGN_OR_RETURN(const Metadata metadata, FetchMetadata(impl_->handle.get(), timeout));
  std::vector<TopicPartition> partitions;
  for (const std::string& topic : topics) {
    const std::vector<TopicPartition> of_topic = PartitionsOf(*metadata, topic);
    partitions.insert(partitions.end(), of_topic.begin(), of_topic.end());
  }
  return partitions;
}

Result<Offsets> OffsetReader::Ends(const std::vector<TopicPartition>& partitions,
                                   std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto left = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  };
  while (true) {
    // Asking for the offset at "time" END is one request a broker for any number of partitions.
    const List list = ListOf(partitions, RD_KAFKA_OFFSET_END);
    const auto error =
        rd_kafka_offsets_for_times(impl_->handle.get(), list.get(), static_cast<int>(left().count()));
    Result<Offsets> ends = error != RD_KAFKA_RESP_ERR_NO_ERROR ? Failed("where the logs end", error)
                                                               : ToOffsets(*list, "where the logs end");
    if (ends.ok()) return ends;
    // The client goes on asking the leaders it knows for minutes after they changed: this tells it the new
    // ones.
    if (left() > kNextTry) (void)FetchMetadata(impl_->handle.get(), left());
    if (left() <= kNextTry) return ends;
    Wait(kNextTry);
  }
}

Result<Offsets> OffsetReader::Committed(const std::vector<TopicPartition>& partitions,
                                        std::chrono::milliseconds timeout) {
  const List list = ListOf(partitions);
  const auto error = rd_kafka_committed(impl_->handle.get(), list.get(), static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("what the group has committed", error);
  return ToOffsets(*list, "what the group has committed");
}

Status SetOffsets(const std::string& bootstrap_servers, const std::string& group, const Offsets& next,
                  std::chrono::milliseconds timeout) {
  if (next.empty()) return OkStatus();
  YK_ASSIGN_OR_RETURN(const Handle client, MakeClient(bootstrap_servers, group));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const List list = ListOf(next);
    auto error = rd_kafka_commit(client.get(), list.get(), 0);
    for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i) error = list->elems[i].err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return OkStatus();
    // Until the group has a coordinator, and has let go members that were killed.
    if (std::chrono::steady_clock::now() + kNextTry > deadline) {
      if (error != RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID && error != RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
        return Failed("that it set a group's offsets", error);
      return FailedPrecondition("the group " + group +
                                " has members; stop them all (one that was killed is let go after "
                                "kafka.session_timeout_ms)");
    }
    Wait(kNextTry);
  }
}

Status ForgetOffsets(const std::string& bootstrap_servers, const std::string& group,
                     const std::vector<TopicPartition>& partitions, std::chrono::milliseconds timeout) {
  if (partitions.empty()) return OkStatus();
  YK_ASSIGN_OR_RETURN(const Handle client, MakeClient(bootstrap_servers, group));
  const Queue queue(rd_kafka_queue_new(client.get()));
  const List list = ListOf(partitions);
  const Owned<rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteConsumerGroupOffsets_destroy> request(
      rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), list.get()));
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS));
  const int timeout_ms = static_cast<int>(timeout.count());
  char error[512] = "";
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, error, sizeof error);
  rd_kafka_DeleteConsumerGroupOffsets_t* raw = request.get();
  rd_kafka_DeleteConsumerGroupOffsets(client.get(), &raw, 1, options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), timeout_ms + 5000));
  if (event == nullptr) return Failed("that it forgot a group's offsets", RD_KAFKA_RESP_ERR__TIMED_OUT);
  std::vector<rd_kafka_resp_err_t> codes{rd_kafka_event_error(event.get())};
  size_t groups = 0;
  const auto* result = rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get());
  const auto* answers =
      result == nullptr ? nullptr : rd_kafka_DeleteConsumerGroupOffsets_result_groups(result, &groups);
  for (size_t i = 0; i < groups; ++i) {
    if (const auto* failed = rd_kafka_group_result_error(answers[i]); failed != nullptr)
      codes.push_back(rd_kafka_error_code(failed));
    const auto* each = rd_kafka_group_result_partitions(answers[i]);
    for (int p = 0; each != nullptr && p < each->cnt; ++p) codes.push_back(each->elems[p].err);
  }
  for (const auto code : codes) {
    switch (code) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
      case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
        break;
      case RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC:
      case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
        return FailedPrecondition(
            "a member of the group " + group +
            " still reads the topic; stop them all (one that was killed is let go after "
            "kafka.session_timeout_ms)");
      default:
        return Failed("that it forgot a group's offsets", code);
    }
  }
  return OkStatus();
}

}  // namespace yokoten::kafka
