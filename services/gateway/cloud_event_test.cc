// CloudEvents become our events: attributes into the context, data into the fields, contradictions refused.
#include "gateway/cloud_event.h"

#include <gtest/gtest.h>

#include "yokoten/event/v1/event.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::gateway {
namespace {

using events::Violation;
using training::v1::SessionCompleted;

// The example of the domain specification.
constexpr std::string_view kExample =
    R"({"specversion":"1.0","id":"7f1c-000123","source":"/plants/PL1/ji-tablet",
 "type":"yokoten.training.v1.SessionCompleted","subject":"session/S-8841","time":"2026-03-03T02:15:00+08:00",
 "datacontenttype":"application/json","dataschema":"urn:yokoten:training:SessionCompleted/v1","plantid":"PL1",
 "correlationid":"job/J-104/rev/7",
 "data":{"session_id":"S-8841","person_ref":"p-5512","trainer_ref":"p-0031","job_id":"J-104","revision_no":7,
 "attempt":1,"result":"pass","minutes":35,"workshop_id":"W2","line_id":"L4"}})";

std::variant<BoundEvent, Violation> Bind(const std::variant<CloudEvent, Violation>& read) {
  if (const auto* violation = std::get_if<Violation>(&read)) return *violation;
  bool from_data = false;
  return BindCloudEvent(std::get<CloudEvent>(read), &from_data);
}

Violation Problem(std::string_view json) {
  const auto bound = Bind(ReadStructuredCloudEvent(json));
  EXPECT_TRUE(std::holds_alternative<Violation>(bound)) << json;
  return std::holds_alternative<Violation>(bound) ? std::get<Violation>(bound) : Violation{};
}

// The example with one part replaced.
std::string Changed(std::string_view from, std::string_view to) {
  std::string text(kExample);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CloudEvent, TheSpecificationsExampleIsTaken) {
  const auto bound = Bind(ReadStructuredCloudEvent(kExample));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(bound)) << std::get<Violation>(bound).message_en;
  const auto& event = static_cast<const SessionCompleted&>(*std::get<BoundEvent>(bound).event);
  EXPECT_EQ(std::get<BoundEvent>(bound).domain->target, "training");
  EXPECT_EQ(event.context().id(), "7f1c-000123");
  EXPECT_EQ(event.context().source(), "/plants/PL1/ji-tablet");
  EXPECT_EQ(event.context().plant_id(), "PL1");
  EXPECT_EQ(event.context().workshop_id(), "W2");
  EXPECT_EQ(event.context().line_id(), "L4");
  EXPECT_EQ(event.context().correlation_id(), "job/J-104/rev/7");
  EXPECT_EQ(event.context().occurred_at().seconds(), 1772475300);
  EXPECT_EQ(event.result(), training::v1::SESSION_RESULT_PASS);
  EXPECT_EQ(event.minutes(), 35);
}

TEST(CloudEvent, BinaryModeDecodesHeaders) {
  const http::Headers headers{{"CE-SpecVersion", "1.0"},
                              {"ce-id", "1"},
                              {"ce-source", "\"/plants/%E4%B8%80%E5%8E%82/mes\""},
                              {"ce-type", "training.SessionCompleted"},
                              {"ce-plantid", "PL1"},
                              {"ce-occurredon", "2026-03-02"},
                              {"ce-time", "2026-03-05T00:00:00Z"},
                              {"Content-Type", "application/json; charset=utf-8"}};
  const auto bound = Bind(ReadBinaryCloudEvent(headers, R"({"session_id":"S"})"));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(bound)) << std::get<Violation>(bound).message_en;
  const auto& event = static_cast<const SessionCompleted&>(*std::get<BoundEvent>(bound).event);
  EXPECT_EQ(event.context().source(), "/plants/一厂/mes");
  EXPECT_EQ(event.context().occurred_on(), "2026-03-02");
  EXPECT_FALSE(event.context().has_occurred_at());
  EXPECT_EQ(event.session_id(), "S");
}

TEST(CloudEvent, DataMayBeProtobuf) {
  SessionCompleted sent;
  sent.set_session_id("S-1");
  sent.mutable_context()->set_plant_id("PL1");
  const http::Headers headers{{"ce-specversion", "1.0"},
                              {"ce-id", "1"},
                              {"ce-type", "yokoten.training.v1.SessionCompleted"},
                              {"ce-plantid", "PL1"},
                              {"content-type", "application/protobuf"}};
  const auto bound = Bind(ReadBinaryCloudEvent(headers, sent.SerializeAsString()));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(bound)) << std::get<Violation>(bound).message_en;
  EXPECT_EQ(static_cast<const SessionCompleted&>(*std::get<BoundEvent>(bound).event).session_id(), "S-1");
  // The same in structured mode, in base64: session_id = "S".
  const auto structured = Bind(ReadStructuredCloudEvent(
      R"({"specversion":"1.0","id":"1","source":"/x","type":"training.SessionCompleted",)"
      R"("datacontenttype":"application/protobuf","data_base64":"EgFT"})"));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(structured)) << std::get<Violation>(structured).message_en;
  EXPECT_EQ(static_cast<const SessionCompleted&>(*std::get<BoundEvent>(structured).event).session_id(), "S");
}

