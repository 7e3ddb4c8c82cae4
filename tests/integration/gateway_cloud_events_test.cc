// POST /v1/events through a running gateway, in the three modes.
#include <gtest/gtest.h>

#include "gateway/proto_json.h"
#include "gateway_world.h"

namespace yokoten::gateway {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";

// The domain specification's example under another id.
std::string Event(const std::string& id) {
  return R"({"specversion":"1.0","id":")" + id +
         R"(","source":"/plants/PL1/ji-tablet","type":"yokoten.training.v1.SessionCompleted",)"
         R"("subject":"session/S-8841","time":"2026-03-03T02:15:00+08:00","datacontenttype":"application/json",)"
         R"("plantid":"PL1","data":{"session_id":"S-8841","person_ref":"p-5512","trainer_ref":"p-0031",)"
         R"("job_id":"J-104","revision_no":7,"attempt":1,"result":"pass","minutes":35,"workshop_id":"W2",)"
         R"("line_id":"L4"}})";
}

Reply Post(const World& world, std::string_view type, std::string_view body) {
  return Call(world.url, "POST", "/v1/events", {{"Content-Type", std::string(type)}}, body);
}

TEST(GatewayCloudEvents, AStructuredEventIsAcceptedWithItsToken) {
  World world;
  const Reply reply = Post(world, kStructured, Event("7f1c-000123"));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_TRUE(
      Contains(reply.body, R"({"index":0,"id":"7f1c-000123","entity":"session/S-8841","status":"accepted")"))
      << reply.body;
  EXPECT_TRUE(Contains(reply.body, R"("token":{"plantIds":["PL1"])")) << reply.body;
  event::v1::ConsistencyToken token;
  ASSERT_TRUE(token.ParseFromString(*Base64DecodeAny(reply.headers.Get("Yokoten-Consistency-Token"))));
  EXPECT_EQ(token.positions(0).offset(), 41);
  std::lock_guard lock(world.training.mutex);
  ASSERT_EQ(world.training.last.events_size(), 1);
  const auto& event = world.training.last.events(0).session_completed();
  EXPECT_EQ(event.minutes(), 35);
  EXPECT_EQ(event.context().line_id(), "L4");
}

TEST(GatewayCloudEvents, ABinaryEventIsAccepted) {
  World world;
  const Reply reply = Call(world.url, "POST", "/v1/events",
                           {{"Content-Type", "application/json"},
                            {"ce-specversion", "1.0"},
                            {"ce-id", "b-1"},
                            {"ce-source", "/plants/%E4%B8%80"},
                            {"ce-type", "yokoten.training.v1.SessionCompleted"},
                            {"ce-time", "2026-03-03T02:15:00+08:00"},
                            {"ce-plantid", "PL1"}},
                           R"({"session_id":"S"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  std::lock_guard lock(world.training.mutex);
  EXPECT_EQ(world.training.last.events(0).session_completed().context().source(), "/plants/一");
}

TEST(GatewayCloudEvents, ABatchIsAnsweredItemByItem) {
  World world;
  std::string wrong = Event("w");
  wrong.replace(wrong.find("\"minutes\""), 9, "\"minuets\"");
  std::string safety = Event("s");
  safety.replace(safety.find("training.v1.SessionCompleted"), 28, "safety.v1.HazardDismissed");
  safety.replace(safety.find("session/S-8841"), 14, "hazard/H-1");
  safety = safety.substr(0, safety.find("\"data\"")) + R"("data":{"hazard_id":"H-1"}})";
  const std::string body = "[" + Event("a") + "," + wrong + ", {\"id\":\"\xFF\"} ," + Event("reject") + "," +
                           safety + "," + Event("b") + ", 7]";
  const Reply reply = Post(world, kBatch, body);
  EXPECT_EQ(reply.status, 200) << reply.body;
  size_t at = 0;
  for (
      const char* expected :
      {R"({"index":0,"id":"a","entity":"session/S-8841","status":"accepted"})",
       R"({"index":1,"id":"w","status":"rejected","code":"yk-event-malformed","field":"minuets",)"
       R"("rule":"unknown_field")",
       R"({"index":2,"id":"","status":"rejected","code":"yk-cloud-event-invalid","field":"","rule":"utf8")",
       R"({"index":3,"id":"reject","entity":"session/S-8841","status":"rejected","code":"yk-event-invalid",)"
       R"("field":"minutes","rule":"range","message_zh":"不得超过 2400","message_en":"must be at most 2400"})",
       R"({"index":4,"id":"s","status":"retry","code":"unavailable")", R"({"index":5,"id":"b",)",
       R"({"index":6,"id":"","status":"rejected")"}) {
    const size_t found = reply.body.find(expected, at);
    EXPECT_NE(found, std::string::npos) << expected << "\n" << reply.body;
    if (found != std::string::npos) at = found;
  }
  EXPECT_TRUE(reply.headers.Has("Retry-After"));
}

TEST(GatewayCloudEvents, ARejectedEventNamesFieldAndRule) {
  World world;
  std::string text = Event("x");
  text.replace(text.find("PL1\",\"data\""), 4, "PL1\",\"subjec\":\"\"");
  const Reply fine = Post(world, kStructured, text);  // unknown extensions are none of our business
  EXPECT_EQ(fine.status, 200) << fine.body;
  text = Event("x");
  text.replace(text.find("+08:00"), 6, "");
  const Reply reply = Post(world, kStructured, text);
  EXPECT_EQ(reply.status, 400);
  EXPECT_TRUE(Contains(reply.body, R"("code":"yk-cloud-event-invalid","field":"time","rule":"format")"))
      << reply.body;
  EXPECT_TRUE(Contains(reply.body, "message_zh"));
}

TEST(GatewayCloudEvents, KafkaAwayIsRetryLater) {
  World world;
  const Reply one = Post(world, kStructured, Event("away"));
  EXPECT_EQ(one.status, 503);
  EXPECT_EQ(one.headers.Get("Retry-After"), "3");
  EXPECT_TRUE(Contains(one.body, R"("status":"retry","code":"yk-kafka-unavailable")")) << one.body;
  const Reply batch = Post(world, kBatch, "[" + Event("away") + "," + Event("b") + "]");
  EXPECT_EQ(batch.status, 503) << batch.body;
}

TEST(GatewayCloudEvents, LimitsAreNamed) {
  World world;
  std::string many = "[";
  for (int i = 0; i < 1001; ++i) many += i == 0 ? "{}" : ",{}";
  const Reply items = Post(world, kBatch, many + "]");
  EXPECT_EQ(items.status, 413);
  EXPECT_TRUE(Contains(items.body, "1000")) << items.body;
  const Reply bytes = Post(world, kBatch, "[" + std::string(5 << 20, ' ') + "]");
  EXPECT_EQ(bytes.status, 413);
  EXPECT_TRUE(Contains(bytes.body, "4194304")) << bytes.body;
  EXPECT_EQ(Post(world, kStructured, std::string(2 << 20, ' ')).status, 413);
  EXPECT_EQ(Post(world, kBatch, "[]").status, 200);
  EXPECT_EQ(Post(world, kBatch, "{}").status, 400);
}

TEST(GatewayCloudEvents, WhatIsNoCloudEventIsTold) {
  World world;
  EXPECT_EQ(Post(world, "application/json", "{}").status, 415);
  EXPECT_EQ(Post(world, "application/cloudevents+avro", "{}").status, 415);
  EXPECT_EQ(Call(world.url, "GET", "/v1/events", {}, "").status, 405);
}

}  // namespace
}  // namespace yokoten::gateway
