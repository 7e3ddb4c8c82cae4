// The Connect protocol through a running gateway: unary calls in JSON and Protobuf, errors, streams, limits.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "gateway_world.h"
#include "http/compression.h"

namespace yokoten::gateway {
namespace {

constexpr std::string_view kIngest = "/yokoten.training.v1.TrainingIngestService/IngestEvents";
constexpr std::string_view kListKpis = "/yokoten.insight.v1.InsightService/ListKpis";
constexpr std::string_view kSeries = "/yokoten.insight.v1.InsightService/GetKpiSeries";
constexpr std::string_view kFreshness = "/yokoten.insight.v1.InsightService/GetFreshness";
constexpr std::string_view kWatch = "/yokoten.insight.v1.InsightService/WatchKpis";

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Event(const std::string& id) {
  return R"({"session_completed":{"context":{"id":")" + id + R"("},"session_id":"S"}})";
}

std::string Envelope(std::string_view body, char flags = 0) {
  std::string out(1, flags);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(body.size() >> shift));
  return out.append(body);
}

struct Message {
  char flags = -1;
  std::string body;
};

Message ReadMessage(Connection* connection) {
  const std::string prefix = connection->ReadBody(5);
  if (prefix.size() < 5) return {};
  size_t size = 0;
  for (size_t i = 1; i < 5; ++i) size = size << 8 | static_cast<unsigned char>(prefix[i]);
  return {prefix[0], connection->ReadBody(size)};
}

Message OpenStream(Connection* connection, std::string_view request, http::Headers headers = {}) {
  headers.Set("Content-Type", "application/connect+json");
  connection->Send("POST", kWatch, headers, Envelope(request));
  const Reply head = connection->ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.Get("Content-Type"), "application/connect+json");
  return ReadMessage(connection);
}

TEST(GatewayUnary, JsonInJsonOutWithHeadersAndTrailers) {
  World world;
  const Reply reply =
      Call(world.url, "POST", kListKpis,
           {{"Content-Type", "application/json; charset=utf-8"}, {"Connect-Protocol-Version", "1"}}, "{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.Get("Content-Type"), "application/json");
  EXPECT_EQ(reply.headers.Get("x-first"), "one");
  EXPECT_EQ(reply.headers.Get("Trailer-x-last"), "two");
  EXPECT_TRUE(Contains(reply.body, R"({"id":"first_pass_yield","nameZh":"一次合格率"})"))
      << reply.body.substr(0, 200);
}

TEST(GatewayUnary, ProtobufGoesThroughUnchanged) {
  World world;
  const Reply reply = Call(world.url, "POST", kListKpis, {{"Content-Type", "application/proto"}}, "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.Get("Content-Type"), "application/proto");
  insight::v1::ListKpisResponse response;
  ASSERT_TRUE(response.ParseFromString(reply.body));
  EXPECT_EQ(response.kpis_size(), 200);
}

TEST(GatewayUnary, BodiesMayBeCompressedBothWays) {
  World world;
  const std::string packed = *http::Compress(http::Coding::kGzip, "{}");
  const Reply reply = Call(
      world.url, "POST", kListKpis,
      {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}, {"Accept-Encoding", "gzip, br"}},
      packed);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.Get("Content-Encoding"), "gzip");
  EXPECT_TRUE(Contains(*http::Decompress(http::Coding::kGzip, reply.body, 1 << 20), "first_pass_yield"));
  const Reply unknown = Call(world.url, "POST", kListKpis,
                             {{"Content-Type", "application/json"}, {"Content-Encoding", "br"}}, packed);
  EXPECT_EQ(unknown.status, 501);
  EXPECT_TRUE(Contains(unknown.body, "gzip"));
}

TEST(GatewayUnary, ErrorsOfTheServiceKeepCodeMessageAndDetails) {
  World world;
  const Reply reply = PostJson(world.url, kSeries, R"({"kpiId":"x"})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.headers.Get("Content-Type"), "application/json");
  EXPECT_TRUE(Contains(reply.body, R"("code":"not_found")")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, R"(There is no KPI \"x\".)")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, R"("type":"google.rpc.ErrorInfo","value":")")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, "yk-kpi-unknown")) << reply.body;
}

