// The service over a real gRPC port, with a fake in Kafka's place.
#include "ingest/service.h"

#include <condition_variable>
#include <thread>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "rpc/status.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::ingest {
namespace {

using event::v1::EVENT_STATUS_ACCEPTED;
using event::v1::EVENT_STATUS_REJECTED;
using event::v1::EVENT_STATUS_RETRY;
using testing::ElementsAre;
using testing::HasSubstr;
using training::v1::IngestEventsRequest;
using training::v1::IngestEventsResponse;
using training::v1::StreamEventsRequest;
using training::v1::StreamEventsResponse;
using training::v1::TrainingEvent;
using training::v1::TrainingIngestService;

constexpr std::chrono::seconds kPatience{20};

// Acknowledges at once, or holds the reports until told.
class FakeKafka final : public kafka::RecordSink {
 public:
  Status Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) override {
    kafka::Delivery delivery;
    {
      std::lock_guard lock(mutex_);
      if (refuse_ > 0) {
        --refuse_;
        return ResourceExhausted("full");
      }
      const auto n = static_cast<int64_t>(records.size());
      delivery.status = fail_(n);
      delivery.partition = static_cast<int32_t>(n % 2);
      delivery.offset = n;
      records.emplace_back(topic, std::move(record));
      changed_.notify_all();
      if (hold_) {
        held_.emplace_back(std::move(done), delivery);
        return OkStatus();
      }
    }
    done(delivery);
    return OkStatus();
  }
  Status Health() const override {
    std::lock_guard lock(mutex_);
    return health_;
  }

  void Hold() {
    Set([this] { hold_ = true; });
  }
  void Refuse(int times) {
    Set([this, times] { refuse_ = times; });
  }
  void FailWith(std::function<Status(int64_t)> fail) {
    Set([&] { fail_ = std::move(fail); });
  }
  void SetHealth(Status status) {
    Set([&] { health_ = std::move(status); });
  }
  void Release(bool newest_first = false) {
    std::vector<std::pair<kafka::DeliveryCallback, kafka::Delivery>> held;
    Set([&] {
      hold_ = false;
      held.swap(held_);
    });
    if (newest_first) std::reverse(held.begin(), held.end());
    for (auto& [done, delivery] : held) done(delivery);
  }
  bool WaitForRecords(size_t n) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return records.size() >= n; });
  }
  size_t size() const {
    std::lock_guard lock(mutex_);
    return records.size();
  }

  std::vector<std::pair<std::string, events::Record>> records;

 private:
  template <typename F>
  void Set(F f) {
    std::lock_guard lock(mutex_);
    f();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool hold_ = false;
  int refuse_ = 0;
  std::function<Status(int64_t)> fail_ = [](int64_t) { return OkStatus(); };
  Status health_;
  std::vector<std::pair<kafka::DeliveryCallback, kafka::Delivery>> held_;
};

TrainingEvent Session(const std::string& id, const std::string& plant = "PL1") {
  TrainingEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(session_completed {
    context { source: "/plants/PL1/ji" occurred_at { seconds: 1772400000 } }
    session_id: "S-1" attempt: 1 result: SESSION_RESULT_PASS minutes: 35 trainer_ref: "p-1" person_ref: "p-2"
    job_id: "J-104" revision_no: 7 })",
                                                            &event));
  event.mutable_session_completed()->mutable_context()->set_id(id);
  event.mutable_session_completed()->mutable_context()->set_plant_id(plant);
  return event;
}

class ServiceTest : public testing::Test {
 protected:
  void Start(Limits limits = {}, size_t inflight = 64u << 20) {
    engine_ = std::make_shared<Engine>(2, inflight);
    MachineOptions options;
    options.domain = events::Registry::Linked().FindDomainByTarget("training");
    options.topic_prefix = "sim.";
    options.limits = limits;
    options.max_deadline = std::chrono::seconds(30);
    service_ = std::make_unique<Service<TrainingIngestService>>(
        Machine::Make(options, engine_, &kafka_, SystemClock(), metrics_.get()));
    rpc::ServerOptions server;
    server.listen_address = "127.0.0.1:0";
    server_ = std::move(*rpc::Server::Create(server));
    server_->Register(service_.get());
    server_->OnDrain([this] { service_->Drain(); });
    ASSERT_TRUE(server_->Start().ok());
    stub_ = TrainingIngestService::NewStub(rpc::MakeChannel(server_->BoundAddress()));
  }
  void TearDown() override {
    kafka_.Release();
    if (server_) server_->Stop();
    if (service_) {
      EXPECT_TRUE(service_->machine().WaitIdle(kPatience));
    }
  }
  grpc::Status Ingest(const IngestEventsRequest& request, std::chrono::milliseconds deadline = kPatience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    return stub_->IngestEvents(&context, request, &response_);
  }
  bool BudgetIsBack() {
    const auto bound = std::chrono::steady_clock::now() + kPatience;
    while (engine_->budget.used() != 0 && std::chrono::steady_clock::now() < bound) std::this_thread::yield();
    return engine_->budget.used() == 0;
  }

  FakeKafka kafka_;
  std::shared_ptr<telemetry::Metrics> metrics_ = std::make_shared<telemetry::Metrics>();
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Service<TrainingIngestService>> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<TrainingIngestService::Stub> stub_;
  IngestEventsResponse response_;
};

IngestEventsRequest Batch(std::initializer_list<TrainingEvent> events) {
  IngestEventsRequest request;
  for (const auto& event : events) *request.add_events() = event;
  return request;
}

std::vector<std::string> FieldsOf(const event::v1::EventResult& result) {
  std::vector<std::string> fields;
  for (const auto& detail : result.error().details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

bool HasRetryInfo(const grpc::Status& status) {
  const google::rpc::Status details = rpc::DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::RetryInfo info;
    if (detail.UnpackTo(&info)) return true;
  }
  return false;
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

// --- streams
// ------------------------------------------------------------------------------------------------------

StreamEventsRequest Numbered(uint64_t sequence, int events = 1) {
  StreamEventsRequest request;
  request.set_sequence(sequence);
  for (int i = 0; i < events; ++i)
    *request.add_events() = Session(std::to_string(sequence) + "-" + std::to_string(i));
  return request;
}

TEST_F(ServiceTest, AStreamAnswersEachRequestInOrder) {
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

TEST_F(ServiceTest, AnswersStayInOrderWhenReportsDoNot) {
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

TEST_F(ServiceTest, AStreamStopsReadingWhileThereIsNoRoomAndGoesOnAfterwards) {
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

TEST_F(ServiceTest, AStreamWaitsForRoomInTheProducersQueue) {
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

TEST_F(ServiceTest, AStreamEndsWithTheStatusOfARequestThatFailsAsAWhole) {
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

TEST_F(ServiceTest, ASenderWhoLeavesAStreamDoesNoHarm) {
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

TEST_F(ServiceTest, StoppingAnswersWhatWasTakenAndEndsTheStream) {
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
