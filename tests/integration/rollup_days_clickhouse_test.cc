// A calendar that comes late takes a day back: in Chicago it is still yesterday when it is today in UTC.
#include <cstring>

#include <gtest/gtest.h>

#include "base/date.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

constexpr char kContext[] =
    R"(@context {"source": "/s", "plantId": "PL1", "workshopId": "W1", "lineId": "L1", "occurredOn": "2026-03-09"})";
constexpr char kCalendar[] =
    R"(operations.CalendarPublished {"calendarVersion": 1, "timeZone": "America/Chicago", "validFrom": "2026-03-01", )"
    R"("shifts": [{"shiftCode": "A", "startTime": "00:00", "endTime": "12:00"}, )"
    R"({"shiftCode": "B", "startTime": "12:00", "endTime": "00:00"}]})";

// A job that needs standard work.
std::string Job(const std::string& id) {
  return "standard_work.JobRegistered {\"context\": {\"id\": \"" + id + "\"}, \"jobId\": \"" + id +
         "\", \"nameZh\": \"j\", \"stationIds\": [\"S\"], \"requiresSw\": true, "
         "\"criticality\": \"CRITICALITY_A\"}";
}

class RollupDays : public testing::Test {
 protected:
  void SetUp() override {
    auto warehouse = Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = *std::move(warehouse);
    auto client = warehouse_->NewDatabase("days");
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    log_ = std::make_unique<FactLog>(*client_);
    Start();
  }
  void Start() {
    engine_ = std::make_unique<rollup_worker::Engine>(*client_, kpi::Catalogue::Linked(), clock_,
                                                      rollup_worker::RoundOptions{});
    ASSERT_TRUE(engine_->Load().ok());
  }
  // `roots_more`: facts that nobody knows, which something in the same pass was said to put right.
  void Take(const std::string& fact, size_t roots_more = 0) {
    const auto events = ReadFacts(std::string(kContext) + "\n" + fact + "\n");
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_TRUE(log_->Store(*events).ok());
    std::map<std::string, rollup_worker::PlantTouches> touches;
    for (auto& [plant, own] : log_->TakeTouches()) {
      touches[plant] = {own, rollup_worker::MakeVersion(1, log_->dirty_offset(), false)};
      for (size_t i = 0; i < roots_more; ++i) {
        std::string root(16, '\0');
        std::memcpy(root.data(), &i, sizeof i);
        touches[plant].touches.back().add_root_keys(root);
      }
    }
    const auto report = engine_->Apply(touches);
    ASSERT_TRUE(report.ok()) << report.status();
  }
  void Sweep() {
    const auto report = engine_->Sweep(
        1, [](const std::string&) { return true; },
        [&](const std::string&) { return rollup_worker::MakeVersion(1, log_->dirty_offset(), true); });
    ASSERT_TRUE(report.ok()) << report.status();
  }
  // "denominator over days" of a cell of standard_work_coverage of the plant.
  std::string Coverage(const std::string& grain, const std::string& day) {
    const auto rows = client_->Select(
        "SELECT concat(toString(denominator), ' over ', toString(days)) AS cell FROM kpi_cell FINAL WHERE "
        "kpi = "
        "'standard_work_coverage' AND level = 'plant' AND dim = '' AND grain = '" +
        grain + "' AND day = '" + day + "'");
    if (!rows.ok()) return Message(rows.status());
    return rows->empty() ? "none" : rows->Text(0, "cell");
  }

  FixedClock clock_;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<FactLog> log_;
  std::unique_ptr<rollup_worker::Engine> engine_;
};

TEST_F(RollupDays, ADayThatACalendarTookBackIsInNoMonthAndIsMadeAnewWhenItBegins) {
  clock_.now = ParseInstant("2026-03-10T02:00:00Z");
  Take(Job("J1"));
  EXPECT_EQ(Coverage("m", "2026-03-01"), "1 over 2") << "the 9th and, in UTC, the 10th";
  Take(kCalendar);
  EXPECT_EQ(Coverage("m", "2026-03-01"), "1 over 1") << "in Chicago it is the 9th";
  Take(Job("J2"));
  EXPECT_EQ(Coverage("m", "2026-03-01"), "2 over 1");
  EXPECT_EQ(Coverage("d", "2026-03-09"), "2 over 1");
  EXPECT_EQ(Coverage("d", "2026-03-10"), "1 over 1") << "left from the time before the calendar";

  // The day begins while a program is at work that never knew the old calendar.
  Start();
  clock_.now = ParseInstant("2026-03-10T15:00:00Z");
  Sweep();
  EXPECT_EQ(Coverage("d", "2026-03-10"), "2 over 1");
  EXPECT_EQ(Coverage("m", "2026-03-01"), "2 over 2");
}

// Thousands of facts put right at once, as after a bad import: the statements that look them up stay short.
TEST_F(RollupDays, AsManyFactsPutRightInOnePassAsAnImportHas) {
  clock_.now = ParseInstant("2026-03-09T20:00:00Z");
  Take(Job("J1"));
  Take(Job("J2"));
  EXPECT_EQ(Coverage("d", "2026-03-09"), "2 over 1");
  Take(R"(event.Voided {"context": {"id": "v"}, "voids": {"source": "/s", "id": "J2", "plantId": "PL1", )"
       R"("entity": "job/J2"}, "reason": "VOID_REASON_TEST_DATA"})",
       20'000);
  EXPECT_EQ(Coverage("d", "2026-03-09"), "1 over 1");
}

}  // namespace
}  // namespace yokoten::test
