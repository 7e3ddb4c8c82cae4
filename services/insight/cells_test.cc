#include "insight/cells.h"

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

using kpi::v1::KpiDefinition;

KpiDefinition Definition(kpi::v1::Aggregation numerator, kpi::v1::Aggregation denominator) {
  KpiDefinition definition;
  definition.set_numerator(numerator);
  definition.set_denominator(denominator);
  return definition;
}

Cell MakeCell(int day, const char* numerator, const char* denominator) {
  Cell cell;
  cell.day = Day{day};
  cell.numerator = ParseDecimal(numerator);
  cell.denominator = ParseDecimal(denominator);
  cell.numerator_days = cell.denominator_days = 1;
  cell.observations = 1;
  return cell;
}

TEST(DecimalTest, IsExactBothWays) {
  for (const char* text :
       {"0", "1", "-1", "0.000001", "-0.5", "52993979352", "99999999999999999999999999.999999"}) {
    EXPECT_EQ(FormatDecimal(ParseDecimal(text)), text);
  }
  EXPECT_EQ(FormatDecimal(ParseDecimal("3.140000")), "3.14");
}

TEST(AggregateTest, FlowsAddUpOverThePeriodOnly) {
  CellSeries series{{Day{1}, Day{2}, Day{3}},
                    {MakeCell(1, "1", "10"), MakeCell(2, "2", "20"), MakeCell(3, "4", "40")}};
  const auto definition = Definition(kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_SUM);
  const Sides sides = Aggregate(definition, series, {Day{2}, Day{3}});
  EXPECT_EQ(FormatDecimal(sides.numerator), "6");
  EXPECT_EQ(FormatDecimal(sides.denominator), "60");
  EXPECT_EQ(sides.observations, 2);
}

TEST(AggregateTest, StocksTakeTheLastGeneratedDayEvenWhenTheUnitHasNothingThatDay) {
  CellSeries series{{Day{1}, Day{2}}, {MakeCell(1, "3", "5")}};
  const auto definition = Definition(kpi::v1::AGGREGATION_LAST, kpi::v1::AGGREGATION_LAST);
  EXPECT_EQ(FormatDecimal(Aggregate(definition, series, {Day{1}, Day{1}}).numerator), "3");
  EXPECT_EQ(FormatDecimal(Aggregate(definition, series, {Day{1}, Day{2}}).denominator), "0");
}

TEST(AggregateTest, MeansOfDaysDivideByTheDaysThatHaveAValue) {
  CellSeries series{{Day{1}, Day{2}, Day{3}}, {MakeCell(1, "2", "30"), MakeCell(2, "4", "50")}};
  const auto definition = Definition(kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_MEAN_OF_DAYS);
  const Sides sides = Aggregate(definition, series, {Day{1}, Day{3}});
  EXPECT_DOUBLE_EQ(sides.Numerator(), 6);
  EXPECT_DOUBLE_EQ(sides.Denominator(), 40);
}

TEST(AggregateTest, WhatWasNeverComputedIsNotZero) {
  const auto definition = Definition(kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_SUM);
  EXPECT_FALSE(Aggregate(definition, {}, {Day{1}, Day{2}}).generated);
}

Sides MakeSides(const char* numerator, const char* denominator, int64_t denominator_days = 1) {
  Sides sides;
  sides.generated = true;
  sides.numerator = ParseDecimal(numerator);
  sides.denominator = sides.exposure = ParseDecimal(denominator);
  sides.denominator_days = denominator_days;
  sides.observations = 1;
  return sides;
}

TEST(CombineTest, SumsAndStocksOfPlantsAreAdded) {
  for (const auto kind : {kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_LAST}) {
    const Sides all = Combine(Definition(kind, kind), {MakeSides("90", "100"), MakeSides("10", "200")});
    EXPECT_EQ(FormatDecimal(all.numerator), "100");
    EXPECT_EQ(FormatDecimal(all.denominator), "300");
    EXPECT_EQ(all.observations, 2);
  }
}