TEST(CloudEvent, WhatIsWrongIsNamed) {
  struct Case {
    std::string json;
    const char* field;
    const char* rule;
  };
  for (const Case& c : {
           Case{Changed("\"1.0\"", "\"0.3\""), "specversion", "format"},
           Case{Changed("\"specversion\":\"1.0\",", ""), "specversion", "required"},
           Case{Changed("v1.SessionCompleted\"", "v1.SessionDone\""), "type", "enum"},
           Case{Changed("2026-03-03T02:15:00+08:00", "2026-03-03T02:15:00"), "time", "format"},
           Case{Changed("session/S-8841", "session/S-1"), "subject", "mismatch"},
           Case{Changed("\"line_id\":\"L4\"", "\"plant_id\":\"PL2\""), "plantid", "mismatch"},
           Case{Changed("\"minutes\":35", "\"minuets\":35"), "minuets", "unknown_field"},
           Case{Changed("\"result\":\"pass\"", "\"result\":\"ok\""), "result", "enum"},
           Case{Changed("application/json", "application/xml"), "datacontenttype", "format"},
           Case{Changed("\"plantid\"", "\"plant_id\""), "plant_id", "unknown_field"},
           Case{Changed("\"plantid\"", "\"id\""), "id", "duplicate_field"},
           Case{Changed("PL1\",\n", "PL1\",\"reportedat\":\"yesterday\",\n"), "reportedat", "format"},
           Case{Changed("PL1\",\n", "PL1\",\"voidsid\":\"7\",\n"), "voids", "oneof"},
           Case{Changed("PL1\",\n", "PL1\",\"reasoncode\":\"because\",\n"), "reasoncode", "format"},
           Case{Changed("PL1\",\n", "PL1\",\"x\":[],\n"), "x", "format"},
           Case{"[]", "", "json_syntax"},
           Case{"{\"id\":\"\xFF\"}", "", "utf8"},
       }) {
    const Violation violation = Problem(c.json);
    EXPECT_EQ(violation.field, c.field) << c.json;
    EXPECT_EQ(violation.rule, c.rule) << violation.message_en;
    EXPECT_FALSE(violation.message_en.empty());
    EXPECT_FALSE(violation.message_zh.empty());
  }
}

TEST(CloudEvent, ACorrectionNamesItsTargetInEitherForm) {
  for (
      const char* attributes :
      {R"("corrects":"{\"source\":\"/s\",\"id\":\"7\",\"plant_id\":\"PL1\",\"entity\":\"session/S-8841\"}",)",
       R"("corrects":{"source":"/s","id":"7","plant_id":"PL1","entity":"session/S-8841"},)",
       R"("correctssource":"/s","correctsid":"7","correctsplantid":"PL1","correctsentity":"session/S-8841",)"}) {
    const auto bound = Bind(ReadStructuredCloudEvent(
        Changed("PL1\",\n", "PL1\"," + std::string(attributes) + "\"reasoncode\":\"data_entry\",\n")));
    ASSERT_TRUE(std::holds_alternative<BoundEvent>(bound)) << std::get<Violation>(bound).message_en;
    const auto& context = static_cast<const SessionCompleted&>(*std::get<BoundEvent>(bound).event).context();
    EXPECT_EQ(context.corrects().source(), "/s");
    EXPECT_EQ(context.corrects().id(), "7");
    EXPECT_EQ(context.corrects().entity(), "session/S-8841");
    EXPECT_EQ(context.reason_code(), event::v1::CORRECTION_REASON_DATA_ENTRY);
  }
}

TEST(CloudEvent, AVoidFindsItsDomainByWhatItVoids) {
  const auto text = [](const std::string& entity, const std::string& more) {
    return R"({"specversion":"1.0","id":"v1","source":"/x","type":"yokoten.event.v1.Voided","plantid":"PL1",)"
           R"("time":"2026-03-03T02:15:00Z","voidssource":"/s","voidsid":"7","voidsplantid":"PL1","voidsentity":")" +
           entity + "\",\"reasoncode\":\"duplicate\"" + more + "}";
  };
  const auto found = Bind(ReadStructuredCloudEvent(text("session/S-1", "")));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(found)) << std::get<Violation>(found).message_en;
  EXPECT_EQ(std::get<BoundEvent>(found).domain->target, "training");
  const auto& voided = static_cast<const event::v1::Voided&>(*std::get<BoundEvent>(found).event);
  EXPECT_EQ(voided.voids().entity(), "session/S-1");
  EXPECT_EQ(voided.reason(), event::v1::VOID_REASON_DUPLICATE);
  const auto said = Bind(ReadStructuredCloudEvent(text("thing/1", ",\"domain\":\"safety\"")));
  ASSERT_TRUE(std::holds_alternative<BoundEvent>(said));
  EXPECT_EQ(std::get<BoundEvent>(said).domain->target, "safety");
  EXPECT_EQ(Problem(text("thing/1", "")).field, "domain");
}

}  // namespace
}  // namespace yokoten::gateway
