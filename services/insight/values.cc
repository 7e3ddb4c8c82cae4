#include "insight/values.h"

#include <algorithm>
#include <string>

#include "stats/comparisons.h"
#include "stats/intervals.h"

namespace yokoten::insight {
namespace {

using kpi::v1::Aggregation;
using kpi::v1::Direction;
using kpi::v1::IntervalKind;

constexpr double kComplete = 0.95;  // below: provisional (DOMAIN 3.0)
constexpr double kMicrosPerDay = 86400e6;

double FactorOf(const kpi::v1::KpiDefinition& definition) {
  return definition.factor().empty() ? 1.0 : std::stod(definition.factor());
}

void SetInterval(const kpi::v1::KpiDefinition& definition, const Sides& sides, double factor,
                 v1::KpiValue* value) {
  std::optional<stats::Interval> interval;
  if (definition.interval() == IntervalKind::INTERVAL_KIND_WILSON) {
    interval = stats::Wilson(sides.Numerator(), sides.Denominator());
    if (interval) interval = stats::Interval{interval->lower * factor, interval->upper * factor};
  } else if (definition.interval() == IntervalKind::INTERVAL_KIND_GARWOOD) {
    interval = stats::GarwoodRate(sides.Numerator(), sides.Denominator(), factor);
  }
  if (!interval) return;
  value->set_ci_low(interval->lower);
  value->set_ci_high(interval->upper);
}

bool Insufficient(const kpi::v1::KpiDefinition& definition, const Sides& sides, const ValueContext& context) {
  if (definition.min_expected() > 0) {
    // Nobody knows what to expect before the group has a rate; a small exposure is then not called enough.
    if (!context.group_rate) return true;
    // Of a mean of days both the rate and this are by day: the exposure is the sum, not the mean.
    return ToDouble(sides.exposure) * *context.group_rate < definition.min_expected();
  }
  const bool samples = definition.numerator() == Aggregation::AGGREGATION_VALUES;
  const double n =
      samples ? static_cast<double>(sides.samples.size() + sides.open_since.size()) : sides.Denominator();
  return n < definition.min_n();
}

// Median or percentile of single values.
void SetQuantile(const kpi::v1::KpiDefinition& definition, const Sides& sides, double factor,
                 const ValueContext& context, v1::KpiValue* value) {
  value->set_n(static_cast<int64_t>(sides.samples.size() + sides.open_since.size()));
  value->set_numerator(std::to_string(sides.samples.size()));
  value->set_denominator(std::to_string(value->n()));
  if (value->n() == 0) {
    value->set_status(v1::KPI_STATUS_NO_DENOMINATOR);
    return;
  }
  const QuantileValue quantile =
      QuantileOf(sides, definition.quantile().empty() ? 0.5 : std::stod(definition.quantile()));
  if (quantile.value) {
    value->set_value(ToDouble(*quantile.value) * factor);
    return;
  }
  value->set_status(v1::KPI_STATUS_OPEN);
  if (definition.has_lower_bound()) {
    value->set_lower_bound(static_cast<double>(context.now_us - *quantile.open_since) / kMicrosPerDay *
                           factor);
  }
}

}  // namespace

v1::KpiValue MakeValue(const kpi::v1::KpiDefinition& definition, const Sides& sides, const Period& period,
                       const ValueContext& context) {
  v1::KpiValue value;
  value.set_period_start(FormatDay(period.first));
  value.set_period_end(FormatDay(period.last));
  if (context.completeness) value.set_completeness(*context.completeness);
  value.set_plants(context.plants);
  value.set_plants_missing(context.plants_missing);
  const double factor = FactorOf(definition);

  if (definition.numerator() == Aggregation::AGGREGATION_VALUES) {
    SetQuantile(definition, sides, factor, context, &value);
  } else {
    value.set_n(sides.observations);
    value.set_numerator(FormatDecimal(sides.numerator / sides.numerator_days));
    value.set_denominator(FormatDecimal(sides.denominator / sides.denominator_days));
    if (sides.denominator == 0) {
      value.set_status(v1::KPI_STATUS_NO_DENOMINATOR);
    } else {
      value.set_value(factor * sides.Numerator() / sides.Denominator());
      SetInterval(definition, sides, factor, &value);
    }
  }
  if (value.status() != v1::KPI_STATUS_UNSPECIFIED) return value;
  if (Insufficient(definition, sides, context)) {
    value.set_status(v1::KPI_STATUS_INSUFFICIENT);
  } else if (period.last + definition.matures_after_d() >= context.current_day ||
             context.plants_missing > 0 || (context.completeness && *context.completeness < kComplete)) {
    value.set_status(v1::KPI_STATUS_PROVISIONAL);
  } else {
    value.set_status(v1::KPI_STATUS_OK);
  }
  return value;
}

v1::KpiValue MakeFromParts(const kpi::v1::KpiDefinition& definition, const std::vector<v1::KpiValue>& parts,
                           const Period& period) {
  v1::KpiValue value;
  value.set_period_start(FormatDay(period.first));
  value.set_period_end(FormatDay(period.last));
  double sum = 0;
  bool all = true;
  v1::KpiStatus missing = v1::KPI_STATUS_UNSPECIFIED, status = v1::KPI_STATUS_OK;
  for (size_t i = 0; i < parts.size(); ++i) {
    v1::KpiPart* part = value.add_parts();
    part->set_kpi_id(definition.parts(static_cast<int>(i)).kpi());
    part->set_target(std::stod(definition.parts(static_cast<int>(i)).target()));
    part->set_status(parts[i].status());
    if (!parts[i].has_value()) {
      all = false;
      // What is withheld comes before what is not there: nobody may learn which.
      if (missing != v1::KPI_STATUS_SUPPRESSED) missing = parts[i].status();
      continue;
    }
    part->set_value(parts[i].value());
    part->set_reached(std::min(1.0, parts[i].value() / part->target()));
    sum += part->reached();
    if (parts[i].status() == v1::KPI_STATUS_INSUFFICIENT ||
        (parts[i].status() == v1::KPI_STATUS_PROVISIONAL && status == v1::KPI_STATUS_OK)) {
      status = parts[i].status();
    }
  }
  value.set_n(static_cast<int64_t>(parts.size()));
  value.set_status(all ? status : missing);
  if (all) value.set_value(FactorOf(definition) * sum / static_cast<double>(parts.size()));
  return value;
}

bool Accumulates(const kpi::v1::KpiDefinition& definition) {
  using kpi::v1::Aggregation;
  const auto numerator = definition.numerator(), denominator = definition.denominator();
  return (numerator == Aggregation::AGGREGATION_SUM || numerator == Aggregation::AGGREGATION_DISTINCT) &&
         denominator != Aggregation::AGGREGATION_SUM;
}

v1::TargetState StateAgainst(const kpi::v1::KpiDefinition& definition, const v1::KpiValue& value,
                             const v1::Target& target, bool may_grow) {
  const bool colourable = value.has_value() && (value.status() == v1::KPI_STATUS_OK ||
                                                value.status() == v1::KPI_STATUS_PROVISIONAL);
  if (!colourable || definition.direction() == Direction::DIRECTION_CONTEXT)
    return v1::TARGET_STATE_UNSPECIFIED;
  const bool higher = definition.direction() == Direction::DIRECTION_HIGHER_IS_BETTER;
  const auto reaches = [&](double bound) { return higher ? value.value() >= bound : value.value() <= bound; };
  if (reaches(target.green())) return v1::TARGET_STATE_GREEN;
  if (higher && may_grow) return v1::TARGET_STATE_UNSPECIFIED;
  return reaches(target.yellow()) ? v1::TARGET_STATE_YELLOW : v1::TARGET_STATE_RED;
}

bool IsSignal(const kpi::v1::KpiDefinition& definition, const Sides& current, const Sides& previous) {
  std::optional<stats::Comparison> comparison;
  if (definition.interval() == IntervalKind::INTERVAL_KIND_WILSON) {
    comparison = stats::CompareProportions(current.Numerator(), current.Denominator(), previous.Numerator(),
                                           previous.Denominator());
  } else if (definition.interval() == IntervalKind::INTERVAL_KIND_GARWOOD) {
    comparison = stats::CompareRates(current.Numerator(), current.Denominator(), previous.Numerator(),
                                     previous.Denominator());
  }
  return comparison && comparison->is_signal;
}

}  // namespace yokoten::insight
