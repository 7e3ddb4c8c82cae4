// Unary calls of the Connect protocol; see connect.h.
#include "base/deadline.h"
#include "base/error_ids.h"
#include "gateway/connect.h"
#include "gateway/ingest_batch.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProto = "application/proto";
constexpr std::string_view kConnectJson = "application/connect+json";
constexpr std::string_view kConnectProto = "application/connect+proto";

void SendPlain(const std::shared_ptr<http::Response>& response, int status, http::Headers headers,
               grpc::StatusCode code, std::string_view message) {
  headers.Set("Content-Type", kJson);
  response->Send(status, headers, ConnectErrorJson(MakeError(code, message))).IgnoreError();
}

}  // namespace

// What has to be kept until the backend answers.
struct ConnectHandler::Unary {
  const Method& method;
  const Limits& limits;
  RequestMetrics& metrics;
  bool json = false;
  std::string accept_encoding;
  std::shared_ptr<http::Response> response;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  JsonBatch batch;  // of a JSON ingest call

  void Fail(const google::rpc::Status& error, http::Headers headers = {}) {
    SendConnectError(response, error, std::move(headers));
    metrics.Count(method.path, ConnectCodeName(error.code()), std::chrono::steady_clock::now() - begin);
  }

  void Succeed(std::string body, http::Headers headers) {
    headers.Set("Content-Type", json ? kJson : kProto);
    headers.Set("Cache-Control", "no-store");
    MaybeCompress(accept_encoding, limits.compress_bytes_min, &headers, &body);
    response->Send(200, headers, std::move(body)).IgnoreError();
    metrics.Count(method.path, "ok", std::chrono::steady_clock::now() - begin);
  }

  // `wire` is the backend's answer.
  void Answer(std::string wire, http::Headers headers) {
    if (!json) return Succeed(std::move(wire), std::move(headers));
    const std::unique_ptr<google::protobuf::Message> message = NewMessage(method.descriptor->output_type());
    if (!message->ParseFromString(wire)) {
      return Fail(MakeError(
          grpc::StatusCode::INTERNAL,
          "The service's answer is not readable: gateway and services may be of different versions."));
    }
    if (method.ingest != nullptr) {
      if (const auto error = MergeResults(batch, message.get())) return Fail(*error);
    }
    std::string text;
    if (const Status status = MessageToJson(*message, &text); !status.ok()) {
      return Fail(MakeError(grpc::StatusCode::INTERNAL, yokoten::Message(status)));
    }
    Succeed(std::move(text), std::move(headers));
  }

  void Done(UnaryReply reply) {
    http::Headers headers;
    AddMetadataHeaders(reply.initial_metadata, "", &headers);
    AddMetadataHeaders(reply.trailing_metadata, "Trailer-", &headers);
    if (!reply.status.ok()) return Fail(FromGrpc(reply.status), std::move(headers));
    Answer(BytesOf(reply.body), std::move(headers));
  }
};

bool ConnectHandler::Handles(std::string_view path) {
  if (path.size() < 4 || path.front() != '/') return false;
  const size_t slash = path.find('/', 1);
  if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) return false;
  return path.substr(1, slash - 1).find('.') != std::string_view::npos && slash + 1 < path.size();
}

void ConnectHandler::Handle(http::Request& request, const std::shared_ptr<http::Response>& response) {
  const auto begin = std::chrono::steady_clock::now();
  const auto refuse = [&](const Method* method, int status, http::Headers headers, grpc::StatusCode code,
                          std::string_view message) {
    SendPlain(response, status, std::move(headers), code, message);
    metrics_.Count(method == nullptr ? "unknown" : method->path, ConnectCodeName(code),
                   std::chrono::steady_clock::now() - begin);
  };
  const Method* method = catalog_.Find(request.path);
  if (method == nullptr) {
    return refuse(nullptr, 404, {}, grpc::StatusCode::UNIMPLEMENTED,
                  "There is no such method: /v1/openapi.json lists them all.");
  }
  if (request.method != "POST") {
    return refuse(method, 405, {{"Allow", "POST"}}, grpc::StatusCode::UNIMPLEMENTED,
                  "Call a method with POST.");
  }
  const std::string type = MediaType(request.headers.Get("Content-Type"));
  const bool enveloped = type == kConnectJson || type == kConnectProto;
  const bool json = type == kJson || type == kConnectJson;
  const auto& descriptor = *method->descriptor;
  if (descriptor.client_streaming()) {
    const std::string message =
        descriptor.name() +
        " streams in both directions, which needs HTTP/2: call it over gRPC at the services' "
        "own port, or send batches to IngestEvents.";
    if (!enveloped) return refuse(method, 505, {}, grpc::StatusCode::UNIMPLEMENTED, message);
  } else if (descriptor.server_streaming() != enveloped || (!enveloped && !json && type != kProto)) {
    const std::string accepted = descriptor.server_streaming()
                                     ? std::string(kConnectJson) + ", " + std::string(kConnectProto)
                                     : std::string(kJson) + ", " + std::string(kProto);
    return refuse(method, 415, {{"Accept-Post", accepted}}, grpc::StatusCode::INVALID_ARGUMENT,
                  "Send " + descriptor.name() + " with a Content-Type of " + accepted + ".");
  }
  if (enveloped) {
    HandleStream(*method, json, request, response);
  } else {
    HandleUnary(*method, json, request, response);
  }
}

void ConnectHandler::HandleUnary(const Method& method, bool json, http::Request& request,
                                 const std::shared_ptr<http::Response>& response) {
  auto call = std::make_shared<Unary>(
      Unary{method, limits_, metrics_, json, std::string(request.headers.Get("Accept-Encoding")), response});
  const std::string_view version = request.headers.Get("Connect-Protocol-Version");
  if (!version.empty() && version != "1") {
    return call->Fail(MakeError(grpc::StatusCode::INVALID_ARGUMENT, "Connect-Protocol-Version must be 1."));
  }
  std::optional<std::chrono::milliseconds> timeout;
  if (!ReadTimeout(request.headers, &timeout)) {
    return call->Fail(MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                                "Connect-Timeout-Ms must be a number of at most ten digits."));
  }
  std::variant<std::string, google::rpc::Status> body = ReadBody(request, limits_.body_bytes_max);
  if (const auto* error = std::get_if<google::rpc::Status>(&body)) return call->Fail(*error);
  std::string wire = std::move(std::get<std::string>(body));
  if (json && method.ingest != nullptr) {
    if (const auto error = ReadJsonBatch(wire, *method.ingest, limits_, &call->batch))
      return call->Fail(*error);
    wire = std::move(call->batch.wire);
    // Nothing left to send: the answer is known.
    if (call->batch.sent.empty()) return call->Answer("", {});
  } else if (json) {
    std::variant<std::string, google::rpc::Status> converted =
        WireFromJson(*method.descriptor->input_type(), wire);
    if (const auto* error = std::get_if<google::rpc::Status>(&converted)) return call->Fail(*error);
    wire = std::move(std::get<std::string>(converted));
  }
  const auto time = std::min(timeout.value_or(limits_.call_time_max), limits_.call_time_max);
  std::shared_ptr<CallHandle> handle =
      calls_.Unary(CallRequest{method.backend, method.path, BufferOf(std::move(wire)), DeadlineIn(time),
                               ForwardedMetadata(request.headers)},
                   [call](UnaryReply reply) { call->Done(std::move(reply)); });
  response->OnClientGone([weak = std::weak_ptr(handle)] {
    if (const auto strong = weak.lock()) strong->Cancel();
  });
}

}  // namespace yokoten::gateway
