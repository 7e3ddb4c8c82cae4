#include "base/wait.h"

#include <thread>

#include <gtest/gtest.h>

namespace yokoten {
namespace {

using std::chrono::steady_clock;

TEST(WaitTest, LastsAsLongAsAsked) {
  const auto begun = steady_clock::now();
  Wait(std::chrono::milliseconds(3));
  EXPECT_GE(steady_clock::now() - begun, std::chrono::milliseconds(3));
}

TEST(WaitUntilTest, EndsAtItsTimeWhenNothingStopsIt) {
  const std::atomic<bool> stop{false};
  const auto until = steady_clock::now() + std::chrono::milliseconds(12);
  EXPECT_TRUE(WaitUntil(until, stop));
  EXPECT_GE(steady_clock::now(), until);
}

TEST(WaitUntilTest, EndsEarlyWhenStopped) {
  std::atomic<bool> stop{false};
  const auto until = steady_clock::now() + std::chrono::hours(1);
  std::thread other([&stop] { stop = true; });
  EXPECT_FALSE(WaitUntil(until, stop));
  other.join();
  EXPECT_LT(steady_clock::now(), until);
}

TEST(WaitUntilTest, DoesNotWaitWhenAlreadyStoppedOrPast) {
  const std::atomic<bool> stopped{true};
  EXPECT_FALSE(WaitUntil(steady_clock::now() + std::chrono::hours(1), stopped));
  const std::atomic<bool> going{false};
  EXPECT_TRUE(WaitUntil(steady_clock::now() - std::chrono::hours(1), going));
}

}  // namespace
}  // namespace yokoten