TEST(GatewayUnary, AWrongRequestNamesItsField) {
  World world;
  const Reply reply = PostJson(world.url, kSeries, R"({"kpi":"x"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_TRUE(Contains(reply.body, R"("code":"invalid_argument")")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, "kpi_id")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, "google.rpc.BadRequest")) << reply.body;
}

TEST(GatewayUnary, ServicesThatAreAwayAreUnavailable) {
  World world;
  const Reply reply =
      PostJson(world.url, "/yokoten.safety.v1.SafetyIngestService/IngestEvents", R"({"events":[]})");
  EXPECT_EQ(reply.status, 200);  // nothing to send
  const Reply status = PostJson(world.url, "/grpc.health.v1.Health/Check", "{}");
  EXPECT_EQ(status.status, 503);
  EXPECT_TRUE(Contains(status.body, R"("code":"unavailable")")) << status.body;
  EXPECT_TRUE(status.headers.Has("Retry-After"));
}

TEST(GatewayUnary, ATimeoutBecomesTheDeadline) {
  World world;
  const Reply reply = Call(world.url, "POST", kFreshness,
                           {{"Content-Type", "application/json"}, {"Connect-Timeout-Ms", "50"}}, "{}");
  EXPECT_EQ(reply.status, 504);
  EXPECT_TRUE(Contains(reply.body, "deadline_exceeded")) << reply.body;
  const Reply bad = Call(world.url, "POST", kListKpis,
                         {{"Content-Type", "application/json"}, {"Connect-Timeout-Ms", "soon"}}, "{}");
  EXPECT_EQ(bad.status, 400);
}

TEST(GatewayUnary, ACallerWhoLeavesCancelsTheCall) {
  World world;
  Connection connection(world.url);
  connection.Send("POST", kFreshness, {{"Content-Type", "application/json"}}, "{}");
  ASSERT_TRUE(world.insight.AwaitOpen(1));
  connection.Close();
  EXPECT_TRUE(world.insight.AwaitOpen(0));
}

TEST(GatewayUnary, RequestsThatAreNoCallsAreRefusedByStatus) {
  World world;
  EXPECT_EQ(PostJson(world.url, "/yokoten.insight.v1.InsightService/Nothing", "{}").status, 404);
  EXPECT_EQ(PostJson(world.url, "/no.such.Service/Call", "{}").status, 404);
  EXPECT_EQ(Call(world.url, "GET", kListKpis, {}, "").status, 405);
  EXPECT_EQ(Call(world.url, "POST", kListKpis, {{"Content-Type", "text/plain"}}, "{}").status, 415);
  EXPECT_EQ(PostJson(world.url, kWatch, "{}").status, 415);
  EXPECT_EQ(Call(world.url, "POST", kListKpis,
                 {{"Content-Type", "application/json"}, {"Connect-Protocol-Version", "2"}}, "{}")
                .status,
            400);
  const Reply bidi = PostJson(world.url, "/yokoten.training.v1.TrainingIngestService/StreamEvents", "{}");
  EXPECT_EQ(bidi.status, 505);
  EXPECT_TRUE(Contains(bidi.body, "IngestEvents")) << bidi.body;
  // Cross-origin pages get no permission.
  const Reply preflight = Call(world.url, "OPTIONS", kListKpis, {{"Origin", "http://evil.example"}}, "");
  EXPECT_EQ(preflight.status, 405);
  EXPECT_FALSE(preflight.headers.Has("Access-Control-Allow-Origin"));
}

TEST(GatewayIngest, ABatchIsAnsweredEventByEventInItsOrder) {
  World world;
  const std::string big(2 << 20, 'x');
  const std::string body = "{\"events\":[" + Event("a") + ",{\"session_completed\":{\"job_id\":\"\xFF\"}}," +
                           R"({"session_completed":{"result":"maybe"}},)" + Event(big) + "," +
                           Event("reject") + R"(,{"session_completed":{"minuets":1}},)" + Event("b") + "]}";
  const Reply reply = Call(world.url, "POST", kIngest,
                           {{"Content-Type", "application/json"}, {"Authorization", "Bearer t"}}, body);
  EXPECT_EQ(reply.status, 200) << reply.body;
  size_t at = 0;
  for (const char* expected : {R"({"id":"a","entity":"session/S","status":"EVENT_STATUS_ACCEPTED"})",
                               "events[1].session_completed.job_id", "events[2].session_completed.result",
                               "1048576", "events[4].session_completed.minutes",
                               "events[5].session_completed.minuets", R"("index":6,"id":"b")"}) {
    const size_t found = reply.body.find(expected, at);
    EXPECT_NE(found, std::string::npos) << expected << "\n" << reply.body;
    if (found != std::string::npos) at = found;
  }
  EXPECT_TRUE(
      Contains(reply.body, R"("token":{"plantIds":["PL1"],"positions":[{"topic":"yokoten.training.v1",)"));
  std::lock_guard lock(world.training.mutex);
  EXPECT_EQ(world.training.last.events_size(), 3);
  EXPECT_EQ(world.training.last_authorization, "Bearer t");
}

TEST(GatewayIngest, ABatchOverTheLimitIsRefusedWholeNamingIt) {
  World world;
  const Reply reply = PostJson(world.url, kIngest, "{\"events\":[" + std::string(17 << 20, ' ') + "]}");
  EXPECT_EQ(reply.status, 429);
  EXPECT_TRUE(Contains(reply.body, "resource_exhausted")) << reply.body;
  EXPECT_TRUE(Contains(reply.body, "16777216")) << reply.body;
  std::lock_guard lock(world.training.mutex);
  EXPECT_EQ(world.training.calls, 0);
}

TEST(GatewayIngest, KafkaAwayIsUnavailableWithRetryAfter) {
  World world;
  const Reply reply = PostJson(world.url, kIngest, "{\"events\":[" + Event("away") + "]}");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.headers.Get("Retry-After"), "3");
  EXPECT_TRUE(Contains(reply.body, "yk-kafka-unavailable")) << reply.body;
}

