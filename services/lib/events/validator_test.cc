// Each rule of the protos, broken one at a time: the right field, the right rule, in both languages.
#include "events/validator.h"

#include <limits>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "events/identity.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/improvement/v1/events.pb.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kNowSeconds = 1'772'500'000;  // 2026-03-03T01:06:40Z

ValidateOptions Now() {
  ValidateOptions options;
  options.now = FromMicros(kNowSeconds * 1'000'000);
  return options;
}

template <typename Event>
Event Parse(const std::string& text) {
  Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

const std::string kContext =
    R"(context { source: "/plants/PL1/mes" id: "1" plant_id: "PL1" line_id: "L4"
                 occurred_at { seconds: 1772400000 } })";

template <typename Event>
std::vector<std::string> Broken(const Event& event) {
  std::vector<std::string> out;
  for (const Violation& v : Validate(*Registry::Linked().Find(Event::descriptor()), event, Now())) {
    EXPECT_FALSE(v.message_en.empty());
    EXPECT_FALSE(v.message_zh.empty());
    out.push_back(v.field + " " + v.rule);
  }
  return out;
}

// --- fields
// -------------------------------------------------------------------------------------------------------

standard_work::v1::RevisionDrafted Draft() {
  return Parse<standard_work::v1::RevisionDrafted>(kContext + R"(
    job_id: "J-104" revision_no: 7 change_reason: CHANGE_REASON_QUALITY
    steps { seq: 1 major_step: "取出零件" key_points { text: "双手" kind: KEY_POINT_KIND_SAFETY reason: "防止掉落" } }
    steps { seq: 2 major_step: "装配" })");
}

TEST(ValidatorTest, AGoodEventHasNothingWrong) { EXPECT_THAT(Broken(Draft()), IsEmpty()); }

TEST(ValidatorTest, RequiredFieldsMustBeThere) {
  standard_work::v1::RevisionDrafted event;
  EXPECT_THAT(Broken(event), ElementsAre("context required", "job_id required", "revision_no required",
                                         "change_reason required", "steps min_items"));
}

TEST(ValidatorTest, ARequiredNumberThatMayBeZeroMustBeSaid) {
  auto event = Parse<operations::v1::HoursReported>(
      kContext +
      R"(worker_type: WORKER_TYPE_EMPLOYEE basis: HOURS_BASIS_ACTUAL snapshot_version: 1 year: 2025)");
  EXPECT_THAT(Broken(event), ElementsAre("hours_worked required"));
  event.set_hours_worked(0);
  EXPECT_THAT(Broken(event), IsEmpty());
}

TEST(ValidatorTest, PathsLeadThroughLists) {
  auto event = Draft();
  event.mutable_steps(0)->mutable_key_points(0)->clear_reason();
  event.mutable_steps(1)->set_major_step(std::string(121, 'x'));
  EXPECT_THAT(Broken(event),
              ElementsAre("steps[0].key_points[0].reason required", "steps[1].major_step max_length"));
}

TEST(ValidatorTest, LengthsCountCharactersNotBytes) {
  auto event = Draft();
  std::string text;
  for (int i = 0; i < 120; ++i) text += "字";
  event.mutable_steps(0)->set_major_step(text);
  EXPECT_THAT(Broken(event), IsEmpty());
  event.mutable_steps(0)->set_major_step(text + "字");
  EXPECT_THAT(Broken(event), ElementsAre("steps[0].major_step max_length"));
}

TEST(ValidatorTest, SequencesHaveNoGaps) {
  auto event = Draft();
  event.mutable_steps(1)->set_seq(3);
  EXPECT_THAT(Broken(event), ElementsAre("steps[1].seq sequence"));
  event.mutable_steps(1)->set_seq(1);
  EXPECT_THAT(Broken(event), ElementsAre("steps[1].seq sequence"));
}

