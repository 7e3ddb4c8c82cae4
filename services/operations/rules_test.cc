// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "operations/rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::operations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

using v1::CalendarPublished;
using v1::HoursReported;
using v1::OrgUnitOpened;
using v1::ReportingModeSet;
using v1::RosterPublished;
using v1::ShiftOutputReported;

TEST(OperationsRulesTest, APlantIsItsOwnUnitAndEverythingElseHasAParent) {
  EXPECT_THAT(Broken<OrgUnitOpened>(R"(context { plant_id: "PL1" } unit_id: "PL1" level: ORG_LEVEL_PLANT)"),
              IsEmpty());
  EXPECT_THAT(Broken<OrgUnitOpened>(R"(context { plant_id: "PL1" } unit_id: "PL2" level: ORG_LEVEL_PLANT)"),
              ElementsAre("unit_id equal"));
  EXPECT_THAT(Broken<OrgUnitOpened>(
                  R"(context { plant_id: "PL1" } unit_id: "PL1" level: ORG_LEVEL_PLANT parent_id: "X")"),
              ElementsAre("parent_id exclusive"));
  EXPECT_THAT(Broken<OrgUnitOpened>(R"(unit_id: "L4" level: ORG_LEVEL_LINE)"),
              ElementsAre("parent_id required"));
  EXPECT_THAT(Broken<OrgUnitOpened>(R"(unit_id: "L4" level: ORG_LEVEL_LINE parent_id: "L4")"),
              ElementsAre("parent_id self"));
}

std::string Shift(const std::string& code, const std::string& start, const std::string& end,
                  const std::string& more = "") {
  return "shifts { shift_code: '" + code + "' start_time: '" + start + "' end_time: '" + end + "' " + more +
         "} ";
}

TEST(OperationsRulesTest, ShiftsMayAbutAndSpanMidnight) {
  EXPECT_THAT(Broken<CalendarPublished>(Shift("D", "08:00", "20:00") + Shift("N", "20:00", "08:00")),
              IsEmpty());
  EXPECT_THAT(Broken<CalendarPublished>(Shift("A", "23:00", "07:00", "day_offset: -1 ") +
                                        Shift("B", "07:00", "15:00")),
              IsEmpty());
  EXPECT_THAT(Broken<CalendarPublished>(Shift("A", "08:00", "08:00")), IsEmpty());  // 24 hours
}

TEST(OperationsRulesTest, ShiftsMustNotOverlapAcrossMidnightOrTheWeek) {
  EXPECT_THAT(Broken<CalendarPublished>(Shift("D", "08:00", "20:01") + Shift("N", "20:00", "08:00")),
              ElementsAre("shifts[1].start_time overlap"));
  EXPECT_THAT(Broken<CalendarPublished>(Shift("D", "08:00", "20:00") + Shift("N", "20:00", "08:30")),
              ElementsAre("shifts[0].start_time overlap"));
  // Sunday's night shift reaches into Monday's early one.
  EXPECT_THAT(Broken<CalendarPublished>(Shift("N", "22:00", "06:00", "weekdays: 7 ") +
                                        Shift("E", "05:00", "13:00", "weekdays: 1 ")),
              ElementsAre("shifts[1].start_time overlap"));
  EXPECT_THAT(Broken<CalendarPublished>(Shift("N", "22:00", "06:00", "weekdays: 6 ") +
                                        Shift("E", "05:00", "13:00", "weekdays: 1 ")),
              IsEmpty());
  EXPECT_THAT(Broken<CalendarPublished>(Shift("D", "08:00", "20:00", "weekdays: 1 ") +
                                        Shift("D", "08:00", "14:00", "weekdays: 6 ")),
              IsEmpty());
}

TEST(OperationsRulesTest, TheCodeNoneIsReserved) {
  EXPECT_THAT(Broken<CalendarPublished>(Shift("NONE", "08:00", "20:00")),
              ElementsAre("shifts[0].shift_code reserved"));
}

