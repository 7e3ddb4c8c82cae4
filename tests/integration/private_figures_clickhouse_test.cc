// Confidential facts on the real engine: what is answered of them before and after their period closes, after
// late facts, and on every other way in.
#include <sstream>

#include <gtest/gtest.h>

#include "insight/as_of.h"
#include "insight/facts.h"
#include "insight/figures.h"
#include "insight/frozen.h"
#include "kpi/fact_log.h"
#include "support/warehouse.h"

namespace yokoten::insight {
namespace {

// Cases closed with and without success, by workshop and, in a second KPI, by outcome.
constexpr char kDefinition[] = R"(-- id: "closed_well"
-- name_zh: "x" name_en: "x" formula_zh: "x" formula_en: "x" pitfalls_zh: "x" pitfalls_en: "x"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JR" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "relations.CaseClosed" horizon: HORIZON_DAY }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "outcome"
-- interval: INTERVAL_KIND_WILSON min_n: 1 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "test"

SELECT plant, workshop, '' AS line, day, toString(outcome) AS dim, toInt64(1) AS numerator, toInt64(1) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM {facts relations.CaseClosed(outcome)}
)";

class PrivateFigures : public testing::Test {
 protected:
  void SetUp() override {
    static auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    auto client = (*warehouse)
                      ->NewDatabase(std::string("private_") +
                                    testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    auto catalogue = kpi::Catalogue::Load({{"closed_well", kDefinition}}, {});
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    catalogue_ = std::make_unique<kpi::Catalogue>(*std::move(catalogue));
    frozen_ = std::make_unique<Frozen>(*catalogue_, *client_, [] { return WallTime::max(); });
    log_ = std::make_unique<test::FactLog>(*client_);
    AddPlant("PL1", "2026-04-01");
  }

  void AddPlant(const std::string& plant, const std::string& first_day) {
    const Status status = client_->Execute("INSERT INTO plant_state VALUES ('" + plant + "', '" + first_day +
                                           "', '2027-03-10', 'UTC', 1)");
    ASSERT_TRUE(status.ok()) << status;
  }

  // Nothing is in memory any more.
  void Forget() {
    frozen_ = std::make_unique<Frozen>(*catalogue_, *client_, [] { return WallTime::max(); });
  }

  // Closed cases of a workshop on a day of May 2026.
  void Close(int count, const std::string& workshop, const std::string& outcome,
             const std::string& plant = "PL1") {
    std::ostringstream text;
    for (int i = 0; i < count; ++i) {
      ++cases_;
      text << "relations.CaseClosed {\"context\": {\"source\": \"/hr\", \"id\": \"c" << cases_
           << "\", \"plantId\": \"" << plant << "\", \"workshopId\": \"" << workshop
           << "\", \"occurredOn\": \"2026-05-11\"}, \"caseId\": \"C" << cases_
           << "\", \"caseRound\": 1, \"outcome\": \"CASE_OUTCOME_" << outcome << "\"}\n";
    }
    const auto events = test::ReadFacts(text.str());
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_TRUE(log_->Store(*events).ok());
    ASSERT_TRUE(log_->JudgeIdentity().ok());
  }

  // What is shown of the second quarter of 2026: "19" or "-".
  std::string Shown(const char* now, const std::string& workshop = "", const std::string& outcome = "",
                    const std::string& plant = "PL1") {
    clock_.now = test::ParseInstant(now);
    const Figures figures(*catalogue_, *client_, clock_, frozen_.get());
    v1::GetKpiSeriesRequest request;
    request.set_kpi_id("closed_well");
    request.mutable_unit()->set_plant_id(plant);
    request.mutable_unit()->set_workshop_id(workshop);
    request.set_dimension(outcome);
    request.set_from("2026-04-01");
    request.set_to("2026-06-30");
    v1::GetKpiSeriesResponse response;
    const Status status = figures.Series(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    if (response.values_size() != 1) return "no value";
    const v1::KpiValue& value = response.values(0);
    if (value.status() != v1::KPI_STATUS_SUPPRESSED) {
      EXPECT_EQ(value.n(), std::stoll(value.denominator()));
      return value.denominator();
    }
    EXPECT_TRUE(value.numerator().empty() && value.denominator().empty() && value.n() == 0 &&
                !value.has_value() && !value.has_ci_low() && !value.has_ci_high() &&
                !value.has_completeness())
        << value.ShortDebugString();
    return "-";
  }

  test::FixedClock clock_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<kpi::Catalogue> catalogue_;
  std::unique_ptr<Frozen> frozen_;
  std::unique_ptr<test::FactLog> log_;
  int cases_ = 0;
};

TEST_F(PrivateFigures, AreShownAsKnownWhenThePeriodClosedAndAtTheEndOfYears) {
  Close(7, "W1", "RESOLVED");
  Close(3, "W2", "PARTLY");
  Close(9, "W3", "RESOLVED");
  // 30 June 2026 and five workdays: 1, 2, 3, 6, 7 July.
  EXPECT_EQ(Shown("2026-07-07T23:59:59Z"), "-") << "the quarter is not closed";
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z"), "19");
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z", "W1"), "-") << "it would tell the second";
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z", "W2"), "-") << "three cases";
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z", "W3"), "9");
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z", "", "resolved"), "-") << "beside three that are partly so";
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z", "", "partly"), "-");
  // Three more come to be known in August: the second workshop has six, and is not shown all the same.
  log_->Wait(std::chrono::hours(24 * 80));
  Close(3, "W2", "PARTLY");
  Close(1, "W3", "RESOLVED");
  EXPECT_EQ(Shown("2026-12-31T00:00:00Z"), "19") << "three more cases would show";
  EXPECT_EQ(Shown("2026-12-31T00:00:00Z", "W3"), "9") << "a case more would show";
  // The year's close: 1, 4, 5, 6, 7 January.
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z"), "23");
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z", "W3"), "10");
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z", "W2"), "-") << "23 - 10 - 7 of now would be the three of then";
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z", "W1"), "-");
  // A process that starts later, and has nothing in memory, says the same.
  Forget();
  EXPECT_EQ(Shown("2026-12-31T00:00:00Z"), "19");
  EXPECT_EQ(Shown("2026-12-31T00:00:00Z", "W2"), "-");
}

TEST_F(PrivateFigures, NothingIsShownThatIsNotAllIn) {
  Close(9, "W1", "RESOLVED");
  frozen_ = std::make_unique<Frozen>(*catalogue_, *client_,
                                     [] { return test::ParseInstant("2026-07-07T23:00:00Z"); });
  EXPECT_EQ(Shown("2026-08-01T00:00:00Z"), "-");
}

TEST_F(PrivateFigures, WorkdaysMoveTheCloseAsTheyWereKnownWhenThePeriodEnded) {
  Close(9, "W1", "RESOLVED");
  const auto publish = [&](int version, const char* holiday) {
    const auto events = test::ReadFacts(
        "operations.WorkdaysPublished {\"context\": {\"source\": \"/hr\", \"id\": \"w" +
        std::to_string(version) +
        "\", \"plantId\": \"*\", \"occurredOn\": \"2026-01-01\"}, \"year\": 2026, \"version\": " +
        std::to_string(version) + ", \"holidays\": [\"" + holiday + "\"]}\n");
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_TRUE(log_->Store(*events).ok());
  };
  publish(1, "2026-07-02");
  EXPECT_EQ(Shown("2026-07-08T00:00:00Z"), "-") << "the fifth workday is the 8th";
  EXPECT_EQ(Shown("2026-07-09T00:00:00Z"), "9");
  log_->Wait(std::chrono::hours(24 * 60));
  publish(2, "2026-07-06");
  publish(3, "2026-07-08");
  EXPECT_EQ(Shown("2026-07-09T00:00:00Z"), "9") << "published after the quarter had ended";
}

TEST_F(PrivateFigures, OfTheGroupNothingIsShownThatTellsAPlant) {
  AddPlant("PL2", "2026-04-01");
  AddPlant("PL3", "2026-04-01");
  AddPlant("PL4", "2026-08-01");  // did not exist then
  constexpr char kClosed[] = "2026-07-08T00:00:00Z";
  const auto plant = [&](const std::string& id) {
    Forget();
    return Shown(kClosed, "", "", id);
  };
  Close(9, "W1", "RESOLVED");
  Close(3, "W1", "RESOLVED", "PL2");
  EXPECT_EQ(plant("PL1"), "9");
  EXPECT_EQ(plant("PL2"), "-");
  EXPECT_EQ(plant("*"), "-") << "12 - 9 would be the three";
  Close(1, "W1", "RESOLVED", "PL3");
  EXPECT_EQ(plant("*"), "-") << "13 - 9 would be four of two plants";
  Close(3, "W1", "RESOLVED", "PL3");
  EXPECT_EQ(plant("PL3"), "-");
  EXPECT_EQ(plant("*"), "16") << "seven of two plants";
  EXPECT_EQ(plant("PL1"), "9") << "a plant shows what it did";
  // The third plant's period closes a day later, and the group's with it.
  const auto holiday_of_pl3 = [&](int year, const std::string& day) {
    const std::string y = std::to_string(year);
    const auto events =
        test::ReadFacts("operations.WorkdaysPublished {\"context\": {\"source\": \"/hr\", \"id\": \"w" + y +
                        "\", \"plantId\": \"PL3\", \"occurredOn\": \"2026-01-01\"}, \"year\": " + y +
                        ", \"version\": 1, \"holidays\": [\"" + day + "\"]}");
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_TRUE(log_->Store(*events).ok());
  };
  holiday_of_pl3(2026, "2026-07-02");
  EXPECT_EQ(plant("*"), "-");
  EXPECT_EQ(plant("PL1"), "9");
  EXPECT_EQ(Shown("2026-07-09T00:00:00Z", "", "", "*"), "16");
  // One more of the hidden ones, known at the year's close: as of the last plant's, so that nothing shows in
  // between.
  holiday_of_pl3(2027, "2027-01-04");
  log_->Wait(std::chrono::hours(24 * 80));
  Close(1, "W1", "RESOLVED", "PL2");
  Close(1, "W1", "RESOLVED", "PL1");
  Forget();
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z", "", "", "PL1"), "10");
  EXPECT_EQ(Shown("2027-01-08T00:00:00Z", "", "", "*"), "16");
  EXPECT_EQ(Shown("2027-01-09T00:00:00Z", "", "", "*"), "18");
}

TEST_F(PrivateFigures, AboveThePlantAreAskedForTheGroupAsAWhole) {
  Close(9, "W1", "RESOLVED");
  clock_.now = test::ParseInstant("2026-08-01T00:00:00Z");
  const Figures figures(*catalogue_, *client_, clock_, frozen_.get());
  const auto refused = [&](const char* plant, const char* country, const char* dimension) {
    v1::GetKpiSeriesRequest request;
    request.set_kpi_id("closed_well");
    request.mutable_unit()->set_plant_id(plant);
    request.mutable_unit()->set_country(country);
    request.set_dimension(dimension);
    v1::GetKpiSeriesResponse response;
    return figures.Series(request, &response).code();
  };
  EXPECT_EQ(refused("", "CN", ""), StatusCode::kInvalidArgument) << "a country";
  EXPECT_EQ(refused("*", "", "resolved"), StatusCode::kInvalidArgument) << "a cross-table of plants";
  EXPECT_EQ(refused("*", "", ""), StatusCode::kOk);
}

TEST_F(PrivateFigures, NoOtherWayInShowsTheFacts) {
  Close(9, "W1", "RESOLVED");
  const Facts facts(*catalogue_, events::Registry::Linked(), *client_);
  v1::ListFactsRequest list;
  list.mutable_unit()->set_plant_id("PL1");
  list.set_kpi_id("closed_well");
  v1::ListFactsResponse listed;
  EXPECT_EQ(facts.List(list, &listed).code(), StatusCode::kPermissionDenied);
  v1::CountFactsRequest count;
  count.set_event_type("relations.CaseClosed");
  v1::CountFactsResponse counted;
  EXPECT_EQ(facts.Count(count, &counted).code(), StatusCode::kPermissionDenied);
  v1::MeasureDurationsRequest measure;
  measure.set_from_event_type("safety.IncidentReported");
  measure.set_to_event_type("relations.CaseClosed");
  v1::MeasureDurationsResponse measured;
  EXPECT_EQ(facts.Durations(measure, &measured).code(), StatusCode::kPermissionDenied);
  v1::LookupEventsRequest lookup;
  lookup.set_source("/hr");
  v1::LookupEventsResponse found;
  ASSERT_TRUE(facts.Lookup(lookup, &found).ok());
  EXPECT_EQ(found.events_size(), 0);
  lookup.add_ids("c1");
  ASSERT_TRUE(facts.Lookup(lookup, &found).ok());
  EXPECT_EQ(found.events_size(), 0) << "a guessed id must not tell that there is such a case";
  // Two of one business key, and an id sent twice: findings elsewhere, nothing here.
  cases_ = 0;
  Close(2, "W2", "UNRESOLVED");
  const auto stored = client_->Select("SELECT count() AS n FROM finding FINAL WHERE active = 1");
  ASSERT_TRUE(stored.ok());
  EXPECT_GT(stored->Int(0, "n"), 0) << "there must be something to hide";
  v1::ListFindingsRequest findings;
  findings.add_kinds("id_conflict");
  findings.add_kinds("business_key");
  v1::ListFindingsResponse shown;
  ASSERT_TRUE(facts.Findings(findings, &shown).ok());
  EXPECT_EQ(shown.total(), 0);
}

}  // namespace
}  // namespace yokoten::insight
