#include "derive/service.h"

#include <optional>

#include "rpc/status.h"

namespace yokoten::derive {
namespace {

constexpr int kPageMax = 1000;
constexpr size_t kStreamPage = 200;
constexpr std::chrono::milliseconds kReadTimeout{10000};
// An idle stream says that it is alive.
constexpr std::chrono::seconds kHeartbeat{15};

}  // namespace

// One client. gRPC may run a reaction inline from StartWrite or Finish, so both are called without a lock
// held.
class EventStream final : public grpc::ServerWriteReactor<derived::v1::WatchEventsResponse> {
 public:
  EventStream(DerivedService& service, std::string cursor, Filter filter)
      : service_(service), cursor_(std::move(cursor)), filter_(std::move(filter)) {}

  // Reads on and writes, if nothing is under way. On the feeder's thread alone.
  void Feed(EventLog& log, bool heartbeat) {
    {
      const std::lock_guard lock(mutex_);
      if (writing_ || finished_) return;
    }
    Result<Page> page = log.Read(cursor_, filter_, kStreamPage, kReadTimeout);
    std::unique_lock lock(mutex_);
    if (writing_ || finished_) return;
    if (!page.ok()) {
      finished_ = true;
      lock.unlock();
      Finish(rpc::ToGrpc(page.status()));
      return;
    }
    cursor_ = FormatCursor(page->next);
    if (page->events.empty() && !heartbeat && told_) return;
    message_.Clear();
    for (auto& event : page->events) *message_.add_events() = std::move(event);
    message_.set_next_cursor(cursor_);
    told_ = true;
    writing_ = true;
    lock.unlock();
    StartWrite(&message_);
  }

  void End(const grpc::Status& status) {
    std::unique_lock lock(mutex_);
    if (finished_) return;
    if (writing_) {
      final_ = status;
      return;
    }
    finished_ = true;
    lock.unlock();
    Finish(status);
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    if (!ok && !final_) final_ = grpc::Status::CANCELLED;
    if (finished_) return;
    if (final_) {
      finished_ = true;
      const grpc::Status status = *final_;
      lock.unlock();
      Finish(status);
      return;
    }
    lock.unlock();
    service_.OnPublished();  // there may be more to read
  }
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override { service_.Forget(this); }

 private:
  DerivedService& service_;
  std::string cursor_;
  const Filter filter_;
  std::mutex mutex_;
  derived::v1::WatchEventsResponse message_;
  bool told_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> final_;
};

grpc::Status DerivedService::ListEvents(grpc::ServerContext*, const derived::v1::ListEventsRequest* request,
                                        derived::v1::ListEventsResponse* response) {
  const auto answer = [&]() -> Status {
    const int size = request->page_size() == 0 ? 100 : request->page_size();
    if (size < 1 || size > kPageMax) return InvalidArgument("page_size: 1 to 1000, or 0 for 100");
    YK_ASSIGN_OR_RETURN(const Filter filter, FilterOf(request->types(), request->plant_ids()));
    YK_ASSIGN_OR_RETURN(Page page,
                        log_.Read(request->cursor(), filter, static_cast<size_t>(size), kReadTimeout));
    for (auto& event : page.events) *response->add_events() = std::move(event);
    response->set_next_cursor(FormatCursor(page.next));
    response->set_more(page.more);
    return OkStatus();
  };
  return rpc::ToGrpc(answer());
}

grpc::ServerWriteReactor<derived::v1::WatchEventsResponse>* DerivedService::WatchEvents(
    grpc::CallbackServerContext*, const derived::v1::WatchEventsRequest* request) {
  const Result<Filter> filter = FilterOf(request->types(), request->plant_ids());
  auto stream = std::make_shared<EventStream>(*this, request->cursor(), filter.ok() ? *filter : Filter{});
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    streams_.insert(stream);
    closed = closed_;
    news_ = true;
  }
  if (!filter.ok()) {
    stream->End(rpc::ToGrpc(filter.status()));
  } else if (closed) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "this process stops; connect again"));
  }
  wake_.notify_all();
  return stream.get();
}

void DerivedService::Start() {
  feeder_ = std::thread([this] { Feed(); });
}

void DerivedService::OnPublished() {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  wake_.notify_all();
}

void DerivedService::Feed() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    const bool news = wake_.wait_for(lock, kHeartbeat, [this] { return news_ || closed_; });
    if (closed_) return;
    news_ = false;
    lock.unlock();
    for (const auto& stream : Streams()) stream->Feed(log_, !news);
    lock.lock();
  }
}

void DerivedService::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
  if (feeder_.joinable()) feeder_.join();
  for (const auto& stream : Streams())
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "this process stops; connect again"));
}

std::vector<std::shared_ptr<EventStream>> DerivedService::Streams() {
  const std::lock_guard lock(mutex_);
  return {streams_.begin(), streams_.end()};
}

void DerivedService::Forget(EventStream* stream) {
  std::shared_ptr<EventStream> last;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  for (auto it = streams_.begin(); it != streams_.end(); ++it) {
    if (it->get() != stream) continue;
    last = *it;
    streams_.erase(it);
    return;
  }
}

}  // namespace yokoten::derive
