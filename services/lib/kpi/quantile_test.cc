// Quantiles with open values.
#include "kpi/quantile.h"

#include <gtest/gtest.h>

namespace yokoten::kpi {
namespace {

constexpr int64_t kDay = 86'400'000'000;
WallTime At(int64_t day) { return FromMicros(day * kDay); }

TEST(Quantile, TheNinetiethPercentileIsTheEighteenthOfTwenty) {
  const std::vector<double> trained{0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 11, 15};
  const QuantileResult p90 = Quantile(trained, {At(0), At(0)}, 0.9, At(100));
  EXPECT_EQ(p90.value, 15);
  EXPECT_EQ(p90.n, 20u);
  const std::vector<double> fewer(trained.begin(), trained.end() - 1);
  const QuantileResult open = Quantile(fewer, {At(0), At(0), At(0)}, 0.9, At(100));
  EXPECT_FALSE(open.value.has_value());
  EXPECT_EQ(open.lower_bound, 100);
}

TEST(Quantile, AMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(Quantile({4, 1, 2, 3}, {}, 0.5, At(0)).value, 2.5);
  EXPECT_EQ(Quantile({3, 1, 2}, {}, 0.5, At(0)).value, 2);
}

TEST(Quantile, AnOpenMedianIsNullAndItsLowerBoundGrows) {
  EXPECT_EQ(Quantile({}, {At(10)}, 0.5, At(40)).lower_bound, 30);
  EXPECT_EQ(Quantile({}, {At(10)}, 0.5, At(41)).lower_bound, 31);
  EXPECT_FALSE(Quantile({1}, {At(10)}, 0.5, At(40)).value.has_value());
}

TEST(Quantile, NothingHasNoQuantile) {
  const QuantileResult none = Quantile({}, {}, 0.5, At(0));
  EXPECT_FALSE(none.value.has_value());
  EXPECT_FALSE(none.lower_bound.has_value());
}

}  // namespace
}  // namespace yokoten::kpi
