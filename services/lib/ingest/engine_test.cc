#include "ingest/engine.h"

#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace yokoten::ingest {
namespace {

using std::chrono::milliseconds;

TEST(WorkersTest, RunsWhatWasPostedBeforeTheEnd) {
  std::atomic<int> done{0};
  {
    Workers workers(3);
    for (int i = 0; i < 1000; ++i) workers.Post([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(WorkersTest, MayBeEndedByTheirOwnJob) {
  std::promise<void> ended;
  auto workers = std::make_shared<Workers>(2);
  std::promise<void> alone;
  workers->Post([&ended, &alone, own = workers]() mutable {
    alone.get_future().wait();
    own.reset();
    ended.set_value();
  });
  workers.reset();
  alone.set_value();
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(BudgetTest, LetsInWhatFitsAndOneThatNeverWould) {
  Budget budget(100);
  EXPECT_TRUE(budget.TryTake(60));
  EXPECT_FALSE(budget.TryTake(41));
  EXPECT_TRUE(budget.TryTake(40));
  budget.Give(100);
  EXPECT_TRUE(budget.TryTake(500));
  EXPECT_FALSE(budget.TryTake(1));
  budget.Give(500);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(BudgetTest, WaitersAreServedInOrder) {
  Budget budget(100);
  std::vector<int> order;
  ASSERT_TRUE(budget.TryTake(100));
  budget.Take(80, [&] { order.push_back(1); });
  budget.Take(10, [&] { order.push_back(2); });
  budget.Take(10, [&] { order.push_back(3); });
  EXPECT_TRUE(order.empty());
  budget.Give(15);  // room for the small ones, but the first one comes first
  EXPECT_TRUE(order.empty());
  budget.Give(85);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(budget.used(), 100u);
}

TEST(TimersTest, CallBackInTheOrderOfTheirTimes) {
  Timers timers;
  std::promise<void> last;
  std::vector<int> order;
  const auto now = std::chrono::steady_clock::now();
  timers.At(now + milliseconds(30), [&] {
    order.push_back(3);
    last.set_value();
  });
  timers.At(now + milliseconds(20), [&] { order.push_back(2); });
  timers.At(now, [&] { order.push_back(1); });
  ASSERT_EQ(last.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(RoomTest, WaitEndsAtItsTime) {
  Room room;
  EXPECT_FALSE(room.Wait(std::chrono::steady_clock::now(), milliseconds(1000)));
  EXPECT_TRUE(room.Wait(std::chrono::steady_clock::now() + std::chrono::hours(1), milliseconds(1)));
}

TEST(EngineTest, OneProcessHasOneEngine) {
  auto a = SharedEngine(1, 10), b = SharedEngine(1, 10);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace yokoten::ingest