TEST(ValidatorTest, UnknownEnumNumbersAreRefused) {
  auto event = Draft();
  event.set_change_class(static_cast<standard_work::v1::ChangeClass>(99));
  EXPECT_THAT(Broken(event), ElementsAre("change_class enum"));
  auto done = Parse<improvement::v1::ProposalImplemented>(
      kContext +
      R"(proposal_id: "P-1" implemented_on: "2026-03-01" ecrs: ECRS_COMBINE ecrs: ECRS_UNSPECIFIED)");
  done.add_ecrs(static_cast<improvement::v1::Ecrs>(42));
  EXPECT_THAT(Broken(done), ElementsAre("ecrs[1] enum", "ecrs[2] enum"));
}

TEST(ValidatorTest, RangesAreInclusive) {
  auto event = Draft();
  for (int value : {1, 1'000'000}) {
    event.set_revision_no(value);
    EXPECT_THAT(Broken(event), IsEmpty()) << value;
  }
  for (int value : {-1, 1'000'001}) {
    event.set_revision_no(value);
    EXPECT_THAT(Broken(event), ElementsAre("revision_no range")) << value;
  }
  event.set_revision_no(1);
  event.set_standard_cycle_s(0.000001);
  EXPECT_THAT(Broken(event), IsEmpty());
  event.set_standard_cycle_s(0);
  EXPECT_THAT(Broken(event), ElementsAre("standard_cycle_s range"));
}

TEST(ValidatorTest, NumbersMustBeFinite) {
  auto event = Draft();
  for (double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    event.set_standard_cycle_s(value);
    EXPECT_THAT(Broken(event), ElementsAre("standard_cycle_s finite"));
  }
}

TEST(ValidatorTest, DecimalsAreComparedExactly) {
  auto event = Parse<improvement::v1::ProposalImplemented>(
      kContext +
      R"(proposal_id: "P-1" implemented_on: "2026-03-01" ecrs: ECRS_COMBINE cost: "0" currency: "CNY")");
  for (const char* cost : {"0", "0.000000", "99999999999999999999999999999999.999999"}) {
    event.set_cost(cost);
    EXPECT_THAT(Broken(event), IsEmpty()) << cost;
  }
  event.set_cost("-0.000001");
  EXPECT_THAT(Broken(event), ElementsAre("cost range"));
  for (const char* cost :
       {"1.0000001", "1,5", "1e3", ".5", "5.", "--1", "+1", " 1", "100000000000000000000000000000000"}) {
    event.set_cost(cost);
    EXPECT_THAT(Broken(event), ElementsAre("cost format")) << cost;
  }
}

TEST(ValidatorTest, FormatsAreKept) {
  const auto with = [](auto set) {
    auto event = Draft();
    set(event);
    return Broken(event);
  };
  for (const char* id : {"J 1", "J\t", "作业", "a%"}) {
    EXPECT_THAT(with([&](auto& e) { e.set_job_id(id); }), ElementsAre("job_id format")) << id;
  }
  for (const char* plant : {"pl1", "PL 1", "PL1/2", "PLANTPLANTPLANTPLANTPLANTPLANTPLANT"}) {
    EXPECT_THAT(with([&](auto& e) { e.mutable_context()->set_plant_id(plant); }),
                ElementsAre("context.plant_id format"));
  }
  EXPECT_THAT(with([](auto& e) { e.mutable_context()->set_source("no blanks"); }),
              ElementsAre("context.source format"));
  EXPECT_THAT(with([](auto& e) { e.mutable_context()->set_actor("Zhang San"); }),
              ElementsAre("context.actor format"));
  EXPECT_THAT(with([](auto& e) { e.mutable_context()->set_id("with blank"); }),
              ElementsAre("context.id pattern"));
  EXPECT_THAT(with([](auto& e) { e.add_proposal_ids(""); }), ElementsAre("proposal_ids[0] required"));
}

