#include "kafka/log_reader.h"

#include "kafka/handles.h"

namespace yokoten::kafka {

struct LogReader::Impl {
  Handle handle;
  ~Impl() {
    if (handle != nullptr) rd_kafka_consumer_close(handle.get());
  }
};

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::~LogReader() = default;

Result<std::unique_ptr<LogReader>> LogReader::Create(const std::string& bootstrap_servers) {
  YK_ASSIGN_OR_RETURN(Conf conf,
                      MakeConf({{"bootstrap.servers", bootstrap_servers},
                                {"group.id", "yokoten-reader"},  // required by the client, never joined
                                {"enable.auto.commit", "false"},
                                {"auto.offset.reset", "error"},
                                {"fetch.wait.max.ms", "10"},
                                {"queued.max.messages.kbytes", "4096"},
                                {"reconnect.backoff.max.ms", "2000"},
                                {"log_level", "3"}}));
  auto impl = std::make_unique<Impl>();
  YK_ASSIGN_OR_RETURN(impl->handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(impl->handle.get());
  return std::unique_ptr<LogReader>(new LogReader(std::move(impl)));
}

Result<LogRange> LogReader::Range(const TopicPartition& partition, std::chrono::milliseconds timeout) {
  LogRange range;
  const auto code =
      rd_kafka_query_watermark_offsets(impl_->handle.get(), partition.first.c_str(), partition.second,
                                       &range.first, &range.next, static_cast<int>(timeout.count()));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return range;
  const std::string message = "Kafka did not say where partition " + std::to_string(partition.second) +
                              " of " + partition.first + " begins and ends: " + rd_kafka_err2str(code);
  if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
      code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    return NotFound(message);
  }
  return Unavailable(message);
}

Result<int64_t> LogReader::FirstSince(const TopicPartition& partition, int64_t ms,
                                      std::chrono::milliseconds timeout) {
  YK_ASSIGN_OR_RETURN(const LogRange range, Range(partition, timeout));
  const List asked = ListOf(Offsets{{partition, ms}});
  const auto code =
      rd_kafka_offsets_for_times(impl_->handle.get(), asked.get(), static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || asked->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Unavailable("Kafka did not say where partition " + std::to_string(partition.second) + " of " +
                       partition.first + " was at that time: " +
                       rd_kafka_err2str(code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : asked->elems[0].err));
  }
  const int64_t offset = asked->elems[0].offset;
  return offset < 0 ? range.next : offset;
}

Result<std::map<TopicPartition, Message>> LogReader::ReadAt(const std::map<TopicPartition, int64_t>& offsets,
                                                            std::chrono::milliseconds timeout) {
  std::map<TopicPartition, Message> found;
  if (offsets.empty()) return found;
  Assign(impl_->handle.get(), ListOf(offsets));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (found.size() < offsets.size() && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(impl_->handle.get(), 50);
    if (raw == nullptr) continue;
    Message message(raw);
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const TopicPartition partition{message.topic(), message.partition()};
    if (found.contains(partition)) continue;
    found.emplace(partition, std::move(message));
    rd_kafka_pause_partitions(impl_->handle.get(), ListOf(std::vector{partition}).get());
  }
  Assign(impl_->handle.get(), nullptr);
  if (found.size() < offsets.size()) {
    return Unavailable("Kafka sent " + std::to_string(found.size()) + " of " +
                       std::to_string(offsets.size()) + " records that were looked for");
  }
  return found;
}

Result<std::vector<Message>> LogReader::ReadAll(const TopicPartition& partition, const LogRange& range,
                                                std::chrono::milliseconds timeout) {
  std::vector<Message> records;
  Assign(impl_->handle.get(), ListOf(Offsets{{partition, range.first}}));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  bool complete = range.next <= range.first;
  while (!complete && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(impl_->handle.get(), 50);
    if (raw == nullptr) continue;
    Message message(raw);
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    complete = message.offset() + 1 >= range.next;
    if (message.offset() < range.next) records.push_back(std::move(message));
  }
  Assign(impl_->handle.get(), nullptr);
  if (!complete) return Unavailable("Kafka sent only " + std::to_string(records.size()) + " records in time");
  return records;
}

Result<std::map<std::string, int32_t>> LogReader::PartitionCounts(const std::vector<std::string>& topics,
                                                                  std::chrono::milliseconds timeout) {
  YK_ASSIGN_OR_RETURN(const Metadata metadata, FetchMetadata(impl_->handle.get(), timeout));
  std::map<std::string, int32_t> counts;
  for (const auto& topic : topics)
    counts[topic] = static_cast<int32_t>(PartitionsOf(*metadata, topic).size());
  return counts;
}

Result<std::string> LogReader::ClusterId(std::chrono::milliseconds timeout) {
  char* id = rd_kafka_clusterid(impl_->handle.get(), static_cast<int>(timeout.count()));
  if (id == nullptr) return Unavailable("Kafka did not say its cluster id; check kafka.bootstrap_servers");
  std::string out(id);
  rd_kafka_mem_free(impl_->handle.get(), id);
  return out;
}

}  // namespace yokoten::kafka
