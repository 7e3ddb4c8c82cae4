// The aggregator between a real broker and a real engine.
#include <gmock/gmock.h>

#include "aggregator/aggregator.h"
#include "events/columns.h"
#include "integration/aggregator_world.h"

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

}  // namespace
}  // namespace yokoten::test
