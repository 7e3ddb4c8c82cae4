// Routing, start and stop; see gateway.h.
#include "gateway/gateway.h"

#include <charconv>
#include <optional>

#include "gateway/catalog.h"
#include "gateway/cloud_events.h"
#include "gateway/connect.h"
#include "gateway/dashboards.h"
#include "gateway/openapi.h"
#include "gateway/readiness.h"
#include "http/server.h"
#include "rpc/server.h"

namespace yokoten::gateway {

namespace {

// Connections beyond those of live streams.
constexpr int kSpareConnections = 512;

// "127.0.0.1:8080" or "[::1]:8080".
Status SplitAddress(const std::string& address, std::string* host, uint16_t* port) {
  const size_t colon = address.rfind(':');
  const Status bad = InvalidArgument("gateway.listen_address \"" + address +
                                     "\" is no address: write host:port, such as 127.0.0.1:8080.");
  if (colon == std::string::npos || colon == 0) return bad;
  *host = address.substr(0, colon);
  if (host->size() > 2 && host->front() == '[' && host->back() == ']')
    *host = host->substr(1, host->size() - 2);
  if (*host == "localhost") *host = "127.0.0.1";
  const char* end = address.data() + address.size();
  const auto [at, error] = std::from_chars(address.data() + colon + 1, end, *port);
  if (error != std::errc() || at != end) return bad;
  if (!rpc::IsLoopback(address)) {
    return InvalidArgument(
        "gateway.listen_address \"" + address +
        "\" is not loopback. Without TLS and authentication only 127.0.0.1 may be bound: use it and "
        "put a proxy that authenticates in front.");
  }
  return OkStatus();
}

}  // namespace

struct Gateway::Running {
  Running(const Options& options, std::unique_ptr<Catalog> catalog_in,
          std::unique_ptr<Dashboards> dashboards_in)
      : catalog(std::move(catalog_in)),
        dashboards(std::move(dashboards_in)),
        metrics(options.metrics),
        calls(options.call_threads),
        connect(catalog.get(), &calls, &options.limits, &metrics),
        cloud_events(catalog.get(), &calls, &options.limits, &metrics),
        readiness(catalog.get(), &calls),
        openapi(OpenApiDocument(*catalog, options.limits)) {}

  void Route(http::Request& request, const std::shared_ptr<http::Response>& response) {
    const std::string& path = request.path;
    if (ConnectHandler::Handles(path)) return connect.Handle(request, response);
    if (path == "/v1/events") return cloud_events.Handle(request, response);
    if (path == "/healthz") return Send(response, 200, "text/plain; charset=utf-8", "ok\n");
    if (path == "/readyz") return readiness.Handle(response);
    if (path == "/v1/openapi.json") {
      http::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-cache"}};
      std::string body = openapi;
      MaybeCompress(request.headers.Get("Accept-Encoding"), 1, &headers, &body);
      response->Send(200, headers, std::move(body)).IgnoreError();
      return;
    }
    if (path.rfind("/v1/", 0) == 0) {
      return Send(
          response, 404, "application/json",
          ConnectErrorJson(MakeError(grpc::StatusCode::NOT_FOUND,
                                     "There is nothing here: /v1/openapi.json lists what there is.")));
    }
    dashboards->Handle(request, response);
  }

  static void Send(const std::shared_ptr<http::Response>& response, int status, std::string_view type,
                   std::string body) {
    response
        ->Send(status, {{"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}}, std::move(body))
        .IgnoreError();
  }

  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Dashboards> dashboards;
  RequestMetrics metrics;
  BackendCalls calls;
  ConnectHandler connect;
  CloudEventsHandler cloud_events;
  Readiness readiness;
  const std::string openapi;
  std::unique_ptr<http::Server> server;
};

Gateway::Gateway(Options options) : options_(std::move(options)) {}

Gateway::~Gateway() { Stop(); }

Status Gateway::Start() {
  http::ServerOptions server;
  YK_RETURN_IF_ERROR(SplitAddress(options_.listen_address, &server.address, &server.port));
  server.worker_threads = options_.worker_threads;
  server.max_connections = options_.limits.streams_max + kSpareConnections;
  // Waiting costs a connection its headers and no more: a whole hall of boards may come back at once.
  server.max_queued_requests = server.max_connections;
  YK_ASSIGN_OR_RETURN(std::unique_ptr<Catalog> catalog,
                      Catalog::Make(options_.backends, options_.default_backend));
  YK_ASSIGN_OR_RETURN(std::unique_ptr<Dashboards> dashboards, Dashboards::Load(options_.dashboards_path));
  auto running = std::make_unique<Running>(options_, std::move(catalog), std::move(dashboards));
  YK_ASSIGN_OR_RETURN(
      running->server,
      http::Server::Start(server, [inner = running.get()](http::Request& request, const auto& response) {
        inner->Route(request, response);
      }));
  running_ = std::move(running);
  return OkStatus();
}

void Gateway::Stop() {
  if (running_ == nullptr) return;
  running_->readiness.Drain();
  running_->calls.CancelStreams();
  running_->server->Stop(options_.drain);
  running_->calls.Stop();
  running_.reset();
}

std::string Gateway::Url() const { return running_ == nullptr ? "" : running_->server->Url(); }

}  // namespace yokoten::gateway
