// Batches over a real gRPC port, with a fake in Kafka's place.
#include "ingest/service.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "ingest/test_service.h"
#include "rpc/status.h"

namespace yokoten::ingest {
namespace {

using event::v1::EVENT_STATUS_ACCEPTED;
using event::v1::EVENT_STATUS_REJECTED;
using event::v1::EVENT_STATUS_RETRY;
using test::Batch;
using test::HasRetryInfo;
using test::IngestEventsRequest;
using test::IngestEventsResponse;
using test::Session;
using test::TrainingIngestService;
using testing::ElementsAre;
using testing::HasSubstr;

class ServiceTest : public test::ServiceTest {};

std::vector<std::string> FieldsOf(const event::v1::EventResult& result) {
  std::vector<std::string> fields;
  for (const auto& detail : result.error().details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST_F(ServiceTest, FiveBrokenEventsSinkNeitherOfTheTwoGoodOnes) {
  Start();
  auto utf8 = Session("2"), unknown_enum = Session("3"), large = Session("4"), future = Session("5"),
       missing = Session("6");
  utf8.mutable_session_completed()->set_job_id("J-\xff");
  unknown_enum.mutable_session_completed()->set_result(static_cast<training::v1::SessionResult>(77));
  large.mutable_session_completed()->set_job_id(std::string(2 << 20, 'J'));
  future.mutable_session_completed()->mutable_context()->mutable_occurred_at()->set_seconds(
      ToMicros(SystemClock().Now()) / 1'000'000 + 3600);
  missing.mutable_session_completed()->clear_person_ref();
  const auto status = Ingest(Batch({Session("1"), utf8, unknown_enum, large, future, missing, Session("7")}));
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response_.results_size(), 7);
  for (int i : {0, 6}) {
    EXPECT_EQ(response_.results(i).status(), EVENT_STATUS_ACCEPTED);
    EXPECT_FALSE(response_.results(i).has_error());
    EXPECT_EQ(response_.results(i).entity(), "session/S-1");
  }
  EXPECT_EQ(response_.results(6).id(), "7");
  const std::vector<std::string> fields = {
      "events[1].session_completed.job_id", "events[2].session_completed.result", "events[3]",
      "events[4].session_completed.context.occurred_at", "events[5].session_completed.person_ref"};
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(response_.results(i).index(), static_cast<uint32_t>(i));
    EXPECT_EQ(response_.results(i).status(), EVENT_STATUS_REJECTED);
    EXPECT_THAT(FieldsOf(response_.results(i)), ElementsAre(fields[static_cast<size_t>(i - 1)]));
    EXPECT_THAT(response_.results(i).error().message(), HasSubstr(fields[static_cast<size_t>(i - 1)]));
  }
  ASSERT_EQ(kafka_.size(), 2u);
  EXPECT_EQ(kafka_.records[0].first, "sim.yokoten.training.v1");
  EXPECT_THAT(response_.results(3).error().message(), HasSubstr("1048576"));
}

TEST_F(ServiceTest, ABatchOverTheByteLimitIsRefusedWholeWithTheLimit) {
  Start();
  IngestEventsRequest request;
  for (int i = 0; i < 17; ++i) {
    *request.add_events() = Session(std::to_string(i));
    request.mutable_events(i)->mutable_session_completed()->set_job_id(std::string(1 << 20, 'J'));
  }
  const auto status = Ingest(request);
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("16777216"));
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kBatchTooLarge);
  EXPECT_EQ(kafka_.size(), 0u);
}

TEST_F(ServiceTest, ABatchOverTheEventLimitIsRefusedWholeWithTheLimit) {
  Limits limits;
  limits.batch_events_max = 2;
  Start(limits);
  const auto status = Ingest(Batch({Session("1"), Session("2"), Session("3")}));
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("more than 2 events"));
  EXPECT_EQ(kafka_.size(), 0u);
  EXPECT_TRUE(BudgetIsBack());
}

TEST_F(ServiceTest, TheTokenHoldsTheLastOffsetPerPartitionAndThePlants) {
  Start();
  ASSERT_TRUE(
      Ingest(Batch({Session("1"), Session("2", "PL2"), Session("3"), Session("4"), Session("5")})).ok());
  EXPECT_THAT(response_.token().plant_ids(), ElementsAre("PL1", "PL2"));
  ASSERT_EQ(response_.token().positions_size(), 2);
  EXPECT_EQ(response_.token().positions(0).topic(), "yokoten.training.v1");
  EXPECT_EQ(response_.token().positions(0).partition(), 0);
  EXPECT_EQ(response_.token().positions(0).offset(), 4);
  EXPECT_EQ(response_.token().positions(1).offset(), 3);
}

