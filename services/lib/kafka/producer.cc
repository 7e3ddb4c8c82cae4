#include "kafka/producer.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#include <pthread.h>

#include "kafka/handles.h"

namespace yokoten::kafka {
namespace {

constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::milliseconds kProbeEvery{500};
constexpr std::chrono::milliseconds kProbeTimeout{1000};
constexpr std::chrono::seconds kPurgeBound{10};

// Worth another try of the same record, or not?
Status StatusOf(rd_kafka_resp_err_t err) {
  const std::string text = rd_kafka_err2str(err);
  switch (err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return OkStatus();
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return InvalidArgument("Kafka takes no record of this size (" + text +
                             "); raise message.max.bytes of the brokers");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return MakeStatus(StatusCode::kInvalidArgument, "Kafka refuses the record: " + text);
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return ResourceExhausted("the queue to Kafka is full; wait and send again");
    default:
      return Unavailable("Kafka did not acknowledge the record (" + text +
                         "); send the same event with the same id again");
  }
}

struct Pending {
  DeliveryCallback done;
};

}  // namespace

struct Producer::Impl {
  // One librdkafka instance. A fatal one is replaced by the next generation and drained.
  struct Generation {
    Impl* owner = nullptr;
    Handle rk;
    std::atomic<bool> fatal{false};
    std::shared_mutex topics_mutex;
    std::unordered_map<std::string, rd_kafka_topic_t*> topics;

    ~Generation() {
      for (auto& [name, topic] : topics) rd_kafka_topic_destroy(topic);
      rk.reset();  // its last callbacks use the other members
    }

    rd_kafka_topic_t* Topic(const std::string& name) {
      {
        std::shared_lock lock(topics_mutex);
        if (const auto found = topics.find(name); found != topics.end()) return found->second;
      }
      std::unique_lock lock(topics_mutex);
      rd_kafka_topic_t*& topic = topics[name];
      if (topic == nullptr) topic = rd_kafka_topic_new(rk.get(), name.c_str(), nullptr);
      return topic;
    }
  };

  explicit Impl(ProducerOptions o) : options(std::move(o)) {}

  const ProducerOptions options;
  mutable std::shared_mutex mutex;  // guards `current` and `closed`; shared while a record is being queued
  std::shared_ptr<Generation> current;
  bool closed = false;
  std::atomic<bool> stop{false};
  std::atomic<bool> reachable{false};
  std::atomic<uint64_t> queued{0}, delivered{0}, failed{0}, queue_full{0}, recreated{0};
  std::thread poller;

  void Log(int severity, const std::string& line) const {
    if (options.log) options.log(severity, line);
  }

  Result<std::shared_ptr<Generation>> MakeGeneration();
  void Poll();
  void Replace(const std::shared_ptr<Generation>& dead);
  void DrainPurged(Generation& generation);

  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  static void OnError(rd_kafka_t* rk, int err, const char* reason, void* opaque);
  static void OnLog(const rd_kafka_t* rk, int level, const char* facility, const char* line);
};

void Producer::Impl::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& generation = *static_cast<Generation*>(opaque);
  Impl& impl = *generation.owner;
  std::unique_ptr<Pending> pending(static_cast<Pending*>(message->_private));
  Delivery delivery;
  delivery.status = StatusOf(message->err);
  if (delivery.status.ok()) {
    delivery.partition = message->partition;
    delivery.offset = message->offset;
    impl.delivered.fetch_add(1, std::memory_order_relaxed);
    impl.reachable.store(true, std::memory_order_relaxed);
  } else {
    delivery.possibly_persisted = rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
    impl.failed.fetch_add(1, std::memory_order_relaxed);
    if (message->err == RD_KAFKA_RESP_ERR__FATAL) generation.fatal = true;
  }
  pending->done(delivery);
}

