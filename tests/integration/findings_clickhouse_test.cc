// Every kind of data-quality finding on the real engine: it is there for the fact that causes it, with its
// event, and gone when what was missing arrives.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "insight/facts.h"
#include "insight/finding_kinds.h"
#include "kpi/plant_world.h"

namespace yokoten::insight {
namespace {

using test::PlantWorld;

class FindingsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = warehouse->release();
  }
  static void TearDownTestSuite() { delete warehouse_; }

  static v1::ListFindingsResponse Ask(PlantWorld& world, const v1::ListFindingsRequest& request) {
    const Facts facts(kpi::Catalogue::Linked(), events::Registry::Linked(), world.client(), world.clock());
    v1::ListFindingsResponse response;
    const Status status = facts.Findings(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  // Ids of the events found, by kind.
  static std::map<std::string, std::vector<std::string>> Found(PlantWorld& world) {
    std::map<std::string, std::vector<std::string>> found;
    v1::ListFindingsRequest request;
    request.set_page_size(1000);
    const v1::ListFindingsResponse response = Ask(world, request);
    for (const auto& finding : response.findings()) {
      EXPECT_FALSE(finding.message_zh().empty());
      EXPECT_FALSE(finding.message_en().empty());
      EXPECT_NE(finding.event_type().find('.'), std::string::npos) << finding.event_type();
      found[finding.kind()].push_back(finding.id());
    }
    for (auto& [kind, ids] : found) std::sort(ids.begin(), ids.end());
    return found;
  }

  static test::Warehouse* warehouse_;
};

test::Warehouse* FindingsTest::warehouse_ = nullptr;

TEST_F(FindingsTest, EachKindIsFoundWithItsEventAndHeals) {
  PlantWorld world(*warehouse_, "findings", std::vector<std::string>{"trained_on_current_revision"});
  world.clock().now = test::ParseInstant("2026-03-10T12:00:00+08:00");
  world.Add(test::FactsFile("findings_plant.facts"));
  EXPECT_TRUE(Found(world).empty());

  world.Add(test::FactsFile("findings_wrong.facts"));
  auto found = Found(world);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(found["late"], Ids({"late"}));
  EXPECT_EQ(found["unknown_unit"], Ids({"unit"}));
  EXPECT_EQ(found["kind_conflict"], Ids({"kind"}));
  EXPECT_EQ(found["time_order"], Ids({"kind"}));  // reported a day before the incident it classifies
  EXPECT_EQ(found["shift_mismatch"], Ids({"shift-day"}));
  EXPECT_EQ(found["trainer_uncertified"], Ids({"pass"}));
  EXPECT_EQ(found["link_pending"], Ids({"link"}));
  EXPECT_EQ(found["missing_approval"], Ids({"major"}));  // one person signed both stages
  EXPECT_EQ(found["unknown_job"], Ids({"job"}));
  EXPECT_EQ(found["missing_feed"], Ids({"feed"}));
  EXPECT_EQ(found["roster_quarantined"], Ids({"roster"}));
  // A follow-up of no session, a step of a proposal nobody submitted, a release of what nobody drafted.
  EXPECT_EQ(found["out_of_order"], Ids({"follow", "link", "major"}));

  std::string right = test::FactsFile("findings_right.facts");
  const auto entity = world.client().Select(
      "SELECT entity FROM fact_operations_shift_output_reported WHERE event_id = 'shift-day'");
  ASSERT_TRUE(entity.ok()) << entity.status();
  right.replace(right.find("$shift"), 6, entity->Text(0, "entity"));
  world.Add(right);
  found = Found(world);
  EXPECT_EQ(found["unknown_unit"], Ids());
  EXPECT_EQ(found["shift_mismatch"], Ids());
  EXPECT_EQ(found["trainer_uncertified"], Ids());
  EXPECT_EQ(found["link_pending"], Ids());
  EXPECT_EQ(found["unknown_job"], Ids());
  EXPECT_EQ(found["missing_feed"], Ids());
  EXPECT_EQ(found["roster_quarantined"], Ids({"roster"}));
  // The certificate came without the way to it.
  EXPECT_EQ(found["out_of_order"], Ids({"cert", "link", "major"}));
}

TEST_F(FindingsTest, TheyAreFilteredPagedAndCounted) {
  PlantWorld world(*warehouse_, "findings_pages", std::vector<std::string>{"trained_on_current_revision"});
  world.clock().now = test::ParseInstant("2026-03-10T12:00:00+08:00");
  world.Add(test::FactsFile("findings_plant.facts"));
  world.Add(test::FactsFile("findings_wrong.facts"));
  v1::ListFindingsRequest request;
  request.add_kinds("out_of_order");
  request.set_page_size(2);
  auto page = Ask(world, request);
  EXPECT_EQ(page.total(), 3);
  EXPECT_EQ(page.findings_size(), 2);
  request.set_page_token(page.next_page_token());
  page = Ask(world, request);
  EXPECT_EQ(page.findings_size(), 1);
  EXPECT_TRUE(page.next_page_token().empty());
  request.clear_page_token();
  request.add_sources("/other");
  EXPECT_EQ(Ask(world, request).total(), 0);
  request.clear_sources();
  request.add_plant_ids("PL2");
  EXPECT_EQ(Ask(world, request).total(), 0);
  request.clear_kinds();
  request.add_kinds("nonsense");
  v1::ListFindingsResponse response;
  const Facts facts(kpi::Catalogue::Linked(), events::Registry::Linked(), world.client(), world.clock());
  const Status status = facts.Findings(request, &response);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(Message(status).find("kinds"), std::string::npos);
}

}  // namespace
}  // namespace yokoten::insight
