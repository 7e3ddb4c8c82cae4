#include "insight/values.h"

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

const Period kClosed{Day{100}, Day{130}};

kpi::v1::KpiDefinition Proportion() {
  kpi::v1::KpiDefinition definition;
  definition.set_factor("100");
  definition.set_direction(kpi::v1::DIRECTION_HIGHER_IS_BETTER);
  definition.set_numerator(kpi::v1::AGGREGATION_SUM);
  definition.set_denominator(kpi::v1::AGGREGATION_SUM);
  definition.set_interval(kpi::v1::INTERVAL_KIND_WILSON);
  definition.set_min_n(10);
  return definition;
}

kpi::v1::KpiDefinition Rate() {
  kpi::v1::KpiDefinition definition = Proportion();
  definition.set_factor("200000");
  definition.set_direction(kpi::v1::DIRECTION_LOWER_IS_BETTER);
  definition.set_interval(kpi::v1::INTERVAL_KIND_GARWOOD);
  definition.set_min_n(0);
  definition.set_min_expected(3);
  return definition;
}

Sides MakeSides(const char* numerator, const char* denominator) {
  Sides sides;
  sides.generated = true;
  sides.numerator = ParseDecimal(numerator);
  sides.denominator = ParseDecimal(denominator);
  sides.exposure = sides.denominator;
  return sides;
}

ValueContext Context() {
  ValueContext context;
  context.current_day = Day{200};
  return context;
}

TEST(ValuesTest, NoDenominatorIsNoValueAndNeverZero) {
  const auto value = MakeValue(Proportion(), MakeSides("0", "0"), kClosed, Context());
  EXPECT_FALSE(value.has_value());
  EXPECT_FALSE(value.has_ci_low());
  EXPECT_EQ(value.status(), v1::KPI_STATUS_NO_DENOMINATOR);
}

// Vector V2 of the domain specification (SciPy).
TEST(ValuesTest, ProportionsCarryWilsonsInterval) {
  const auto value = MakeValue(Proportion(), MakeSides("43", "50"), kClosed, Context());
  EXPECT_NEAR(value.value(), 86, 1e-9);
  EXPECT_NEAR(value.ci_low(), 73.8138, 1e-3);
  EXPECT_NEAR(value.ci_high(), 93.0492, 1e-3);
  EXPECT_EQ(value.status(), v1::KPI_STATUS_OK);
}

// Vector V1 (SciPy): 7 recordables in 1,248,600 h.
TEST(ValuesTest, RatesCarryGarwoodsInterval) {
  auto context = Context();
  context.group_rate = 3.0 / 200000;
  const auto value = MakeValue(Rate(), MakeSides("7", "1248600"), kClosed, context);
  EXPECT_NEAR(value.value(), 1.121256, 1e-6);
  EXPECT_NEAR(value.ci_low(), 0.450803, 1e-6);
  EXPECT_NEAR(value.ci_high(), 2.310215, 1e-6);
  EXPECT_EQ(value.status(), v1::KPI_STATUS_OK);
}

TEST(ValuesTest, ZeroEventsAreARateOfZeroWithAnUpperEnd) {
  auto context = Context();
  context.group_rate = 1.0 / 200000;
  const auto value = MakeValue(Rate(), MakeSides("0", "1248600"), kClosed, context);
  EXPECT_EQ(value.value(), 0);
  EXPECT_EQ(value.ci_low(), 0);
  EXPECT_NEAR(value.ci_high(), 0.590883, 1e-6);
}

TEST(ValuesTest, SmallNumbersAreInsufficientAndKeepTheirInterval) {
  const auto proportion = MakeValue(Proportion(), MakeSides("9", "9"), kClosed, Context());
  EXPECT_EQ(proportion.status(), v1::KPI_STATUS_INSUFFICIENT);
  EXPECT_TRUE(proportion.has_ci_low());
  auto context = Context();
  context.group_rate = 1.0 / 200000;
  EXPECT_EQ(MakeValue(Rate(), MakeSides("1", "599999"), kClosed, context).status(),
            v1::KPI_STATUS_INSUFFICIENT);
  EXPECT_EQ(MakeValue(Rate(), MakeSides("1", "600000"), kClosed, context).status(), v1::KPI_STATUS_OK);
}

