// The acceptance vectors V1 and V2 (and V12's proportions), and the edges.
#include "stats/intervals.h"

#include <cmath>

#include <gtest/gtest.h>

namespace yokoten::stats {
namespace {

constexpr double kTolerance = 1e-6;

void ExpectInterval(const std::optional<Interval>& actual, double lower, double upper) {
  ASSERT_TRUE(actual.has_value());
  EXPECT_NEAR(actual->lower, lower, kTolerance);
  EXPECT_NEAR(actual->upper, upper, kTolerance);
}

TEST(Garwood, V1InjuryRatesHaveExactPoissonIntervals) {
  constexpr double kHours = 1'248'600;
  ExpectInterval(GarwoodRate(7, kHours, 200'000), 0.450803, 2.310215);    // TRIR
  ExpectInterval(GarwoodRate(4, kHours, 200'000), 0.174574, 1.640492);    // DART
  ExpectInterval(GarwoodRate(2, kHours, 1'000'000), 0.193985, 5.786231);  // LTIFR
  ExpectInterval(GarwoodRate(0, kHours, 200'000), 0, 0.590883);           // zero events
}

TEST(Wilson, V2AndV12ProportionsHaveScoreIntervals) {
  ExpectInterval(Wilson(43, 50), 0.738138, 0.930492);
  ExpectInterval(Wilson(0, 12), 0, 0.242494);
  ExpectInterval(Wilson(12, 12), 0.757506, 1);
  ExpectInterval(Wilson(171, 190), 0.849103, 0.935043);
  ExpectInterval(Wilson(6, 8), 0.409275, 0.928521);
  ExpectInterval(Wilson(9, 40), 0.123161, 0.375031);
  ExpectInterval(Wilson(7, 10), 0.396778, 0.892209);
}

TEST(Wilson, TheEstimateIsAlwaysInsideAndTheIntervalInsideZeroToOne) {
  for (double n : {1.0, 2.0, 7.0, 1000.0, 1e9}) {
    for (double share : {0.0, 0.001, 0.5, 0.999, 1.0}) {
      const std::optional<Interval> interval = Wilson(share * n, n);
      ASSERT_TRUE(interval.has_value());
      EXPECT_TRUE(interval->Contains(share)) << share << " of " << n;
      EXPECT_GE(interval->lower, 0);
      EXPECT_LE(interval->upper, 1);
    }
  }
}

TEST(Intervals, MoreConfidenceIsWider) {
  EXPECT_LT(Wilson(43, 50, 0.998)->lower, Wilson(43, 50, 0.95)->lower);
  EXPECT_GT(Garwood(7, 0.998)->upper, Garwood(7, 0.95)->upper);
}

TEST(Intervals, ArgumentsThatMakeNoSenseGiveNoInterval) {
  EXPECT_FALSE(Wilson(1, 0).has_value());
  EXPECT_FALSE(Wilson(-1, 5).has_value());
  EXPECT_FALSE(Wilson(6, 5).has_value());
  EXPECT_FALSE(Wilson(1, 5, 1).has_value());
  EXPECT_FALSE(Wilson(std::nan(""), 5).has_value());
  EXPECT_FALSE(Garwood(-1).has_value());
  EXPECT_FALSE(GarwoodRate(1, 0, 200'000).has_value());
  EXPECT_FALSE(GarwoodRate(1, 100, 0).has_value());
}

}  // namespace
}  // namespace yokoten::stats
