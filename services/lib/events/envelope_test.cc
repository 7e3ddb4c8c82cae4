// Events survive the way through Kafka, and everybody's CloudEvents reader understands them.
#include "events/envelope.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "events/identity.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::events {
namespace {

using google::protobuf::util::MessageDifferencer;

training::v1::SessionCompleted Session() {
  training::v1::SessionCompleted event;
  auto& context = *event.mutable_context();
  context.set_source("/plants/PL1/ji-tablet");
  context.set_id("7f1c-000123");
  context.set_plant_id("PL1");
  *context.mutable_occurred_at() = ToTimestamp(FromMicros(1'772'475'300'000'000));
  context.set_traceparent("00-1-2-01");
  event.set_session_id("S-8841");
  event.set_attempt(1);
  return event;
}

const EventType& Type() { return *Registry::Linked().Find("training.SessionCompleted"); }

HeaderViews Views(const Record& record) {
  HeaderViews views;
  for (const auto& [name, value] : record.headers) views.emplace_back(name, value);
  return views;
}

TEST(EnvelopeTest, HeadersFollowTheCloudEventsKafkaBinding) {
  const Record record = Encode(Type(), Session());
  EXPECT_EQ(record.key, "session/S-8841");
  EXPECT_THAT(
      record.headers,
      testing::ElementsAre(testing::Pair("ce_specversion", "1.0"), testing::Pair("ce_id", "7f1c-000123"),
                           testing::Pair("ce_source", "/plants/PL1/ji-tablet"),
                           testing::Pair("ce_type", "yokoten.training.v1.SessionCompleted"),
                           testing::Pair("ce_time", "2026-03-02T18:15:00Z"),
                           testing::Pair("ce_subject", "session/S-8841"), testing::Pair("ce_plantid", "PL1"),
                           testing::Pair("ce_traceparent", "00-1-2-01"),
                           testing::Pair("content-type", "application/protobuf")));
}

TEST(EnvelopeTest, ADateOnlyEventStandsAtMidnightUtc) {
  auto event = Session();
  event.mutable_context()->clear_occurred_at();
  event.mutable_context()->set_occurred_on("2026-03-02");
  EXPECT_EQ(Encode(Type(), event).headers[4].second, "2026-03-02T00:00:00Z");
}

TEST(EnvelopeTest, ACorrectionIsKeyedByItsTargetButItsSubjectIsItsOwn) {
  auto event = Session();
  event.mutable_context()->mutable_corrects()->set_entity("session/S-1");
  const Record record = Encode(Type(), event);
  EXPECT_EQ(record.key, "session/S-1");
  EXPECT_EQ(record.headers[5].second, "session/S-8841");
}

TEST(EnvelopeTest, WhatIsEncodedIsDecoded) {
  const Record record = Encode(Type(), Session());
  auto decoded = Decode(Views(record), record.value);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->type, &Type());
  EXPECT_TRUE(MessageDifferencer::Equals(*decoded->event, Session()));
}

TEST(EnvelopeTest, EachWayToBeNoEventOfOursHasItsErrorId) {
  const auto broken = [](size_t header, const std::string& value) {
    Record record = Encode(Type(), Session());
    record.headers[header].second = value;
    return ErrorIdOf(Decode(Views(record), record.value).status());
  };
  EXPECT_EQ(broken(0, "0.3"), error_id::kEnvelopeType);
  EXPECT_EQ(broken(3, "yokoten.training.v1.Nothing"), error_id::kEnvelopeType);
  EXPECT_EQ(broken(3, "training.SessionCompleted"), error_id::kEnvelopeType);
  EXPECT_EQ(broken(8, "application/json"), error_id::kEnvelopeType);
  EXPECT_EQ(broken(1, "another"), error_id::kEnvelopeMismatch);
  EXPECT_EQ(broken(2, "/another"), error_id::kEnvelopeMismatch);
  const Record record = Encode(Type(), Session());
  EXPECT_EQ(ErrorIdOf(Decode(Views(record), "\xff\xff").status()), error_id::kEventMalformed);
  EXPECT_EQ(ErrorIdOf(Decode({}, record.value).status()), error_id::kEnvelopeType);
}

TEST(EnvelopeTest, TimesKeepTheDecimalsTheyNeed) {
  EXPECT_EQ(FormatTime(FromMicros(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(FromMicros(1'500)), "1970-01-01T00:00:00.001500Z");
  EXPECT_EQ(FormatTime(FromMicros(500'000)), "1970-01-01T00:00:00.500Z");
  EXPECT_EQ(FormatTime(FromMicros(-1)), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace yokoten::events