TEST(OperationsRulesTest, ARosterChunkIsWhole) {
  const std::string rows = R"(rows { person_ref: "a" } rows { person_ref: "b" } )";
  EXPECT_THAT(Broken<RosterPublished>(rows + "row_count: 2 chunk: 2 chunks: 2"), IsEmpty());
  EXPECT_THAT(Broken<RosterPublished>(rows + "row_count: 3 chunk: 1 chunks: 1"),
              ElementsAre("row_count equal"));
  EXPECT_THAT(Broken<RosterPublished>(rows + "row_count: 2 chunk: 3 chunks: 2"), ElementsAre("chunk range"));
  EXPECT_THAT(Broken<RosterPublished>(
                  R"(rows { person_ref: "a" } rows { person_ref: "a" } row_count: 2 chunk: 1 chunks: 1)"),
              ElementsAre("rows[1].person_ref unique"));
  EXPECT_THAT(
      Broken<RosterPublished>(
          R"(rows { person_ref: "a" status: EMPLOYMENT_STATUS_LEAVE } row_count: 1 chunk: 1 chunks: 1)"),
      ElementsAre("rows[0].leave_from required"));
  EXPECT_THAT(Broken<RosterPublished>(
                  R"(rows { person_ref: "a" assignments { from_date: "2026-02-01" to_date: "2026-01-31" } }
                                         row_count: 1 chunk: 1 chunks: 1)"),
              ElementsAre("rows[0].assignments[0].to_date order"));
}

TEST(OperationsRulesTest, HoursNameExactlyOnePeriodAndLieInIt) {
  EXPECT_THAT(Broken<HoursReported>(
                  R"(context { occurred_on: "2026-03-02" } production_day: "2026-03-02" shift_code: "D")"),
              IsEmpty());
  EXPECT_THAT(Broken<HoursReported>(R"(context { occurred_on: "2026-03-31" } month: "2026-03-01")"),
              IsEmpty());
  EXPECT_THAT(Broken<HoursReported>(R"(context { occurred_on: "2025-12-31" } year: 2025)"), IsEmpty());
  EXPECT_THAT(Broken<HoursReported>(R"(context { occurred_on: "2026-04-01" } month: "2026-03-01")"),
              ElementsAre("context.occurred_on period"));
  EXPECT_THAT(Broken<HoursReported>(R"(context { occurred_on: "2026-03-02" })"),
              ElementsAre("production_day exclusive"));
  EXPECT_THAT(
      Broken<HoursReported>(R"(context { occurred_on: "2026-03-02" } month: "2026-03-01" year: 2026)"),
      ElementsAre("production_day exclusive"));
  EXPECT_THAT(
      Broken<HoursReported>(R"(context { occurred_on: "2026-03-02" } month: "2026-03-01" shift_code: "D")"),
      ElementsAre("shift_code exclusive"));
  EXPECT_THAT(
      Broken<HoursReported>(R"(context { occurred_on: "2026-03-02" station_id: "S1" } month: "2026-03-01")"),
      ElementsAre("context.station_id level"));
  EXPECT_THAT(Broken<HoursReported>(R"(context { occurred_on: "2026-03-02" } year: 17)"),
              ElementsAre("year range", "context.occurred_on period"));
}

TEST(OperationsRulesTest, AReportingModeSaysWhatItsFeedNeeds) {
  EXPECT_THAT(
      Broken<ReportingModeSet>("feed: REPORTING_FEED_ERRORS mode: REPORTING_MODE_ITEMIZED line_id: 'L4'"),
      IsEmpty());
  EXPECT_THAT(Broken<ReportingModeSet>("feed: REPORTING_FEED_SAFETY"), ElementsAre("mode required"));
  EXPECT_THAT(
      Broken<ReportingModeSet>("feed: REPORTING_FEED_SAFETY mode: REPORTING_MODE_ITEMIZED line_id: 'L4'"),
      ElementsAre("line_id exclusive"));
  EXPECT_THAT(Broken<ReportingModeSet>("feed: REPORTING_FEED_HOURS period: PERIOD_LENGTH_MONTH"), IsEmpty());
  EXPECT_THAT(Broken<ReportingModeSet>("feed: REPORTING_FEED_HOURS"), ElementsAre("level required"));
  EXPECT_THAT(Broken<ReportingModeSet>("feed: REPORTING_FEED_HOURS level: ORG_LEVEL_STATION"),
              ElementsAre("level range"));
}

