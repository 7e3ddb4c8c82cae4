// A correction that changes a closed month, on the real engine: from the round that replaces the month's cell
// to the event that tells of it, through crashes. Facts are recorded from 2026-05-28 on; May closes on June
// 5th.
#include <sstream>

#include <gtest/gtest.h>

#include "derive/deriver.h"
#include "events/derived.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::derive {
namespace {

// Cases closed: a KPI that hides small numbers.
constexpr char kPrivate[] = R"(-- id: "closed_cases"
-- name_zh: "x" name_en: "x" formula_zh: "x" formula_en: "x" pitfalls_zh: "x" pitfalls_en: "x"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JR" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "relations.CaseClosed" horizon: HORIZON_DAY }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 1 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "test"

SELECT plant, workshop, '' AS line, day, toInt64(1) AS numerator, toInt64(1) AS denominator, 1 AS observations,
       0 AS sum_squares
FROM {facts relations.CaseClosed(outcome)}
)";

using Touches = std::map<std::string, rollup_worker::PlantTouches>;

class Restated : public testing::Test {
 protected:
  void SetUp() override {
    static auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    auto client = (*warehouse)
                      ->NewDatabase(std::string("restated_") +
                                    testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    std::vector<kpi::SourceText> definitions = kpi::LinkedDefinitions();
    std::erase_if(definitions, [](const auto& text) {
      return text.name != "first_pass_yield" && text.name != "finding_closure_days";
    });
    definitions.push_back({"closed_cases", kPrivate});
    auto catalogue = kpi::Catalogue::Load(definitions, kpi::LinkedSteps());
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    catalogue_ = std::make_unique<kpi::Catalogue>(*std::move(catalogue));
    log_ = std::make_unique<test::FactLog>(*client_);
    clock_.now = test::ParseInstant("2026-07-20T00:00:00Z");
  }

  void Run(const std::string& sql) {
    const Status status = client_->Execute(sql);
    ASSERT_TRUE(status.ok()) << sql << "\n" << status;
  }
  // Stores one event and gives what it touches.
  Touches Store(const std::string& text) {
    const auto events = test::ReadFacts(text);
    EXPECT_TRUE(events.ok()) << events.status();
    if (!events.ok()) return {};
    EXPECT_TRUE(log_->Store(*events).ok());
    EXPECT_TRUE(log_->JudgeIdentity().ok());
    Touches touches;
    for (auto& [plant, own] : log_->TakeTouches())
      touches[plant] = {own, rollup_worker::MakeVersion(1, log_->dirty_offset() + 1, false)};
    return touches;
  }
  // A round of a process that knows nothing yet.
  void Apply(const Touches& touches) {
    rollup_worker::Engine engine(*client_, *catalogue_, clock_, {});
    ASSERT_TRUE(engine.Load().ok());
    const auto report = engine.Apply(touches);
    ASSERT_TRUE(report.ok()) << report.status();
  }
  void Take(const std::string& text) { Apply(Store(text)); }

  // 100 inspected on a day, so many of them good.
  static std::string Output(const std::string& id, const std::string& day, int good,
                            const std::string& corrects = "") {
    std::ostringstream text;
    text << R"(operations.ShiftOutputReported {"context": {"source": "/mes", "id": ")" << id
         << R"(", "plantId": "PL1", "workshopId": "W1", "lineId": "L1", "occurredOn": ")" << day << '"';
    if (!corrects.empty()) {
      text << R"(, "reasonCode": "CORRECTION_REASON_DATA_ENTRY", "corrects": {"source": "/mes", "id": ")"
           << corrects << R"(", "plantId": "PL1", "entity": "line/L1"})";
    }
    text << R"(}, "product": "P", "productionDay": ")" << day
         << R"(", "shiftCode": "D", "producedQty": 100, "goodQty": 100, "scrapQty": 0, "reworkQty": 0, )"
         << R"("inspectedQty": 100, "goodFirstTimeQty": )" << good << R"(, "snapshotVersion": 1})"
         << "\n";
    return text.str();
  }
  static std::string Void(const std::string& source, const std::string& id, const std::string& entity) {
    return R"(event.Voided {"context": {"source": ")" + source + R"(", "id": "v-)" + id +
           R"(", "plantId": "PL1", "occurredOn": "2026-06-27"}, "voids": {"source": ")" + source +
           R"(", "id": ")" + id + R"(", "plantId": "PL1", "entity": ")" + entity +
           R"("}, "reason": "VOID_REASON_NOT_OCCURRED"})" + "\n";
  }

  // What a run of derive publishes now.
  std::vector<derived::v1::KpiRestated> Publish() {
    test::MemorySink sink;
    const std::vector<Rule> no_rules;
    Deriver deriver(*client_, *catalogue_, no_rules, sink, "derived", clock_, stopping_);
    const auto report = deriver.Run();
    EXPECT_TRUE(report.ok()) << report.status();
    std::vector<derived::v1::KpiRestated> events;
    for (const events::Record& record : sink.records["derived"]) {
      derived::v1::KpiRestated event;
      EXPECT_TRUE(event.ParseFromString(record.value));
      events.push_back(std::move(event));
    }
    return events;
  }
  // "90 -> 80" of the only event.
  static std::string Change(const std::vector<derived::v1::KpiRestated>& events) {
    if (events.size() != 1) return std::to_string(events.size()) + " events";
    const auto text = [](bool has, double value) {
      std::ostringstream out;
      has ? out << value : out << "none";
      return out.str();
    };
    const auto& event = events.front();
    return text(event.has_old_value(), event.old_value()) + " -> " +
           text(event.has_new_value(), event.new_value());
  }
  void LetMayClose() { log_->Wait(std::chrono::hours(24 * 30)); }

  test::FixedClock clock_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<kpi::Catalogue> catalogue_;
  std::unique_ptr<test::FactLog> log_;
  const std::atomic<bool> stopping_{false};
};

