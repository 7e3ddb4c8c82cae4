#include "bench/ingest_client.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include <google/protobuf/arena.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <unistd.h>

#include "bench/bare_producer.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::bench {
namespace {

using std::chrono::steady_clock;

constexpr char kUnary[] = "/yokoten.training.v1.TrainingIngestService/IngestEvents";
constexpr char kStream[] = "/yokoten.training.v1.TrainingIngestService/StreamEvents";
constexpr int kConnections = 2;

double Since(steady_clock::time_point begun) {
  return std::chrono::duration<double>(steady_clock::now() - begun).count();
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)))
    Fail("nobody answers at " + address);
  return channel;
}

// How many events an answer accepts; ends the program where it does not accept all.
template <typename Answer>
int Accepted(grpc::ByteBuffer& bytes) {
  google::protobuf::Arena arena;
  auto* answer = google::protobuf::Arena::CreateMessage<Answer>(&arena);
  grpc::ProtoBufferReader reader(&bytes);
  if (!answer->ParseFromZeroCopyStream(&reader)) Fail("an answer could not be read");
  for (const auto& result : answer->results()) {
    if (result.status() != event::v1::EVENT_STATUS_ACCEPTED) Fail("refused: " + result.ShortDebugString());
  }
  return answer->results_size();
}

// Counts down to nothing.
class Countdown {
 public:
  explicit Countdown(size_t count) : left_(count) {}
  void Done() {
    if (left_.fetch_sub(1) != 1) return;
    std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_; });
  }

 private:
  std::atomic<size_t> left_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
};

class Stream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(const std::string& address, std::vector<const grpc::ByteBuffer*> requests, Countdown& countdown)
      : channel_(Connect(address)), stub_(channel_), requests_(std::move(requests)), countdown_(countdown) {}

  void Begin() {
    stub_.PrepareBidiStreamingCall(&context_, kStream, grpc::StubOptions(), this);
    StartRead(&in_);
    Write();
    StartCall();
  }
  void OnWriteDone(bool ok) override {
    if (ok) Write();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    Accepted<training::v1::StreamEventsResponse>(in_);
    ++answers_;
    StartRead(&in_);
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) Fail("a stream ended with: " + status.error_message());
    if (answers_ != requests_.size()) Fail("a stream did not answer every batch");
    countdown_.Done();
  }

 private:
  void Write() {
    if (next_ == requests_.size()) return StartWritesDone();
    out_ = *requests_[next_++];
    StartWrite(&out_);
  }

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  std::vector<const grpc::ByteBuffer*> requests_;
  Countdown& countdown_;
  grpc::ClientContext context_;
  grpc::ByteBuffer in_, out_;
  size_t next_ = 0, answers_ = 0;
};

struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer request, response;
  std::function<void()> answered;
};

void StartCall(const std::shared_ptr<grpc::Channel>& channel, const grpc::ByteBuffer& request,
               std::function<void()> answered) {
  auto* call = new Call{{}, request, {}, std::move(answered)};
  grpc::GenericStub(channel).UnaryCall(
      &call->context, kUnary, grpc::StubOptions(), &call->request, &call->response,
      [call](const grpc::Status& status) {
        if (!status.ok()) Fail("a call failed: " + status.error_message());
        if (Accepted<training::v1::IngestEventsResponse>(call->response) != 1)
          Fail("a call of one event has not one result");
        const auto then = std::move(call->answered);
        delete call;
        then();
      });
}

class Echo final : public training::v1::TrainingIngestService::CallbackService {
  grpc::ServerUnaryReactor* IngestEvents(grpc::CallbackServerContext* context,
                                         const training::v1::IngestEventsRequest* request,
                                         training::v1::IngestEventsResponse* response) override {
    for (int i = 0; i < request->events_size(); ++i)
      response->add_results()->set_status(event::v1::EVENT_STATUS_ACCEPTED);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

double SendStreams(const std::string& address, const std::vector<grpc::ByteBuffer>& batches, int streams) {
  Countdown countdown(static_cast<size_t>(streams));
  std::vector<std::unique_ptr<Stream>> all;
  for (int s = 0; s < streams; ++s) {
    std::vector<const grpc::ByteBuffer*> own;
    for (size_t i = static_cast<size_t>(s); i < batches.size(); i += static_cast<size_t>(streams))
      own.push_back(&batches[i]);
    all.push_back(std::make_unique<Stream>(address, std::move(own), countdown));
  }
  const auto begun = steady_clock::now();
  for (const auto& stream : all) stream->Begin();
  countdown.Wait();
  return Since(begun);
}

Caller::Caller(const std::string& address) {
  for (int i = 0; i < kConnections; ++i) channels_.push_back(Connect(address));
}

double Caller::Closed(const Load& load, size_t from, size_t to, int concurrency) {
  std::vector<grpc::ByteBuffer> requests;
  for (size_t i = from; i < to; ++i) requests.push_back(load.Single(i));
  Countdown countdown(requests.size());
  std::atomic<size_t> next{0};
  // Each answer starts the next call on the same connection.
  std::function<void(size_t)> go = [&](size_t lane) {
    const size_t i = next.fetch_add(1);
    if (i >= requests.size()) return;
    StartCall(channels_[lane % channels_.size()], requests[i], [&, lane] {
      go(lane);
      countdown.Done();
    });
  };
  const auto begun = steady_clock::now();
  for (size_t lane = 0; lane < static_cast<size_t>(concurrency); ++lane) go(lane);
  countdown.Wait();
  return Since(begun);
}

void Caller::Start(const grpc::ByteBuffer& request, std::function<void()> answered) {
  StartCall(channels_[next_++ % channels_.size()], request, std::move(answered));
}

int RunEcho() {
  rpc::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  auto server = rpc::Server::Create(options);
  if (!server.ok()) Fail(Message(server.status()));
  Echo echo;
  (*server)->Register(&echo);
  if (const Status status = (*server)->Start(); !status.ok()) Fail(Message(status));
  std::printf("%s\n", (*server)->BoundAddress().c_str());
  std::fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  (*server)->Stop();
  return 0;
}

}  // namespace yokoten::bench
