// The aggregator between a real broker and a real engine.
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "aggregator/aggregator.h"
#include "aggregator/epochs.h"
#include "clickhouse/migrate.h"
#include "events/columns.h"
#include "integration/aggregator_world.h"
#include "support/process.h"

namespace yokoten::test {
namespace {

using ::testing::IsEmpty;

constexpr std::chrono::seconds kDeadline{30};

// An aggregator of this process over a world.
class Running {
 public:
  explicit Running(World& world) : Running(world, world.Options()) {}
  Running(World& world, aggregator::AggregatorOptions options)
      : aggregator_(std::move(options), world.client(), world.producer(), registry_) {
    EXPECT_TRUE(aggregator_.Start().ok());
  }
  ~Running() { aggregator_.Stop(); }
  aggregator::Aggregator* operator->() { return &aggregator_; }
  // Whether it says that facts wait for the identity pass.
  bool Waiting() const {
    for (const auto& family : registry_.Collect()) {
      if (family.name == "yokoten_aggregator_identity_waiting") return family.metric[0].gauge.value != 0;
    }
    return false;
  }

 private:
  prometheus::Registry registry_;
  aggregator::Aggregator aggregator_;
};

TEST(FactTables, AreInTheLiveSchemaWhatTheProtosDeclare) {
  World world("schema");
  const auto rows = world.client().Select(
      "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table LIKE "
      "'fact\\_%'");
  ASSERT_TRUE(rows.ok()) << rows.status();
  events::Schema live;
  for (size_t i = 0; i < rows->size(); ++i)
    live[rows->Text(i, "table")][rows->Text(i, "name")] = rows->Text(i, "type");
  EXPECT_EQ(live, events::DeclaredFacts(events::Registry::Linked()));
}

TEST(Aggregator, StoresEverythingThatWasSentOnceWithItsTouches) {
  World world("stores");
  world.SendAll(world.Mix(2000));
  Running aggregator(world);
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());

  // The oracle can fail: each of its clauses, on a world that is right.
  auto wrong = world.sent();
  wrong.pop_back();
  EXPECT_FALSE(world.Differences(wrong).empty()) << "a record too many";
  wrong = world.sent();
  wrong.push_back(wrong.back());
  wrong.back().offset += 1;
  EXPECT_FALSE(world.Differences(wrong).empty()) << "a record too few";
  wrong = world.sent();
  std::swap(wrong[0].record, wrong[1].record);
  EXPECT_FALSE(world.Differences(wrong).empty()) << "records exchanged";
  ASSERT_TRUE(
      world.client().Execute("ALTER TABLE archive DELETE WHERE offset = 3 SETTINGS mutations_sync = 2").ok());
  EXPECT_FALSE(world.Differences(world.sent()).empty()) << "a hole in the archive";
}

// Runs `query`, which gives one cell.
std::string One(World& world, const std::string& query) {
  const auto rows = world.client().Select(query);
  return rows.ok() && rows->size() == 1 ? rows->rows[0][0].value_or("NULL")
                                        : "no single row: " + Message(rows.status());
}

// Waits until `condition` holds; false after the deadline.
bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    test::PollPause(std::chrono::milliseconds(20));
  }
  return false;
}

TEST(Aggregator, CountsTheEarliestOfAnIdAndOfABusinessKeyAndTakesItBack) {
  World world("identity");
  Running aggregator(world);
  auto first = Output("a", "PL1", "L1", "2026-03-02", 10);
  auto moved = first;
  moved.mutable_context()->set_plant_id("PL2");
  auto second = first;
  second.mutable_context()->set_id("b");
  world.Send(first);
  world.Send(moved);
  world.Send(second);
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  ASSERT_TRUE(aggregator->RunIdentityPass(false).ok());
  const std::string inert =
      "SELECT arrayStringConcat(arraySort(groupArray(concat(plant, ' ', reason))), ', ') FROM inert_fact "
      "FINAL WHERE inert = 1";
  EXPECT_EQ(One(world, inert), "PL1 business_key, PL2 id_conflict");
  EXPECT_EQ(One(world, "SELECT count() FROM finding FINAL WHERE active = 1"), "2");
  EXPECT_EQ(One(world, "SELECT min(told) FROM inert_fact FINAL"), "1");

  world.Send(Void("v", first));
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  ASSERT_TRUE(aggregator->RunIdentityPass(false).ok());
  EXPECT_EQ(One(world, inert), "PL2 id_conflict") << "voiding the first revives the second";
  EXPECT_EQ(One(world, "SELECT groupArray(kind)[1] FROM finding FINAL WHERE active = 1"), "id_conflict");
}

