// Quantiles of values some of which are still open: what a VALUES KPI's cells hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace yokoten::kpi {

struct QuantileResult {
  // The quantile; nothing while it is open or when there is no value at all.
  std::optional<double> value;
  // When the quantile is open: what it is at least, growing with the asking time.
  std::optional<double> lower_bound;
  // Values counted, open ones included.
  size_t n = 0;
};

// The quantile q (0..1) of `closed` (any order) and of open values of which only the start is known; an open
// value is greater than every closed one until it is closed. q = 0.5 is the median, the mean of the two
// middle ones where their number is even; any other q is the ceil(q n)-th smallest. Values are in days; an
// open value is at least asked_at - start.
QuantileResult Quantile(std::vector<double> closed, const std::vector<WallTime>& open_since, double q,
                        WallTime asked_at);

}  // namespace yokoten::kpi
