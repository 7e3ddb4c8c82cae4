// Is the difference between two proportions, or two rates, more than chance explains?
//
// Pure functions, safe from any thread. Each gives an estimate, its interval and a two-sided p-value;
// arguments outside the stated range give nothing.
#pragma once

#include <optional>

#include "stats/intervals.h"

namespace yokoten::stats {

// Outcome of a comparison of side 1 with side 2.
struct Comparison {
  // Proportions: p1 - p2. Rates: rate1 / rate2 (infinite when only side 2 has no events, 1 when neither has).
  double estimate = 0;
  // Interval of the estimate. `upper` may be infinite for rate ratios.
  Interval interval;
  // Two-sided, 0 < p <= 1, of the hypothesis that both sides are equal.
  double p_value = 1;
  // True when the interval leaves out "no difference" (0 for proportions, 1 for rates).
  bool is_signal = false;
};

// Newcombe's hybrid score interval (his method 10) of p1 - p2, without continuity correction, and the p-value
// of the pooled score test. Nothing unless 0 <= successes <= trials and trials > 0 on both sides.
std::optional<Comparison> CompareProportions(double successes1, double trials1, double successes2,
                                             double trials2, double confidence = kDefaultConfidence);

// Exact conditional comparison of two Poisson rates: given the sum of events, side 1's are binomial with
// probability exposure1 / (exposure1 + exposure2) when the rates are equal. The interval is Clopper and
// Pearson's carried over to the ratio; the p-value doubles the smaller tail, so p < 1 - confidence exactly
// when the interval leaves out 1. Nothing unless events >= 0 and exposure > 0 on both sides.
std::optional<Comparison> CompareRates(double events1, double exposure1, double events2, double exposure2,
                                       double confidence = kDefaultConfidence);

}  // namespace yokoten::stats
