#include "cli/event_sender.h"

#include <atomic>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "yokoten/operations/v1/service.grpc.pb.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::cli {
namespace {

using event::v1::EventResult;

// An ingest service that misbehaves as told and keeps what it accepted.
class FakeIngest final : public operations::v1::OperationsIngestService::Service {
 public:
  grpc::Status StreamEvents(grpc::ServerContext*,
                            grpc::ServerReaderWriter<operations::v1::StreamEventsResponse,
                                                     operations::v1::StreamEventsRequest>* stream) override {
    operations::v1::StreamEventsRequest request;
    while (stream->Read(&request)) {
      ++batches;
      if (breaks.fetch_sub(1) > 0) {
        // Half of the batch is written before the service breaks off: the client cannot know.
        Keep(request, request.events_size() / 2, nullptr);
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Kafka is away");
      }
      if (refuse_for_good) return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "not you");
      operations::v1::StreamEventsResponse response;
      response.set_sequence(request.sequence());
      Keep(request, request.events_size(), &response);
      auto* position = response.mutable_token()->add_positions();
      position->set_topic("yokoten.operations.v1");
      position->set_partition(1);
      position->set_offset(++offset_);
      response.mutable_token()->add_plant_ids("PL1");
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }

  std::atomic<int> breaks{0}, retries{0}, batches{0};
  bool refuse_for_good = false;
  std::mutex mutex;
  std::multiset<std::string> kept;

 private:
  void Keep(const operations::v1::StreamEventsRequest& request, int count,
            operations::v1::StreamEventsResponse* response) {
    std::lock_guard lock(mutex);
    for (int i = 0; i < count; ++i) {
      const auto& unit = request.events(i).org_unit_opened();
      auto status = unit.unit_id() == "bad"    ? event::v1::EVENT_STATUS_REJECTED
                    : retries.fetch_sub(1) > 0 ? event::v1::EVENT_STATUS_RETRY
                                               : event::v1::EVENT_STATUS_ACCEPTED;
      if (status == event::v1::EVENT_STATUS_ACCEPTED) kept.insert(unit.unit_id());
      if (response == nullptr) continue;
      EventResult* result = response->add_results();
      result->set_index(static_cast<uint32_t>(i));
      result->set_status(status);
    }
  }
  std::atomic<int64_t> offset_{0};
};

class EventSenderTest : public ::testing::Test {
 protected:
  EventSenderTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&ingest_);
    server_ = builder.BuildAndStart();
    connection_ = Connection::To(server_->InProcessChannel({}));
    options_.batch_events = 10;
    options_.patience = std::chrono::seconds(20);
  }
  ~EventSenderTest() override { server_->Shutdown(); }

  std::unique_ptr<EventSender> Sender() {
    return std::make_unique<EventSender>(connection_, options_,
                                         [this](uint64_t tag, const EventResult& result) {
                                           std::lock_guard lock(mutex_);
                                           results_[tag].push_back(result.status());
                                         });
  }
  Status Send(EventSender& sender, int count, int from = 0) {
    const auto& registry = events::Registry::Linked();
    const auto* type = registry.Find("operations.OrgUnitOpened");
    for (int i = from; i < from + count; ++i) {
      operations::v1::OrgUnitOpened unit;
      unit.set_unit_id(bad_ == i ? "bad" : "U" + std::to_string(i));
      YK_RETURN_IF_ERROR(sender.Send(*registry.DomainOf(*type), *type, unit, static_cast<uint64_t>(i)));
    }
    return OkStatus();
  }
  void ExpectEachToldOnce(size_t count) {
    std::lock_guard lock(mutex_);
    EXPECT_EQ(results_.size(), count);
    for (const auto& [tag, statuses] : results_) EXPECT_EQ(statuses.size(), 1u) << tag;
  }

  FakeIngest ingest_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<Connection> connection_;
  EventSender::Options options_;
  int bad_ = -1;
  std::mutex mutex_;
  std::map<uint64_t, std::vector<event::v1::EventStatus>> results_;
};

TEST_F(EventSenderTest, EveryEventArrivesOnceAndTheTokenCoversThem) {
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 1000).ok());
  ASSERT_TRUE(sender->Flush().ok());
  EXPECT_EQ(ingest_.kept.size(), 1000u);
  EXPECT_EQ(std::set<std::string>(ingest_.kept.begin(), ingest_.kept.end()).size(), 1000u);
  ExpectEachToldOnce(1000);
  EXPECT_EQ(sender->token().positions(0).offset(), ingest_.batches.load());
  EXPECT_EQ(sender->token().plant_ids(0), "PL1");
}

TEST_F(EventSenderTest, WhatWasNotSurelyWrittenIsSentAgainUntilItIs) {
  ingest_.breaks = 3;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 200).ok());
  ASSERT_TRUE(sender->Flush().ok());
  EXPECT_EQ(std::set<std::string>(ingest_.kept.begin(), ingest_.kept.end()).size(), 200u);
  EXPECT_GE(sender->counts().resent, 10u);
  EXPECT_EQ(sender->counts().accepted, 200u);
  ExpectEachToldOnce(200);
}

TEST_F(EventSenderTest, EventsAnsweredRetryGoAgainAndOthersDoNot) {
  ingest_.retries = 25;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 60).ok());
  ASSERT_TRUE(sender->Flush().ok());
  EXPECT_EQ(ingest_.kept.size(), 60u);
  EXPECT_EQ(sender->counts().resent, 25u);
  ExpectEachToldOnce(60);
}

TEST_F(EventSenderTest, RejectedEventIsReportedAndNotSentAgain) {
  bad_ = 7;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 20).ok());
  ASSERT_TRUE(sender->Flush().ok());
  EXPECT_EQ(sender->counts().rejected, 1u);
  EXPECT_EQ(results_[7][0], event::v1::EVENT_STATUS_REJECTED);
  EXPECT_EQ(ingest_.kept.size(), 19u);
}

TEST_F(EventSenderTest, RefusalForGoodEndsTheSendingWithItsReason) {
  ingest_.refuse_for_good = true;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 5).ok());
  Status status = sender->Flush();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_NE(Message(status).find("not you"), std::string::npos);
  EXPECT_FALSE(Send(*sender, 1).ok());
}

TEST_F(EventSenderTest, GivesUpWhenNothingIsTakenForTooLong) {
  options_.patience = std::chrono::milliseconds(300);
  ingest_.breaks = 1'000'000;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 5).ok());
  EXPECT_EQ(sender->Flush().code(), StatusCode::kUnavailable);
}

TEST_F(EventSenderTest, SenderCanBeDroppedWithEventsUnderWay) {
  ingest_.breaks = 1'000'000;
  auto sender = Sender();
  ASSERT_TRUE(Send(*sender, 50).ok());
  sender.reset();
}

}  // namespace
}  // namespace yokoten::cli
