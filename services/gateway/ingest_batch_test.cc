// A JSON batch is read event by event; every broken one is answered by itself.
#include "gateway/ingest_batch.h"

#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include "yokoten/training/v1/service.pb.h"

namespace yokoten::gateway {
namespace {

const events::Domain& Training() { return *events::Registry::Linked().FindDomainByTarget("training"); }

std::string Event(const std::string& id) {
  return R"({"session_completed":{"context":{"id":")" + id + R"(","source":"/x"},"session_id":"S"}})";
}

std::string Reason(const event::v1::EventResult& result) {
  for (const auto& detail : result.error().details()) {
    if (google::rpc::ErrorInfo info; detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

TEST(IngestBatch, GoodEventsAreSentAndEachBrokenOneIsAnsweredWithItsField) {
  const std::string big = R"({"session_completed":{"session_id":")" + std::string(2 << 20, 'x') + "\"}}";
  const std::string body = "{\"events\":[" + Event("a") + ", {\"session_completed\":{\"job_id\":\"\xFF\"}}," +
                           R"({"sessionCompleted":{"context":{"id":"c"},"result":"maybe"}},)" + big +
                           R"(,{"session_done":{}},{},{"session_completed":{"attempt":}},)" + Event("b") +
                           "]}";
  JsonBatch batch;
  ASSERT_FALSE(ReadJsonBatch(body, Training(), Limits{}, &batch).has_value());
  EXPECT_EQ(batch.sent, (std::vector<uint32_t>{0, 7}));
  training::v1::IngestEventsRequest request;
  ASSERT_TRUE(request.ParseFromString(batch.wire));
  ASSERT_EQ(request.events_size(), 2);
  EXPECT_EQ(request.events(0).session_completed().context().id(), "a");
  EXPECT_EQ(request.events(1).session_completed().context().id(), "b");

  ASSERT_EQ(batch.refused.size(), 6u);
  const char* kFields[] = {"events[1].session_completed.job_id",
                           "events[2].session_completed.result",
                           "events[3]",
                           "events[4].session_done",
                           "events[5]",
                           "events[6].session_completed.attempt"};
  for (size_t i = 0; i < batch.refused.size(); ++i) {
    const auto& refused = batch.refused[i];
    EXPECT_EQ(refused.index(), i + 1);
    EXPECT_EQ(refused.status(), event::v1::EVENT_STATUS_REJECTED);
    EXPECT_EQ(refused.error().code(), 3);
    EXPECT_EQ(Summarize(refused.error()).field, kFields[i]) << i;
    EXPECT_FALSE(Summarize(refused.error()).message_en.empty());
    EXPECT_EQ(Reason(refused), i == 2 ? "yk-event-too-large" : "yk-event-malformed") << i;
  }
  EXPECT_EQ(batch.refused[1].id(), "c");
  EXPECT_NE(batch.refused[2].error().message().find("1048576"), std::string::npos);
}

TEST(IngestBatch, ResultsComeBackInTheCallersOrder) {
  JsonBatch batch;
  batch.sent = {1, 3};
  for (const uint32_t index : {0u, 2u, 4u}) {
    batch.refused.emplace_back().set_index(index);
    batch.refused.back().set_status(event::v1::EVENT_STATUS_REJECTED);
  }
  training::v1::IngestEventsResponse response;
  for (const char* id : {"p", "q"}) response.add_results()->set_id(id);
  *response.mutable_results(1)->mutable_error() =
      EventError("yk-event-invalid", "events[1].session_completed", {{"minutes", "range", "e", "z"}});
  ASSERT_FALSE(MergeResults(batch, &response).has_value());
  ASSERT_EQ(response.results_size(), 5);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(response.results(i).index(), static_cast<uint32_t>(i));
  EXPECT_EQ(response.results(1).id(), "p");
  EXPECT_EQ(response.results(3).id(), "q");
  EXPECT_EQ(Summarize(response.results(3).error()).field, "events[3].session_completed.minutes");
}

TEST(IngestBatch, AnAnswerForAnotherNumberOfEventsIsAnError) {
  JsonBatch batch;
  batch.sent = {0, 1};
  training::v1::IngestEventsResponse response;
  response.add_results();
  EXPECT_TRUE(MergeResults(batch, &response).has_value());
}

TEST(IngestBatch, ABatchWithoutStructureOrOverItsLimitIsRefusedWhole) {
  Limits limits;
  limits.batch_events_max = 2;
  for (const char* body : {"", "[]", "{\"event\":[]}", "{\"events\":{}}", "{\"events\":[{]}",
                           "{\"events\":[]", "{} x", "{\"events\":[],\"events\":[]}"}) {
    JsonBatch batch;
    const auto error = ReadJsonBatch(body, Training(), limits, &batch);
    ASSERT_TRUE(error.has_value()) << body;
    EXPECT_EQ(Summarize(*error).code, "yk-batch-malformed") << body;
  }
  JsonBatch batch;
  const auto error = ReadJsonBatch("{\"events\":[" + Event("1") + "," + Event("2") + "," + Event("3") + "]}",
                                   Training(), limits, &batch);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(Summarize(*error).code, "yk-batch-too-large");
  EXPECT_NE(error->message().find("2 events"), std::string::npos);
}

TEST(IngestBatch, AnEmptyBatchIsFine) {
  for (const char* body : {"{}", "{\"events\":[]}", " { \"events\" : null } "}) {
    JsonBatch batch;
    EXPECT_FALSE(ReadJsonBatch(body, Training(), Limits{}, &batch).has_value()) << body;
    EXPECT_TRUE(batch.sent.empty());
  }
}

}  // namespace
}  // namespace yokoten::gateway