TEST(CombineTest, AConstantDenominatorStaysOne) {
  const auto definition = Definition(kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_ONE);
  const Sides all = Combine(definition, {MakeSides("3", "1"), MakeSides("4", "1")});
  EXPECT_EQ(all.Numerator() / all.Denominator(), 7);
}

TEST(CombineTest, MeansOfDaysAreAddedAsMeansAndExposureAsItIs) {
  const auto definition = Definition(kpi::v1::AGGREGATION_SUM, kpi::v1::AGGREGATION_MEAN_OF_DAYS);
  // 100 / 30 + 100 / 31 + 1 / 3 = 3.333.. + 3.225806.. + 0.333..
  const Sides all =
      Combine(definition, {MakeSides("1", "100", 30), MakeSides("1", "100", 31), MakeSides("1", "1", 3)});
  EXPECT_NEAR(all.Denominator(), 6.892473118279570, 1e-12);
  EXPECT_EQ(FormatDecimal(all.exposure), "201");
  EXPECT_EQ(FormatDecimal(
                Combine(definition, {MakeSides("1", "1", 3), MakeSides("1", "1", 3), MakeSides("1", "1", 3)})
                    .denominator /
                3),
            "1")
      << "exact where days allow it";
  // So many different days that no common multiple is small.
  std::vector<Sides> many;
  double sum = 0;
  for (int days = 300; days < 366; ++days) {
    many.push_back(MakeSides("1", "365000000", days));
    sum += 365000000.0 / days;
  }
  EXPECT_NEAR(Combine(definition, many).Denominator() / sum, 1, 1e-12);
}

TEST(CombineTest, OfTheLeastThePlantWithTheSmallestValueCounts) {
  auto definition = Definition(kpi::v1::AGGREGATION_LAST, kpi::v1::AGGREGATION_LAST);
  definition.set_above_plant(kpi::v1::ABOVE_PLANT_LEAST);
  EXPECT_EQ(Combine(definition, {MakeSides("0", "0"), MakeSides("25", "1"), MakeSides("6", "1")}).Numerator(),
            6);
  EXPECT_EQ(Combine(definition, {MakeSides("6", "1"), MakeSides("25", "1"), MakeSides("0", "0")}).Numerator(),
            6);
  EXPECT_EQ(Combine(definition, {MakeSides("0", "0")}).denominator, 0);
}

TEST(CombineTest, EveryKpiOfTheCatalogueIsAnsweredAboveThePlantOrSaysWhyNot) {
  for (const kpi::Kpi& kpi : kpi::Catalogue::Linked().kpis())
    EXPECT_EQ(CheckAbovePlant(kpi).ok(), !kpi.has_members()) << kpi.id();
  kpi::Kpi unknown;
  unknown.definition = Definition(static_cast<kpi::v1::Aggregation>(99), kpi::v1::AGGREGATION_ONE);
  EXPECT_EQ(CheckAbovePlant(unknown).code(), StatusCode::kInvalidArgument);
}

TEST(QuantileTest, OpenValuesCountAsLargerThanClosedOnes) {
  Sides sides;
  sides.samples = {ParseDecimal("1"), ParseDecimal("2"), ParseDecimal("9")};
  EXPECT_EQ(FormatDecimal(*QuantileOf(sides, 0.5).value), "2");
  sides.open_since = {100, 200};
  EXPECT_EQ(FormatDecimal(*QuantileOf(sides, 0.5).value), "9");
  sides.open_since = {100, 200, 300};
  // The median lies between 9 and the smallest open value, which began last.
  EXPECT_FALSE(QuantileOf(sides, 0.5).value.has_value());
  EXPECT_EQ(*QuantileOf(sides, 0.5).open_since, 300);
  EXPECT_EQ(*QuantileOf(sides, 0.9).open_since, 100);
}

TEST(QuantileTest, TheMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  Sides sides;
  sides.samples = {ParseDecimal("1"), ParseDecimal("2"), ParseDecimal("4"), ParseDecimal("9")};
  EXPECT_EQ(FormatDecimal(*QuantileOf(sides, 0.5).value), "3");
  EXPECT_EQ(FormatDecimal(*QuantileOf(sides, 0.9).value), "9");
}

}  // namespace
}  // namespace yokoten::insight
