// When a figure that was refused is tried again.
#include "rollup_worker/set_aside.h"

#include <gtest/gtest.h>

namespace yokoten::rollup_worker {
namespace {

using std::chrono::seconds;

class StillClock final : public Clock {
 public:
  WallTime Now() const override { return {}; }
  MonotonicTime Monotonic() const override { return now; }
  MonotonicTime now{};
};

class SetAsideTest : public testing::Test {
 protected:
  bool Held() const { return set_aside_.Holds("PL1", "trir", month_); }

  StillClock clock_;
  clickhouse::Client client_{{.url = "http://127.0.0.1:1"}};
  const Day month_{20000};
  SetAside set_aside_{client_, clock_, {seconds(30), seconds(100)}};
};

TEST_F(SetAsideTest, WaitsTwiceAsLongAfterEachRefusalUpToTheLongest) {
  EXPECT_FALSE(Held());
  for (const seconds wait : {seconds(30), seconds(60), seconds(100), seconds(100)}) {
    set_aside_.Refused("PL1", "trir", month_);
    clock_.now += wait - std::chrono::milliseconds(1);
    EXPECT_TRUE(Held()) << wait.count();
    clock_.now += std::chrono::milliseconds(1);
    EXPECT_FALSE(Held()) << wait.count();
  }
  EXPECT_EQ(set_aside_.size(), 1u) << "still without figures, but it may be tried";
}

TEST_F(SetAsideTest, HoldsOnlyThePlantKpiAndMonthThatWereRefused) {
  set_aside_.Refused("PL1", "trir", month_);
  EXPECT_FALSE(set_aside_.Holds("PL2", "trir", month_));
  EXPECT_FALSE(set_aside_.Holds("PL1", "ltifr", month_));
  EXPECT_FALSE(set_aside_.Holds("PL1", "trir", month_ + 31));
}

TEST_F(SetAsideTest, ForgetsWhatWorkedAgain) {
  set_aside_.Refused("PL1", "trir", month_);
  set_aside_.Worked("PL1", "trir", month_);
  EXPECT_FALSE(Held());
  EXPECT_TRUE(set_aside_.empty());
}

TEST(IsRefusal, IsWhatClickHouseWillSayAgain) {
  EXPECT_FALSE(IsRefusal(OkStatus()));
  EXPECT_FALSE(IsRefusal(Unavailable("nobody answers")));
  EXPECT_FALSE(IsRefusal(clickhouse::Client({.url = "http://127.0.0.1:1"}).Ping()));
}

}  // namespace
}  // namespace yokoten::rollup_worker
