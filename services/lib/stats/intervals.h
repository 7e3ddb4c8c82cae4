// Confidence intervals of proportions and of Poisson counts.
//
// Pure functions, safe from any thread. Counts are doubles because KPI cells are decimals; a count is not
// rounded. Arguments outside the stated range give no interval, never a made-up one.
#pragma once

#include <optional>

namespace yokoten::stats {

// Two-sided confidence everywhere unless the caller says otherwise; 0 < confidence < 1.
inline constexpr double kDefaultConfidence = 0.95;

// Both ends belong to the interval; lower <= upper.
struct Interval {
  double lower = 0;
  double upper = 0;

  bool Contains(double value) const { return lower <= value && value <= upper; }
};

// Wilson's score interval of a proportion, within [0, 1]. Nothing unless 0 <= successes <= trials and trials
// > 0.
std::optional<Interval> Wilson(double successes, double trials, double confidence = kDefaultConfidence);

// Garwood's exact interval of the mean of a Poisson count, in events. The lower end is 0 when events is 0.
// Nothing unless events >= 0.
std::optional<Interval> Garwood(double events, double confidence = kDefaultConfidence);

// The same for a rate: events per `base` units of exposure (200,000 hours, say). `exposure` and `base` have
// one unit. Nothing unless events >= 0, exposure > 0 and base > 0.
std::optional<Interval> GarwoodRate(double events, double exposure, double base,
                                    double confidence = kDefaultConfidence);

}  // namespace yokoten::stats