void Producer::Impl::OnError(rd_kafka_t* rk, int err, const char* reason, void* opaque) {
  auto& generation = *static_cast<Generation*>(opaque);
  if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) generation.owner->reachable = false;
  if (err == RD_KAFKA_RESP_ERR__FATAL) {
    char text[512];
    const auto cause = rd_kafka_fatal_error(rk, text, sizeof text);
    generation.owner->Log(4, std::string("the producer turned fatal (") + rd_kafka_err2name(cause) + ": " +
                                 text + "); a new one takes its place");
    generation.fatal = true;
    return;
  }
  generation.owner->Log(
      5, std::string(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(err))) + ": " + reason);
}

void Producer::Impl::OnLog(const rd_kafka_t* rk, int level, const char* facility, const char* line) {
  // Before the instance is complete there is no opaque yet.
  auto* generation = static_cast<Generation*>(rk != nullptr ? rd_kafka_opaque(rk) : nullptr);
  if (generation != nullptr) generation->owner->Log(level, std::string(facility) + ": " + line);
}

Result<std::shared_ptr<Producer::Impl::Generation>> Producer::Impl::MakeGeneration() {
  const auto ms = [](std::chrono::milliseconds t) { return std::to_string(t.count()); };
  // A broker that holds the connection but does not answer must be noticed within the delivery timeout.
  const auto socket_timeout = std::clamp(options.delivery_timeout / 2, std::chrono::milliseconds(1000),
                                         std::chrono::milliseconds(60000));
  Settings properties = {
      {"bootstrap.servers", options.bootstrap_servers},
      {"client.id", options.client_id},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.codec", "lz4"},
      {"partitioner", "murmur2_random"},
      {"linger.ms", ms(options.linger)},
      // With five, librdkafka's default, many small requests wait at the broker, and until it answers
      // librdkafka asks for news without pause: half a core, taken from the broker. With two, batches grow
      // instead.
      {"max.in.flight.requests.per.connection", "2"},
      {"message.timeout.ms", ms(options.delivery_timeout)},
      {"socket.timeout.ms", ms(socket_timeout)},
      {"socket.keepalive.enable", "true"},
      {"socket.nagle.disable", "true"},
      {"message.max.bytes", "2097152"},
      {"queue.buffering.max.kbytes", std::to_string(options.queue_kib)},
      {"queue.buffering.max.messages", "10000000"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"retry.backoff.ms", "50"},
      {"topic.metadata.propagation.max.ms", "5000"},
  };
  properties.insert(properties.end(), options.overrides.begin(), options.overrides.end());
  YK_ASSIGN_OR_RETURN(Conf conf, MakeConf(properties));
  auto generation = std::make_shared<Generation>();
  generation->owner = this;
  rd_kafka_conf_set_opaque(conf.get(), generation.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &OnDelivery);
  rd_kafka_conf_set_error_cb(conf.get(), &OnError);
  rd_kafka_conf_set_log_cb(conf.get(), &OnLog);
  YK_ASSIGN_OR_RETURN(generation->rk, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  return generation;
}

void Producer::Impl::Poll() {
  auto next_probe = std::chrono::steady_clock::now();
  while (!stop) {
    std::shared_ptr<Generation> generation;
    {
      std::shared_lock lock(mutex);
      generation = current;
    }
    rd_kafka_poll(generation->rk.get(), static_cast<int>(kPoll.count()));
    if (generation->fatal) {
      Replace(generation);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!reachable && now >= next_probe) {
      // librdkafka says when brokers go, not when they come back; without traffic only asking tells.
      const struct rd_kafka_metadata* metadata = nullptr;
      if (rd_kafka_metadata(generation->rk.get(), 0, nullptr, &metadata,
                            static_cast<int>(kProbeTimeout.count())) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(metadata);
        reachable = true;
      }
      next_probe = std::chrono::steady_clock::now() + kProbeEvery;
    }
  }
}

void Producer::Impl::Replace(const std::shared_ptr<Generation>& dead) {
  auto fresh = MakeGeneration();
  if (!fresh.ok()) {
    Log(3, "no new producer could be made: " + Message(fresh.status()));
    return;  // the next round of the poll tries again
  }
  {
    std::unique_lock lock(mutex);
    current = *fresh;
  }
  // From here on nobody queues into the dead one: Produce holds the lock shared while it queues.
  recreated.fetch_add(1);
  DrainPurged(*dead);
}

void Producer::Impl::DrainPurged(Generation& generation) {
  const auto bound = std::chrono::steady_clock::now() + kPurgeBound;
  rd_kafka_purge(generation.rk.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (rd_kafka_outq_len(generation.rk.get()) > 0 && std::chrono::steady_clock::now() < bound) {
    rd_kafka_poll(generation.rk.get(), static_cast<int>(kPoll.count()));
  }
}

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Producer>> Producer::Create(ProducerOptions options) {
  if (options.bootstrap_servers.empty())
    return InvalidArgument("kafka.bootstrap_servers is empty; name at least one broker");
  auto impl = std::make_unique<Impl>(std::move(options));
  YK_ASSIGN_OR_RETURN(impl->current, impl->MakeGeneration());
  Impl* raw = impl.get();
  impl->poller = std::thread([raw] {
    // Signals are the main thread's business.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "kafka-reports");
    raw->Poll();
  });
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

Producer::~Producer() { Close(); }

Status Producer::Produce(const std::string& topic, events::Record record, DeliveryCallback done) {
  std::shared_lock lock(impl_->mutex);
  if (impl_->closed) return Unavailable("the producer is closed: the process is stopping");
  Impl::Generation& generation = *impl_->current;
  rd_kafka_topic_t* handle = generation.Topic(topic);
  if (handle == nullptr) return InvalidArgument("'" + topic + "' is no topic name");

  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  auto pending = std::make_unique<Pending>(Pending{std::move(done)});
  rd_kafka_vu_t arguments[6];
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = handle;
  arguments[1].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[1].u.mem = {record.key.data(), record.key.size()};
  arguments[2].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[2].u.mem = {record.value.data(), record.value.size()};
  arguments[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[3].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[4].u.headers = headers;
  arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[5].u.ptr = pending.get();
  rd_kafka_error_t* error = rd_kafka_produceva(generation.rk.get(), arguments, 6);
  if (error == nullptr) {
    pending.release();  // the delivery report owns it now
    impl_->queued.fetch_add(1, std::memory_order_relaxed);
    return OkStatus();
  }
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(headers);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) impl_->queue_full.fetch_add(1, std::memory_order_relaxed);
  if (code == RD_KAFKA_RESP_ERR__FATAL) generation.fatal = true;
  return StatusOf(code);
}

Status Producer::Health() const {
  if (impl_->reachable.load(std::memory_order_relaxed)) return OkStatus();
  return Unavailable("Kafka at " + impl_->options.bootstrap_servers +
                     " does not answer; see kafka.bootstrap_servers");
}

ProducerCounts Producer::counts() const {
  return {impl_->queued, impl_->delivered, impl_->failed, impl_->queue_full, impl_->recreated};
}

Status Producer::Flush(std::chrono::milliseconds timeout) {
  const auto bound = std::chrono::steady_clock::now() + timeout;
  while (impl_->delivered + impl_->failed < impl_->queued) {
    if (std::chrono::steady_clock::now() >= bound) {
      return DeadlineExceeded("records still wait for Kafka's acknowledgement after " +
                              std::to_string(timeout.count()) + " ms");
    }
    std::shared_ptr<Impl::Generation> generation;
    {
      std::shared_lock lock(impl_->mutex);
      generation = impl_->current;
    }
    // Ends the linger; the reports themselves are fetched by the poller.
    rd_kafka_flush(generation->rk.get(), 10);
  }
  return OkStatus();
}

void Producer::Close() {
  {
    std::unique_lock lock(impl_->mutex);
    if (impl_->closed) return;
    impl_->closed = true;
  }
  if (const Status status = Flush(impl_->options.delivery_timeout + std::chrono::seconds(1)); !status.ok()) {
    impl_->Log(4, Message(status) + "; they are reported as failed");
  }
  impl_->stop = true;
  impl_->poller.join();
  impl_->DrainPurged(*impl_->current);
  impl_->current.reset();
}

void Producer::InjectFatalErrorForTest() {
  std::shared_lock lock(impl_->mutex);
  rd_kafka_test_fatal_error(impl_->current->rk.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "injected by a test");
}

}  // namespace yokoten::kafka
