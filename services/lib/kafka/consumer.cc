#include "kafka/consumer.h"

#include "kafka/handles.h"

namespace yokoten::kafka {

Message::~Message() {
  if (message_ != nullptr) rd_kafka_message_destroy(message_);
}

std::string_view Message::topic() const { return rd_kafka_topic_name(message_->rkt); }
int32_t Message::partition() const { return message_->partition; }
int64_t Message::offset() const { return message_->offset; }

int64_t Message::timestamp_ms() const { return rd_kafka_message_timestamp(message_, nullptr); }

bool Message::append_time() const {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  rd_kafka_message_timestamp(message_, &type);
  return type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
}

std::string_view Message::key() const { return {static_cast<const char*>(message_->key), message_->key_len}; }
std::string_view Message::value() const {
  return {static_cast<const char*>(message_->payload), message_->len};
}

HeaderViews Message::headers() const {
  HeaderViews out;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  out.reserve(rd_kafka_header_cnt(headers));
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    out.emplace_back(name, std::string_view(static_cast<const char*>(value), size));
  }
  return out;
}

size_t Message::bytes() const {
  size_t sum = message_->len + message_->key_len + 64;
  for (const auto& [name, value] : headers()) sum += name.size() + value.size();
  return sum;
}

struct Consumer::Impl {
  Handle handle;
  Assignment* assignment = nullptr;
  uint64_t assignments = 0;  // given and taken so far
  bool closed = false;

  static void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t event,
                          rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* self = static_cast<Impl*>(opaque);
    ++self->assignments;
    std::vector<TopicPartition> partitions;
    for (int i = 0; i < list->cnt; ++i)
      partitions.emplace_back(list->elems[i].topic, list->elems[i].partition);
    if (event != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      self->assignment->OnRevoke(partitions, rd_kafka_assignment_lost(handle) != 0);
      Assign(handle, nullptr);
      return;
    }
    const auto starts = self->assignment->OnAssign(partitions);
    const List wanted(rd_kafka_topic_partition_list_new(list->cnt));
    const List by_group(rd_kafka_topic_partition_list_new(list->cnt));
    for (const auto& partition : partitions) {
      const auto found = starts.find(partition);
      // A halted partition is left out of the assignment: it stays ours in the group, and nothing is fetched.
      if (found == starts.end() || found->second.kind == Start::Kind::kHalted) continue;
      auto* entry =
          rd_kafka_topic_partition_list_add(wanted.get(), partition.first.c_str(), partition.second);
      if (found->second.kind == Start::Kind::kOffset) entry->offset = found->second.offset;
      if (found->second.kind == Start::Kind::kBeginning) entry->offset = RD_KAFKA_OFFSET_BEGINNING;
      if (found->second.kind == Start::Kind::kCommitted) {
        entry->offset = RD_KAFKA_OFFSET_INVALID;
        rd_kafka_topic_partition_list_add(by_group.get(), partition.first.c_str(), partition.second);
      }
    }
    if (by_group->cnt > 0) {
      // auto.offset.reset=error would refuse a partition nobody committed yet: those start at the log's
      // beginning.
      const auto error = rd_kafka_committed(handle, by_group.get(), 30000);
      for (int i = 0; i < by_group->cnt; ++i) {
        const auto& from = by_group->elems[i];
        auto* entry = rd_kafka_topic_partition_list_find(wanted.get(), from.topic, from.partition);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR || from.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
          entry->offset = RD_KAFKA_OFFSET_STORED;  // the client asks again by itself
        } else {
          entry->offset = from.offset >= 0 ? from.offset : RD_KAFKA_OFFSET_BEGINNING;
        }
      }
    }
    Assign(handle, wanted);
  }
};

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Consumer::~Consumer() { Close(); }

