// Streams over a real gRPC port, with a fake in Kafka's place.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "ingest/test_service.h"
#include "rpc/status.h"

namespace yokoten::ingest {
namespace {

using event::v1::EVENT_STATUS_ACCEPTED;
using event::v1::EVENT_STATUS_REJECTED;
using event::v1::EVENT_STATUS_RETRY;
using test::HasRetryInfo;
using test::Session;
using testing::ElementsAre;
using training::v1::StreamEventsRequest;
using training::v1::StreamEventsResponse;

class StreamTest : public test::ServiceTest {};

StreamEventsRequest Numbered(uint64_t sequence, int events = 1) {
  StreamEventsRequest request;
  request.set_sequence(sequence);
  for (int i = 0; i < events; ++i)
    *request.add_events() = Session(std::to_string(sequence) + "-" + std::to_string(i));
  return request;
}

TEST_F(StreamTest, AStreamAnswersEachRequestInOrder) {
  Start();
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  std::thread writer([&] {
    for (uint64_t i = 1; i <= 500; ++i) ASSERT_TRUE(stream->Write(Numbered(i, 3)));
    stream->WritesDone();
  });
  StreamEventsResponse response;
  for (uint64_t i = 1; i <= 500; ++i) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.sequence(), i);
    ASSERT_EQ(response.results_size(), 3);
    EXPECT_EQ(response.results(2).id(), std::to_string(i) + "-2");
    EXPECT_EQ(response.results(2).status(), EVENT_STATUS_ACCEPTED);
    EXPECT_GT(response.token().positions_size(), 0);
  }
  writer.join();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(kafka_.size(), 1500u);
  for (size_t i = 1; i < 1500; ++i) {
    EXPECT_EQ(kafka_.records[i].second.headers[1].second,
              std::to_string(i / 3 + 1) + "-" + std::to_string(i % 3));  // ce_id: nothing overtook anything
  }
}

TEST_F(StreamTest, AnswersStayInOrderWhenReportsDoNot) {
  Start();
  kafka_.Hold();
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(stream->Write(Numbered(i)));
  ASSERT_TRUE(kafka_.WaitForRecords(5));
  kafka_.Release(/*newest_first=*/true);
  StreamEventsResponse response;
  for (uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.sequence(), i);
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AStreamStopsReadingWhileThereIsNoRoomAndGoesOnAfterwards) {
  Start({}, 4000);
  kafka_.Hold();
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  std::thread writer([&] {
    for (uint64_t i = 1; i <= 200; ++i) ASSERT_TRUE(stream->Write(Numbered(i, 10)));
    stream->WritesDone();
  });
  ASSERT_TRUE(kafka_.WaitForRecords(10));
  EXPECT_LE(engine_->budget.used(), 4000u);
  EXPECT_LT(kafka_.size(), 200u);
  kafka_.Release();
  StreamEventsResponse response;
  for (uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(stream->Read(&response)) << i;
    EXPECT_EQ(response.sequence(), i);
  }
  writer.join();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(kafka_.size(), 2000u);
  EXPECT_TRUE(BudgetIsBack());
}

TEST_F(StreamTest, AStreamWaitsForRoomInTheProducersQueue) {
  Start();
  kafka_.Refuse(5);
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  ASSERT_TRUE(stream->Write(Numbered(1, 3)));
  StreamEventsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  for (const auto& result : response.results()) EXPECT_EQ(result.status(), EVENT_STATUS_ACCEPTED);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AStreamEndsWithTheStatusOfARequestThatFailsAsAWhole) {
  Start();
  kafka_.FailWith([](int64_t n) { return n >= 1 ? Unavailable("timed out") : OkStatus(); });
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  ASSERT_TRUE(stream->Write(Numbered(1)));
  ASSERT_TRUE(stream->Write(Numbered(2)));
  StreamEventsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.sequence(), 1u);
  EXPECT_FALSE(stream->Read(&response));
  const auto status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_TRUE(HasRetryInfo(status));
}

TEST_F(StreamTest, ASenderWhoLeavesAStreamDoesNoHarm) {
  Start();
  kafka_.Hold();
  {
    grpc::ClientContext context;
    auto stream = stub_->StreamEvents(&context);
    for (uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(stream->Write(Numbered(i)));
    ASSERT_TRUE(kafka_.WaitForRecords(3));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  kafka_.Release();
  EXPECT_TRUE(BudgetIsBack());
}

TEST_F(StreamTest, StoppingAnswersWhatWasTakenAndEndsTheStream) {
  Start();
  kafka_.Hold();
  grpc::ClientContext context;
  auto stream = stub_->StreamEvents(&context);
  ASSERT_TRUE(stream->Write(Numbered(1)));
  ASSERT_TRUE(kafka_.WaitForRecords(1));
  std::thread stopper([&] { server_->Stop(); });
  kafka_.Release();
  StreamEventsResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.results(0).status(), EVENT_STATUS_ACCEPTED);
  EXPECT_FALSE(stream->Read(&response));
  const auto status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kStopping);
  stopper.join();
}

}  // namespace
}  // namespace yokoten::ingest
