// Published examples, the agreement of interval and test, and the edges.
#include "stats/comparisons.h"

#include <cmath>

#include <gtest/gtest.h>

namespace yokoten::stats {
namespace {

// Newcombe (Statistics in Medicine 17, 1998, p. 873), table II, method 10.
TEST(CompareProportions, ReproducesNewcombesPublishedIntervals) {
  struct Case {
    double x1, n1, x2, n2, lower, upper;
  };
  for (const Case& c : {Case{56, 70, 48, 80, 0.0524, 0.3339}, Case{9, 10, 3, 10, 0.1705, 0.8090},
                        Case{6, 7, 2, 7, 0.0582, 0.8062}, Case{5, 56, 0, 29, -0.0381, 0.1926},
                        Case{10, 10, 0, 10, 0.6075, 1.0}}) {
    const std::optional<Comparison> got = CompareProportions(c.x1, c.n1, c.x2, c.n2);
    ASSERT_TRUE(got.has_value());
    EXPECT_NEAR(got->interval.lower, c.lower, 5e-5);
    EXPECT_NEAR(got->interval.upper, c.upper, 5e-5);
    EXPECT_EQ(got->is_signal, c.lower > 0);
  }
}

TEST(CompareProportions, SwappingTheSidesMirrorsTheResult) {
  const Comparison a = *CompareProportions(56, 70, 48, 80);
  const Comparison b = *CompareProportions(48, 80, 56, 70);
  EXPECT_NEAR(a.estimate, -b.estimate, 1e-12);
  EXPECT_NEAR(a.interval.lower, -b.interval.upper, 1e-12);
  EXPECT_NEAR(a.p_value, b.p_value, 1e-12);
  // z = 0.2 / sqrt(104/150 * 46/150 * (1/70 + 1/80)) = 2.6505
  EXPECT_NEAR(a.p_value, 0.0080369, 1e-5);
}

TEST(CompareProportions, EqualSidesAreNoSignal) {
  const Comparison same = *CompareProportions(5, 5, 9, 9);
  EXPECT_EQ(same.p_value, 1);
  EXPECT_FALSE(same.is_signal);
  EXPECT_FALSE(CompareProportions(5, 0, 9, 9).has_value());
}

// R: poisson.test(c(11, 21), c(800, 3011)); the ends agree with a bisection of exact binomial sums.
TEST(CompareRates, ReproducesAPublishedExactComparison) {
  const Comparison got = *CompareRates(11, 800, 21, 3011);
  EXPECT_NEAR(got.estimate, 1.971488, 1e-6);
  EXPECT_NEAR(got.interval.lower, 0.858426, 1e-5);
  EXPECT_NEAR(got.interval.upper, 4.277266, 1e-5);
  EXPECT_FALSE(got.is_signal);
}

TEST(CompareRates, IntervalAndTestAgree) {
  for (int a = 0; a < 30; ++a) {
    for (int b = 0; b < 30; ++b) {
      const Comparison got = *CompareRates(a, 1.5, b, 2.5);
      EXPECT_EQ(got.is_signal, got.p_value < 0.05) << a << " and " << b;
      EXPECT_GT(got.p_value, 0);
      EXPECT_LE(got.p_value, 1);
      EXPECT_TRUE(got.interval.Contains(got.estimate)) << a << " and " << b;
    }
  }
}

TEST(CompareRates, NoEventsAtAllSayNothing) {
  const Comparison none = *CompareRates(0, 10, 0, 20);
  EXPECT_EQ(none.p_value, 1);
  EXPECT_FALSE(none.is_signal);
  EXPECT_TRUE(std::isinf(none.interval.upper));
  // Tails of Bin(10, 1/2) at its edge: p = 2 / 2^10.
  EXPECT_NEAR(CompareRates(0, 1, 10, 1)->p_value, 2.0 / 1024, 1e-12);
  EXPECT_TRUE(std::isinf(CompareRates(10, 1, 0, 1)->estimate));
  EXPECT_FALSE(CompareRates(1, 0, 1, 1).has_value());
}

}  // namespace
}  // namespace yokoten::stats