// Partitions are read side by side, so a copy may come to the tables after one that was recorded later.
TEST(Aggregator, TellsOfTheEarliestCopyInWhateverOrderCopiesCome) {
  World world("copies");
  {
    Running aggregator(world);
    for (const char* plant : {"PL1", "PL2", "PL3"}) world.Send(Output("a", plant, "L1", "2026-03-02", 10));
    ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
    ASSERT_TRUE(aggregator->RunIdentityPass(false).ok());
  }
  const std::string findings =
      "SELECT arrayStringConcat(arraySort(groupArray(concat(plant, ' for ', other_plant))), ', ') AS v FROM "
      "finding FINAL WHERE active = 1";
  EXPECT_EQ(One(world, findings), "PL2 for PL1, PL3 for PL1");

  const auto other = world.OtherDatabase("late");
  prometheus::Registry registry;
  ASSERT_TRUE(clickhouse::Migrate(*other).ok());
  aggregator::Aggregator late(world.Options(), *other, world.producer(), registry);
  for (const char* plants : {"'PL2', 'PL3'", "'PL1'"}) {
    ASSERT_TRUE(other
                    ->Execute("INSERT INTO event_key SELECT * FROM " + world.database() +
                              ".event_key WHERE plant IN (" + plants + ")")
                    .ok());
    ASSERT_TRUE(late.RunIdentityPass(true).ok());
  }
  const auto rows = other->Select(findings);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Text(0, "v"), "PL2 for PL1, PL3 for PL1");
}

TEST(Aggregator, SaysWhetherFactsWaitForTheIdentityPass) {
  World world("waiting");
  auto options = world.Options();
  options.identity_interval = std::chrono::hours(1);
  Running aggregator(world, options);
  EXPECT_TRUE(aggregator.Waiting()) << "before the first full pass nobody knows";
  world.Send(Output("a", "PL1", "L1", "2026-03-02", 10));
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  ASSERT_TRUE(aggregator->RunIdentityPass(true).ok());
  EXPECT_FALSE(aggregator.Waiting());
  world.Send(Output("b", "PL1", "L1", "2026-03-02", 10));
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_TRUE(aggregator.Waiting());
  ASSERT_TRUE(aggregator->RunIdentityPass(false).ok());
  EXPECT_FALSE(aggregator.Waiting());
}

TEST(Aggregator, ResumesFromTheArchiveWhenTheGroupsOffsetsAreGone) {
  World world("expired");
  {
    Running aggregator(world);
    world.SendAll(world.Mix(300));
    ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  }
  ASSERT_TRUE(
      Neighbours::Get().kafka().Groups({"--delete", "--group", world.prefix() + "yokoten-aggregator"}).ok());
  world.SendAll(world.Mix(50));
  Running aggregator(world);
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());
  EXPECT_EQ(One(world, "SELECT count() = uniqExact(topic, partition, offset) FROM archive"), "1")
      << "nothing was read twice";
}

TEST(Aggregator, HaltsThePartitionsOfARecreatedTopicAndNamesTheCommand) {
  World world("recreated", 1);
  {
    Running aggregator(world);
    world.Send(Output("a", "PL1", "L1", "2026-03-02", 10));
    world.Send(Output("b", "PL1", "L1", "2026-03-03", 10));
    ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  }
  const std::string topic = world.prefix() + "yokoten.operations.v1";
  for (const bool longer : {false, true}) {
    ASSERT_TRUE(Neighbours::Get().kafka().Topics({"--delete", "--topic", topic}).ok());
    World again("recreated", 1);  // makes the topics again
    if (longer) {
      for (int i = 0; i < 5; ++i) again.Send(Output("n" + std::to_string(i), "PL1", "L1", "2026-03-04", 10));
    }
    Running aggregator(world);
    ASSERT_TRUE(Eventually([&] { return !aggregator->halts().empty(); }));
    const auto halt = aggregator->halts().front();
    EXPECT_EQ(halt.error_id, longer ? "yk-log-replaced" : "yk-log-truncated");
    EXPECT_EQ(halt.source.first, "yokoten.operations.v1");
    EXPECT_THAT(halt.message, ::testing::HasSubstr("--new-epoch=yokoten.operations.v1"));
    EXPECT_EQ(One(world, "SELECT count() FROM fact_operations_shift_output_reported"), "2");
  }
  // What the command does: a new epoch, and the new log is read from its beginning.
  ASSERT_TRUE(aggregator::BeginEpoch(world.client(), Neighbours::Get().kafka().address(), world.prefix(),
                                     "yokoten.operations.v1")
                  .ok());
  Running aggregator(world);
  EXPECT_TRUE(Eventually(
      [&] { return One(world, "SELECT count() FROM fact_operations_shift_output_reported FINAL") == "7"; }));
  EXPECT_THAT(aggregator->halts(), IsEmpty());
}