TEST_F(Restated, ACorrectionOfAClosedMonthIsOneEventWithOldNewAndCause) {
  Take(Output("o1", "2026-05-11", 90));
  EXPECT_EQ(Change(Publish()), "0 events");
  LetMayClose();
  const Touches correction = Store(Output("o1-1", "2026-05-11", 80, "o1"));
  const WallTime recorded = log_->recorded_until();
  Apply(correction);
  const auto events = Publish();
  ASSERT_EQ(events.size(), 1u);
  const derived::v1::KpiRestated& event = events.front();
  EXPECT_EQ(event.kpi_id(), "first_pass_yield");
  EXPECT_EQ(event.kpi_version(), 1);
  EXPECT_EQ(event.period_start(), "2026-05-01");
  EXPECT_EQ(event.period_end(), "2026-05-31");
  EXPECT_EQ(event.old_value(), 90);
  EXPECT_EQ(event.old_numerator(), "90");
  EXPECT_EQ(event.old_denominator(), "100");
  EXPECT_EQ(event.new_value(), 80);
  EXPECT_EQ(event.new_numerator(), "80");
  EXPECT_EQ(event.new_denominator(), "100");
  EXPECT_EQ(event.context().entity(), "kpi/first_pass_yield/2026-05");
  EXPECT_EQ(event.context().plant_id(), "PL1");
  EXPECT_EQ(event.context().due_at().seconds(), ToMicros(recorded) / 1'000'000);
  ASSERT_EQ(event.context().evidence_size(), 1);
  EXPECT_EQ(event.context().evidence(0).event_type(), "operations.ShiftOutputReported");
  EXPECT_EQ(event.context().evidence(0).source(), "/mes");
  EXPECT_EQ(event.context().evidence(0).id(), "o1-1");
  EXPECT_EQ(Change(Publish()), "0 events") << "told once";
  // The same correction again: as a record of its own, and as a touch alone.
  Take(Output("o1-1", "2026-05-11", 80, "o1"));
  Apply(correction);
  EXPECT_EQ(Change(Publish()), "0 events");
  // Others are others.
  Take(Output("o1-2", "2026-05-11", 90, "o1"));
  const auto back = Publish();
  EXPECT_EQ(Change(back), "80 -> 90");
  EXPECT_NE(back.front().context().id(), event.context().id());
  Take(Void("/mes", "o1", "line/L1"));
  EXPECT_EQ(Change(Publish()), "90 -> none");
}

TEST_F(Restated, NothingIsRestatedThatWasNotToldBefore) {
  // March was closed when its facts came; May is not when the first correction comes; a new fact is no
  // correction.
  Take(Output("m1", "2026-03-11", 90));
  Take(Output("m1-1", "2026-03-11", 80, "m1"));
  Take(Output("o1", "2026-05-11", 90));
  Take(Output("o1-1", "2026-05-11", 80, "o1"));
  LetMayClose();
  Take(Output("o2", "2026-05-12", 50));
  // A correction that changes no figure.
  Take(Output("o2-1", "2026-05-12", 50, "o2"));
  EXPECT_EQ(Change(Publish()), "0 events");
}