TEST_F(ServiceTest, TenThousandErrorsFitTheAnswerAClientTakesUnasked) {
  Start();
  IngestEventsRequest request;
  auto broken = Session("x");
  broken.mutable_session_completed()->Clear();
  broken.mutable_session_completed()->mutable_context();
  for (int i = 0; i < 10'000; ++i) *request.add_events() = broken;
  // Not our own channel: gRPC's default limit of 4 MiB for what a client receives.
  auto stub = TrainingIngestService::NewStub(
      grpc::CreateChannel(server_->BoundAddress(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto status = stub->IngestEvents(&context, request, &response_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response_.results_size(), 10'000);
  EXPECT_GT(FieldsOf(response_.results(0)).size(), 5u);
  for (const auto& result : response_.results()) {
    ASSERT_EQ(result.status(), EVENT_STATUS_REJECTED);
    ASSERT_THAT(result.error().message(), HasSubstr("is required"));
  }
}

TEST_F(ServiceTest, AnEmptyBatchIsFine) {
  Start();
  ASSERT_TRUE(Ingest({}).ok());
  EXPECT_EQ(response_.results_size(), 0);
}

TEST_F(ServiceTest, KafkaAwayIsUnavailableWithRetryInfo) {
  Start();
  kafka_.FailWith([](int64_t) { return Unavailable("timed out"); });
  const auto status = Ingest(Batch({Session("1"), Session("2")}));
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kKafkaUnavailable);
}

TEST_F(ServiceTest, OneUnacknowledgedEventOfManyIsToBeSentAgain) {
  Start();
  kafka_.FailWith([](int64_t n) { return n == 1 ? Unavailable("timed out") : OkStatus(); });
  ASSERT_TRUE(Ingest(Batch({Session("1"), Session("2"), Session("3")})).ok());
  EXPECT_EQ(response_.results(0).status(), EVENT_STATUS_ACCEPTED);
  EXPECT_EQ(response_.results(1).status(), EVENT_STATUS_RETRY);
  EXPECT_EQ(response_.results(1).id(), "2");
  EXPECT_EQ(response_.results(2).status(), EVENT_STATUS_ACCEPTED);
}

TEST_F(ServiceTest, WhatKafkaRefusesForGoodIsRejected) {
  Start();
  kafka_.FailWith([](int64_t n) { return n == 0 ? InvalidArgument("too large") : OkStatus(); });
  ASSERT_TRUE(Ingest(Batch({Session("1"), Session("2")})).ok());
  EXPECT_EQ(response_.results(0).status(), EVENT_STATUS_REJECTED);
  EXPECT_EQ(response_.results(1).status(), EVENT_STATUS_ACCEPTED);
}

TEST_F(ServiceTest, TooManyBytesUnderWayAreResourceExhaustedUntilTheyAreDelivered) {
  Start({}, 1000);
  kafka_.Hold();
  std::thread first([&] {
    IngestEventsResponse response;
    grpc::ClientContext context;
    IngestEventsRequest request;
    for (int i = 0; i < 20; ++i) *request.add_events() = Session(std::to_string(i));
    EXPECT_TRUE(stub_->IngestEvents(&context, request, &response).ok());
  });
  ASSERT_TRUE(kafka_.WaitForRecords(20));
  const auto status = Ingest(Batch({Session("x")}));
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kQueueFull);
  kafka_.Release();
  first.join();
  ASSERT_TRUE(BudgetIsBack());
  EXPECT_TRUE(Ingest(Batch({Session("x")})).ok());
}

TEST_F(ServiceTest, AFullProducerQueueIsResourceExhausted) {
  Start();
  kafka_.Refuse(1);
  const auto status = Ingest(Batch({Session("1"), Session("2")}));
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(HasRetryInfo(status));
}

TEST_F(ServiceTest, TheCallersDeadlineIsAnsweredBeforeItIsOver) {
  Start();
  kafka_.Hold();
  auto status = Ingest(Batch({Session("1")}), std::chrono::milliseconds(700));
  EXPECT_EQ(status.error_code(), grpc::DEADLINE_EXCEEDED);
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kDeadline);
  kafka_.SetHealth(Unavailable("Kafka does not answer"));
  status = Ingest(Batch({Session("2")}), std::chrono::milliseconds(700));
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_GT(engine_->budget.used(), 0u);  // the bytes are still under way
  kafka_.Release();
  EXPECT_TRUE(BudgetIsBack());
}

TEST_F(ServiceTest, ACallerWhoLeavesDoesNoHarm) {
  Start();
  kafka_.Hold();
  grpc::ClientContext context;
  std::thread caller([&] {
    IngestEventsResponse response;
    EXPECT_EQ(stub_->IngestEvents(&context, Batch({Session("1")}), &response).error_code(), grpc::CANCELLED);
  });
  ASSERT_TRUE(kafka_.WaitForRecords(1));
  context.TryCancel();
  caller.join();
  kafka_.Release();
  EXPECT_TRUE(BudgetIsBack());
  EXPECT_TRUE(Ingest(Batch({Session("2")})).ok());
}

TEST_F(ServiceTest, MetricsCountEventsByFate) {
  Start();
  auto missing = Session("2");
  missing.mutable_session_completed()->clear_person_ref();
  ASSERT_TRUE(Ingest(Batch({Session("1"), missing})).ok());
  const std::string text = telemetry::Exposition(*metrics_);
  EXPECT_THAT(text,
              HasSubstr(R"(yokoten_ingest_events_total{outcome="accepted",reason="",target="training"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(yokoten_ingest_events_total{outcome="rejected",reason="yk-event-invalid",target="training"} 1)"));
}

}  // namespace
}  // namespace yokoten::ingest