TEST(Aggregator, HaltsAtTheRecordClickHouseRefusesWhileOtherPartitionsGoOn) {
  World world("refused");
  ASSERT_TRUE(world.client()
                  .Execute("ALTER TABLE fact_operations_shift_output_reported ADD CONSTRAINT no_bad CHECK "
                           "product != 'P-bad'")
                  .ok());
  std::vector<std::pair<std::string, events::Record>> records;
  const auto add = [&](const google::protobuf::Message& event) {
    records.emplace_back(world.TopicOf(event),
                         events::Encode(*events::Registry::Linked().Find(event.GetDescriptor()), event));
  };
  for (int i = 0; i < 40; ++i) {
    add(Output(i == 20 ? "bad" : "g" + std::to_string(i), "PL1", "L1", "2026-03-02", i));   // one partition
    add(Output("o" + std::to_string(i), "PL1", "L" + std::to_string(i), "2026-03-02", i));  // all
  }
  world.SendAll(records);
  Running aggregator(world);
  ASSERT_TRUE(Eventually([&] { return !aggregator->halts().empty(); }));
  const auto halt = aggregator->halts().front();
  EXPECT_EQ(halt.error_id, "yk-record-refused");
  EXPECT_EQ(One(world, "SELECT max(offset) + 1 FROM archive WHERE partition = " +
                           std::to_string(halt.source.second)),
            std::to_string(halt.offset));
  for (const Sent& sent : world.sent()) {
    if (sent.partition == halt.source.second) continue;
    const std::string there =
        "SELECT count() > 0 FROM archive WHERE partition = " + std::to_string(sent.partition) +
        " AND offset = " + std::to_string(sent.offset);
    ASSERT_TRUE(Eventually([&] { return One(world, there) == "1"; })) << sent.partition << "/" << sent.offset;
  }
  aggregator->Stop();
  // Mended and started again, it goes on where it stood.
  ASSERT_TRUE(world.client()
                  .Execute("ALTER TABLE fact_operations_shift_output_reported DROP CONSTRAINT no_bad")
                  .ok());
  Running mended(world);
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());
}

TEST(Aggregator, HaltsAPartitionThatWouldDrainIntoTheDeadLetterTopic) {
  World world("garbage", 1);
  std::vector<std::pair<std::string, events::Record>> records;
  for (int i = 0; i < 30; ++i) {
    records.emplace_back(world.prefix() + "yokoten.operations.v1",
                         events::Record{.key = "k", .value = "\xff\xfe", .headers = {}});
  }
  world.SendAll(records);
  world.Send(Output("a", "PL1", "L1", "2026-03-02", 1));
  auto options = world.Options();
  options.dead_letter_window = 1000;
  {
    Running aggregator(world, options);
    ASSERT_TRUE(Eventually([&] { return !aggregator->halts().empty(); }));
    EXPECT_EQ(aggregator->halts().front().error_id, "yk-dead-letter-rate");
    EXPECT_EQ(aggregator->halts().front().offset, 10);
    ASSERT_TRUE(Eventually([&] { return One(world, "SELECT count() FROM archive") == "10"; }));
  }
  {
    Running aggregator(world, options);
    ASSERT_TRUE(Eventually([&] { return !aggregator->halts().empty(); }));
    EXPECT_EQ(One(world, "SELECT count() FROM archive"), "10") << "a restart drains nothing more";
  }
  options.dead_letter_percent_max = 5;
  Running aggregator(world, options);
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());
}

TEST(Aggregator, WaitsForTheWarehouseAndLosesNothing) {
  World world("away");
  Running aggregator(world);
  world.SendAll(world.Mix(200));
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  world.SendAll(world.Mix(500));
  ASSERT_TRUE(Neighbours::Get().warehouse().KillAndRestart().ok());
  world.SendAll(world.Mix(200));
  ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());
}

TEST(Aggregator, ReachesTheSameStateBitByBitAsInOneGo) {
  World world("state");
  {
    auto options = world.Options();
    options.batch_records_max = 37;
    Running aggregator(world, options);
    for (int i = 0; i < 6; ++i) world.SendAll(world.Mix(100));
    ASSERT_TRUE(world.WaitConsumed(kDeadline).ok());
    ASSERT_TRUE(aggregator->RunIdentityPass(false).ok());
  }
  const auto other = world.OtherDatabase("batch");
  prometheus::Registry registry;
  aggregator::Aggregator batch(world.Options(), *other, world.producer(), registry);
  ASSERT_TRUE(batch.Start().ok());
  const auto archived = [&] {
    const auto rows = other->Select("SELECT count() AS n FROM archive");
    return rows.ok() && rows->Int(0, "n") == static_cast<int64_t>(world.sent().size());
  };
  EXPECT_TRUE(Eventually(archived));
  EXPECT_TRUE(batch.RunIdentityPass(true).ok());
  batch.Stop();
  EXPECT_THAT(world.StateDifferences(world.client(), *other), ::testing::IsEmpty());
}

}  // namespace
}  // namespace yokoten::test
