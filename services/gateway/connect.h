// The Connect protocol (connectrpc.com/docs/protocol, version 1) over HTTP/1.1 for every method of the
// catalogue: unary calls as JSON or Protobuf, server streams as enveloped messages. Nothing waits: a call
// keeps no thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/backend_calls.h"
#include "gateway/catalog.h"
#include "gateway/connect_error.h"
#include "gateway/limits.h"
#include "gateway/request_metrics.h"
#include "http/compression.h"
#include "http/server.h"

namespace yokoten::gateway {

// Thread-safe. The arguments must outlive it and every call it started.
class ConnectHandler {
 public:
  ConnectHandler(const Catalog* catalog, BackendCalls* calls, const Limits* limits, RequestMetrics* metrics)
      : catalog_(*catalog), calls_(*calls), limits_(*limits), metrics_(*metrics) {}

  // Whether a path has the form "/package.Service/Method".
  static bool Handles(std::string_view path);
  // Answers at once or when the backend does.
  void Handle(http::Request& request, const std::shared_ptr<http::Response>& response);

 private:
  struct Unary;
  struct Stream;
  void HandleUnary(const Method& method, bool json, http::Request& request,
                   const std::shared_ptr<http::Response>& response);
  void HandleStream(const Method& method, bool json, http::Request& request,
                    const std::shared_ptr<http::Response>& response);

  const Catalog& catalog_;
  BackendCalls& calls_;
  const Limits& limits_;
  RequestMetrics& metrics_;
  std::shared_ptr<std::atomic<int>> streams_ = std::make_shared<std::atomic<int>>(0);
};

// What unary calls, streams and CloudEvents share.

// "application/json" of "Application/JSON; charset=utf-8".
std::string MediaType(std::string_view content_type);
// The body, decompressed as Content-Encoding says. Errors name the limit.
std::variant<std::string, google::rpc::Status> ReadBody(http::Request& request, size_t bytes_max);
// Headers that are the caller's to the backend: authorization, trace context, x-*.
Metadata ForwardedMetadata(const http::Headers& headers);
// Connect-Timeout-Ms; nothing without one. False: not a number of at most ten digits.
bool ReadTimeout(const http::Headers& headers, std::optional<std::chrono::milliseconds>* timeout);
// Compresses `body` and sets Content-Encoding and Vary if the client takes it and it pays.
void MaybeCompress(std::string_view accept_encoding, size_t bytes_min, http::Headers* headers,
                   std::string* body);
// Sets metadata of the backend as headers, each name after `prefix`; gRPC's own are left out.
void AddMetadataHeaders(const Metadata& metadata, std::string_view prefix, http::Headers* headers);
// The wire form of the method's request from its JSON; a Status that names the field if it is wrong.
std::variant<std::string, google::rpc::Status> WireFromJson(const google::protobuf::Descriptor& type,
                                                            std::string_view json);

}  // namespace yokoten::gateway
