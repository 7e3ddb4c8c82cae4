// Our JSON form is Protobuf's (checked against Protobuf's own converter), with errors that name the field.
#include "gateway/proto_json.h"

#include <random>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "events/registry.h"
#include "gateway/catalog.h"
#include "yokoten/insight/v1/service.pb.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/training/v1/service.pb.h"

namespace yokoten::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::string ToJson(const Message& message) {
  std::string out;
  EXPECT_TRUE(MessageToJson(message, &out).ok());
  return out;
}

void FillRandomly(std::mt19937* random, int depth, Message* message);

void FillField(std::mt19937* random, int depth, Message* message, const FieldDescriptor& field) {
  const auto* r = message->GetReflection();
  const bool many = field.is_repeated();
  const int64_t number = static_cast<int64_t>((*random)()) * ((*random)() % 2 == 0 ? 1 : -1);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      many ? r->AddInt32(message, &field, static_cast<int32_t>(number))
           : r->SetInt32(message, &field, static_cast<int32_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      many ? r->AddUInt32(message, &field, static_cast<uint32_t>(number))
           : r->SetUInt32(message, &field, static_cast<uint32_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      many ? r->AddInt64(message, &field, number * 2'000'000'000)
           : r->SetInt64(message, &field, number * 2'000'000'000);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      many ? r->AddUInt64(message, &field, static_cast<uint64_t>(number))
           : r->SetUInt64(message, &field, static_cast<uint64_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      many ? r->AddDouble(message, &field, static_cast<double>(number) / 3)
           : r->SetDouble(message, &field, static_cast<double>(number) / 3);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      many ? r->AddFloat(message, &field, static_cast<float>(number) / 3)
           : r->SetFloat(message, &field, static_cast<float>(number) / 3);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      many ? r->AddBool(message, &field, number > 0) : r->SetBool(message, &field, number > 0);
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value =
          field.enum_type()->value(static_cast<int>((*random)() % field.enum_type()->value_count()));
      many ? r->AddEnum(message, &field, value) : r->SetEnum(message, &field, value);
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text =
          field.type() == FieldDescriptor::TYPE_BYTES ? std::string("\xFF\x00z", 3) : "中\"\\\n\x7F😀/";
      text.append((*random)() % 4, 'x');
      many ? r->AddString(message, &field, text) : r->SetString(message, &field, text);
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth > 0)
        FillRandomly(random, depth - 1,
                     many ? r->AddMessage(message, &field) : r->MutableMessage(message, &field));
      break;
  }
}

void FillRandomly(std::mt19937* random, int depth, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  if (type.full_name() == "google.protobuf.Timestamp") {
    message->GetReflection()->SetInt64(message, type.field(0),
                                       static_cast<int64_t>((*random)()) - 3'000'000'000);
    const int32_t nanos[] = {0, 120'000'000, 123'456'000, 123'456'789};
    message->GetReflection()->SetInt32(message, type.field(1), nanos[(*random)() % 4]);
    return;
  }
  if (type.full_name() == "google.protobuf.Any") return;
  for (int i = 0; i < type.field_count(); ++i) {
    for (size_t times = (*random)() % (type.field(i)->is_repeated() ? 3 : 2); times > 0; --times) {
      FillField(random, depth, message, *type.field(i));
    }
  }
}

TEST(ProtoJson, EveryMessageOfTheApiGoesToTheCanonicalFormAndBack) {
  const auto catalog = Catalog::Make({}, "127.0.0.1:1");
  ASSERT_TRUE(catalog.ok());
  std::mt19937 random(42);
  int checked = 0;
  for (const Service& service : (*catalog)->services()) {
    if (service.target.empty()) continue;
    for (const Method& method : service.methods) {
      for (const Descriptor* type : {method.descriptor->input_type(), method.descriptor->output_type()}) {
        for (int round = 0; round < 20; ++round) {
          const auto message = NewMessage(type);
          FillRandomly(&random, 4, message.get());
          const std::string json = ToJson(*message);
          // Protobuf reads what we write ...
          const auto theirs = NewMessage(type);
          const auto parsed = google::protobuf::util::JsonStringToMessage(json, theirs.get());
          ASSERT_TRUE(parsed.ok()) << parsed.ToString() << "\n" << json;
          EXPECT_TRUE(MessageDifferencer::Equals(*message, *theirs)) << json;
          // ... and we read what Protobuf writes, in either spelling of the names.
          for (const bool proto_names : {false, true}) {
            google::protobuf::util::JsonPrintOptions options;
            options.preserve_proto_field_names = proto_names;
            std::string written;
            ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &written, options).ok());
            const auto ours = NewMessage(type);
            const auto violation = MessageFromJson(written, ours.get());
            ASSERT_FALSE(violation.has_value()) << violation->field << " " << violation->message_en << "\n"
                                                << written;
            EXPECT_TRUE(MessageDifferencer::Equals(*message, *ours)) << written;
          }
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 500);
}

events::Violation Problem(std::string_view json) {
  training::v1::SessionCompleted event;
  const auto violation = MessageFromJson(json, &event);
  EXPECT_TRUE(violation.has_value()) << json;
  return violation.value_or(events::Violation{});
}

TEST(ProtoJson, ErrorsNameFieldRuleAndWhatToDo) {
  struct Case {
    const char* json;
    const char* field;
    const char* rule;
    const char* says;
  };
  for (const Case& c : {
           Case{R"({"sesion_id":"S"})", "sesion_id", "unknown_field", "session_id"},
           Case{R"({"context":{"plant":"PL1"}})", "context.plant", "unknown_field", "plant_id"},
           Case{R"({"attempt":"one"})", "attempt", "wrong_type", "whole number"},
           Case{R"({"attempt":1.5})", "attempt", "wrong_type", "fraction"},
           Case{R"({"attempt":3000000000})", "attempt", "range", "2147483647"},
           Case{R"({"attempt":1e999})", "attempt", "range", "2147483647"},
           Case{R"({"session_id":7})", "session_id", "wrong_type", "double quotes"},
           Case{R"({"session_id":["a"]})", "session_id", "wrong_type", "not a list"},
           Case{R"({"context":[]})", "context", "wrong_type", "object"},
           Case{R"({"result":"passed"})", "result", "enum", "pass, fail, incomplete"},
           Case{R"({"result":true})", "result", "wrong_type", "SessionResult"},
           Case{R"({"context":{"occurred_at":"2026-03-03 02:15"}})", "context.occurred_at", "format",
                "offset"},
           Case{R"({"context":{"occurred_at":5}})", "context.occurred_at", "wrong_type", "time"},
           Case{R"({"attempt":1,"attempt":2})", "attempt", "duplicate_field", "twice"},
           Case{R"({"job_id":"a","jobId":"b"})", "job_id", "duplicate_field", "twice"},
           Case{"{\"job_id\":\"a\xFF\"}", "job_id", "utf8", "UTF-8"},
           Case{R"({"job_id":"a)", "job_id", "json_syntax", "ends"},
           Case{R"({"job_id":})", "job_id", "json_syntax", "value"},
           Case{R"({"job_id":"a"} x)", "", "json_syntax", "follows"},
           Case{R"([1])", "", "wrong_type", "object"},
           Case{R"()", "", "json_syntax", "byte 0"},
       }) {
    const events::Violation violation = Problem(c.json);
    EXPECT_EQ(violation.field, c.field) << c.json;
    EXPECT_EQ(violation.rule, c.rule) << c.json << " " << violation.message_en;
    EXPECT_NE(violation.message_en.find(c.says), std::string::npos) << c.json << " " << violation.message_en;
    EXPECT_FALSE(violation.message_zh.empty()) << c.json;
  }
}

TEST(ProtoJson, NestedListsAreNamedWithTheirIndex) {
  operations::v1::CalendarPublished event;
  const auto violation = MessageFromJson(R"({"shifts":[{"shift_code":"D"},{"shift_cod":"N"}]})", &event);
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->field, "shifts[1].shift_cod");
}

TEST(ProtoJson, TwoEventsInOneItemAreRefused) {
  training::v1::TrainingEvent event;
  const auto violation = MessageFromJson(R"({"session_completed":{},"voided":{}})", &event);
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->rule, "oneof");
}

TEST(ProtoJson, EnumsAreTakenByShortNameInAnyCase) {
  for (const char* name : {"pass", "PASS", "SESSION_RESULT_PASS", "session_result_pass", "1"}) {
    training::v1::SessionCompleted event;
    const std::string quoted = name == std::string_view("1") ? "1" : "\"" + std::string(name) + "\"";
    EXPECT_FALSE(MessageFromJson("{\"result\":" + quoted + "}", &event).has_value()) << name;
    EXPECT_EQ(event.result(), training::v1::SESSION_RESULT_PASS) << name;
  }
}

TEST(ProtoJson, NullsLeaveFieldsUnset) {
  training::v1::SessionCompleted event;
  EXPECT_FALSE(MessageFromJson(R"({"job_id":null,"minutes":null,"context":null})", &event).has_value());
  EXPECT_EQ(event.ByteSizeLong(), 0u);
}

TEST(ProtoJson, ContextMembersMayStandBesideTheEventsOwn) {
  training::v1::SessionCompleted event;
  EXPECT_FALSE(
      MessageFromJson(R"({"job_id":"J","workshop_id":"W2","lineId":"L4"})", &event, {.context_members = true})
          .has_value());
  EXPECT_EQ(event.context().workshop_id(), "W2");
  EXPECT_EQ(event.context().line_id(), "L4");
  training::v1::SessionCompleted other;
  EXPECT_TRUE(MessageFromJson(R"({"workshop_id":"W2"})", &other).has_value());
  const auto twice =
      MessageFromJson(R"({"context":{"line_id":"L4"},"line_id":"L5"})", &event, {.context_members = true});
  ASSERT_TRUE(twice.has_value());
  EXPECT_EQ(twice->field, "context.line_id");
}

TEST(ProtoJson, SensitiveValuesAreNotRepeated) {
  const events::Violation violation = Problem(R"({"person_ref":19850301})");
  EXPECT_EQ(violation.field, "person_ref");
  EXPECT_EQ(violation.message_en.find("19850301"), std::string::npos);
}

TEST(ProtoJson, TimesKeepTheirOffsetAndFraction) {
  int64_t seconds = 0;
  int32_t nanos = 0;
  ASSERT_TRUE(ParseRfc3339("2026-03-03T02:15:00+08:00", &seconds, &nanos));
  EXPECT_EQ(FormatRfc3339(seconds, nanos), "2026-03-02T18:15:00Z");
  ASSERT_TRUE(ParseRfc3339("1969-12-31T23:59:59.5Z", &seconds, &nanos));
  EXPECT_EQ(FormatRfc3339(seconds, nanos), "1969-12-31T23:59:59.500Z");
  for (const char* text : {"2026-03-03T02:15:00", "2026-02-30T00:00:00Z", "2026-03-03T24:00:00Z",
                           "2026-03-03", "2026-03-03T02:15Z", "0000-01-01T00:00:00Z", "2026-03-03T02:15:00.Z",
                           "2026-03-03T02:15:00+8", "2026-03-03T02:15:00Zx"}) {
    EXPECT_FALSE(ParseRfc3339(text, &seconds, &nanos)) << text;
  }
}

TEST(ProtoJson, Base64GoesBothWays) {
  for (const char* text : {"", "f", "fo", "foo", "foob", "\xFB\xFF\xFE"}) {
    EXPECT_EQ(Base64DecodeAny(Base64Encode(text)), text);
    EXPECT_EQ(Base64DecodeAny(Base64Encode(text, false)), text);
  }
  EXPECT_EQ(Base64DecodeAny("-_8"), "\xFB\xFF");
  EXPECT_FALSE(Base64DecodeAny("a").has_value());
  EXPECT_FALSE(Base64DecodeAny("a*==").has_value());
}

TEST(ProtoJson, MutatedEventsNeverBreakTheReader) {
  std::mt19937 random(3);
  const std::string good =
      R"({"context":{"id":"1","occurred_at":"2026-03-03T02:15:00Z"},"attempt":1,"result":"pass"})";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (size_t times = 1 + random() % 3; times > 0; --times)
      text[random() % text.size()] = static_cast<char>(random());
    training::v1::SessionCompleted event;
    if (const auto violation = MessageFromJson(text, &event)) {
      EXPECT_FALSE(violation->message_en.empty());
      EXPECT_FALSE(violation->rule.empty());
    }
  }
}

}  // namespace
}  // namespace yokoten::gateway
