// yokoten.derived.v1.DerivedService: pages and streams of the derived topic.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "derive/event_log.h"
#include "yokoten/derived/v1/service.grpc.pb.h"

namespace yokoten::derive {

class EventStream;

// Thread-safe. Streams need no thread of their own: one thread reads for all of them when there is something
// new.
class DerivedService final : public derived::v1::DerivedService::WithCallbackMethod_WatchEvents<
                                 derived::v1::DerivedService::Service> {
 public:
  explicit DerivedService(EventLog& log) : log_(log) {}
  ~DerivedService() override { Close(); }

  grpc::Status ListEvents(grpc::ServerContext* context, const derived::v1::ListEventsRequest* request,
                          derived::v1::ListEventsResponse* response) override;
  grpc::ServerWriteReactor<derived::v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const derived::v1::WatchEventsRequest* request) override;

  void Start();
  // Something was published.
  void OnPublished();
  // Ends all streams with UNAVAILABLE and refuses new ones.
  void Close();

 private:
  friend class EventStream;
  void Feed();
  void Forget(EventStream* stream);
  std::vector<std::shared_ptr<EventStream>> Streams();

  EventLog& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::shared_ptr<EventStream>> streams_;
  bool news_ = false;
  bool closed_ = false;
  std::thread feeder_;
};

}  // namespace yokoten::derive
