// Each call is an object whose address is its tag; the queue's threads drive it from step to step. See
// backend_calls.h.
#include "gateway/backend_calls.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "base/deadline.h"

namespace yokoten::gateway {

namespace {

constexpr int kFirstReconnectMs = 100;
constexpr int kLongestReconnectMs = 2000;
constexpr auto kRetryOffer = std::chrono::milliseconds(20);

Metadata Copy(const std::multimap<grpc::string_ref, grpc::string_ref>& from) {
  Metadata out;
  out.reserve(from.size());
  for (const auto& [name, value] : from) {
    out.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  return out;
}

const grpc::Status& Stopping() {
  static const grpc::Status status(grpc::StatusCode::UNAVAILABLE,
                                   "The gateway is stopping: try again shortly.");
  return status;
}

}  // namespace

std::shared_ptr<Backend> MakeBackend(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  auto backend = std::make_shared<Backend>();
  backend->address = address;
  backend->stub = std::make_unique<grpc::GenericStub>(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  return backend;
}

struct BackendCalls::Impl {
  class Call : public CallHandle, public std::enable_shared_from_this<Call> {
   public:
    explicit Call(CallRequest request) : request_(std::move(request)) {
      context_.set_deadline(request_.deadline);
      for (const auto& [name, value] : request_.metadata) context_.AddMetadata(name, value);
    }
    void Cancel() override { context_.TryCancel(); }
    // Cancels because we stop, and lets the call say so.
    void CancelAtStop() {
      stopped_ = true;
      context_.TryCancel();
    }
    virtual void Begin(grpc::CompletionQueue* queue) = 0;
    // One step is done. False: the call is over and was reported.
    virtual bool Step(bool ok) = 0;
    virtual void Refuse(const grpc::Status& status) = 0;
    virtual bool is_stream() const = 0;

   protected:
    CallRequest request_;
    grpc::ClientContext context_;
    std::atomic<bool> stopped_{false};
  };

  class UnaryCall final : public Call {
   public:
    UnaryCall(CallRequest request, std::function<void(UnaryReply)> done)
        : Call(std::move(request)), done_(std::move(done)) {}
    void Begin(grpc::CompletionQueue* queue) override {
      reader_ = request_.backend->stub->PrepareUnaryCall(&context_, request_.method, request_.body, queue);
      reader_->StartCall();
      reader_->Finish(&reply_.body, &reply_.status, this);
    }
    bool Step(bool) override {
      reply_.initial_metadata = Copy(context_.GetServerInitialMetadata());
      reply_.trailing_metadata = Copy(context_.GetServerTrailingMetadata());
      if (stopped_ && !reply_.status.ok()) reply_.status = Stopping();
      std::exchange(done_, nullptr)(std::move(reply_));
      return false;
    }
    void Refuse(const grpc::Status& status) override {
      reply_.status = status;
      std::exchange(done_, nullptr)(std::move(reply_));
    }
    bool is_stream() const override { return false; }

   private:
    std::function<void(UnaryReply)> done_;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader_;
    UnaryReply reply_;
  };

  // A bidirectional call that sends one message is a server stream on the wire.
  class StreamCall final : public Call {
   public:
    StreamCall(CallRequest request, std::shared_ptr<StreamObserver> observer)
        : Call(std::move(request)), observer_(std::move(observer)) {}
    void Begin(grpc::CompletionQueue* queue) override {
      queue_ = queue;
      stream_ = request_.backend->stub->PrepareCall(&context_, request_.method, queue);
      stream_->StartCall(this);
    }
    bool Step(bool ok) override {
      switch (state_) {
        case State::kStarting:
          if (!ok) return Finish();
          state_ = State::kSending;
          stream_->WriteLast(request_.body, grpc::WriteOptions(), this);
          return true;
        case State::kSending:
          // A failed write also means that a status is waiting; reading brings it out.
          return Read();
        case State::kReading:
          if (!ok) return Finish();
          return Offer();
        case State::kWaiting:
          return Offer();
        case State::kFinishing:
          observer_->OnDone(stopped_ ? Stopping() : status_, Copy(context_.GetServerTrailingMetadata()));
          observer_.reset();
          return false;
      }
      return false;
    }
    void Refuse(const grpc::Status& status) override {
      observer_->OnDone(status, {});
      observer_.reset();
    }
    bool is_stream() const override { return true; }

   private:
    enum class State { kStarting, kSending, kReading, kWaiting, kFinishing };
    bool Read() {
      state_ = State::kReading;
      stream_->Read(&message_, this);
      return true;
    }
    bool Offer() {
      switch (observer_->OnMessage(message_)) {
        case StreamObserver::Answer::kLater:
          state_ = State::kWaiting;
          alarm_.Set(queue_, DeadlineIn(kRetryOffer), this);
          return true;
        case StreamObserver::Answer::kStop:
          context_.TryCancel();
          return Read();
        case StreamObserver::Answer::kTaken:
          return Read();
      }
      return Read();
    }
    bool Finish() {
      state_ = State::kFinishing;
      stream_->Finish(&status_, this);
      return true;
    }

    std::shared_ptr<StreamObserver> observer_;
    grpc::CompletionQueue* queue_ = nullptr;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
    State state_ = State::kStarting;
    grpc::ByteBuffer message_;
    grpc::Status status_;
    grpc::Alarm alarm_;
  };

  std::shared_ptr<CallHandle> Start(std::shared_ptr<Call> call) {
    {
      std::lock_guard lock(mutex);
      if (!stopping && !(streams_stopped && call->is_stream())) {
        // Begun under the lock, so that Stop cannot shut the queue between the check and the first tag.
        running.insert(call);
        call->Begin(&queue);
        return call;
      }
    }
    call->Refuse(Stopping());
    return call;
  }

  void Drive() {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
      Call* call = static_cast<Call*>(tag);
      if (call->Step(ok)) continue;
      std::lock_guard lock(mutex);
      running.erase(call->shared_from_this());
      if (stopping && running.empty()) queue.Shutdown();
    }
  }

  grpc::CompletionQueue queue;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::shared_ptr<Call>> running;  // guarded by mutex, as all below
  bool stopping = false;
  bool streams_stopped = false;
};

BackendCalls::BackendCalls(int threads) : impl_(std::make_shared<Impl>()) {
  for (int i = 0; i < threads; ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->Drive(); });
}

BackendCalls::~BackendCalls() { Stop(); }

std::shared_ptr<CallHandle> BackendCalls::Unary(CallRequest request, std::function<void(UnaryReply)> done) {
  return impl_->Start(std::make_shared<Impl::UnaryCall>(std::move(request), std::move(done)));
}

std::shared_ptr<CallHandle> BackendCalls::ServerStream(CallRequest request,
                                                       std::shared_ptr<StreamObserver> observer) {
  return impl_->Start(std::make_shared<Impl::StreamCall>(std::move(request), std::move(observer)));
}

void BackendCalls::CancelStreams() {
  std::lock_guard lock(impl_->mutex);
  impl_->streams_stopped = true;
  for (const auto& call : impl_->running) {
    if (call->is_stream()) call->CancelAtStop();
  }
}

void BackendCalls::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) return;
    impl_->stopping = true;
    for (const auto& call : impl_->running) call->CancelAtStop();
    if (impl_->running.empty()) impl_->queue.Shutdown();
  }
  for (std::thread& thread : impl_->threads) thread.join();
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return out;
  out.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices)
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return out;
}

grpc::ByteBuffer BufferOf(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(
      owned->data(), owned->size(), [](void* p) { delete static_cast<std::string*>(p); }, owned);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace yokoten::gateway
