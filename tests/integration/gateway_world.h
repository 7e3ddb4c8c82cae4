// A gateway in front of stand-ins for the gRPC services, and a small HTTP client that sees every byte.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "gateway/gateway.h"
#include "http/message.h"
#include "rpc/server.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/insight/v1/service.grpc.pb.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::gateway {

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;  // without chunk framing, still content-coded
};

// One connection to the gateway.
class Connection {
 public:
  explicit Connection(const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Send(std::string_view method, std::string_view path, const http::Headers& headers,
            std::string_view body);
  // Status and headers of the answer. Waits at most ten seconds, as all below; then status is 0.
  Reply ReadHead();
  // Exactly `size` bytes of the body; fewer at its end.
  std::string ReadBody(size_t size);
  // The whole rest.
  std::string ReadRest();
  // Leaves without a word.
  void Close();

 private:
  bool Fill();
  bool NextChunk();

  int fd_ = -1;
  std::string buffer_;
  bool chunked_ = false;
  bool ended_ = false;
  size_t left_ = 0;  // of the body, or of its current chunk
};

Reply Call(const std::string& url, std::string_view method, std::string_view path,
           const http::Headers& headers, std::string_view body);
inline Reply PostJson(const std::string& url, std::string_view path, std::string_view body) {
  return Call(url, "POST", path, {{"Content-Type", "application/json"}}, body);
}

// Accepts events, but for what their ids say: "reject" is refused, "away" fails the whole call.
class FakeTraining final : public training::v1::TrainingIngestService::Service {
 public:
  grpc::Status IngestEvents(grpc::ServerContext* context, const training::v1::IngestEventsRequest* request,
                            training::v1::IngestEventsResponse* response) override;
  std::mutex mutex;
  training::v1::IngestEventsRequest last;  // guarded by mutex, as all below
  std::string last_authorization;
  int calls = 0;
};

class FakeInsight final : public insight::v1::InsightService::Service {
 public:
  grpc::Status ListKpis(grpc::ServerContext* context, const insight::v1::ListKpisRequest* request,
                        insight::v1::ListKpisResponse* response) override;
  // Answers with an error that has details.
  grpc::Status GetKpiSeries(grpc::ServerContext* context, const insight::v1::GetKpiSeriesRequest* request,
                            insight::v1::GetKpiSeriesResponse* response) override;
  // Waits until the caller's deadline or until it is cancelled.
  grpc::Status GetFreshness(grpc::ServerContext* context, const insight::v1::GetFreshnessRequest* request,
                            insight::v1::GetFreshnessResponse* response) override;
  // Sends one message at once, then one per call of Change, until the caller leaves. plant_ids "fail" ends
  // with an error after the first message, "end" ends well.
  grpc::Status WatchKpis(grpc::ServerContext* context, const insight::v1::WatchKpisRequest* request,
                         grpc::ServerWriter<insight::v1::WatchKpisResponse>* writer) override;

  void Change();
  // True once as many calls of GetFreshness and WatchKpis are open; false after ten seconds.
  bool AwaitOpen(int count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;
  int open_ = 0;
};

// All of it, running. The other targets' address answers nothing.
struct World {
  explicit World(const std::function<void(Options*)>& change = nullptr);
  ~World();

  FakeTraining training;
  FakeInsight insight;
  std::unique_ptr<rpc::Server> backend;
  std::unique_ptr<Gateway> gateway;
  std::string url;
};

}  // namespace yokoten::gateway
