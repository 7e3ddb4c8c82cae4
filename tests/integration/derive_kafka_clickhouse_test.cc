// Derived events between a real engine and a real log: each conclusion once, whatever is killed; cursors that
// survive and that notice another log.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "derive/deriver.h"
#include "derive/event_log.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "kpi/plant_world.h"
#include "support/kafka.h"

namespace yokoten::derive {
namespace {

using test::PlantWorld;

constexpr std::chrono::milliseconds kPatience{20000};

class DeriveTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = warehouse->release();
    auto kafka = test::Kafka::Start();
    ASSERT_TRUE(kafka.ok()) << kafka.status();
    kafka_ = kafka->release();
  }
  static void TearDownTestSuite() {
    delete kafka_;
    delete warehouse_;
  }

  void Begin(const std::string& name) {
    prefix_ = name + ".";
    const Status topics = kafka::EnsureTopics({.bootstrap_servers = kafka_->address(), .prefix = prefix_});
    ASSERT_TRUE(topics.ok()) << topics;
    world_ = std::make_unique<PlantWorld>(*warehouse_, "derive_" + name,
                                          std::vector<std::string>{"trained_on_current_revision"});
    auto producer = kafka::Producer::Create({.bootstrap_servers = kafka_->address()});
    ASSERT_TRUE(producer.ok()) << producer.status();
    producer_ = *std::move(producer);
    log_ = NewLog(prefix_);
  }
  std::unique_ptr<EventLog> NewLog(const std::string& prefix) {
    auto log = EventLog::Create(kafka_->address(), prefix + std::string(kafka::kDerivedTopic));
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  // A process of its own: nothing is kept from one to the next.
  void Run(const char* at) {
    world_->clock().now = test::ParseInstant(at);
    Deriver deriver(world_->client(), kpi::Catalogue::Linked(), LinkedRules(), *producer_,
                    prefix_ + std::string(kafka::kDerivedTopic), world_->clock(), stopping_);
    const auto report = deriver.Run();
    ASSERT_TRUE(report.ok()) << report.status();
  }
  Page Read(const std::string& cursor = "", const Filter& filter = {}, size_t size = 1000) {
    auto page = log_->Read(cursor, filter, size, kPatience);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *std::move(page) : Page{};
  }
  // "AuditMissed audit/A1" of all events there are.
  std::vector<std::string> All() {
    std::vector<std::string> all;
    for (const auto& event : Read().events)
      all.push_back(event.type().substr(event.type().rfind('.') + 1) + " " + event.subject());
    return all;
  }

  static test::Warehouse* warehouse_;
  static test::Kafka* kafka_;
  std::string prefix_;
  std::unique_ptr<PlantWorld> world_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<EventLog> log_;
  const std::atomic<bool> stopping_{false};
};

test::Warehouse* DeriveTest::warehouse_ = nullptr;
test::Kafka* DeriveTest::kafka_ = nullptr;

using Events = std::vector<std::string>;

TEST_F(DeriveTest, WhatIsDueIsPublishedOnceWhenItsTimeComes) {
  Begin("due");
  world_->clock().now = test::ParseInstant("2026-03-09T00:00:00Z");
  world_->Add(test::FactsFile("derive_plant.facts"));
  Run("2026-03-10T01:59:00Z");
  EXPECT_EQ(All(), Events());
  Run("2026-03-10T02:00:00Z");
  const Events effective{"RetrainingDue skill/E1/J1", "RevisionBecameEffective job/J1"};
  Events found = All();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, effective);
  Run("2026-03-10T02:01:00Z");
  EXPECT_EQ(All().size(), 2u);
  Run("2026-03-11T15:59:00Z");  // the last minute of the audit's window in Shanghai
  EXPECT_EQ(All().size(), 2u);
  Run("2026-03-11T16:00:00Z");
  EXPECT_EQ(All().back(), "AuditMissed audit/A1");
  const Page page = Read();
  const auto& missed = page.events.back();
  EXPECT_EQ(missed.audit_missed().layer(), 2);
  EXPECT_EQ(missed.audit_missed().due_to(), "2026-03-11");
  ASSERT_EQ(missed.audit_missed().context().evidence_size(), 1);
  EXPECT_EQ(missed.audit_missed().context().evidence(0).id(), "audit");
}