TEST(ValidatorTest, DatesZonesCurrenciesAndTimesOfDayMustExist) {
  auto calendar = Parse<operations::v1::CalendarPublished>(kContext + R"(
    calendar_version: 1 time_zone: "Asia/Shanghai" valid_from: "2024-02-29"
    shifts { shift_code: "D" start_time: "08:00" end_time: "20:00" weekdays: 1 weekdays: 7 } holidays: "2026-10-01")");
  EXPECT_THAT(Broken(calendar), IsEmpty());
  calendar.set_time_zone("Asia/Nowhere");
  calendar.set_valid_from("2023-02-29");
  calendar.mutable_shifts(0)->set_end_time("24:00");
  calendar.mutable_shifts(0)->add_weekdays(8);
  calendar.add_holidays("2026-1-1");
  EXPECT_THAT(Broken(calendar),
              ElementsAre("time_zone format", "valid_from format", "shifts[0].end_time format",
                          "shifts[0].weekdays[2] range", "holidays[1] format"));
  for (const char* zone : {"../../etc/passwd", "/usr/share/zoneinfo/UTC", "posixrules", "Asia", ""}) {
    calendar.set_time_zone(zone);
    EXPECT_THAT(Broken(calendar), testing::Contains(testing::StartsWith("time_zone "))) << zone;
  }
}

TEST(ValidatorTest, FreeTextMayNotHoldPersonalNumbers) {
  auto event = Draft();
  event.mutable_steps(0)->set_major_step("有事打 138 1234 5678");
  event.mutable_steps(0)->mutable_key_points(0)->set_text("11010519491231002X");
  EXPECT_THAT(Broken(event), ElementsAre("steps[0].major_step personal_number",
                                         "steps[0].key_points[0].text personal_number"));
}

TEST(ValidatorTest, MessagesNeverRepeatThePersonalNumber) {
  auto event = Draft();
  event.mutable_steps(0)->set_major_step("13812345678");
  const auto violations = Validate(*Registry::Linked().Find(event.GetDescriptor()), event, Now());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].message_en + violations[0].message_zh, testing::Not(testing::HasSubstr("138")));
}

TEST(ValidatorTest, ControlCharactersAndBrokenUtf8AreRefused) {
  auto event = Draft();
  event.mutable_steps(0)->set_major_step(std::string("a\0b", 3));
  event.mutable_steps(1)->set_major_step("\xff");
  EXPECT_THAT(Broken(event),
              ElementsAre("steps[0].major_step control_character", "steps[1].major_step utf8"));
}

TEST(ValidatorTest, ListsAreBounded) {
  auto event = Draft();
  for (int i = 0; i < 101; ++i) event.add_hazard_ids("H");
  EXPECT_THAT(Broken(event), ElementsAre("hazard_ids max_items"));
}

TEST(ValidatorTest, TheNumberOfFindingsIsBounded) {
  auto event = Draft();
  for (int i = 0; i < 90; ++i) event.add_hazard_ids("not an id");
  EXPECT_EQ(Broken(event).size(), 20u);
}

// --- context
// ------------------------------------------------------------------------------------------------------

template <typename Change>
std::vector<std::string> WithContext(Change change) {
  auto event = Draft();
  change(*event.mutable_context());
  return Broken(event);
}

TEST(ValidatorTest, ExactlyOneTimeOfOccurrence) {
  EXPECT_THAT(WithContext([](auto& c) { c.clear_occurred_at(); }),
              ElementsAre("context.occurred_at required"));
  EXPECT_THAT(WithContext([](auto& c) { c.set_occurred_on("2026-03-01"); }),
              ElementsAre("context.occurred_on exclusive"));
  EXPECT_THAT(WithContext([](auto& c) {
                c.clear_occurred_at();
                c.set_occurred_on("1950-03-01");
              }),
              IsEmpty());
}