TEST(ValuesTest, TheExposureOfAMeanOfDaysIsItsSum) {
  // Forty persons on thirty days, three proposals a thousand person-days: 3.6 are expected.
  Sides sides = MakeSides("2", "1200");
  sides.denominator_days = 30;
  auto context = Context();
  context.group_rate = 0.003;
  const auto value = MakeValue(Rate(), sides, kClosed, context);
  EXPECT_EQ(value.denominator(), "40");
  EXPECT_EQ(value.status(), v1::KPI_STATUS_OK);
  context.group_rate = 0.002;
  EXPECT_EQ(MakeValue(Rate(), sides, kClosed, context).status(), v1::KPI_STATUS_INSUFFICIENT);
}

TEST(ValuesTest, OpenPeriodsAndMissingReportsAreProvisional) {
  auto context = Context();
  context.current_day = Day{130};
  EXPECT_EQ(MakeValue(Proportion(), MakeSides("43", "50"), kClosed, context).status(),
            v1::KPI_STATUS_PROVISIONAL);
  context = Context();
  context.completeness = 0.949;
  EXPECT_EQ(MakeValue(Proportion(), MakeSides("43", "50"), kClosed, context).status(),
            v1::KPI_STATUS_PROVISIONAL);
  context.completeness = 0.95;
  EXPECT_EQ(MakeValue(Proportion(), MakeSides("43", "50"), kClosed, context).status(), v1::KPI_STATUS_OK);
}

TEST(ValuesTest, ACohortIsProvisionalUntilItIsMature) {
  kpi::v1::KpiDefinition definition = Proportion();
  definition.set_matures_after_d(90);
  auto context = Context();
  context.current_day = kClosed.last + 90;
  EXPECT_EQ(MakeValue(definition, MakeSides("43", "50"), kClosed, context).status(),
            v1::KPI_STATUS_PROVISIONAL);
  context.current_day = kClosed.last + 91;
  EXPECT_EQ(MakeValue(definition, MakeSides("43", "50"), kClosed, context).status(), v1::KPI_STATUS_OK);
}

TEST(ValuesTest, AnOpenMedianHasALowerBoundThatGrowsWithTheAskingTime) {
  kpi::v1::KpiDefinition definition = Proportion();
  definition.set_numerator(kpi::v1::AGGREGATION_VALUES);
  definition.set_factor("1");
  definition.set_has_lower_bound(true);
  Sides sides;
  sides.generated = true;
  sides.open_since = {0};
  auto context = Context();
  context.now_us = int64_t{30} * 86400 * 1000000;
  const auto value = MakeValue(definition, sides, kClosed, context);
  EXPECT_EQ(value.status(), v1::KPI_STATUS_OPEN);
  EXPECT_FALSE(value.has_value());
  EXPECT_DOUBLE_EQ(value.lower_bound(), 30);
}

TEST(PartsTest, TheIndexShowsWhatItIsMadeOfAndIsAsSureAsItsParts) {
  kpi::v1::KpiDefinition definition;
  definition.set_factor("100");
  for (const auto& [kpi, target] : {std::pair{"a", "30"}, {"b", "50"}}) {
    definition.add_parts()->set_kpi(kpi);
    definition.mutable_parts()->rbegin()->set_target(target);
  }
  std::vector<v1::KpiValue> parts(2);
  parts[0].set_value(15);
  parts[0].set_status(v1::KPI_STATUS_OK);
  parts[1].set_value(60);
  parts[1].set_status(v1::KPI_STATUS_PROVISIONAL);
  const Period period{kFirstDay, kFirstDay};
  // (15 / 30 + 1) / 2
  v1::KpiValue value = MakeFromParts(definition, parts, period);
  EXPECT_DOUBLE_EQ(value.value(), 75);
  EXPECT_EQ(value.status(), v1::KPI_STATUS_PROVISIONAL);
  ASSERT_EQ(value.parts_size(), 2);
  EXPECT_EQ(value.parts(0).kpi_id(), "a");
  EXPECT_DOUBLE_EQ(value.parts(0).reached(), 0.5);
  EXPECT_DOUBLE_EQ(value.parts(1).reached(), 1);
  EXPECT_DOUBLE_EQ(value.parts(1).target(), 50);
  parts[0].set_status(v1::KPI_STATUS_INSUFFICIENT);
  EXPECT_EQ(MakeFromParts(definition, parts, period).status(), v1::KPI_STATUS_INSUFFICIENT);
  // One part without a value leaves none; a withheld one is told before an empty one.
  parts[1].clear_value();
  parts[1].set_status(v1::KPI_STATUS_NO_DENOMINATOR);
  value = MakeFromParts(definition, parts, period);
  EXPECT_FALSE(value.has_value());
  EXPECT_EQ(value.status(), v1::KPI_STATUS_NO_DENOMINATOR);
  EXPECT_FALSE(value.parts(1).has_reached());
  parts[0].clear_value();
  parts[0].set_status(v1::KPI_STATUS_SUPPRESSED);
  EXPECT_EQ(MakeFromParts(definition, parts, period).status(), v1::KPI_STATUS_SUPPRESSED);
}

