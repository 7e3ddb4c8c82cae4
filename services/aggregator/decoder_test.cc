#include "aggregator/decoder.h"

#include <gtest/gtest.h>

#include "aggregator/test_events.h"
#include "base/error_ids.h"

namespace yokoten::aggregator {
namespace {

const Decoder& TheDecoder() {
  static const Decoder decoder(events::Registry::Linked());
  return decoder;
}

std::string ReasonOf(const Verdict& verdict) {
  return verdict.rejection.has_value() ? verdict.rejection->reason : "none";
}

TEST(Decoder, MakesAFactOfWhatIngestWrites) {
  const auto record = TestRecord::Of(MakeOutput("a"), 5, 2);
  const Verdict verdict = TheDecoder().Decode(record.view());
  ASSERT_TRUE(verdict.fact.has_value()) << verdict.rejection->message;
  EXPECT_EQ(verdict.fact->keys.entity, "line/L1");
  EXPECT_EQ(verdict.fact->keys.fact_key, events::FactKey("/test", "a"));
  EXPECT_EQ(verdict.fact->keys.root_key, verdict.fact->keys.fact_key);
  EXPECT_NE(verdict.fact->keys.bkey, events::kNoUuid);
}

TEST(Decoder, TakesTheRootOfACorrectionFromItsReference) {
  auto event = MakeOutput("b", "PL2");
  auto& reference = *event.mutable_context()->mutable_corrects();
  reference.set_source("/test");
  reference.set_id("a");
  reference.set_plant_id("PL1");
  reference.set_entity("line/L1");
  event.mutable_context()->set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
  const auto record = TestRecord::Of(event, 1);
  const Verdict verdict = TheDecoder().Decode(record.view());
  ASSERT_TRUE(verdict.fact.has_value()) << verdict.rejection->message;
  EXPECT_TRUE(verdict.fact->keys.is_correction);
  EXPECT_EQ(verdict.fact->keys.root_key, events::FactKey("/test", "a"));
  EXPECT_EQ(verdict.fact->keys.target_plant, "PL1");
}

TEST(Decoder, RanksTheEarlierRecordedHigher) {
  EXPECT_GT(RankOf({.partition = 1, .offset = 7, .recorded_ms = 1000}),
            RankOf({.partition = 0, .offset = 1, .recorded_ms = 1001}));
  EXPECT_GT(RankOf({.partition = 1, .offset = 7, .recorded_ms = 1000}),
            RankOf({.partition = 1, .offset = 8, .recorded_ms = 1000}));
}

TEST(Decoder, RejectsWhatIsNoEventOfOurs) {
  EXPECT_EQ(ReasonOf(TheDecoder().Decode(TestRecord({.key = "k", .value = "x", .headers = {}}, 0).view())),
            error_id::kEnvelopeType);
  auto record = TestRecord::Of(MakeOutput("a"), 0);
  record.record().value = "\xff\xff\xff";
  EXPECT_EQ(ReasonOf(TheDecoder().Decode(record.view())), error_id::kEventMalformed);
  record.record().value.clear();
  EXPECT_NE(ReasonOf(TheDecoder().Decode(record.view())), "none") << "an empty value has no context";
}

TEST(Decoder, RejectsAnEventInAnotherDomainsTopic) {
  auto event = MakeOutput("a");
  const TestRecord record(events::Encode(*events::Registry::Linked().Find(event.GetDescriptor()), event), 0,
                          0, "yokoten.training.v1");
  EXPECT_EQ(ReasonOf(TheDecoder().Decode(record.view())), error_id::kEnvelopeMismatch);
}

TEST(Decoder, RejectsRecordsWithoutTheBrokersTime) {
  const auto record = TestRecord::Of(MakeOutput("a"), 0);
  auto view = record.view();
  view.append_time = false;
  EXPECT_EQ(ReasonOf(TheDecoder().Decode(view)), error_id::kEnvelopeType);
}

struct Broken {
  const char* what;
  std::function<void(operations::v1::ShiftOutputReported&)> change;
};

class BrokenFields : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenFields, BecomeDeadLettersAndNeverCrash) {
  auto event = MakeOutput("a");
  GetParam().change(event);
  const auto record = TestRecord::Of(event, 0);
  EXPECT_EQ(ReasonOf(TheDecoder().Decode(record.view())), error_id::kEventInvalid);
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenFields,
    ::testing::Values(
        Broken{"plant", [](auto& e) { e.mutable_context()->set_plant_id("no such plant"); }},
        Broken{"no_plant", [](auto& e) { e.mutable_context()->clear_plant_id(); }},
        Broken{"no_time", [](auto& e) { e.mutable_context()->clear_occurred_on(); }},
        Broken{"two_times", [](auto& e) { e.mutable_context()->mutable_occurred_at()->set_seconds(1); }},
        Broken{"no_date", [](auto& e) { e.mutable_context()->set_occurred_on("2026-02-30"); }},
        Broken{"year_2500",
               [](auto& e) {
                 e.mutable_context()->clear_occurred_on();
                 e.mutable_context()->mutable_occurred_at()->set_seconds(16725225600);
               }},
        Broken{"year_1500",
               [](auto& e) {
                 e.mutable_context()->clear_occurred_on();
                 e.mutable_context()->mutable_occurred_at()->set_seconds(-14831769600);
               }},
        Broken{"endless_time",
               [](auto& e) {
                 e.mutable_context()->clear_occurred_on();
                 e.mutable_context()->mutable_occurred_at()->set_seconds(INT64_MAX);
               }},
        Broken{"day", [](auto& e) { e.set_production_day("yesterday"); }},
        Broken{"no_day", [](auto& e) { e.clear_production_day(); }},
        Broken{"nan",
               [](auto& e) { e.mutable_cycle()->set_mean_s(std::numeric_limits<double>::quiet_NaN()); }},
        Broken{"half_a_reference", [](auto& e) { e.mutable_context()->mutable_corrects()->set_id("x"); }}),
    [](const auto& info) { return info.param.what; });

TEST(ParseDecimal, KeepsSixDecimalsExactly) {
  EXPECT_EQ(ParseDecimal("1234.56"), clickhouse::Int128{1234560000});
  EXPECT_EQ(ParseDecimal("-0.000001"), clickhouse::Int128{-1});
  EXPECT_EQ(ParseDecimal("99999999999999999999999999999999.999999").has_value(), true);
  for (const char* wrong :
       {"", "-", ".5", "5.", "1.2345678", "1e5", "+1", "999999999999999999999999999999999", "1,5"}) {
    EXPECT_EQ(ParseDecimal(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace yokoten::aggregator
