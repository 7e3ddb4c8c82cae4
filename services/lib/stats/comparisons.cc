// Newcombe's and the conditional binomial comparison; see comparisons.h.
#include "stats/comparisons.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>

namespace yokoten::stats {

namespace {

// The smallest p we report instead of an underflowed 0.
constexpr double kSmallestP = std::numeric_limits<double>::min();

// P(X <= k) and P(X >= k) of a binomial by the incomplete beta function, which also takes decimal counts.
double LowerTail(double k, double n, double p) { return k >= n ? 1.0 : boost::math::ibetac(k + 1, n - k, p); }
double UpperTail(double k, double n, double p) { return k <= 0 ? 1.0 : boost::math::ibeta(k, n - k + 1, p); }

double OddsTimes(double probability, double factor) {
  if (probability >= 1) return std::numeric_limits<double>::infinity();
  return probability / (1 - probability) * factor;
}

}  // namespace

std::optional<Comparison> CompareProportions(double successes1, double trials1, double successes2,
                                             double trials2, double confidence) {
  const std::optional<Interval> side1 = Wilson(successes1, trials1, confidence);
  const std::optional<Interval> side2 = Wilson(successes2, trials2, confidence);
  if (!side1 || !side2) return std::nullopt;
  const double p1 = successes1 / trials1;
  const double p2 = successes2 / trials2;
  Comparison out;
  out.estimate = p1 - p2;
  out.interval.lower = out.estimate - std::hypot(p1 - side1->lower, side2->upper - p2);
  out.interval.upper = out.estimate + std::hypot(side1->upper - p1, p2 - side2->lower);
  const double pooled = (successes1 + successes2) / (trials1 + trials2);
  const double variance = pooled * (1 - pooled) * (1 / trials1 + 1 / trials2);
  if (variance > 0) {
    const double z = std::abs(out.estimate) / std::sqrt(variance);
    out.p_value = 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
    out.p_value = std::clamp(out.p_value, kSmallestP, 1.0);
  }
  out.is_signal = !out.interval.Contains(0);
  return out;
}

std::optional<Comparison> CompareRates(double events1, double exposure1, double events2, double exposure2,
                                       double confidence) {
  if (!(confidence > 0 && confidence < 1) || !(events1 >= 0) || !(events2 >= 0) || !(exposure1 > 0) ||
      !(exposure2 > 0) || !std::isfinite(events1 + events2) || !std::isfinite(exposure1 + exposure2)) {
    return std::nullopt;
  }
  Comparison out;
  const double infinity = std::numeric_limits<double>::infinity();
  const double n = events1 + events2;
  if (n == 0) {
    out.estimate = 1;
    out.interval = {0, infinity};
    return out;
  }
  const double factor = exposure2 / exposure1;
  out.estimate = events2 == 0 ? infinity : events1 / events2 * factor;
  const double tail = (1 - confidence) / 2;
  using boost::math::beta_distribution;
  const double lower =
      events1 == 0 ? 0.0 : boost::math::quantile(beta_distribution<>(events1, events2 + 1), tail);
  const double upper =
      events2 == 0
          ? 1.0
          : boost::math::quantile(boost::math::complement(beta_distribution<>(events1 + 1, events2), tail));
  out.interval = {OddsTimes(lower, factor), OddsTimes(upper, factor)};
  const double share = exposure1 / (exposure1 + exposure2);
  const double smaller = std::min(LowerTail(events1, n, share), UpperTail(events1, n, share));
  out.p_value = std::clamp(2 * smaller, kSmallestP, 1.0);
  out.is_signal = !out.interval.Contains(1);
  return out;
}

}  // namespace yokoten::stats