TEST_F(DeriveTest, AnAlertIsRaisedAndClearedByTheFacts) {
  Begin("alert");
  world_->clock().now = test::ParseInstant("2026-03-09T00:00:00Z");
  world_->Add(test::FactsFile("derive_plant.facts"));
  Filter alerts{{"AlertRaised", "AlertCleared"}, {}};
  Run("2026-03-24T12:00:00+08:00");  // 14 days after it took effect
  EXPECT_TRUE(Read("", alerts).events.empty());
  Run("2026-03-25T12:00:00+08:00");
  Page page = Read("", alerts);
  ASSERT_EQ(page.events.size(), 1u);
  const auto raised = page.events[0].alert_raised();
  EXPECT_EQ(raised.context().rule_id(), "untrained_assigned");
  EXPECT_EQ(raised.owner_role(), "team_leader");
  EXPECT_EQ(raised.detail(), "E1 J1 1");
  EXPECT_EQ(raised.dedup_key(), "untrained_assigned/PL1/skill/E1/J1/2026-03-25");
  Run("2026-03-26T12:00:00+08:00");
  EXPECT_EQ(Read("", alerts).events.size(), 1u);
  world_->Add(test::FactsFile("derive_trained.facts"));
  Run("2026-03-27T12:00:00+08:00");
  page = Read("", alerts);
  ASSERT_EQ(page.events.size(), 2u);
  EXPECT_EQ(page.events[1].alert_cleared().raised_id(), raised.context().id());
  EXPECT_EQ(page.events[1].alert_cleared().dedup_key(), raised.dedup_key());
}

TEST_F(DeriveTest, AKillBetweenPublishingAndRememberingRepeatsTheSameIds) {
  Begin("kill");
  world_->clock().now = test::ParseInstant("2026-03-09T00:00:00Z");
  world_->Add(test::FactsFile("derive_plant.facts"));
  Run("2026-03-10T02:00:00Z");
  // What was remembered is lost, as if the process had died before.
  ASSERT_TRUE(world_->client().Execute("TRUNCATE TABLE derived_state").ok());
  Run("2026-03-10T02:05:00Z");
  const Page page = Read();
  std::map<std::string, int> times;
  for (const auto& event : page.events) ++times[event.id()];
  EXPECT_EQ(page.events.size(), 4u);
  EXPECT_EQ(times.size(), 2u);
  // The broker and the engine die: nothing is lost, nothing comes again.
  ASSERT_TRUE(kafka_->KillAndRestart().ok());
  ASSERT_TRUE(warehouse_->KillAndRestart().ok());
  log_ = NewLog(prefix_);
  Run("2026-03-10T02:10:00Z");
  EXPECT_EQ(Read().events.size(), 4u);
}

TEST_F(DeriveTest, ACursorGoesOnWhereItStoodAndKnowsItsLog) {
  Begin("cursor");
  world_->clock().now = test::ParseInstant("2026-03-09T00:00:00Z");
  world_->Add(test::FactsFile("derive_plant.facts"));
  Run("2026-03-10T02:00:00Z");
  Page page = Read("", {}, 1);
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_TRUE(page.more);
  const std::string after_first = FormatCursor(page.next);
  EXPECT_EQ(page.events[0].cursor(), after_first);
  page = Read(after_first);
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_FALSE(page.more);
  const std::string end = FormatCursor(page.next);
  EXPECT_TRUE(Read(end).events.empty());
  EXPECT_TRUE(Read("end").events.empty());
  Run("2026-03-11T16:00:00Z");
  EXPECT_EQ(Read(end).events.size(), 1u);
  // A filter passes by what it does not want, and the cursor with it.
  page = Read("", {{"AuditMissed"}, {}});
  EXPECT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.next.offset, 3);
  EXPECT_TRUE(Read("", {{}, {"PL2"}}).events.empty());
  // A cursor of another log, or of one that was longer, is none of this one.
  EXPECT_EQ(log_->Read("999-0000000000000001", {}, 10, kPatience).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(log_->Read("1-0000000000000001", {}, 10, kPatience).status().code(),
            StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace yokoten::derive
