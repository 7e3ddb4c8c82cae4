// Order statistics with open values at the upper end.
#include "kpi/quantile.h"

#include <algorithm>
#include <cmath>

namespace yokoten::kpi {
namespace {

constexpr double kDayUs = 86'400e6;

// Positions (0-based) whose mean is the quantile.
std::pair<size_t, size_t> Positions(size_t n, double q) {
  if (q == 0.5) return {(n - 1) / 2, n / 2};
  const double rank = std::ceil(q * static_cast<double>(n) - 1e-9);
  const size_t k = rank < 1 ? 0 : std::min(n, static_cast<size_t>(rank)) - 1;
  return {k, k};
}

}  // namespace

QuantileResult Quantile(std::vector<double> closed, const std::vector<WallTime>& open_since, double q,
                        WallTime asked_at) {
  QuantileResult result;
  result.n = closed.size() + open_since.size();
  if (result.n == 0) return result;
  const auto [low, high] = Positions(result.n, q);
  std::sort(closed.begin(), closed.end());
  if (high < closed.size()) {
    result.value = (closed[low] + closed[high]) / 2;
    return result;
  }
  // Every open value is at least its age, so the order statistic of ages is a lower bound.
  for (const WallTime start : open_since) {
    closed.push_back(std::max(0.0, static_cast<double>(ToMicros(asked_at) - ToMicros(start)) / kDayUs));
  }
  std::sort(closed.begin(), closed.end());
  result.lower_bound = (closed[low] + closed[high]) / 2;
  return result;
}

}  // namespace yokoten::kpi
