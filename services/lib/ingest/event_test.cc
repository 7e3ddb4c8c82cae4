// One event's bytes to a record, or to an error that names the field.
#include "ingest/event.h"

#include <random>

#include <gmock/gmock.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "events/identity.h"
#include "yokoten/training/v1/service.pb.h"

namespace yokoten::ingest {
namespace {

using event::v1::EVENT_STATUS_REJECTED;
using testing::ElementsAre;
using testing::HasSubstr;
using training::v1::TrainingEvent;

constexpr int64_t kNowSeconds = 1'772'500'000;

const events::Domain& Training() { return *events::Registry::Linked().FindDomainByTarget("training"); }

TrainingEvent Session() {
  TrainingEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(session_completed {
    context { source: "/plants/PL1/ji" id: "e-1" plant_id: "PL1" occurred_at { seconds: 1772400000 } }
    session_id: "S-1" attempt: 1 result: SESSION_RESULT_PASS minutes: 35 trainer_ref: "p-1" person_ref: "p-2"
    job_id: "J-104" revision_no: 7 })",
                                                            &event));
  return event;
}

PreparedEvent Prepare(const std::string& bytes, Rules rules = nullptr) {
  google::protobuf::Arena arena;
  return PrepareEvent(Training(), bytes, 3, Limits{}, FromMicros(kNowSeconds * 1'000'000), rules, arena);
}

// "reason: field, field" of a rejected event.
std::string Why(const PreparedEvent& prepared) {
  if (prepared.result.status() != EVENT_STATUS_REJECTED) return "not rejected";
  EXPECT_FALSE(prepared.record.has_value());
  std::string text;
  for (const auto& detail : prepared.result.error().details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) text = info.reason() + ":" + text;
    if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        EXPECT_FALSE(violation.description().empty());
        EXPECT_EQ(violation.localized_message().locale(), "zh-CN");
        EXPECT_FALSE(violation.localized_message().message().empty());
        text += " " + violation.field();
      }
    }
  }
  return text;
}

TEST(EventTest, AGoodEventBecomesARecordWithTheSendersBytes) {
  const PreparedEvent prepared = Prepare(Session().SerializeAsString());
  ASSERT_TRUE(prepared.record) << prepared.result.ShortDebugString();
  EXPECT_EQ(prepared.result.index(), 3u);
  EXPECT_EQ(prepared.result.id(), "e-1");
  EXPECT_EQ(prepared.result.entity(), "session/S-1");
  EXPECT_EQ(prepared.plant_id, "PL1");
  EXPECT_EQ(prepared.record->key, "session/S-1");
  EXPECT_EQ(prepared.record->value, Session().session_completed().SerializeAsString());
}

TEST(EventTest, TheIdIsDerivedFromTheSourceKeyAndNotFromTheContent) {
  auto event = Session();
  auto& context = *event.mutable_session_completed()->mutable_context();
  context.clear_id();
  context.set_source_key("row 17");
  const PreparedEvent first = Prepare(event.SerializeAsString());
  ASSERT_TRUE(first.record);
  EXPECT_EQ(first.result.id(), events::DeriveId("/plants/PL1/ji", "row 17"));
  training::v1::SessionCompleted stored;
  ASSERT_TRUE(stored.ParseFromString(first.record->value));
  EXPECT_EQ(stored.context().id(), first.result.id());
  event.mutable_session_completed()->set_minutes(1);
  EXPECT_EQ(Prepare(event.SerializeAsString()).result.id(), first.result.id());
}

TEST(EventTest, EachKindOfBrokenEventNamesItsField) {
  google::protobuf::LogSilencer silencer;
  auto event = Session();
  event.mutable_session_completed()->set_job_id("J-\xff");
  EXPECT_EQ(Why(Prepare(event.SerializeAsString())),
            "yk-event-malformed: events[3].session_completed.job_id");
  event = Session();
  event.mutable_session_completed()->set_result(static_cast<training::v1::SessionResult>(9));
  EXPECT_EQ(Why(Prepare(event.SerializeAsString())), "yk-event-invalid: events[3].session_completed.result");
  event = Session();
  event.mutable_session_completed()->mutable_context()->mutable_occurred_at()->set_seconds(kNowSeconds + 301);
  EXPECT_EQ(Why(Prepare(event.SerializeAsString())),
            "yk-event-invalid: events[3].session_completed.context.occurred_at");
  event = Session();
  event.mutable_session_completed()->clear_session_id();
  event.mutable_session_completed()->clear_minutes();
  const auto prepared = Prepare(event.SerializeAsString());
  EXPECT_EQ(Why(prepared),
            "yk-event-invalid: events[3].session_completed.session_id events[3].session_completed.minutes");
  EXPECT_EQ(prepared.result.error().message(),
            "events[3].session_completed.session_id is required; set it (and 1 more)");
}

TEST(EventTest, ALargeEventIsToldTheLimit) {
  auto event = Session();
  event.mutable_session_completed()->set_job_id(std::string(2 << 20, 'x'));
  const auto prepared = Prepare(event.SerializeAsString());
  EXPECT_EQ(Why(prepared), "yk-event-too-large: events[3]");
  EXPECT_THAT(prepared.result.error().message(), HasSubstr("1048576"));
}

TEST(EventTest, AnElementHoldsExactlyOneEventOfItsDomain) {
  EXPECT_EQ(Why(Prepare("")), "yk-event-malformed: events[3]");
  EXPECT_EQ(Why(Prepare(Session().SerializeAsString() + Session().SerializeAsString())),
            "yk-event-malformed: events[3]");
  EXPECT_EQ(Why(Prepare(std::string("\xfa\x07\x00", 3))), "yk-event-malformed: events[3]");  // field 127
  EXPECT_EQ(Why(Prepare("\xff\xff\xff")), "yk-event-malformed: events[3]");
  const std::string whole = Session().SerializeAsString();
  EXPECT_EQ(Why(Prepare(whole.substr(0, whole.size() - 1))), "yk-event-malformed: events[3]");
}

TEST(EventTest, DomainRulesSeeOnlyEventsWhoseFieldsAreFine) {
  const Rules rules = [](const events::EventType&, const google::protobuf::Message&,
                         std::vector<events::Violation>& violations) {
    violations.push_back({"trainer_ref", "differs", "must differ", "必须不同"});
  };
  EXPECT_EQ(Why(Prepare(Session().SerializeAsString(), rules)),
            "yk-event-invalid: events[3].session_completed.trainer_ref");
  auto event = Session();
  event.mutable_session_completed()->clear_session_id();
  EXPECT_EQ(Why(Prepare(event.SerializeAsString(), rules)),
            "yk-event-invalid: events[3].session_completed.session_id");
}

// Whatever comes in, the answer is a record or an error with details; never a crash.
TEST(EventTest, RandomBytesAreAnswered) {
  google::protobuf::LogSilencer silencer;
  std::mt19937 random(11);
  const std::string good = Session().SerializeAsString();
  int rejected = 0, taken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = good;
    for (int flips = static_cast<int>(random() % 4); flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 5 == 0) bytes.resize(random() % (bytes.size() + 1));
    if (random() % 50 == 0) {
      for (char& c : bytes) c = static_cast<char>(random());
    }
    const PreparedEvent prepared = Prepare(bytes);
    if (prepared.record) {
      ++taken;
    } else {
      ++rejected;
      EXPECT_NE(Why(prepared), "not rejected");
    }
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(rejected, 1000);
}

}  // namespace
}  // namespace yokoten::ingest