TEST(OperationsRulesTest, OutputAddsUpAndNamesItsLineAndDay) {
  const std::string good =
      R"(context { line_id: "L4" occurred_on: "2026-03-02" } production_day: "2026-03-02" produced_qty: 10 )";
  EXPECT_THAT(Broken<ShiftOutputReported>(good + "good_qty: 8 scrap_qty: 2"), IsEmpty());
  EXPECT_THAT(Broken<ShiftOutputReported>(good + "good_qty: 9 scrap_qty: 2"), ElementsAre("good_qty sum"));
  EXPECT_THAT(Broken<ShiftOutputReported>(good + "inspected_qty: 5 good_first_time_qty: 6"),
              ElementsAre("good_first_time_qty range"));
  EXPECT_THAT(Broken<ShiftOutputReported>(good + "good_first_time_qty: 0"),
              ElementsAre("inspected_qty required"));
  EXPECT_THAT(Broken<ShiftOutputReported>(good + "cycle { p50_s: 5 p90_s: 4 }"),
              ElementsAre("cycle.p90_s order"));
  EXPECT_THAT(
      Broken<ShiftOutputReported>(R"(context { occurred_on: "2026-03-03" } production_day: "2026-03-02")"),
      ElementsAre("context.line_id required", "context.occurred_on equal"));
}

TEST(OperationsRulesTest, ErrorsNameTheirLineAndTheDayTheyTell) {
  EXPECT_THAT(Broken<v1::OperationErrorRecorded>(R"(context { line_id: "L4" })"), IsEmpty());
  EXPECT_THAT(Broken<v1::OperationErrorRecorded>(
                  R"(context { line_id: "L4" occurred_on: "2026-03-03" } production_day: "2026-03-02")"),
              ElementsAre("context.occurred_on equal"));
  EXPECT_THAT(Broken<v1::OperationErrorRecorded>(R"(context { line_id: "L4" } step_seq: 2 key_point_no: 1)"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::OperationErrorRecorded>(R"(context { line_id: "L4" } key_point_no: 1)"),
              ElementsAre("step_seq required"));
  EXPECT_THAT(
      Broken<v1::ErrorsAggregated>(R"(context { occurred_on: "2026-03-02" } production_day: "2026-03-02")"),
      ElementsAre("context.line_id required"));
}

TEST(OperationsRulesTest, FeedsTargetsAndRolesMakeSense) {
  EXPECT_THAT(Broken<v1::FeedExpected>("kind: FEED_KIND_SHIFT_OUTPUT period: PERIOD_LENGTH_MONTH"),
              ElementsAre("period equal"));
  EXPECT_THAT(Broken<v1::FeedExpected>("valid_from: '2026-02-01' valid_until: '2026-01-01'"),
              ElementsAre("valid_until order"));
  EXPECT_THAT(Broken<v1::KpiTargetSet>("unit_path: 'W2/L4'"), IsEmpty());
  EXPECT_THAT(Broken<v1::KpiTargetSet>("unit_path: '/W2'"), ElementsAre("unit_path format"));
  EXPECT_THAT(Broken<v1::RoleChanged>("from_role: ROLE_STAFF to_role: ROLE_STAFF"),
              ElementsAre("to_role differs"));
}

TEST(OperationsRulesTest, ARateIsAboveZeroAndOfAnotherCurrency) {
  const auto rate = [](const std::string& value, const std::string& currency) {
    return Broken<v1::ExchangeRateSet>("rate: '" + value + "' currency: '" + currency +
                                       "' reporting_currency: 'CNY'");
  };
  EXPECT_THAT(rate("7.2", "USD"), IsEmpty());
  EXPECT_THAT(rate("0.000", "USD"), ElementsAre("rate range"));
  EXPECT_THAT(rate("-7.2", "USD"), ElementsAre("rate range"));
  EXPECT_THAT(rate("1", "CNY"), ElementsAre("reporting_currency differs"));
}

TEST(OperationsRulesTest, HolidaysAreWeekdaysAndExtraWorkdaysAreNot) {
  const auto year = [](const std::string& days) {
    return Broken<v1::WorkdaysPublished>("year: 2026 " + days);
  };
  EXPECT_THAT(year("holidays: '2026-10-01' extra_workdays: '2026-10-10'"), IsEmpty());
  EXPECT_THAT(year("holidays: '2026-10-03'"), ElementsAre("holidays weekday"));
  EXPECT_THAT(year("holidays: '2025-10-01'"), ElementsAre("holidays weekday")) << "of another year";
  EXPECT_THAT(year("extra_workdays: '2026-10-09'"), ElementsAre("extra_workdays weekend"));
}

}  // namespace
}  // namespace yokoten::operations
