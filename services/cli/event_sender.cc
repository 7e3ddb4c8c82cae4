#include "cli/event_sender.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/proto_buffer_reader.h>

// Every domain's stream messages have the same wire form, so one of them reads all answers.
#include "yokoten/training/v1/service.pb.h"

namespace yokoten::cli {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

void AppendVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void AppendBytes(std::string& out, int field, std::string_view bytes) {
  AppendVarint(out, static_cast<uint64_t>(field) << 3 | 2);
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

bool WorthARetry(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::string WrapEvent(const events::Domain& domain, const events::EventType& type,
                      const google::protobuf::Message& event) {
  const google::protobuf::FieldDescriptor* field = domain.FieldOf(type);
  std::string out;
  if (field != nullptr) AppendBytes(out, field->number(), event.SerializeAsString());
  return out;
}

// What the lanes have in common.
struct EventSender::Shared {
  Options options;
  OnResult on_result;
  mutable std::mutex mutex;
  Counts counts;
  Status failure = OkStatus();
  std::set<std::string> plants;
  std::map<std::pair<std::string, int32_t>, int64_t> positions;

  void Deliver(uint64_t tag, const event::v1::EventResult& result) {
    std::lock_guard lock(mutex);
    (result.status() == event::v1::EVENT_STATUS_ACCEPTED ? counts.accepted : counts.rejected) += 1;
    if (on_result) on_result(tag, result);
  }
  void Merge(const event::v1::ConsistencyToken& token) {
    std::lock_guard lock(mutex);
    plants.insert(token.plant_ids().begin(), token.plant_ids().end());
    for (const event::v1::LogPosition& p : token.positions()) {
      int64_t& offset = positions.try_emplace({p.topic(), p.partition()}, -1).first->second;
      offset = std::max(offset, p.offset());
    }
  }
  Status Failure() const {
    std::lock_guard lock(mutex);
    return failure;
  }
};

// One domain's stream, and the thread that keeps it up.
class EventSender::Lane {
 public:
  Lane(std::shared_ptr<Shared> shared, const events::Domain& domain, std::shared_ptr<Connection> connection)
      : shared_(std::move(shared)),
        domain_(domain),
        connection_(std::move(connection)),
        stub_(connection_->For(domain.target)),
        method_("/" + std::string(domain.service->full_name()) + "/StreamEvents"),
        thread_([this] { Run(); }) {}

  ~Lane() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      if (stream_) stream_->Cancel();
    }
    changed_.notify_all();
    thread_.join();
  }

  Status Send(std::string wrapped, uint64_t tag) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || waiting_.size() < shared_->options.queue; });
    if (failed_) return shared_->Failure();
    open_.bytes += wrapped.size() + 6;
    open_.items.push_back({std::move(wrapped), tag});
    if (open_.items.size() >= shared_->options.batch_events || open_.bytes >= shared_->options.batch_bytes)
      CloseBatch();
    Pump();
    return OkStatus();
  }

  Status Flush() {
    std::unique_lock lock(mutex_);
    CloseBatch();
    Pump();
    changed_.notify_all();
    changed_.wait(lock, [&] { return failed_ || (waiting_.empty() && under_way_.empty()); });
    return failed_ ? shared_->Failure() : OkStatus();
  }

 private:
  struct Item {
    std::string wrapped;
    uint64_t tag = 0;
  };
  struct Batch {
    std::vector<Item> items;
    size_t bytes = 0;
  };

  class Stream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    Stream(Lane& lane, grpc::GenericStub& stub, const std::string& method) : lane_(lane) {
      stub.PrepareBidiStreamingCall(&context_, method, grpc::StubOptions(), this);
      AddHold();
      StartRead(&in_);
      StartCall();
    }
    void Write(grpc::ByteBuffer buffer) {
      out_ = std::move(buffer);
      StartWrite(&out_);
    }
    void Cancel() { context_.TryCancel(); }
    void Release() {
      if (!std::exchange(released_, true)) RemoveHold();
    }

    void OnWriteDone(bool ok) override { lane_.OnWritten(ok); }
    void OnReadDone(bool ok) override {
      if (ok) lane_.OnAnswer(in_);
      if (ok) return StartRead(&in_);
      lane_.OnEnd();
    }
    void OnDone(const grpc::Status& status) override { lane_.OnDone(status); }

   private:
    Lane& lane_;
    grpc::ClientContext context_;
    grpc::ByteBuffer in_, out_;
    bool released_ = false;  // guarded by the lane's mutex
  };

  void CloseBatch() {
    if (open_.items.empty()) return;
    waiting_.push_back(std::move(open_));
    open_ = {};
    changed_.notify_all();
  }

  // Writes the next batch when the stream is free and the window is open. Mutex held.
  void Pump() {
    if (!stream_ || broken_ || writing_ || waiting_.empty() || under_way_.size() >= shared_->options.window ||
        steady_clock::now() < pause_until_) {
      return;
    }
    uint64_t sequence = ++sequence_;
    Batch& batch = under_way_[sequence] = std::move(waiting_.front());
    waiting_.pop_front();
    std::string request;
    request.reserve(batch.bytes + 16);
    for (const Item& item : batch.items) AppendBytes(request, 1, item.wrapped);
    AppendVarint(request, 2 << 3);
    AppendVarint(request, sequence);
    grpc::Slice slice(request);
    writing_ = true;
    stream_->Write(grpc::ByteBuffer(&slice, 1));
    changed_.notify_all();
  }

  void OnWritten(bool ok) {
    std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok || broken_) return EndLocked();
    Pump();
  }
  void OnEnd() {
    std::lock_guard lock(mutex_);
    EndLocked();
  }
  void EndLocked() {
    broken_ = true;
    if (!writing_) stream_->Release();
  }
  void OnDone(const grpc::Status& status) {
    std::lock_guard lock(mutex_);
    last_status_ = status;
    done_ = true;
    changed_.notify_all();
  }

  void OnAnswer(const grpc::ByteBuffer& bytes) {
    training::v1::StreamEventsResponse answer;
    grpc::ByteBuffer copy = bytes;
    grpc::ProtoBufferReader reader(&copy);
    if (!answer.ParseFromZeroCopyStream(&reader)) return;
    Batch batch;
    {
      std::lock_guard lock(mutex_);
      auto it = under_way_.find(answer.sequence());
      if (it == under_way_.end()) return;
      batch = std::move(it->second);
    }
    shared_->Merge(answer.token());
    Batch again;
    for (int i = 0; i < static_cast<int>(batch.items.size()); ++i) {
      const event::v1::EventResult* result = i < answer.results_size() ? &answer.results(i) : nullptr;
      if (result == nullptr || (result->status() != event::v1::EVENT_STATUS_ACCEPTED &&
                                result->status() != event::v1::EVENT_STATUS_REJECTED)) {
        again.bytes += batch.items[i].wrapped.size() + 6;
        again.items.push_back(std::move(batch.items[i]));
        continue;
      }
      shared_->Deliver(batch.items[i].tag, *result);
    }
    std::lock_guard lock(mutex_);
    under_way_.erase(answer.sequence());
    if (again.items.size() < batch.items.size()) progress_ = steady_clock::now();
    if (!again.items.empty()) {
      CountResent(again.items.size());
      waiting_.push_front(std::move(again));
      pause_until_ = steady_clock::now() + NextPause();
    } else {
      pause_ = milliseconds(0);
    }
    Pump();
    changed_.notify_all();
  }

  // 100 ms, then twice as long each time up to 5 s, each cut by chance to between half and the whole. Mutex
  // held.
  milliseconds NextPause() {
    pause_ = std::clamp(pause_ * 2, milliseconds(100), milliseconds(5000));
    return std::uniform_int_distribution<int64_t>(pause_.count() / 2, pause_.count())(jitter_) *
           milliseconds(1);
  }

  void CountResent(size_t events) {
    std::lock_guard lock(shared_->mutex);
    shared_->counts.resent += events;
  }

  void Fail(const Status& status) {
    {
      std::lock_guard lock(shared_->mutex);
      if (shared_->failure.ok()) shared_->failure = status;
    }
    failed_ = true;
    changed_.notify_all();
  }

  void Run() {
    std::unique_lock lock(mutex_);
    progress_ = steady_clock::now();
    while (!failed_) {
      if (waiting_.empty()) {
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        progress_ = steady_clock::now();
      }
      if (stopping_) return;
      if (steady_clock::now() < pause_until_) {
        changed_.wait_until(lock, pause_until_, [&] { return stopping_; });
        if (stopping_) return;
      }
      done_ = broken_ = writing_ = false;
      stream_ = std::make_unique<Stream>(*this, stub_, method_);
      Pump();
      while (!done_) {
        changed_.wait_for(lock, milliseconds(200), [&] { return done_; });
        if (stopping_ && !done_) stream_->Cancel();
        bool idle = waiting_.empty() && under_way_.empty();
        if (idle) progress_ = steady_clock::now();
        if (steady_clock::now() - progress_ > shared_->options.patience) stream_->Cancel();
        if (!done_) Pump();
      }
      stream_.reset();
      // Unknown fate: the oldest first again, under the same ids.
      size_t unknown = 0;
      for (auto it = under_way_.rbegin(); it != under_way_.rend(); ++it) {
        unknown += it->second.items.size();
        if (!it->second.items.empty()) waiting_.push_front(std::move(it->second));
      }
      under_way_.clear();
      CountResent(unknown);
      changed_.notify_all();
      if (stopping_) return;
      Status why =
          FromGrpc(last_status_, "sending to " + domain_.target, connection_->AddressOf(domain_.target));
      if (!last_status_.ok() && !WorthARetry(last_status_.error_code())) return Fail(why);
      if (steady_clock::now() - progress_ > shared_->options.patience) {
        return Fail(
            Unavailable(domain_.target + " took nothing for " +
                        std::to_string(shared_->options.patience / std::chrono::seconds(1)) +
                        " s; start again when it is up, what was sent stays sent. Last: " + Message(why)));
      }
      pause_until_ = steady_clock::now() + NextPause();
    }
  }

  std::shared_ptr<Shared> shared_;
  const events::Domain& domain_;
  std::shared_ptr<Connection> connection_;
  grpc::GenericStub stub_;
  std::string method_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Batch open_;
  std::deque<Batch> waiting_;
  std::map<uint64_t, Batch> under_way_;  // by sequence
  std::unique_ptr<Stream> stream_;
  grpc::Status last_status_;
  uint64_t sequence_ = 0;
  bool writing_ = false, broken_ = false, done_ = false, stopping_ = false, failed_ = false;
  steady_clock::time_point progress_, pause_until_;
  milliseconds pause_{0};
  std::minstd_rand jitter_{std::random_device{}()};
  std::thread thread_;
};

