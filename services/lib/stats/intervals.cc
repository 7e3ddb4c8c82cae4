// Wilson from the normal quantile, Garwood from chi-squared quantiles; see intervals.h.
#include "stats/intervals.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

namespace yokoten::stats {

namespace {

bool ValidConfidence(double confidence) { return confidence > 0 && confidence < 1; }

}  // namespace

std::optional<Interval> Wilson(double successes, double trials, double confidence) {
  if (!ValidConfidence(confidence) || !(trials > 0) || !(successes >= 0) || !(successes <= trials) ||
      !std::isfinite(trials)) {
    return std::nullopt;
  }
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const double p = successes / trials;
  const double z2n = z * z / trials;
  const double centre = p + z2n / 2;
  const double half = z * std::sqrt(p * (1 - p) / trials + z2n / (4 * trials));
  // At the edges the formula gives exactly 0 or 1; rounding must not push it past the estimate.
  const double lower = successes == 0 ? 0.0 : std::max(0.0, (centre - half) / (1 + z2n));
  const double upper = successes == trials ? 1.0 : std::min(1.0, (centre + half) / (1 + z2n));
  return Interval{lower, upper};
}

std::optional<Interval> Garwood(double events, double confidence) {
  if (!ValidConfidence(confidence) || !(events >= 0) || !std::isfinite(events)) return std::nullopt;
  using boost::math::chi_squared;
  const double tail = (1 - confidence) / 2;
  Interval out;
  out.lower = events == 0 ? 0 : boost::math::quantile(chi_squared(2 * events), tail) / 2;
  out.upper = boost::math::quantile(boost::math::complement(chi_squared(2 * events + 2), tail)) / 2;
  return out;
}

std::optional<Interval> GarwoodRate(double events, double exposure, double base, double confidence) {
  if (!(exposure > 0) || !(base > 0) || !std::isfinite(exposure) || !std::isfinite(base)) {
    return std::nullopt;
  }
  std::optional<Interval> mean = Garwood(events, confidence);
  if (!mean) return std::nullopt;
  const double scale = base / exposure;
  return Interval{mean->lower * scale, mean->upper * scale};
}

}  // namespace yokoten::stats
