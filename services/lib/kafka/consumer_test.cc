// The readers of logs against librdkafka's own mock cluster.
#include "kafka/consumer.h"

#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/log_reader.h"
#include "kafka/producer.h"

namespace yokoten::kafka {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr char kTopic[] = "t";

// A cluster of one broker with one topic of one partition.
class Cluster {
 public:
  Cluster() {
    char error[256] = "";
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof(error));
    cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
  }
  ~Cluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

  // Appends records with these values; false when that failed.
  bool Append(const std::vector<std::string>& values) {
    // Before the producer, whose end may still report.
    std::mutex mutex;
    std::condition_variable changed;
    size_t done = 0;
    ProducerOptions options;
    options.bootstrap_servers = address();
    auto producer = Producer::Create(options);
    if (!producer.ok()) return false;
    for (const std::string& value : values) {
      const Status sent =
          (*producer)->Produce(kTopic, {.key = "k", .value = value, .headers = {}}, [&](const Delivery&) {
            const std::lock_guard lock(mutex);
            ++done;
            changed.notify_all();
          });
      if (!sent.ok()) return false;
    }
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [&] { return done == values.size(); });
  }

 private:
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

TEST(LogReaderTest, ReadsTheSamePartitionAsOftenAsAsked) {
  Cluster cluster;
  ASSERT_TRUE(cluster.Append({"a", "b", "c"}));
  const auto reader = LogReader::Create(cluster.address());
  ASSERT_TRUE(reader.ok()) << reader.status();
  for (const int64_t offset : {2, 0, 1, 1}) {
    const auto found = (*reader)->ReadAt({{{kTopic, 0}, offset}}, kPatience);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->at({kTopic, 0}).offset(), offset);
    EXPECT_EQ(found->at({kTopic, 0}).value(), std::string(1, static_cast<char>('a' + offset)));
  }
  const auto range = (*reader)->Range({kTopic, 0}, kPatience);
  ASSERT_TRUE(range.ok()) << range.status();
  const auto all = (*reader)->ReadAll({kTopic, 0}, *range, kPatience);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->size(), 3u);
}

// Starts every partition at its beginning and counts.
class FromTheBeginning final : public Assignment {
 public:
  std::map<TopicPartition, Start> OnAssign(const std::vector<TopicPartition>& partitions) override {
    ++assigned;
    std::map<TopicPartition, Start> starts;
    for (const TopicPartition& partition : partitions) starts[partition] = Start::Beginning();
    return starts;
  }
  void OnRevoke(const std::vector<TopicPartition>&, bool) override {}
  int assigned = 0;
};

TEST(ConsumerTest, WhatWasPausedIsReadAfterANewAssignment) {
  Cluster cluster;
  ASSERT_TRUE(cluster.Append({"a", "b"}));
  FromTheBeginning assignment;
  ConsumerOptions options{.bootstrap_servers = cluster.address(), .group = "g", .topics = {kTopic}};
  const auto consumer = Consumer::Create(options, &assignment);
  ASSERT_TRUE(consumer.ok()) << consumer.status();
  std::vector<Message> records;
  std::vector<std::pair<TopicPartition, int64_t>> lost;
  const auto poll_until = [&](const auto& condition) {
    const auto bound = std::chrono::steady_clock::now() + 3 * kPatience;
    while (!condition() && std::chrono::steady_clock::now() < bound)
      (*consumer)->Poll(std::chrono::milliseconds(50), 100, records, lost);
    return condition();
  };
  ASSERT_TRUE(poll_until([&] { return records.size() >= 2; }));
  (*consumer)->Pause({{kTopic, 0}});
  records.clear();

  // A second member takes part of the group for a while: both are assigned anew.
  FromTheBeginning others;
  auto other = Consumer::Create(options, &others);
  ASSERT_TRUE(other.ok()) << other.status();
  std::vector<Message> theirs;
  ASSERT_TRUE(poll_until([&] {
    (*other)->Poll(std::chrono::milliseconds(10), 100, theirs, lost);
    return assignment.assigned + others.assigned >= 3;
  }));
  theirs.clear();
  (*other)->Close();
  EXPECT_TRUE(poll_until([&] { return records.size() >= 2; })) << records.size();
}

}  // namespace
}  // namespace yokoten::kafka
