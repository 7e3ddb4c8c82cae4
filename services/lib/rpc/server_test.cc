// The gRPC harness, called over a real port.
#include "rpc/server.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "base/error_ids.h"
#include "rpc/client.h"
#include "rpc/status.h"
#include "yokoten/operations/v1/service.grpc.pb.h"

namespace yokoten::rpc {
namespace {

using operations::v1::IngestEventsRequest;
using operations::v1::IngestEventsResponse;
using operations::v1::OperationsIngestService;

class Service final : public OperationsIngestService::Service {
 public:
  std::function<grpc::Status(grpc::ServerContext*)> answer;
  grpc::Status IngestEvents(grpc::ServerContext* context, const IngestEventsRequest*,
                            IngestEventsResponse*) override {
    return answer(context);
  }
};

ServerOptions Local() {
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.drain = std::chrono::milliseconds(500);
  return options;
}

class ServerTest : public testing::Test {
 protected:
  void Start(ServerOptions options = Local()) {
    auto server = Server::Create(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
    server_->Register(&service_);
    ASSERT_TRUE(server_->Start().ok());
    stub_ = OperationsIngestService::NewStub(MakeChannel(server_->BoundAddress()));
  }
  grpc::Status Call(std::chrono::seconds deadline = std::chrono::seconds(10)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    IngestEventsResponse response;
    return stub_->IngestEvents(&context, {}, &response);
  }

  Service service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<OperationsIngestService::Stub> stub_;
};

TEST_F(ServerTest, PortZeroTakesAFreePort) {
  service_.answer = [](auto*) { return grpc::Status::OK; };
  Start();
  EXPECT_GT(server_->BoundPort(), 0);
  EXPECT_EQ(server_->BoundAddress(), "127.0.0.1:" + std::to_string(server_->BoundPort()));
  EXPECT_TRUE(Call().ok());
}

TEST_F(ServerTest, ATakenPortIsAClearError) {
  service_.answer = [](auto*) { return grpc::Status::OK; };
  Start();
  ServerOptions options = Local();
  options.listen_address = server_->BoundAddress();
  auto second = Server::Create(options);
  ASSERT_TRUE(second.ok());
  const Status status = (*second)->Start();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(Message(status), testing::HasSubstr("grpc.listen_address"));
}

TEST_F(ServerTest, OnlyLoopbackIsBoundWithoutTls) {
  for (const char* address : {"0.0.0.0:8090", "[::]:8090", "10.0.0.1:1", "example.org:1"}) {
    ServerOptions options = Local();
    options.listen_address = address;
    const auto server = Server::Create(options);
    ASSERT_FALSE(server.ok()) << address;
    EXPECT_THAT(Message(server.status()), testing::HasSubstr("loopback"));
  }
  for (const char* address : {"127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1", "unix:/tmp/x"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
}

TEST_F(ServerTest, HealthKnowsEachServiceAndTheWhole) {
  service_.answer = [](auto*) { return grpc::Status::OK; };
  Start();
  // grpc.health.v1.Health/Check by hand: the request holds the service's name, the answer 08 01 is SERVING.
  auto channel = MakeChannel(server_->BoundAddress());
  for (const std::string name : {"", "yokoten.operations.v1.OperationsIngestService"}) {
    const std::string bytes = name.empty() ? "" : std::string("\x0a") + static_cast<char>(name.size()) + name;
    grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1), response;
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(channel);
    auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
    call->StartCall();
    grpc::Status status;
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    ASSERT_TRUE(status.ok()) << name << ": " << status.error_message();
    grpc::Slice answer;
    ASSERT_TRUE(response.DumpToSingleSlice(&answer).ok());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(answer.begin()), answer.size()), "\x08\x01");
  }
}

TEST_F(ServerTest, TheDeadlineIsTheCallersButNeverBeyondTheCap) {
  std::chrono::system_clock::time_point seen;
  service_.answer = [&](grpc::ServerContext* context) {
    seen = server_->DeadlineOf(*context);
    return grpc::Status::OK;
  };
  ServerOptions options = Local();
  options.max_deadline = std::chrono::seconds(30);
  Start(options);
  const auto deadline_base = std::chrono::system_clock::now();
  ASSERT_TRUE(Call(std::chrono::seconds(10)).ok());
  EXPECT_LT(seen, deadline_base + std::chrono::seconds(15));
  ASSERT_TRUE(Call(std::chrono::hours(10)).ok());
  EXPECT_LT(seen, deadline_base + std::chrono::seconds(45));
  EXPECT_GT(seen, deadline_base + std::chrono::seconds(25));
}

TEST_F(ServerTest, StopRunsTheDrainHooksAndRefusesNewCalls) {
  service_.answer = [](auto*) { return grpc::Status::OK; };
  Start();
  bool drained = false;
  server_->OnDrain([&] { drained = true; });
  server_->Stop();
  EXPECT_TRUE(drained);
  EXPECT_FALSE(Call(std::chrono::seconds(1)).ok());
}

TEST_F(ServerTest, AStatusCrossesTheWireWithItsErrorIdAndRetryInfo) {
  service_.answer = [](auto*) {
    auto status = ToRpcStatus(WithErrorId(Unavailable("Kafka is away"), error_id::kKafkaUnavailable));
    AddRetryInfo(status, std::chrono::milliseconds(1500));
    return ToGrpc(status);
  };
  Start();
  const grpc::Status got = Call();
  const Status status = FromGrpc(got);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(Message(status), "Kafka is away");
  EXPECT_EQ(ErrorIdOf(status), error_id::kKafkaUnavailable);
  google::rpc::RetryInfo retry;
  ASSERT_EQ(DetailsOf(got).details_size(), 2);
  ASSERT_TRUE(DetailsOf(got).details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

}  // namespace
}  // namespace yokoten::rpc
