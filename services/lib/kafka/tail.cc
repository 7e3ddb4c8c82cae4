#include "kafka/tail.h"

#include <atomic>
#include <thread>

#include "kafka/handles.h"

namespace yokoten::kafka {
namespace {

constexpr std::chrono::milliseconds kMetadataTimeout{10000};
constexpr int kPollMs = 100;

}  // namespace

struct Tail::Impl {
  Handle handle;
  std::function<void(std::string_view)> on_value;
  std::atomic<bool> stop{false};
  std::thread thread;

  ~Impl() {
    stop = true;
    if (thread.joinable()) thread.join();
    if (handle != nullptr) rd_kafka_consumer_close(handle.get());
  }

  void Run() {
    while (!stop) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(handle.get(), kPollMs);
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
  YK_ASSIGN_OR_RETURN(Conf conf,
                      MakeConf({{"bootstrap.servers", bootstrap_servers},
                                {"group.id", "yokoten-tail"},  // needed by the client, never joined
                                {"enable.auto.commit", "false"},
                                {"fetch.wait.max.ms", "100"},
                                {"log_level", "3"}}));
  auto impl = std::make_unique<Impl>();
  impl->on_value = std::move(on_value);
  YK_ASSIGN_OR_RETURN(impl->handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  YK_ASSIGN_OR_RETURN(const Metadata metadata, FetchMetadata(impl->handle.get(), kMetadataTimeout));
  const std::vector<TopicPartition> partitions = PartitionsOf(*metadata, topic);
  if (partitions.empty())
    return NotFound("Kafka has no topic " + topic + "; start the aggregator once, it creates the topics");
  Assign(impl->handle.get(), ListOf(partitions, RD_KAFKA_OFFSET_END));
  impl->thread = std::thread([raw = impl.get()] { raw->Run(); });
  return std::unique_ptr<Tail>(new Tail(std::move(impl)));
}

}  // namespace yokoten::kafka
