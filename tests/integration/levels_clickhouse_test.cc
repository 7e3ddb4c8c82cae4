// Figures of a country and of the whole group on the real engine: facts of three plants in two countries take
// the real path to cells. Numbers are computed by hand; levels.facts says what of.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "insight/as_of.h"
#include "insight/figures.h"
#include "kpi/plant_world.h"

namespace yokoten::insight {
namespace {

class Levels : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = warehouse->release();
  }
  static void TearDownTestSuite() {
    shared_.reset();
    delete warehouse_;
  }

  // The world that tests read; those that change it make their own.
  void SetUp() override {
    if (shared_ == nullptr) shared_ = Make("levels");
    world_ = shared_;
  }
  void MakeOwn() { world_ = Make(testing::UnitTest::GetInstance()->current_test_info()->name()); }

  static std::shared_ptr<test::PlantWorld> Make(const std::string& database) {
    auto world = std::make_shared<test::PlantWorld>(
        *warehouse_, database,
        std::vector<std::string>{"first_pass_yield", "finding_closure_days", "proposals_per_employee",
                                 "standard_work_coverage", "days_since_recordable"});
    world->clock().now = test::ParseInstant("2026-06-20T12:00:00Z");
    world->Add(Facts("levels.facts"));
    return world;
  }

  static std::string Facts(const char* file) {
    std::ifstream in(std::filesystem::path(YOKOTEN_LEVELS_FACTS) / file);
    EXPECT_TRUE(in.good()) << file;
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  static v1::Unit Country(const std::string& country) {
    v1::Unit unit;
    unit.set_country(country);
    return unit;
  }
  static v1::Unit Plant(const std::string& plant) {
    v1::Unit unit;
    unit.set_plant_id(plant);
    return unit;
  }

  static v1::GetKpiSeriesRequest Question(const std::string& kpi, const v1::Unit& unit,
                                          kpi::v1::Grain grain = kpi::v1::GRAIN_MONTH,
                                          const std::string& day = "2026-03-31") {
    v1::GetKpiSeriesRequest request;
    request.set_kpi_id(kpi);
    *request.mutable_unit() = unit;
    request.set_grain(grain);
    request.set_from(day);
    request.set_to(day);
    return request;
  }
  v1::KpiValue Ask(const v1::GetKpiSeriesRequest& request) {
    const Figures figures(world_->catalogue(), world_->client(), world_->clock());
    v1::GetKpiSeriesResponse response;
    const Status status = figures.Series(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.values_size(), 1);
    return response.values_size() == 1 ? response.values(0) : v1::KpiValue();
  }
  v1::KpiValue Ask(const std::string& kpi, const v1::Unit& unit) { return Ask(Question(kpi, unit)); }

  std::shared_ptr<test::PlantWorld> world_;
  static std::shared_ptr<test::PlantWorld> shared_;
  static test::Warehouse* warehouse_;
};

std::shared_ptr<test::PlantWorld> Levels::shared_;
test::Warehouse* Levels::warehouse_ = nullptr;

TEST_F(Levels, RatiosAreThoseOfTheSumsNotTheMeansOfRatios) {
  const v1::KpiValue cn = Ask("first_pass_yield", Country("CN"));
  EXPECT_EQ(cn.numerator(), "100");
  EXPECT_EQ(cn.denominator(), "300");
  EXPECT_NEAR(cn.value(), 33.333333, 1e-6);  // of 90 % and 5 % the mean would be 47.5
  EXPECT_EQ(cn.plants(), 2);
  EXPECT_EQ(cn.plants_missing(), 0);
  EXPECT_EQ(cn.status(), v1::KPI_STATUS_OK);
  EXPECT_NEAR(Ask("first_pass_yield", Country("DE")).value(), 100, 1e-9);
  const v1::KpiValue group = Ask("first_pass_yield", Plant("*"));
  EXPECT_NEAR(group.value(), 66.666667, 1e-6);
  EXPECT_EQ(group.plants(), 3);
  EXPECT_EQ(Ask("first_pass_yield", Plant("PL1")).plants(), 0) << "says nothing of a plant itself";
}

TEST_F(Levels, MediansAreThoseOfAllValues) {
  EXPECT_EQ(Ask("finding_closure_days", Plant("PL1")).value(), 2);
  EXPECT_EQ(Ask("finding_closure_days", Country("CN")).value(), 3);  // 1 2 3 10 20; of medians: 8.5
  EXPECT_EQ(Ask("finding_closure_days", Plant("*")).value(), 4);     // 1 2 3 4 5 10 20
  EXPECT_EQ(Ask("finding_closure_days", Plant("*")).n(), 7);
}

TEST_F(Levels, MeansOfDaysAreAddedAndAPlantWithoutOneIsNoData) {
  const v1::KpiValue cn = Ask("proposals_per_employee", Country("CN"));
  EXPECT_EQ(cn.numerator(), "4");
  EXPECT_EQ(cn.denominator(), "6") << "two on average of 31 days and four on average of 21";
  const v1::KpiValue group = Ask("proposals_per_employee", Plant("*"));
  EXPECT_EQ(group.numerator(), "4")
      << "proposals of a plant whose headcount nobody knows are not divided by others'";
  EXPECT_EQ(group.denominator(), "6");
  EXPECT_EQ(group.plants(), 2);
  EXPECT_EQ(group.plants_missing(), 1);
  EXPECT_NE(group.status(), v1::KPI_STATUS_OK);
}

TEST_F(Levels, StocksAreThoseOfEachPlantsLastDay) {
  const v1::KpiValue cn = Ask("standard_work_coverage", Country("CN"));
  EXPECT_EQ(cn.numerator(), "2");
  EXPECT_EQ(cn.denominator(), "3");
  const v1::KpiValue group = Ask("standard_work_coverage", Plant("*"));
  EXPECT_EQ(group.numerator(), "2");
  EXPECT_EQ(group.denominator(), "6");
}

TEST_F(Levels, DaysSinceAreTheSmallestOfThePlants) {
  const auto days = [&](const v1::Unit& unit) {
    return Ask(Question("days_since_recordable", unit, kpi::v1::GRAIN_DAY));
  };
  EXPECT_EQ(days(Plant("PL1")).value(), 25);
  EXPECT_EQ(days(Country("CN")).value(), 6);
  EXPECT_EQ(days(Plant("*")).value(), 6);
  EXPECT_EQ(days(Country("DE")).status(), v1::KPI_STATUS_NO_DENOMINATOR);
}

TEST_F(Levels, APlantWhoseCellsAreNotThereIsMissingAndNotZero) {
  MakeOwn();
  ASSERT_TRUE(world_->client()
                  .Execute("ALTER TABLE kpi_cell DELETE WHERE plant = 'PL2' AND kpi = 'first_pass_yield' "
                           "SETTINGS mutations_sync = 1")
                  .ok());
  const v1::KpiValue group = Ask("first_pass_yield", Plant("*"));
  EXPECT_EQ(group.numerator(), "390");
  EXPECT_EQ(group.plants(), 2);
  EXPECT_EQ(group.plants_missing(), 1);
  EXPECT_EQ(group.status(), v1::KPI_STATUS_PROVISIONAL);
  // Before a plant's first fact nothing of it is missing.
  ASSERT_TRUE(
      world_->client()
          .Execute("INSERT INTO plant_state SELECT 'PL4', toDate32('2026-04-01'), current_day, 'UTC', 1 "
                   "FROM plant_state FINAL WHERE plant = 'PL1'")
          .ok());
  EXPECT_EQ(Ask("first_pass_yield", Plant("*")).plants_missing(), 1);
}

TEST_F(Levels, AClosedPlantKeepsItsHistoryAndHasNoStocksLater) {
  MakeOwn();
  world_->Add(Facts("levels_closed.facts"));
  EXPECT_EQ(Ask("standard_work_coverage", Plant("*")).denominator(), "6");
  const auto april = Question("standard_work_coverage", Plant("*"), kpi::v1::GRAIN_MONTH, "2026-04-30");
  EXPECT_EQ(Ask(april).denominator(), "5");
  EXPECT_EQ(Ask(april).plants_missing(), 0);
  const auto may = Question("first_pass_yield", Country("CN"), kpi::v1::GRAIN_MONTH, "2026-05-31");
  EXPECT_EQ(Ask(may).plants(), 1);
  EXPECT_EQ(Ask(may).plants_missing(), 0);
}

TEST_F(Levels, CurrentDayIsTheOneThatEveryPlantHasReached) {
  MakeOwn();
  ASSERT_TRUE(
      world_->client()
          .Execute("INSERT INTO plant_state SELECT plant, first_day, toDate32('2026-06-18'), time_zone, "
                   "version + 1 FROM plant_state FINAL WHERE plant = 'PL3'")
          .ok());
  const Figures figures(world_->catalogue(), world_->client(), world_->clock());
  v1::GetKpiSnapshotRequest request;
  *request.mutable_unit() = Plant("*");
  v1::GetKpiSnapshotResponse response;
  ASSERT_TRUE(figures.Snapshot(request, &response).ok());
  EXPECT_EQ(response.day(), "2026-06-18");
  EXPECT_EQ(response.entries_size(), 5);
  *request.mutable_unit() = Country("CN");
  ASSERT_TRUE(figures.Snapshot(request, &response).ok());
  EXPECT_EQ(response.day(), "2026-06-20");
}

TEST_F(Levels, TheGroupsTargetHoldsAboveThePlant) {
  const Figures figures(world_->catalogue(), world_->client(), world_->clock());
  for (const auto& [unit, green] :
       {std::pair(Plant("*"), 80.0), {Country("CN"), 80.0}, {Plant("PL1"), 99.0}}) {
    v1::GetKpiSeriesResponse response;
    ASSERT_TRUE(figures.Series(Question("first_pass_yield", unit), &response).ok());
    EXPECT_EQ(response.target().green(), green) << unit.ShortDebugString();
  }
}

TEST_F(Levels, AsOfAnInstantCountriesAndFactsAreThoseOfThen) {
  MakeOwn();
  const WallTime then = world_->log().recorded_until();
  world_->log().Wait(std::chrono::hours(1));
  world_->Add(Facts("levels_corrected.facts"));
  EXPECT_NEAR(Ask("first_pass_yield", Country("CN")).value(), 90, 1e-9);
  EXPECT_NEAR(Ask("first_pass_yield", Country("DE")).value(), 82, 1e-9);      // 410 of 500
  EXPECT_NEAR(Ask("first_pass_yield", Plant("*")).value(), 83.333333, 1e-6);  // 500 of 600
  auto view = AsOfView::Open(world_->client(), {}, then);
  ASSERT_TRUE(view.ok()) << view.status();
  const Figures figures(world_->catalogue(), **view, world_->clock());
  const auto known = [&](const v1::Unit& unit) {
    v1::GetKpiSeriesResponse response;
    const Status status = figures.Series(Question("first_pass_yield", unit), &response);
    EXPECT_TRUE(status.ok()) << status;
    return response.values_size() == 1 ? response.values(0).value() : -1;
  };
  EXPECT_NEAR(known(Country("CN")), 33.333333, 1e-6);
  EXPECT_NEAR(known(Country("DE")), 100, 1e-9);
  EXPECT_NEAR(known(Plant("*")), 66.666667, 1e-6);
}

TEST_F(Levels, WhatCannotBeAskedSaysWhy) {
  const Figures figures(world_->catalogue(), world_->client(), world_->clock());
  const auto refused = [&](v1::Unit unit) {
    v1::GetKpiSeriesResponse response;
    return figures.Series(Question("first_pass_yield", unit), &response);
  };
  EXPECT_EQ(refused(Country("FR")).code(), StatusCode::kNotFound);
  v1::Unit both = Country("CN");
  both.set_plant_id("PL1");
  EXPECT_EQ(refused(both).code(), StatusCode::kInvalidArgument);
  v1::Unit part = Plant("*");
  part.set_workshop_id("W1");
  EXPECT_EQ(refused(part).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(refused(v1::Unit()).code(), StatusCode::kInvalidArgument);
  // Nobody knows who of one plant is in another, too; nor what such a part would be.
  const Figures all(kpi::Catalogue::Linked(), world_->client(), world_->clock());
  for (const char* kpi : {"participation_rate", "innovation_culture_index"}) {
    for (const v1::Unit& unit : {Plant("*"), Country("CN")}) {
      auto request = Question(kpi, unit, kpi::v1::GRAIN_QUARTER);
      v1::GetKpiSeriesResponse response;
      EXPECT_EQ(all.Series(request, &response).code(), StatusCode::kInvalidArgument) << kpi;
      *request.mutable_unit() = Plant("PL1");
      EXPECT_TRUE(all.Series(request, &response).ok()) << kpi;
    }
  }
}

}  // namespace
}  // namespace yokoten::insight