TEST(ValidatorTest, NothingHappensMoreThanFiveMinutesAhead) {
  const auto at = [](int64_t seconds) {
    return WithContext([&](auto& c) { c.mutable_occurred_at()->set_seconds(kNowSeconds + seconds); });
  };
  EXPECT_THAT(at(300), IsEmpty());
  EXPECT_THAT(at(301), ElementsAre("context.occurred_at future"));
  EXPECT_THAT(at(-3'000'000'000), IsEmpty());  // old events are welcome
  EXPECT_THAT(at(-5'000'000'000), ElementsAre("context.occurred_at timestamp"));
}

TEST(ValidatorTest, ADateIsAheadOnlyWhenItIsSoEverywhere) {
  const auto on = [](const char* day) {
    return WithContext([&](auto& c) {
      c.clear_occurred_at();
      c.set_occurred_on(day);
    });
  };
  EXPECT_THAT(on("2026-03-03"), IsEmpty());
  EXPECT_THAT(on("2026-03-04"), ElementsAre("context.occurred_on future"));
}

TEST(ValidatorTest, ReportedIsNotBeforeOccurredNorAhead) {
  const auto reported = [](int64_t seconds) {
    return WithContext([&](auto& c) { c.mutable_reported_at()->set_seconds(seconds); });
  };
  EXPECT_THAT(reported(1'772'400'000), IsEmpty());
  EXPECT_THAT(reported(1'772'399'999), ElementsAre("context.reported_at order"));
  EXPECT_THAT(reported(kNowSeconds + 301), ElementsAre("context.reported_at future"));
}

TEST(ValidatorTest, AnIdOrASourceKeyIsNeeded) {
  EXPECT_THAT(WithContext([](auto& c) { c.clear_id(); }), ElementsAre("context.id required"));
  EXPECT_THAT(WithContext([](auto& c) {
                c.clear_id();
                c.set_source_key("row 17");
              }),
              IsEmpty());
}

TEST(ValidatorTest, GroupFactsAloneMayNameAllPlants) {
  EXPECT_THAT(WithContext([](auto& c) { c.set_plant_id("*"); }), IsEmpty());
  auto output =
      Parse<operations::v1::OrgUnitClosed>(kContext + R"(unit_id: "L4" effective_on: "2026-01-01")");
  EXPECT_THAT(Broken(output), IsEmpty());
  output.mutable_context()->set_plant_id("*");
  EXPECT_THAT(Broken(output), ElementsAre("context.plant_id group_fact"));
}

TEST(ValidatorTest, CorrectionsNameTheirTargetInFullAndAReason) {
  const auto corrects = [](auto& c) {
    c.mutable_corrects()->set_source("/plants/PL1/mes");
    c.mutable_corrects()->set_id("0");
    c.mutable_corrects()->set_plant_id("PL1");
    c.mutable_corrects()->set_entity("job/J-104");
    c.set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
  };
  EXPECT_THAT(WithContext(corrects), IsEmpty());
  EXPECT_THAT(WithContext([&](auto& c) {
                corrects(c);
                c.clear_reason_code();
              }),
              ElementsAre("context.reason_code required"));
  EXPECT_THAT(WithContext([](auto& c) { c.set_reason_code(event::v1::CORRECTION_REASON_MERGED); }),
              ElementsAre("context.reason_code exclusive"));
  EXPECT_THAT(WithContext([&](auto& c) {
                corrects(c);
                c.mutable_corrects()->clear_entity();
              }),
              ElementsAre("context.corrects.entity required"));
  EXPECT_THAT(WithContext([&](auto& c) {
                corrects(c);
                c.mutable_corrects()->set_id("1");
              }),
              ElementsAre("context.corrects.id self"));
}

TEST(ValidatorTest, AVoidStandsInItsTargetsPlant) {
  auto voided = Parse<event::v1::Voided>(kContext + R"(
    voids { source: "/plants/PL1/mes" id: "0" plant_id: "PL1" entity: "job/J-104" } reason: VOID_REASON_TEST_DATA)");
  EXPECT_THAT(Broken(voided), IsEmpty());
  voided.mutable_voids()->set_plant_id("PL2");
  EXPECT_THAT(Broken(voided), ElementsAre("context.plant_id void"));
  voided.mutable_voids()->set_plant_id("PL1");
  voided.mutable_voids()->set_id("1");
  EXPECT_THAT(Broken(voided), ElementsAre("voids.id self"));
}

TEST(ValidatorTest, EveryPatternAndBoundOfTheProtosIsUsable) {
  // Building the rule book checks patterns; an empty event of each type must not crash and must miss its
  // context.
  for (const EventType& type : Registry::Linked().types()) {
    const auto* prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type.descriptor);
    const auto violations = Validate(type, *prototype, Now());
    ASSERT_FALSE(violations.empty()) << type.full_name;
    EXPECT_EQ(violations[0].field, "context");
  }
}

}  // namespace
}  // namespace yokoten::events
