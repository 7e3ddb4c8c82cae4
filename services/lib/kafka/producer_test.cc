// The producer against librdkafka's own mock cluster.
#include "kafka/producer.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yokoten::kafka {
namespace {

constexpr std::chrono::seconds kPatience{20};

ProducerOptions MockOptions() {
  ProducerOptions options;
  options.bootstrap_servers = "mock";  // replaced by the mock cluster's own addresses
  options.overrides = {{"test.mock.num.brokers", "1"}};
  return options;
}

events::Record MakeRecord(const std::string& key, const std::string& value = "v") {
  return {key, value, {{"ce_id", "1"}, {"ce_type", "t"}}};
}

// Collects delivery reports.
class Reports {
 public:
  DeliveryCallback Callback(int tag) {
    return [this, tag](const Delivery& delivery) {
      std::lock_guard lock(mutex_);
      reports_[tag] = delivery;
      changed_.notify_all();
    };
  }
  bool WaitFor(size_t n) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return reports_.size() >= n; });
  }
  Delivery of(int tag) {
    std::lock_guard lock(mutex_);
    return reports_[tag];
  }
  size_t size() {
    std::lock_guard lock(mutex_);
    return reports_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Delivery> reports_;
};

TEST(ProducerTest, ReportsPartitionAndOffsetOfEachRecord) {
  Reports reports;
  auto producer = Producer::Create(MockOptions());
  ASSERT_TRUE(producer.ok()) << producer.status();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE((*producer)->Produce("t", MakeRecord("same key"), reports.Callback(i)).ok());
  }
  ASSERT_TRUE(reports.WaitFor(100));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(reports.of(i).status.ok()) << reports.of(i).status;
    EXPECT_EQ(reports.of(i).offset, i);
    EXPECT_EQ(reports.of(i).partition, reports.of(0).partition);
  }
  EXPECT_TRUE((*producer)->Health().ok());
}

TEST(ProducerTest, AFatalInstanceIsReplacedAndLosesNoReport) {
  Reports reports;
  auto producer = Producer::Create(MockOptions());
  ASSERT_TRUE(producer.ok()) << producer.status();
  ASSERT_TRUE((*producer)->Produce("t", MakeRecord("k"), reports.Callback(0)).ok());
  ASSERT_TRUE(reports.WaitFor(1));
  (*producer)->InjectFatalErrorForTest();
  // Until the new instance is there, Produce may say UNAVAILABLE; every record it took gets its report.
  int taken = 1;
  const auto bound = std::chrono::steady_clock::now() + kPatience;
  while ((*producer)->counts().recreated == 0 && std::chrono::steady_clock::now() < bound) {
    if ((*producer)->Produce("t", MakeRecord("k"), reports.Callback(taken)).ok()) ++taken;
  }
  EXPECT_EQ((*producer)->counts().recreated, 1u);
  ASSERT_TRUE((*producer)->Produce("t", MakeRecord("k"), reports.Callback(taken)).ok());
  ++taken;
  ASSERT_TRUE(reports.WaitFor(static_cast<size_t>(taken)));
  EXPECT_TRUE(reports.of(taken - 1).status.ok()) << reports.of(taken - 1).status;
}

TEST(ProducerTest, KafkaAwayIsUnavailableWithinTheDeliveryTimeout) {
  Reports reports;
  ProducerOptions options;
  options.bootstrap_servers = "127.0.0.1:1";
  options.delivery_timeout = std::chrono::milliseconds(300);
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok()) << producer.status();
  ASSERT_TRUE((*producer)->Produce("t", MakeRecord("k"), reports.Callback(0)).ok());
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_EQ(reports.of(0).status.code(), StatusCode::kUnavailable);
  EXPECT_FALSE(reports.of(0).possibly_persisted);
  EXPECT_EQ((*producer)->Health().code(), StatusCode::kUnavailable);
}

TEST(ProducerTest, AFullQueueIsResourceExhaustedAndCallsNothingBack) {
  Reports reports;
  ProducerOptions options;
  options.bootstrap_servers = "127.0.0.1:1";
  options.queue_kib = 1;
  options.delivery_timeout = std::chrono::milliseconds(300);
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok()) << producer.status();
  int taken = 0;
  Status status;
  while ((status = (*producer)->Produce("t", MakeRecord("k", std::string(400, 'x')), reports.Callback(taken)))
             .ok()) {
    ASSERT_LT(++taken, 100);
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_GT(taken, 0);
  ASSERT_TRUE(reports.WaitFor(static_cast<size_t>(taken)));
  (*producer)->Close();
  EXPECT_EQ(reports.size(), static_cast<size_t>(taken));
}

TEST(ProducerTest, CloseReportsWhatIsLeftAndRefusesMore) {
  Reports reports;
  ProducerOptions options;
  options.bootstrap_servers = "127.0.0.1:1";
  options.delivery_timeout = std::chrono::milliseconds(200);
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok()) << producer.status();
  ASSERT_TRUE((*producer)->Produce("t", MakeRecord("k"), reports.Callback(0)).ok());
  (*producer)->Close();
  EXPECT_EQ(reports.size(), 1u);
  EXPECT_EQ((*producer)->Produce("t", MakeRecord("k"), reports.Callback(1)).code(), StatusCode::kUnavailable);
}

TEST(ProducerTest, AnUnknownPropertyIsRefusedWithItsName) {
  ProducerOptions options = MockOptions();
  options.overrides.emplace_back("no.such.property", "1");
  const auto producer = Producer::Create(options);
  ASSERT_FALSE(producer.ok());
  EXPECT_THAT(Message(producer.status()), testing::HasSubstr("no.such.property"));
}

}  // namespace
}  // namespace yokoten::kafka