TEST(TargetTest, ColourFollowsTheDirectionAndOnlyWhatMayBeColoured) {
  v1::Target target;
  target.set_green(90);
  target.set_yellow(80);
  const auto state = [&](const char* numerator, const char* denominator) {
    return StateAgainst(Proportion(),
                        MakeValue(Proportion(), MakeSides(numerator, denominator), kClosed, Context()),
                        target, false);
  };
  EXPECT_EQ(state("90", "100"), v1::TARGET_STATE_GREEN);
  EXPECT_EQ(state("80", "100"), v1::TARGET_STATE_YELLOW);
  EXPECT_EQ(state("79", "100"), v1::TARGET_STATE_RED);
  EXPECT_EQ(state("1", "9"), v1::TARGET_STATE_UNSPECIFIED);
  EXPECT_EQ(state("0", "0"), v1::TARGET_STATE_UNSPECIFIED);
  target.set_green(1);
  target.set_yellow(2);
  v1::KpiValue rate;
  rate.set_status(v1::KPI_STATUS_OK);
  rate.set_value(1.5);
  EXPECT_EQ(StateAgainst(Rate(), rate, target, false), v1::TARGET_STATE_YELLOW);
  auto context_only = Rate();
  context_only.set_direction(kpi::v1::DIRECTION_CONTEXT);
  EXPECT_EQ(StateAgainst(context_only, rate, target, false), v1::TARGET_STATE_UNSPECIFIED);
}

// 11 proposals of 107 persons in 23 days are fewer than the 0.2 a month wanted, and may still become enough.
TEST(TargetTest, WhatSumsUpOverItsPeriodIsNotMissedBeforeItsEnd) {
  kpi::v1::KpiDefinition proposals = Rate();
  proposals.set_direction(kpi::v1::DIRECTION_HIGHER_IS_BETTER);
  proposals.set_numerator(kpi::v1::AGGREGATION_SUM);
  proposals.set_denominator(kpi::v1::AGGREGATION_MEAN_OF_DAYS);
  EXPECT_TRUE(Accumulates(proposals));
  v1::Target target;
  target.set_green(0.2);
  target.set_yellow(0.1);
  v1::KpiValue value;
  value.set_status(v1::KPI_STATUS_OK);
  value.set_value(0.05);
  EXPECT_EQ(StateAgainst(proposals, value, target, true), v1::TARGET_STATE_UNSPECIFIED);
  EXPECT_EQ(StateAgainst(proposals, value, target, false), v1::TARGET_STATE_RED);
  value.set_value(0.25);
  EXPECT_EQ(StateAgainst(proposals, value, target, true), v1::TARGET_STATE_GREEN);
  // Too many injuries stay too many; a share of what there was so far is judged as it is.
  proposals.set_direction(kpi::v1::DIRECTION_LOWER_IS_BETTER);
  EXPECT_EQ(StateAgainst(proposals, value, target, true), v1::TARGET_STATE_RED);
  proposals.set_direction(kpi::v1::DIRECTION_HIGHER_IS_BETTER);
  proposals.set_denominator(kpi::v1::AGGREGATION_SUM);
  value.set_value(0.05);
  EXPECT_FALSE(Accumulates(proposals));
}

TEST(SignalTest, AChangeIsASignalOnlyBeyondChance) {
  EXPECT_FALSE(IsSignal(Proportion(), MakeSides("43", "50"), MakeSides("40", "50")));
  EXPECT_TRUE(IsSignal(Proportion(), MakeSides("95", "100"), MakeSides("60", "100")));
  EXPECT_FALSE(IsSignal(Rate(), MakeSides("3", "200000"), MakeSides("5", "200000")));
  EXPECT_TRUE(IsSignal(Rate(), MakeSides("3", "200000"), MakeSides("30", "200000")));
}

}  // namespace
}  // namespace yokoten::insight