TEST(GatewayStream, MessagesComeAsTheyAreSentUntilTheCallerLeaves) {
  World world;
  Connection connection(world.url);
  EXPECT_EQ(OpenStream(&connection, "{}").body, R"({"freshness":{"rollupLag":"7"}})");
  ASSERT_TRUE(world.insight.AwaitOpen(1));
  for (const char* expected : {R"({"changes":[{"plantId":"PL1","version":"1"}]})",
                               R"({"changes":[{"plantId":"PL1","version":"2"}]})"}) {
    world.insight.Change();
    EXPECT_EQ(ReadMessage(&connection).body, expected);
  }
  connection.Close();
  EXPECT_TRUE(world.insight.AwaitOpen(0));
}

TEST(GatewayStream, TheEndCarriesTheError) {
  World world;
  Connection good(world.url);
  OpenStream(&good, R"({"plantIds":["end"]})");
  const Message end = ReadMessage(&good);
  EXPECT_EQ(end.flags, 2);
  EXPECT_EQ(end.body, "{}");
  Connection bad(world.url);
  OpenStream(&bad, R"({"plantIds":["fail"]})");
  const Message error = ReadMessage(&bad);
  EXPECT_EQ(error.flags, 2);
  EXPECT_TRUE(Contains(error.body, R"({"error":{"code":"unavailable","message":"ClickHouse is away.")"))
      << error.body;
  EXPECT_EQ(ReadMessage(&bad).flags, -1);
}

TEST(GatewayStream, ProtobufAndCompressedRequestsAreTaken) {
  World world;
  insight::v1::WatchKpisRequest request;
  request.add_plant_ids("end");
  Connection connection(world.url);
  connection.Send("POST", kWatch,
                  {{"Content-Type", "application/connect+proto"},
                   {"Connect-Content-Encoding", "gzip"},
                   {"Connect-Accept-Encoding", "gzip"}},
                  Envelope(*http::Compress(http::Coding::kGzip, request.SerializeAsString()), 1));
  const Reply head = connection.ReadHead();
  EXPECT_EQ(head.headers.Get("Content-Type"), "application/connect+proto");
  EXPECT_EQ(head.headers.Get("Connect-Content-Encoding"), "gzip");
  insight::v1::WatchKpisResponse response;
  ASSERT_TRUE(response.ParseFromString(ReadMessage(&connection).body));
  EXPECT_EQ(response.freshness().rollup_lag(), 7);
  EXPECT_EQ(ReadMessage(&connection).flags, 2);
}

TEST(GatewayStream, WrongRequestsEndTheStreamAtOnce) {
  World world;
  for (const std::string& body : {std::string("x"), Envelope("{\"plants\":[]}"), Envelope("{}") + "x",
                                  Envelope("{}", 1), Envelope("{", 0)}) {
    Connection connection(world.url);
    connection.Send("POST", kWatch, {{"Content-Type", "application/connect+json"}}, body);
    EXPECT_EQ(connection.ReadHead().status, 200);
    const Message end = ReadMessage(&connection);
    EXPECT_EQ(end.flags, 2);
    EXPECT_TRUE(Contains(end.body, "invalid_argument")) << end.body;
  }
  Connection bidi(world.url);
  bidi.Send("POST", "/yokoten.training.v1.TrainingIngestService/StreamEvents",
            {{"Content-Type", "application/connect+json"}}, Envelope("{}"));
  bidi.ReadHead();
  EXPECT_TRUE(Contains(ReadMessage(&bidi).body, "unimplemented"));
}

