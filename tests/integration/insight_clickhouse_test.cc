// Insight's statements on the real engine: every question is asked of a database with a few facts and cells.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "insight/facts.h"
#include "insight/figures.h"
#include "insight/plants.h"
#include "kpi/catalogue.h"
#include "support/warehouse.h"

namespace yokoten::insight {
namespace {

class InsightTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = warehouse->release();
    auto client = warehouse_->NewDatabase("insight_test");
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = client->release();
    Run("INSERT INTO plant_state VALUES ('PL1', '2026-01-01', '2026-03-10', 'Asia/Shanghai', 1)");
    // Three near misses and an injury.
    for (int i = 1; i <= 4; ++i) {
      const std::string n = std::to_string(i);
      Run("INSERT INTO fact_safety_incident_reported (plant, entity, fact_key, root_key, rank, source, "
          "event_id, occurred_at, "
          "recorded_at, incident_id, kind, worker_type, content_hash) VALUES ('PL1', 'incident/I" +
          n + "', toUUID('00000000-0000-0000-0000-00000000000" + n +
          "'), toUUID('00000000-0000-0000-0000-00000000000" + n + "'), bitNot(toUInt128(" + n +
          ")), '/test', 'e" + n + "', '2026-02-0" + n + " 01:00:00', '2026-02-09 00:00:00', 'I" + n + "', '" +
          (i == 3 ? "injury" : "near_miss") + "', 'employee', 'aaaaaaaaaaaaaaaa')");
    }
  }
  static void TearDownTestSuite() {
    delete client_;
    delete warehouse_;
  }
  static void Run(const std::string& sql) {
    const Status status = client_->Execute(sql);
    ASSERT_TRUE(status.ok()) << sql << "\n" << status;
  }