Result<std::unique_ptr<Consumer>> Consumer::Create(const ConsumerOptions& options, Assignment* assignment) {
  const int64_t session = options.session_timeout.count();
  YK_ASSIGN_OR_RETURN(
      Conf conf,
      MakeConf({{"bootstrap.servers", options.bootstrap_servers},
                {"group.id", options.group},
                {"session.timeout.ms", std::to_string(session)},
                {"heartbeat.interval.ms", std::to_string(std::max<int64_t>(100, session / 4))},
                {"max.poll.interval.ms", std::to_string(std::max(options.poll_interval_max.count(),
                                                                 options.session_timeout.count()))},
                {"topic.metadata.refresh.interval.ms", std::to_string(options.metadata_interval.count())},
                {"partition.assignment.strategy", "range"},
                {"enable.auto.commit", "false"},
                {"enable.auto.offset.store", "false"},
                {"auto.offset.reset", "error"},
                {"isolation.level", "read_committed"},
                {"queued.max.messages.kbytes", std::to_string(options.prefetch_kib)},
                {"queued.min.messages", "100000"},
                {"fetch.wait.max.ms", "100"},
                {"fetch.error.backoff.ms", "100"},
                {"reconnect.backoff.max.ms", "2000"},
                {"log_level", "3"}}));
  auto impl = std::make_unique<Impl>();
  impl->assignment = assignment;
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), Impl::OnRebalance);
  YK_ASSIGN_OR_RETURN(impl->handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(impl->handle.get());
  std::vector<TopicPartition> any;
  for (const auto& topic : options.topics) any.emplace_back(topic, RD_KAFKA_PARTITION_UA);
  const List topics = ListOf(any);
  if (const auto code = rd_kafka_subscribe(impl->handle.get(), topics.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Internal(std::string("Kafka subscription failed: ") + rd_kafka_err2str(code));
  }
  return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

size_t Consumer::Poll(std::chrono::milliseconds timeout, size_t max, std::vector<Message>& out,
                      std::vector<std::pair<TopicPartition, int64_t>>& lost) {
  size_t count = 0;
  int wait = static_cast<int>(timeout.count());
  while (count < max) {
    const uint64_t assignment = impl_->assignments;
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(impl_->handle.get(), wait);
    const bool reassigned = impl_->assignments != assignment;
    if (reassigned) {
      // What this call collected belongs to the assignment before; what came with the new one is its first.
      out.erase(out.end() - static_cast<ptrdiff_t>(count), out.end());
      count = 0;
    }
    if (raw == nullptr) break;
    Message message(raw);
    if (raw->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      out.push_back(std::move(message));
      ++count;
      if (reassigned) break;
      wait = 0;
      continue;
    }
    if (raw->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        raw->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      if (raw->rkt != nullptr) {
        const TopicPartition partition{rd_kafka_topic_name(raw->rkt), raw->partition};
        lost.emplace_back(partition, raw->offset);
        Pause({partition});
      }
    }
    // Everything else (brokers away, topics not there yet) the client mends by itself; lag tells.
    wait = 0;
  }
  return count;
}

Status Consumer::Commit(const Offsets& next) {
  if (next.empty()) return OkStatus();
  const List list = ListOf(next);
  auto code = rd_kafka_commit(impl_->handle.get(), list.get(), 0);
  for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i) code = list->elems[i].err;
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return OkStatus();
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__STATE:
      return Aborted(std::string("the group did not take our commit: ") + rd_kafka_err2str(code));
    default:
      return Unavailable(std::string("Kafka did not take a commit: ") + rd_kafka_err2str(code));
  }
}

void Consumer::Pause(const std::vector<TopicPartition>& partitions) {
  rd_kafka_pause_partitions(impl_->handle.get(), ListOf(partitions).get());
}

void Consumer::Resume(const std::vector<TopicPartition>& partitions) {
  rd_kafka_resume_partitions(impl_->handle.get(), ListOf(partitions).get());
}

int64_t Consumer::KnownEnd(const TopicPartition& partition) const {
  int64_t first = -1;
  int64_t next = -1;
  rd_kafka_get_watermark_offsets(impl_->handle.get(), partition.first.c_str(), partition.second, &first,
                                 &next);
  return next >= 0 ? next : -1;
}

void Consumer::Close() {
  if (impl_->closed) return;
  impl_->closed = true;
  rd_kafka_consumer_close(impl_->handle.get());
}

}  // namespace yokoten::kafka
