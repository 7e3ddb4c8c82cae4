// Versions and partitions: what keeps the cells of a plant in one order.
#include "rollup_worker/worker.h"

#include <gtest/gtest.h>

namespace yokoten::rollup_worker {
namespace {

TEST(Version, LaterDirtIsNewerAndASweepIsNewerThanTouchesUpToTheSameOffset) {
  EXPECT_LT(MakeVersion(1, 7, false), MakeVersion(1, 7, true));
  EXPECT_LT(MakeVersion(1, 7, true), MakeVersion(1, 8, false));
  EXPECT_LT(MakeVersion(1, 1'000'000'000, true), MakeVersion(2, 0, false));
  EXPECT_EQ(NextOffsetOf(MakeVersion(3, 12345, true)), 12345);
  EXPECT_EQ(EpochOf(MakeVersion(3, 12345, true)), 3u);
}

// Values of org.apache.kafka.common.utils.Utils.murmur2 (its own unit test), positive and modulo 1000.
TEST(PartitionOf, IsJavasDefaultPartitioner) {
  const auto expected = [](int32_t hash) { return (hash & 0x7fffffff) % 1000; };
  EXPECT_EQ(PartitionOf("21", 1000), expected(-973932308));
  EXPECT_EQ(PartitionOf("foobar", 1000), expected(-790332482));
  EXPECT_EQ(PartitionOf("a-little-bit-long-string", 1000), expected(-985981536));
  EXPECT_EQ(PartitionOf("a-little-bit-longer-string", 1000), expected(-1486304829));
  EXPECT_EQ(PartitionOf("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 1000), expected(-58897971));
  EXPECT_EQ(PartitionOf("abc", 1000), expected(479470107));
}

}  // namespace
}  // namespace yokoten::rollup_worker