EventSender::EventSender(std::shared_ptr<Connection> connection, Options options, OnResult on_result)
    : shared_(std::make_shared<Shared>()) {
  shared_->options = options;
  shared_->on_result = std::move(on_result);
  for (const events::Domain& domain : events::Registry::Linked().domains()) {
    lanes_[domain.target] = std::make_unique<Lane>(shared_, domain, connection);
  }
}

EventSender::~EventSender() = default;

Status EventSender::Send(const events::Domain& domain, const events::EventType& type,
                         const google::protobuf::Message& event, uint64_t tag) {
  {
    std::lock_guard lock(shared_->mutex);
    if (!shared_->failure.ok()) return shared_->failure;
    ++shared_->counts.sent;
  }
  return lanes_.at(domain.target)->Send(WrapEvent(domain, type, event), tag);
}

Status EventSender::Flush() {
  for (auto& [target, lane] : lanes_) YK_RETURN_IF_ERROR(lane->Flush());
  return OkStatus();
}

event::v1::ConsistencyToken EventSender::token() const {
  std::lock_guard lock(shared_->mutex);
  event::v1::ConsistencyToken token;
  for (const std::string& plant : shared_->plants) token.add_plant_ids(plant);
  for (const auto& [place, offset] : shared_->positions) {
    event::v1::LogPosition* position = token.add_positions();
    position->set_topic(place.first);
    position->set_partition(place.second);
    position->set_offset(offset);
  }
  return token;
}

EventSender::Counts EventSender::counts() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->counts;
}

}  // namespace yokoten::cli