TEST_F(Restated, AMedianIsRestatedToo) {
  const auto finding = [](const std::string& type, const std::string& id, const std::string& day,
                          const std::string& more) {
    return "rollout." + type + R"( {"context": {"source": "/lpa", "id": ")" + id +
           R"(", "plantId": "PL1", "workshopId": "W1", "lineId": "L1", "occurredAt": ")" + day +
           R"(T00:00:00Z")" + more + "\n";
  };
  const std::string rest = R"("auditId": "A", "findingId": "F1")",
                    disposition = R"(, "disposition": "FINDING_DISPOSITION_CORRECTED"})";
  Take(finding("FindingRaised", "r", "2026-05-01", "}, " + rest + "}"));
  Take(finding("FindingClosed", "c", "2026-05-11", "}, " + rest + disposition));
  LetMayClose();
  Take(finding("FindingClosed", "c-1", "2026-05-21",
               R"(, "reasonCode": "CORRECTION_REASON_DATA_ENTRY", "corrects": {"source": "/lpa", "id": "c", )"
               R"("plantId": "PL1", "entity": "finding/F1"}}, )" +
                   rest + disposition));
  EXPECT_EQ(Change(Publish()), "10 -> 20");
}

TEST_F(Restated, WhatSmallNumbersHideIsNotTold) {
  for (int i = 1; i <= 9; ++i) {
    const std::string n = std::to_string(i);
    Take(R"(relations.CaseClosed {"context": {"source": "/hr", "id": "c)" + n +
         R"(", "plantId": "PL1", "workshopId": "W1", "occurredOn": "2026-05-11"}, "caseId": "C)" + n +
         R"(", "caseRound": 1, "outcome": "CASE_OUTCOME_RESOLVED"})" + "\n");
  }
  LetMayClose();
  Take(Void("/hr", "c1", "case/C1"));
  const auto cell = client_->Select(
      "SELECT toString(numerator) AS n FROM kpi_cell FINAL WHERE grain = 'm' AND kpi = 'closed_cases' AND "
      "level "
      "= 'plant' AND dim = '' AND day = '2026-05-01'");
  ASSERT_TRUE(cell.ok()) << cell.status();
  ASSERT_EQ(cell->Text(0, "n"), "8") << "there must be something to hide";
  const auto rows = client_->Select("SELECT count() AS n FROM kpi_restatement");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Int(0, "n"), 0);
  EXPECT_EQ(Change(Publish()), "0 events");
}

TEST_F(Restated, AKillBetweenTheRowAndTheCellLosesAndDoublesNothing) {
  Take(Output("o1", "2026-05-11", 90));
  LetMayClose();
  const auto killed_before_the_cells = [&](const Touches& touches) {
    Run("CREATE TABLE cells_before ENGINE = MergeTree ORDER BY day AS SELECT * FROM kpi_cell");
    Apply(touches);
    Run("TRUNCATE TABLE kpi_cell");
    Run("INSERT INTO kpi_cell SELECT * FROM cells_before");
    Run("DROP TABLE cells_before");
    const auto rows = client_->Select("SELECT count() AS n FROM kpi_restatement FINAL");
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_GT(rows->Int(0, "n"), 0);
  };
  const Touches first = Store(Output("o1-1", "2026-05-11", 80, "o1"));
  killed_before_the_cells(first);
  EXPECT_EQ(Change(Publish()), "0 events") << "nobody was told 80 yet";
  Apply(first);
  EXPECT_EQ(Change(Publish()), "90 -> 80");
  EXPECT_EQ(Change(Publish()), "0 events");

  // Killed again, and before the next round another correction is there: one change, with both causes.
  Touches second = Store(Output("o1-2", "2026-05-11", 70, "o1"));
  killed_before_the_cells(second);
  const Touches third = Store(Output("o1-3", "2026-05-11", 60, "o1"));
  for (const auto& touch : third.at("PL1").touches) second.at("PL1").touches.push_back(touch);
  second.at("PL1").version = third.at("PL1").version;
  Apply(second);
  const auto events = Publish();
  EXPECT_EQ(Change(events), "80 -> 60");

  // Killed between publishing and remembering: told again, under the same id.
  Run("TRUNCATE TABLE derived_state");
  const auto again = Publish();
  ASSERT_EQ(again.size(), 2u);
  EXPECT_TRUE(again[0].context().id() == events[0].context().id() ||
              again[1].context().id() == events[0].context().id());
}

}  // namespace
}  // namespace yokoten::derive