TEST(GatewayStream, MoreStreamsThanAllowedAreToldSo) {
  World world([](Options* options) { options->limits.streams_max = 2; });
  Connection first(world.url), second(world.url), third(world.url);
  OpenStream(&first, "{}");
  OpenStream(&second, "{}");
  const Message refused = OpenStream(&third, "{}");
  EXPECT_EQ(refused.flags, 2);
  EXPECT_TRUE(Contains(refused.body, "gateway.streams_max")) << refused.body;
  ASSERT_TRUE(world.insight.AwaitOpen(2));
  first.Close();
  ASSERT_TRUE(world.insight.AwaitOpen(1));
}

TEST(GatewayStream, StoppingEndsStreamsWithAWord) {
  World world;
  Connection connection(world.url);
  OpenStream(&connection, "{}");
  ASSERT_TRUE(world.insight.AwaitOpen(1));
  world.gateway->Stop();
  const Message end = ReadMessage(&connection);
  EXPECT_EQ(end.flags, 2);
  EXPECT_TRUE(Contains(end.body, R"("code":"unavailable","message":"The gateway is stopping)")) << end.body;
}

TEST(GatewayPages, HealthReadinessOpenApiAndHome) {
  World world;
  EXPECT_EQ(Call(world.url, "GET", "/healthz", {}, "").body, "ok\n");
  const Reply ready = Call(world.url, "GET", "/readyz", {}, "");
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(Contains(
      ready.body, R"("service":"yokoten.safety.v1.SafetyIngestService","target":"safety","serving":false)"))
      << ready.body;
  EXPECT_TRUE(Contains(ready.body, R"("target":"training","serving":true)")) << ready.body;
  EXPECT_EQ(Call(world.url, "GET", "/v1/openapi.json", {}, "").status, 200);
  EXPECT_EQ(Call(world.url, "GET", "/v1/none", {}, "").status, 404);
  const Reply home = Call(world.url, "GET", "/", {}, "");
  EXPECT_EQ(home.status, 200);
  EXPECT_TRUE(Contains(home.body, "Yokoten"));
  EXPECT_EQ(Call(world.url, "GET", "/%2e%2e/%2e%2e/etc/passwd.txt", {}, "").status, 404);
}

TEST(GatewayStart, OnlyLoopbackIsBoundAndMistakesAreNamed) {
  const auto start = [](const std::string& address, const std::string& dashboards) {
    Options options;
    options.listen_address = address;
    options.default_backend = "127.0.0.1:1";
    options.dashboards_path = dashboards;
    return Gateway(options).Start();
  };
  EXPECT_EQ(start("0.0.0.0:0", "").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(start("127.0.0.1", "").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(start("127.0.0.1:99999", "").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(start("127.0.0.1:0", "/no/such/folder").code(), StatusCode::kNotFound);
  EXPECT_TRUE(start("127.0.0.1:0", "").ok());
  EXPECT_TRUE(start("localhost:0", "").ok());
}

TEST(GatewayMetrics, RequestsAreCountedByRouteAndOutcome) {
  auto metrics = std::make_shared<telemetry::Metrics>();
  World world([&](Options* options) { options->metrics = metrics; });
  PostJson(world.url, kListKpis, "{}");
  PostJson(world.url, kSeries, "{}");
  PostJson(world.url, "/made.up.Name/Here", "{}");
  world.gateway->Stop();
  const std::string text = telemetry::Exposition(*metrics);
  EXPECT_TRUE(Contains(
      text,
      R"(yokoten_gateway_requests_total{code="ok",route="/yokoten.insight.v1.InsightService/ListKpis"} 1)"))
      << text;
  EXPECT_TRUE(
      Contains(text, R"(code="not_found",route="/yokoten.insight.v1.InsightService/GetKpiSeries"} 1)"))
      << text;
  EXPECT_FALSE(Contains(text, "made.up")) << text;
}

}  // namespace
}  // namespace yokoten::gateway