  // The answer to a question that must succeed.
  template <typename Request, typename Response>
  Response Ask(Status (Facts::*question)(const Request&, Response*) const, const Request& request) {
    Response response;
    const Status status = (facts_.*question)(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  Facts facts_{kpi::Catalogue::Linked(), events::Registry::Linked(), *client_};
  Figures figures_{kpi::Catalogue::Linked(), *client_, SystemClock()};

  static test::Warehouse* warehouse_;
  static clickhouse::Client* client_;
};

test::Warehouse* InsightTest::warehouse_ = nullptr;
clickhouse::Client* InsightTest::client_ = nullptr;

TEST_F(InsightTest, CountsLiveFactsByPeriodAndField) {
  v1::CountFactsRequest request;
  request.set_event_type("safety.IncidentReported");
  request.add_group_by("month");
  request.add_group_by("kind");
  const auto response = Ask(&Facts::Count, request);
  ASSERT_EQ(response.rows_size(), 2);
  EXPECT_EQ(response.rows(0).keys(0), "2026-02");
  EXPECT_EQ(response.rows(0).keys(1), "injury");
  EXPECT_EQ(response.rows(0).count(), 1);
  EXPECT_EQ(response.rows(1).count(), 3);
}

TEST_F(InsightTest, PersonalFieldsAreCountedAndNeverListed) {
  v1::CountFactsRequest request;
  request.set_event_type("training.SessionCompleted");
  request.add_group_by("person_ref");
  v1::CountFactsResponse response;
  EXPECT_EQ(facts_.Count(request, &response).code(), StatusCode::kInvalidArgument);
  request.clear_group_by();
  request.set_distinct("person_ref");
  const Status status = facts_.Count(request, &response);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(InsightTest, ListsFactsNewestFirstInPages) {
  v1::ListFactsRequest request;
  request.add_event_types("safety.IncidentReported");
  request.mutable_unit()->set_plant_id("PL1");
  request.set_page_size(3);
  v1::ListFactsResponse response;
  Status status = facts_.List(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.facts_size(), 3);
  EXPECT_EQ(response.facts(0).id(), "e4");
  EXPECT_TRUE(response.facts(0).counts());
  EXPECT_NE(response.facts(0).fields_json().find("\"kind\":\"near_miss\""), std::string::npos)
      << response.facts(0).fields_json();
  EXPECT_EQ(response.facts(0).position().offset(), 4);
  request.set_page_token(response.next_page_token());
  response.Clear();
  status = facts_.List(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.facts_size(), 1);
  EXPECT_TRUE(response.next_page_token().empty());
}

TEST_F(InsightTest, MeasuresDurationsBetweenFactsOfOneEntity) {
  v1::MeasureDurationsRequest request;
  request.set_from_event_type("safety.IncidentReported");
  request.set_to_event_type("safety.IncidentClosed");
  const auto response = Ask(&Facts::Durations, request);
  EXPECT_EQ(response.n(), 0);
  EXPECT_EQ(response.open(), 4);
  EXPECT_FALSE(response.has_mean_days());
}

TEST_F(InsightTest, LooksUpWhatASourceHasSent) {
  Run("INSERT INTO event_key (fact_key, event_type, plant, entity, rank, root_key, kind, content_hash, "
      "source, event_id) "
      "SELECT fact_key, 'safety.IncidentReported', plant, entity, rank, root_key, 'fact', content_hash, "
      "source, event_id "
      "FROM fact_safety_incident_reported");
  v1::LookupEventsRequest request;
  request.set_source("/test");
  request.set_page_size(3);
  const auto response = Ask(&Facts::Lookup, request);
  ASSERT_EQ(response.events_size(), 3);
  EXPECT_EQ(response.events(0).id(), "e1");
  EXPECT_EQ(response.events(0).content_hash(), "aaaaaaaaaaaaaaaa");
  EXPECT_FALSE(response.events(0).voided());
  EXPECT_EQ(response.next_page_token(), "3");
}

TEST_F(InsightTest, APlantWithoutCalendarIsAFinding) {
  v1::ListFindingsRequest request;
  const auto response = Ask(&Facts::Findings, request);
  ASSERT_EQ(response.total(), 1);
  EXPECT_EQ(response.findings(0).kind(), "no_calendar");
  EXPECT_EQ(response.findings(0).plant_id(), "PL1");
}

TEST_F(InsightTest, AFindingNamesPlantAndEntityOfTheFactThatCounts) {
  const auto row = [](const char* active, const char* version) {
    return "INSERT INTO finding (plant, kind, event_type, entity, fact_key, other_plant, other_type, "
           "other_entity, "
           "other_key, source, event_id, recorded_at, active, version) VALUES ('PL2', 'id_conflict', "
           "'safety.IncidentReported', 'incident/I8', toUUID('00000000-0000-0000-0000-000000000008'), 'PL1', "
           "'safety.IncidentReported', 'incident/I1', toUUID('00000000-0000-0000-0000-000000000001'), "
           "'/test', 'e1', "
           "'2026-02-09 00:00:00', " +
           std::string(active) + ", " + version + ")";
  };
  Run(row("1", "1"));
  v1::ListFindingsRequest request;
  request.add_kinds("id_conflict");
  v1::ListFindingsResponse response;
  const Status status = facts_.Findings(request, &response);
  Run(row("0", "2"));
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.total(), 1);
  EXPECT_EQ(response.findings(0).entity(), "incident/I8");
  EXPECT_EQ(response.findings(0).winner(), "PL1 incident/I1");
}

TEST_F(InsightTest, ListsPlantsWithTheirProductionDay) {
  v1::ListPlantsResponse response;
  const Status status = ListPlants(*client_, SystemClock(), &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.plants_size(), 1);
  EXPECT_EQ(response.plants(0).plant_id(), "PL1");
  EXPECT_EQ(response.plants(0).time_zone(), "Asia/Shanghai");
  EXPECT_EQ(response.plants(0).production_day(), "2026-03-10");
}

TEST_F(InsightTest, ASeriesOfAPlantWithoutCellsHasNoValues) {
  v1::GetKpiSeriesRequest request;
  request.set_kpi_id("first_pass_yield");
  request.mutable_unit()->set_plant_id("PL1");
  request.set_grain(kpi::v1::GRAIN_MONTH);
  v1::GetKpiSeriesResponse response;
  const Status status = figures_.Series(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.values_size(), 3);
  EXPECT_EQ(response.values(0).status(), v1::KPI_STATUS_NO_DENOMINATOR);
}

TEST_F(InsightTest, TheSnapshotReadsCellsOfTheRightGenerationOnly) {
  const auto* kpi = kpi::Catalogue::Linked().Find("first_pass_yield");
  ASSERT_NE(kpi, nullptr);
  const std::string key = "'first_pass_yield', " + std::to_string(kpi->hash) + ", 'PL1'";
  const auto cell = [&](const std::string& level, const std::string& workshop, int num, int den,
                        int version) {
    Run("INSERT INTO kpi_cell (grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, "
        "numerator_days, "
        "denominator, denominator_days, observations, sum_squares, days, version) VALUES ('m', '" +
        level + "', " + key + ", '" + workshop + "', '', '', '2026-03-01', " + std::to_string(num) + ", 1, " +
        std::to_string(den) + ", 1, 1, 0, 1, " + std::to_string(version) + ")");
  };
  cell("plant", "", 90, 100, 7);
  cell("workshop", "W1", 50, 60, 7);
  cell("workshop", "W2", 1, 2, 6);  // a ghost of an earlier generation
  v1::GetKpiSnapshotRequest request;
  request.mutable_unit()->set_plant_id("PL1");
  request.add_kpi_ids("first_pass_yield");
  request.set_grain(kpi::v1::GRAIN_MONTH);
  v1::GetKpiSnapshotResponse response;
  Status status = figures_.Snapshot(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_NEAR(response.entries(0).current().value(), 90, 1e-9);
  for (const auto& [workshop, expected] :
       {std::pair<std::string, double>{"W1", 100.0 * 50 / 60}, {"W2", -1}}) {
    request.mutable_unit()->set_workshop_id(workshop);
    response.Clear();
    status = figures_.Snapshot(request, &response);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.entries(0).current().has_value(), expected >= 0) << workshop;
    if (expected >= 0) {
      EXPECT_NEAR(response.entries(0).current().value(), expected, 1e-9);
    }
  }
}

TEST_F(InsightTest, CellsOfBeforeThePlantsFirstMonthAreNotRead) {
  const auto* kpi = kpi::Catalogue::Linked().Find("scrap_ratio");
  ASSERT_NE(kpi, nullptr);
  Run("INSERT INTO plant_state VALUES ('PLF', '2026-02-03', '2026-03-10', 'UTC', 1)");
  // January's was written while a calendar put the first fact there; it counts in February now.
  for (const char* month : {"2026-01-01", "2026-02-01", "2026-03-01"}) {
    Run("INSERT INTO kpi_cell (grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, "
        "numerator_days, denominator, denominator_days, observations, sum_squares, days, version) VALUES "
        "('m', 'plant', 'scrap_ratio', " +
        std::to_string(kpi->hash) + ", 'PLF', '', '', '', '" + month + "', 1, 1, 10, 1, 1, 0, 1, 7)");
  }
  v1::GetKpiSnapshotRequest request;
  request.mutable_unit()->set_plant_id("PLF");
  request.add_kpi_ids("scrap_ratio");
  request.set_grain(kpi::v1::GRAIN_YEAR);
  v1::GetKpiSnapshotResponse response;
  const Status status = figures_.Snapshot(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_EQ(response.entries(0).current().denominator(), "20");
}

TEST_F(InsightTest, PersonsAreCountedByFixedPeriodsAndTheIndexIsMadeOfItsParts) {
  const auto cell = [&](const std::string& id, const std::string& grain, const std::string& day, int num,
                        int den) {
    const auto* kpi = kpi::Catalogue::Linked().Find(id);
    ASSERT_NE(kpi, nullptr) << id;
    Run("INSERT INTO kpi_cell (grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, "
        "numerator_days, denominator, denominator_days, observations, sum_squares, days, version) VALUES ('" +
        grain + "', 'plant', '" + id + "', " + std::to_string(kpi->hash) + ", 'PL1', '', '', '', '" + day +
        "', " + std::to_string(num) + ", 1, " + std::to_string(den) + ", 1, 1, 0, 1, 7)");
  };
  // The quarter's persons are none of its months'.
  cell("participation_rate", "m", "2026-02-01", 1, 20);
  cell("participation_rate", "q", "2026-01-01", 6, 20);
  cell("implementation_rate", "m", "2026-01-01", 6, 10);
  cell("standardized_rate", "m", "2026-02-01", 5, 20);
  cell("yokoten_rate", "m", "2026-03-01", 5, 10);
  v1::GetKpiSeriesRequest request;
  request.mutable_unit()->set_plant_id("PL1");
  const auto series = [&](const std::string& id, kpi::v1::Grain grain, v1::GetKpiSeriesResponse* response) {
    request.set_kpi_id(id);
    request.set_grain(grain);
    return figures_.Series(request, response);
  };
  v1::GetKpiSeriesResponse response;
  ASSERT_TRUE(series("participation_rate", kpi::v1::GRAIN_QUARTER, &response).ok());
  ASSERT_GT(response.values_size(), 0);
  EXPECT_DOUBLE_EQ(response.values(response.values_size() - 1).value(), 30);
  for (const auto grain : {kpi::v1::GRAIN_DAY, kpi::v1::GRAIN_WEEK, kpi::v1::GRAIN_ROLLING_12_MONTHS}) {
    const Status status = series("participation_rate", grain, &response);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << grain;
    EXPECT_NE(Message(status).find("month, quarter and year"), std::string::npos) << status;
  }
  EXPECT_EQ(series("innovation_culture_index", kpi::v1::GRAIN_MONTH, &response).code(),
            StatusCode::kInvalidArgument);
  response.Clear();
  ASSERT_TRUE(series("innovation_culture_index", kpi::v1::GRAIN_UNSPECIFIED, &response).ok());
  ASSERT_GT(response.values_size(), 0);
  // Of 30, 60, 50 and 50 are there 30, 60, 25 and 50: (1 + 1 + 1/2 + 1) / 4.
  const v1::KpiValue& index = response.values(response.values_size() - 1);
  EXPECT_DOUBLE_EQ(index.value(), 87.5);
  ASSERT_EQ(index.parts_size(), 4);
  EXPECT_EQ(index.parts(2).kpi_id(), "standardized_rate");
  EXPECT_DOUBLE_EQ(index.parts(2).reached(), 0.5);
  // A snapshot of weeks shows them by the grain they have.
  v1::GetKpiSnapshotRequest weeks;
  *weeks.mutable_unit() = request.unit();
  weeks.set_grain(kpi::v1::GRAIN_WEEK);
  for (const char* id : {"participation_rate", "innovation_culture_index"}) weeks.add_kpi_ids(id);
  v1::GetKpiSnapshotResponse snapshot;
  const Status status = figures_.Snapshot(weeks, &snapshot);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(snapshot.entries_size(), 2);
  for (const auto& entry : snapshot.entries()) EXPECT_EQ(entry.grain(), kpi::v1::GRAIN_QUARTER);
  EXPECT_DOUBLE_EQ(snapshot.entries(0).current().value(), 30);
}

TEST_F(InsightTest, ReportsOfTheCurrentDayAreNotMissingYet) {
  Run("INSERT INTO plant_state VALUES ('PL9', '2026-01-01', '2026-03-10', 'Asia/Shanghai', 1)");
  const auto* kpi = kpi::Catalogue::Linked().Find("data_completeness");
  ASSERT_NE(kpi, nullptr);
  const auto cell = [&](const std::string& grain, const std::string& day, int received, int expected) {
    Run("INSERT INTO kpi_cell (grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, "
        "numerator_days, denominator, denominator_days, observations, sum_squares, days, version) VALUES ('" +
        grain + "', 'plant', 'data_completeness', " + std::to_string(kpi->hash) + ", 'PL9', '', '', '', '" +
        day + "', " + std::to_string(received) + ", 1, " + std::to_string(expected) + ", 1, 1, 0, 1, 7)");
  };
  cell("d", "2026-03-09", 19, 20);
  cell("d", "2026-03-10", 1, 20);  // the day has just begun
  cell("m", "2026-03-01", 39, 60);
  v1::GetKpiSeriesRequest request;
  request.set_kpi_id("data_completeness");
  request.mutable_unit()->set_plant_id("PL9");
  request.set_grain(kpi::v1::GRAIN_MONTH);
  request.set_from("2026-03-01");
  v1::GetKpiSeriesResponse series;
  ASSERT_TRUE(figures_.Series(request, &series).ok());
  ASSERT_EQ(series.values_size(), 1);
  EXPECT_NEAR(series.values(0).value(), 100.0 * 38 / 40, 1e-9);
  EXPECT_NEAR(series.values(0).completeness(), 38.0 / 40, 1e-12);

  v1::GetKpiSnapshotRequest snapshot;
  snapshot.mutable_unit()->set_plant_id("PL9");
  snapshot.add_kpi_ids("data_completeness");
  snapshot.add_kpi_ids("first_pass_yield");
  snapshot.set_grain(kpi::v1::GRAIN_DAY);
  v1::GetKpiSnapshotResponse response;
  ASSERT_TRUE(figures_.Snapshot(snapshot, &response).ok());
  ASSERT_EQ(response.entries_size(), 2);
  EXPECT_EQ(response.entries(0).current().period_start(), "2026-03-09");
  EXPECT_NEAR(response.entries(0).current().value(), 95, 1e-9);
  EXPECT_FALSE(response.entries(1).current().has_completeness()) << "nothing is due of the current day";
}

TEST_F(InsightTest, AVoidedTargetDoesNotCountAndTheOneBeforeDoesAgain) {
  Run("INSERT INTO plant_state VALUES ('PL8', '2026-01-01', '2026-03-10', 'Asia/Shanghai', 1)");
  const auto target = [&](int n, const std::string& from, const std::string& green) {
    const std::string key = "toUUID('00000000-0000-0000-0000-0000000008" + std::to_string(10 + n) + "')";
    Run("INSERT INTO fact_operations_kpi_target_set (plant, entity, fact_key, root_key, rank, source, "
        "event_id, "
        "occurred_on, recorded_at, kpi_id, valid_from, green, yellow, content_hash) VALUES ('PL8', 't/" +
        std::to_string(n) + "', " + key + ", " + key + ", bitNot(toUInt128(" + std::to_string(n) +
        ")), '/test', 't" + std::to_string(n) + "', '" + from +
        "', '2026-02-09 00:00:00', 'first_pass_yield', '" + from + "', " + green +
        ", 50, 'aaaaaaaaaaaaaaaa')");
  };
  const auto green = [&] {
    v1::GetKpiSnapshotRequest request;
    request.mutable_unit()->set_plant_id("PL8");
    request.add_kpi_ids("first_pass_yield");
    v1::GetKpiSnapshotResponse response;
    EXPECT_TRUE(figures_.Snapshot(request, &response).ok());
    return response.entries(0).target().green();
  };
  target(1, "2026-01-01", "80");
  target(2, "2026-02-01", "90");
  EXPECT_EQ(green(), 90);
  Run("INSERT INTO amendment (plant, target_plant, target_entity, root_key, kind, fact_key, rank) VALUES "
      "('PL8', 'PL8', 't/2', toUUID('00000000-0000-0000-0000-000000000812'), 'void', "
      "toUUID('00000000-0000-0000-0000-000000000819'), bitNot(toUInt128(9)))");
  EXPECT_EQ(green(), 80);
}

TEST_F(InsightTest, AVoidedFactIsShownAsOneWhereverItIsAskedFor) {
  const std::string key = "toUUID('00000000-0000-0000-0000-000000000701')";
  Run("INSERT INTO plant_state VALUES ('PL7', '2026-01-01', '2026-03-10', 'Asia/Shanghai', 1)");
  Run("INSERT INTO fact_safety_incident_reported (plant, entity, fact_key, root_key, rank, source, event_id, "
      "occurred_at, recorded_at, incident_id, kind, worker_type, content_hash) VALUES ('PL7', "
      "'incident/V1', " +
      key + ", " + key +
      ", bitNot(toUInt128(1)), '/void', 'v1', '2026-02-01 01:00:00', '2026-02-09 00:00:00', 'V1', "
      "'near_miss', "
      "'employee', 'aaaaaaaaaaaaaaaa')");
  Run("INSERT INTO event_key (fact_key, event_type, plant, entity, rank, root_key, kind, content_hash, "
      "source, "
      "event_id) SELECT fact_key, 'safety.IncidentReported', plant, entity, rank, root_key, 'fact', "
      "content_hash, source, event_id FROM fact_safety_incident_reported WHERE plant = 'PL7'");
  const auto counted = [&] {
    v1::ListFactsRequest request;
    request.mutable_unit()->set_plant_id("PL7");
    request.add_event_types("safety.IncidentReported");
    request.set_include_inert(true);
    const auto response = Ask(&Facts::List, request);
    EXPECT_EQ(response.facts_size(), 1);
    return response.facts_size() == 1 && response.facts(0).counts();
  };
  const auto voided = [&] {
    v1::LookupEventsRequest request;
    request.set_source("/void");
    const auto response = Ask(&Facts::Lookup, request);
    return response.events_size() == 1 && response.events(0).voided();
  };
  EXPECT_TRUE(counted());
  EXPECT_FALSE(voided());
  Run("INSERT INTO amendment (plant, target_plant, target_entity, root_key, kind, fact_key, event_type, "
      "rank) "
      "VALUES ('PL7', 'PL7', 'incident/V1', " +
      key +
      ", 'void', toUUID('00000000-0000-0000-0000-000000000702'), 'event.Voided', bitNot(toUInt128(2)))");
  EXPECT_FALSE(counted());
  EXPECT_TRUE(voided());
}

TEST_F(InsightTest, ALookUpOfTooManyIdsIsRefusedByName) {
  v1::LookupEventsRequest request;
  request.set_source("/test");
  for (int i = 0; i < 5000; ++i) request.add_ids("e" + std::to_string(i));
  Ask(&Facts::Lookup, request);
  request.add_ids("one more");
  v1::LookupEventsResponse response;
  const Status status = facts_.Lookup(request, &response);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(Message(status).find("ids: 5001"), std::string::npos) << status;
}

TEST_F(InsightTest, ACorrectionNamesWhatItCorrectsAndAFactTheReasonItDoesNotCountFor) {
  Run("INSERT INTO plant_state VALUES ('PL6', '2026-01-01', '2026-03-10', 'Asia/Shanghai', 1)");
  const auto key = [](int n) {
    return "toUUID('00000000-0000-0000-0000-00000000060" + std::to_string(n) + "')";
  };
  const auto fact = [&](int n, int root, const std::string& id) {
    Run("INSERT INTO fact_safety_incident_reported (plant, entity, fact_key, root_key, rank, source, "
        "event_id, "
        "occurred_at, recorded_at, incident_id, kind, worker_type, content_hash) VALUES ('PL6', "
        "'incident/C', " +
        key(n) + ", " + key(root) + ", bitNot(toUInt128(" + std::to_string(n) + ")), '/c', '" + id +
        "', '2026-02-01 01:00:00', '2026-02-09 00:00:00', 'C', 'near_miss', 'employee', 'aaaaaaaaaaaaaaaa')");
    Run("INSERT INTO event_key (fact_key, event_type, plant, entity, rank, root_key, kind, content_hash, "
        "source, "
        "event_id) VALUES (" +
        key(n) + ", 'safety.IncidentReported', 'PL6', 'incident/C', bitNot(toUInt128(" + std::to_string(n) +
        ")), " + key(root) + ", '" + (n == root ? "fact" : "correct") + "', 'aaaaaaaaaaaaaaaa', '/c', '" +
        id + "')");
    if (n == root) return;
    Run("INSERT INTO amendment (plant, target_plant, target_entity, root_key, kind, fact_key, event_type, "
        "body_plant, body_entity, rank) VALUES ('PL6', 'PL6', 'incident/C', " +
        key(root) + ", 'correct', " + key(n) +
        ", 'safety.IncidentReported', 'PL6', 'incident/C', bitNot(toUInt128(" + std::to_string(n) + ")))");
  };
  const auto reasons = [&] {
    v1::ListFactsRequest request;
    request.mutable_unit()->set_plant_id("PL6");
    request.add_event_types("safety.IncidentReported");
    request.set_include_inert(true);
    std::map<std::string, std::string> found;
    const auto response = Ask(&Facts::List, request);
    for (const auto& one : response.facts()) {
      EXPECT_EQ(one.corrects_id(), one.id() == "c1" || one.id() == "lost" ? "root" : "") << one.id();
      found[one.id()] = one.inert_reason();
    }
    return found;
  };
  using Reasons = std::map<std::string, std::string>;
  fact(1, 1, "root");
  fact(2, 1, "c1");
  EXPECT_EQ(reasons(), (Reasons{{"root", "corrected"}, {"c1", ""}}));
  fact(3, 1, "lost");
  Run("INSERT INTO inert_fact (plant, event_type, entity, fact_key, reason, inert, told, version) VALUES "
      "('PL6', "
      "'safety.IncidentReported', 'incident/C', " +
      key(3) + ", 'no_target', 1, 1, 1)");
  EXPECT_EQ(reasons(), (Reasons{{"root", "corrected"}, {"c1", ""}, {"lost", "no_target"}}));
  Run("INSERT INTO inert_fact (plant, event_type, entity, fact_key, reason, inert, told, version) VALUES "
      "('PL6', "
      "'safety.IncidentReported', 'incident/C', " +
      key(1) + ", 'business_key', 1, 1, 1)");
  EXPECT_EQ(reasons(), (Reasons{{"root", "business_key"}, {"c1", "inert_root"}, {"lost", "no_target"}}));
  Run("INSERT INTO amendment (plant, target_plant, target_entity, root_key, kind, fact_key, event_type, "
      "rank) "
      "VALUES ('PL6', 'PL6', 'incident/C', " +
      key(1) + ", 'void', " + key(9) + ", 'event.Voided', bitNot(toUInt128(9)))");
  EXPECT_EQ(reasons(), (Reasons{{"root", "voided"}, {"c1", "voided"}, {"lost", "voided"}}));
}

TEST_F(InsightTest, DaysAtTheEndsOfTheCalendarAreAnswered) {
  for (const char* day : {"1900-01-01", "2299-12-31"}) {
    v1::GetKpiSnapshotRequest snapshot;
    snapshot.mutable_unit()->set_plant_id("PL1");
    snapshot.set_day(day);
    snapshot.set_history(60);
    v1::GetKpiSnapshotResponse figures;
    const Status status = figures_.Snapshot(snapshot, &figures);
    EXPECT_TRUE(status.ok()) << day << ": " << status;
    v1::CountFactsRequest count;
    count.set_event_type("safety.IncidentReported");
    count.set_from(day);
    EXPECT_EQ(Ask(&Facts::Count, count).rows(0).count() > 0, std::string(day) < "2000") << day;
    count.clear_from();
    count.set_to(day);
    EXPECT_EQ(Ask(&Facts::Count, count).rows(0).count() > 0, std::string(day) > "2000") << day;
  }
}

TEST_F(InsightTest, ProbingPlantsAreNeitherListedNorFound) {
  Run("INSERT INTO plant_state VALUES ('DOCTOR-1', '2026-01-01', '2026-03-10', '', 1)");
  v1::ListPlantsResponse plants;
  ASSERT_TRUE(ListPlants(*client_, SystemClock(), &plants).ok());
  for (const auto& plant : plants.plants()) EXPECT_NE(plant.plant_id(), "DOCTOR-1");
  const auto response = Ask(&Facts::Findings, v1::ListFindingsRequest());
  for (const auto& finding : response.findings()) EXPECT_NE(finding.plant_id(), "DOCTOR-1");
}

}  // namespace
}  // namespace yokoten::insight
