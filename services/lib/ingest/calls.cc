#include "ingest/calls.h"

#include <atomic>
#include <deque>
#include <vector>

#include <grpcpp/server_context.h>
#include <grpcpp/support/slice.h>

#include "rpc/status.h"

namespace yokoten::ingest {
namespace {

// One contiguous view of a message. Copies only when it came in several slices.
RequestBytes BytesOf(const grpc::ByteBuffer& buffer) {
  auto slice = std::make_shared<grpc::Slice>();
  if (!buffer.TrySingleSlice(slice.get()).ok() && !buffer.DumpToSingleSlice(slice.get()).ok()) return {};
  RequestBytes request;
  request.bytes = {reinterpret_cast<const char*>(slice->begin()), slice->size()};
  request.owner = std::move(slice);
  return request;
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::Status Cancelled() { return grpc::Status(grpc::StatusCode::CANCELLED, "the caller has left"); }

// Keeps itself alive from Start until gRPC is done with it; whoever else calls back holds a reference of its
// own.
class UnaryCall final : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  explicit UnaryCall(grpc::ByteBuffer* response) : response_(response) {}

  void Start(Machine& machine, grpc::CallbackServerContext* context, const grpc::ByteBuffer& request) {
    self_ = shared_from_this();
    machine.Take(BytesOf(request), Machine::Mode::kCall, context->deadline(), nullptr,
                 [self = self_](Answer answer) { self->Answered(std::move(answer)); });
  }
  void OnDone() override { self_.reset(); }
  void OnCancel() override { FinishOnce(Cancelled()); }

 private:
  void Answered(Answer answer) {
    if (finished_.exchange(true)) return;
    if (answer.failure.code() != 0) return Finish(rpc::ToGrpc(answer.failure));
    *response_ = ToBuffer(answer.response);
    Finish(grpc::Status::OK);
  }
  void FinishOnce(const grpc::Status& status) {
    if (!finished_.exchange(true)) Finish(status);
  }

  grpc::ByteBuffer* const response_;
  std::atomic<bool> finished_{false};
  std::shared_ptr<UnaryCall> self_;
};

}  // namespace

class StreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(std::shared_ptr<Machine> machine, std::shared_ptr<OpenStreams> open, size_t pipelined)
      : machine_(std::move(machine)), open_(std::move(open)), pipelined_(pipelined) {}

  void Start() {
    self_ = shared_from_this();
    open_->Add(self_);
    std::lock_guard lock(mutex_);
    Read();
  }

  void Drain() {
    std::lock_guard lock(mutex_);
    ended_ = true;
    end_ = rpc::ToGrpc(machine_->Stopping());
    Advance();
  }

  void OnReadDone(bool ok) override {
    std::shared_ptr<Slot> slot;
    RequestBytes request;
    {
      std::lock_guard lock(mutex_);
      reading_ = false;
      if (!ok) {
        if (!ended_) end_ = grpc::Status::OK;  // the sender has said everything
        ended_ = true;
      }
      // A stream that is ending answers what it took and takes nothing more.
      if (ended_ || finished_) return Advance();
      slot = std::make_shared<Slot>();
      slots_.push_back(slot);
      request = BytesOf(request_);
      request_.Clear();
      busy_ = true;
    }
    machine_->Take(
        std::move(request), Machine::Mode::kStream, std::chrono::system_clock::time_point::max(),
        [self = shared_from_this()] { self->Queued(); },
        [self = shared_from_this(), slot](Answer answer) { self->Answered(*slot, std::move(answer)); });
  }

  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    slots_.pop_front();
    if (!ok) return FinishOnce(Cancelled());
    Advance();
  }

  void OnCancel() override {
    std::lock_guard lock(mutex_);
    FinishOnce(Cancelled());
  }

  void OnDone() override {
    open_->Remove(self_);
    self_.reset();
  }

 private:
  struct Slot {
    bool answered = false;
    grpc::ByteBuffer response;
    grpc::Status failure;
  };

  void Queued() {
    std::lock_guard lock(mutex_);
    busy_ = false;
    Advance();
  }

  void Answered(Slot& slot, Answer answer) {
    std::lock_guard lock(mutex_);
    slot.answered = true;
    slot.failure = rpc::ToGrpc(answer.failure);
    if (slot.failure.ok()) slot.response = ToBuffer(answer.response);
    Advance();
  }

  // Under the mutex: does whatever can be done next.
  void Advance() {
    if (finished_) return;
    if (!writing_ && !slots_.empty() && slots_.front()->answered) {
      if (!slots_.front()->failure.ok()) return FinishOnce(slots_.front()->failure);
      writing_ = true;
      StartWrite(&slots_.front()->response);
    }
    if (ended_ && slots_.empty()) return FinishOnce(end_);
    if (!ended_ && !reading_ && !busy_ && slots_.size() < pipelined_) Read();
  }

  void Read() {
    reading_ = true;
    StartRead(&request_);
  }

  void FinishOnce(const grpc::Status& status) {
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }

  const std::shared_ptr<Machine> machine_;
  const std::shared_ptr<OpenStreams> open_;
  const size_t pipelined_;
  std::shared_ptr<StreamCall> self_;

  std::mutex mutex_;
  grpc::ByteBuffer request_;
  std::deque<std::shared_ptr<Slot>> slots_;  // requests not yet answered, oldest first
  bool reading_ = false;
  bool writing_ = false;
  bool busy_ = false;  // a request is being handed in; reading another could overtake it
  bool ended_ = false;
  grpc::Status end_;
  bool finished_ = false;
};

void OpenStreams::Add(const std::shared_ptr<StreamCall>& stream) {
  std::lock_guard lock(mutex_);
  streams_.insert(stream);
}

void OpenStreams::Remove(const std::shared_ptr<StreamCall>& stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

void OpenStreams::Drain() {
  std::vector<std::shared_ptr<StreamCall>> streams;
  {
    std::lock_guard lock(mutex_);
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->Drain();
}

size_t OpenStreams::size() const {
  std::lock_guard lock(mutex_);
  return streams_.size();
}

grpc::ServerUnaryReactor* StartUnaryCall(const std::shared_ptr<Machine>& machine,
                                         grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  auto call = std::make_shared<UnaryCall>(response);
  call->Start(*machine, context, *request);
  return call.get();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStreamCall(
    const std::shared_ptr<Machine>& machine, const std::shared_ptr<OpenStreams>& open,
    grpc::CallbackServerContext*, size_t pipelined) {
  auto call = std::make_shared<StreamCall>(machine, open, pipelined);
  call->Start();
  return call.get();
}

}  // namespace yokoten::ingest
