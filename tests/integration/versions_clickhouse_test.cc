// Two versions of one definition on the real engine: both have cells of the same facts, and are asked for
// side by side. Numbers are computed by hand.
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "insight/figures.h"
#include "kpi/plant_world.h"

namespace yokoten::insight {
namespace {

// 200 inspected in March: 120 good the first time, 150 good after rework. The second version counts the
// latter.
constexpr char kOutput[] =
    R"("product": "P", "productionDay": "2026-03-02", "shiftCode": "D", "producedQty": 200, "scrapQty": 0, )"
    R"("reworkQty": 30, "goodQty": 200, "inspectedQty": 200, "snapshotVersion": 1)";

std::string Output(const std::string& context, int good_first_time) {
  std::ostringstream text;
  text << "@context {\"source\": \"/s\", \"plantId\": \"PL1\", \"workshopId\": \"W1\", \"lineId\": \"L1\", "
          "\"occurredOn\": \"2026-03-02\"}\n"
       << "operations.ShiftOutputReported {\"context\": {" << context << "}, " << kOutput
       << ", \"goodFirstTimeQty\": " << good_first_time << "}\n";
  return text.str();
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class Versions : public testing::Test {
 protected:
  void SetUp() override {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = *std::move(warehouse);
    std::string first;
    for (const auto& [name, text] : kpi::LinkedDefinitions()) {
      if (name == "first_pass_yield") first = text;
    }
    const std::string second =
        Replaced(Replaced(first, "version: 1", "version: 2"), "good_first_time_qty AS numerator",
                 "good_first_time_qty + rework_qty AS numerator");
    auto both = kpi::Catalogue::Load({{"first_pass_yield", second}, {"first_pass_yield.v1", first}},
                                     kpi::LinkedSteps());
    ASSERT_TRUE(both.ok()) << both.status();
    world_ = std::make_unique<test::PlantWorld>(*warehouse_, "versions", *std::move(both));
    world_->clock().now = test::ParseInstant("2026-06-20T12:00:00Z");
  }

  v1::GetKpiSeriesResponse Ask(const std::string& kpi) {
    const Figures figures(world_->catalogue(), world_->client(), world_->clock());
    v1::GetKpiSeriesRequest request;
    request.set_kpi_id(kpi);
    request.mutable_unit()->set_plant_id("PL1");
    request.set_grain(kpi::v1::GRAIN_MONTH);
    request.set_from("2026-03-01");
    request.set_to("2026-03-31");
    v1::GetKpiSeriesResponse response;
    const Status status = figures.Series(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  std::unique_ptr<test::Warehouse> warehouse_;
  std::unique_ptr<test::PlantWorld> world_;
};

TEST_F(Versions, HistoryIsKnownUnderTheOldAndTheNewDefinition) {
  world_->Add(Output(R"("id": "o1")", 120));
  v1::GetKpiSeriesResponse newest = Ask("first_pass_yield");
  v1::GetKpiSeriesResponse older = Ask("first_pass_yield@1");
  EXPECT_EQ(newest.kpi().version(), 2);
  ASSERT_EQ(newest.kpi().older_versions_size(), 1);
  EXPECT_EQ(newest.kpi().older_versions(0), 1);
  EXPECT_EQ(older.kpi().version(), 1);
  EXPECT_EQ(older.kpi().id(), "first_pass_yield@1");
  ASSERT_EQ(newest.values_size(), 1);
  ASSERT_EQ(older.values_size(), 1);
  EXPECT_NEAR(newest.values(0).value(), 75, 1e-9);
  EXPECT_NEAR(older.values(0).value(), 60, 1e-9);
  EXPECT_NEAR(Ask("first_pass_yield@2").values(0).value(), 75, 1e-9);

  // A correction is in both.
  world_->Add(Output(R"("id": "o1-1", "reasonCode": "CORRECTION_REASON_DATA_ENTRY", "corrects": )"
                     R"({"source": "/s", "id": "o1", "plantId": "PL1", "entity": "line/L1"})",
                     130));
  EXPECT_NEAR(Ask("first_pass_yield").values(0).value(), 80, 1e-9);
  EXPECT_NEAR(Ask("first_pass_yield@1").values(0).value(), 65, 1e-9);
}

TEST_F(Versions, ASnapshotHasTheNewestAndTheOlderOneWhereItIsNamed) {
  world_->Add(Output(R"("id": "o1")", 120));
  const Figures figures(world_->catalogue(), world_->client(), world_->clock());
  v1::GetKpiSnapshotRequest request;
  request.mutable_unit()->set_plant_id("PL1");
  request.set_day("2026-03-31");
  request.set_grain(kpi::v1::GRAIN_MONTH);
  v1::GetKpiSnapshotResponse response;
  ASSERT_TRUE(figures.Snapshot(request, &response).ok());
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_NEAR(response.entries(0).current().value(), 75, 1e-9);
  request.add_kpi_ids("first_pass_yield@1");
  request.add_kpi_ids("first_pass_yield");
  response.Clear();
  ASSERT_TRUE(figures.Snapshot(request, &response).ok());
  ASSERT_EQ(response.entries_size(), 2);
  EXPECT_NEAR(response.entries(0).current().value(), 60, 1e-9);
  EXPECT_NEAR(response.entries(1).current().value(), 75, 1e-9);
}

}  // namespace
}  // namespace yokoten::insight
