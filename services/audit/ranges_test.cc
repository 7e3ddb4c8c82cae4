// Offsets to ranges.
#include "audit/ranges.h"

#include <gtest/gtest.h>

namespace yokoten::audit {
namespace {

TEST(Ranges, HoldExactlyTheOffsetsGivenInAnyOrder) {
  EXPECT_EQ(RangesOf({7, 3, 4, 5, 3, 9}), (std::vector<Range>{{3, 5}, {7, 7}, {9, 9}}));
  EXPECT_TRUE(RangesOf({}).empty());
}

TEST(Ranges, AreUnitedWhereTheyTouchOrOverlap) {
  const std::vector<Range> united = United({{20, 30}, {0, 4}, {5, 9}, {25, 40}, {50, 50}});
  EXPECT_EQ(united, (std::vector<Range>{{0, 9}, {20, 40}, {50, 50}}));
  EXPECT_EQ(Count(united), 10 + 21 + 1);
}

}  // namespace
}  // namespace yokoten::audit
