#include "bench/bare_producer.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace yokoten::bench {

void Fail(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
  std::_Exit(1);
}

BareProducer::BareProducer(const std::string& bootstrap_servers, const std::string& topic,
                           std::function<void(size_t)> delivered)
    : delivered_(std::move(delivered)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512];
  // What services/lib/kafka/producer.cc sets and what bears on speed.
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"enable.idempotence", "true"},
                                    {"acks", "all"},
                                    {"compression.codec", "lz4"},
                                    {"partitioner", "murmur2_random"},
                                    {"linger.ms", "2"},
                                    {"message.timeout.ms", "10000"},
                                    {"socket.nagle.disable", "true"},
                                    {"message.max.bytes", "2097152"},
                                    {"queue.buffering.max.kbytes", "65536"},
                                    {"queue.buffering.max.messages", "10000000"},
                                    {"bootstrap.servers", bootstrap_servers.c_str()}}) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Fail(error);
  }
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_dr_msg_cb(conf, &OnDelivery);
  rk_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (rk_ == nullptr) Fail(error);
  topic_ = rd_kafka_topic_new(rk_, topic.c_str(), nullptr);
  // The product has its connections and metadata before the first event, too.
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(rk_, 0, topic_, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    Fail("Kafka does not answer");
  rd_kafka_metadata_destroy(metadata);
  poll_ = std::thread([this] {
    while (!stop_) rd_kafka_poll(rk_, 50);
  });
}

BareProducer::~BareProducer() {
  rd_kafka_flush(rk_, 10'000);
  stop_ = true;
  poll_.join();
  rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(rk_);
}

void BareProducer::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    Fail(std::string("bare librdkafka: ") + rd_kafka_err2str(message->err));
  static_cast<BareProducer*>(opaque)->delivered_(reinterpret_cast<uintptr_t>(message->_private));
}

void BareProducer::Produce(const events::Record& record, size_t tag) {
  for (;;) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    rd_kafka_vu_t arguments[6];
    arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
    arguments[0].u.rkt = topic_;
    arguments[1].vtype = RD_KAFKA_VTYPE_KEY;
    arguments[1].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
    arguments[2].vtype = RD_KAFKA_VTYPE_VALUE;
    arguments[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
    arguments[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    arguments[3].u.i = RD_KAFKA_MSG_F_COPY;
    arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[4].u.headers = headers;
    arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    arguments[5].u.ptr = reinterpret_cast<void*>(uintptr_t{tag});
    rd_kafka_error_t* error = rd_kafka_produceva(rk_, arguments, 6);
    if (error == nullptr) return;
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    const std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(headers);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) Fail("bare librdkafka: " + text);
    std::this_thread::yield();
  }
}

}  // namespace yokoten::bench
