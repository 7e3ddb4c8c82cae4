// What the tests of the service share: a training service on a gRPC port, with a fake in Kafka's place.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <google/protobuf/text_format.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "ingest/service.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "rpc/status.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::ingest::test {

using training::v1::IngestEventsRequest;
using training::v1::IngestEventsResponse;
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

inline TrainingEvent Session(const std::string& id, const std::string& plant = "PL1") {
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

inline IngestEventsRequest Batch(std::initializer_list<TrainingEvent> events) {
  IngestEventsRequest request;
  for (const auto& event : events) *request.add_events() = event;
  return request;
}

inline bool HasRetryInfo(const grpc::Status& status) {
  const google::rpc::Status details = rpc::DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::RetryInfo info;
    if (detail.UnpackTo(&info)) return true;
  }
  return false;
}

}  // namespace yokoten::ingest::test
