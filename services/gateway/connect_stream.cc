// Server streams of the Connect protocol: one enveloped request in, enveloped messages out, an end-of-stream
// message last. See connect.h.
#include "base/deadline.h"
#include "gateway/connect.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

constexpr char kCompressed = 1;
constexpr char kEndOfStream = 2;
constexpr size_t kPrefix = 5;

std::string Envelope(char flags, std::string_view body) {
  const auto size = static_cast<uint32_t>(body.size());
  std::string out;
  out.reserve(kPrefix + body.size());
  out.push_back(flags);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  return out.append(body);
}

// {"error": {...}, "metadata": {"name": ["value"]}}
std::string EndOfStreamJson(const google::rpc::Status& error, const Metadata& trailing) {
  std::string out = "{";
  if (error.code() != 0) out += "\"error\":" + ConnectErrorJson(error);
  http::Headers headers;
  AddMetadataHeaders(trailing, "", &headers);
  if (!headers.fields().empty()) {
    out += out.size() > 1 ? ",\"metadata\":{" : "\"metadata\":{";
    bool first = true;
    for (const auto& [name, value] : headers.fields()) {
      if (!first) out += ',';
      first = false;
      AppendJsonString(name, &out);
      out += ":[";
      AppendJsonString(value, &out);
      out += ']';
    }
    out += '}';
  }
  return out + '}';
}

// The single message of an enveloped request body.
std::variant<std::string, google::rpc::Status> OpenEnvelope(const std::string& body,
                                                            std::string_view coding_name, size_t bytes_max) {
  const auto broken = [](std::string_view why) {
    return MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                     "The request's envelope is broken: " + std::string(why));
  };
  if (body.size() < kPrefix) return broken("it has fewer than 5 bytes.");
  uint32_t size = 0;
  for (size_t i = 1; i < kPrefix; ++i) size = (size << 8) | static_cast<unsigned char>(body[i]);
  if (body.size() - kPrefix != size)
    return broken("exactly one message is expected, of the length it states.");
  if ((body[0] & ~kCompressed) != 0) return broken("its flags are not known.");
  std::string message = body.substr(kPrefix);
  if ((body[0] & kCompressed) == 0) return message;
  const Result<http::Coding> coding = http::ParseCoding(coding_name);
  if (!coding.ok() || *coding == http::Coding::kIdentity)
    return broken("it is compressed in an unknown way.");
  Result<std::string> plain = http::Decompress(*coding, message, bytes_max);
  if (!plain.ok()) return broken("it cannot be decompressed.");
  return *std::move(plain);
}

}  // namespace

// One open stream. Its methods run one at a time.
struct ConnectHandler::Stream final : public StreamObserver {
  Stream(const Method& method_in, const Limits& limits_in, RequestMetrics& metrics_in, bool json_in,
         http::Coding coding_in, std::shared_ptr<http::Response> response_in,
         std::shared_ptr<std::atomic<int>> open_in)
      : method(method_in),
        limits(limits_in),
        metrics(metrics_in),
        json(json_in),
        coding(coding_in),
        response(std::move(response_in)),
        open(std::move(open_in)) {
    metrics.StreamOpened();
  }
  ~Stream() override {
    --*open;
    metrics.StreamClosed();
  }

  Status Begin() {
    http::Headers headers{{"Content-Type", json ? "application/connect+json" : "application/connect+proto"},
                          {"Cache-Control", "no-store"}};
    if (coding != http::Coding::kIdentity) headers.Set("Connect-Content-Encoding", http::CodingName(coding));
    return response->Begin(200, headers);
  }

  Answer OnMessage(const grpc::ByteBuffer& message) override {
    if (pending.empty() && !Encode(message)) return Answer::kStop;
    const Status status = response->Offer(pending);
    if (status.code() == StatusCode::kResourceExhausted) return Answer::kLater;
    pending.clear();
    return status.ok() ? Answer::kTaken : Answer::kStop;
  }

  void OnDone(const grpc::Status& status, const Metadata& trailing) override {
    End(failure.code() != 0 ? failure : FromGrpc(status), trailing);
  }

  void End(const google::rpc::Status& error, const Metadata& trailing) {
    metrics.Count(method.path, ConnectCodeName(error.code()), std::chrono::steady_clock::now() - begin);
    const std::string last = Envelope(kEndOfStream, EndOfStreamJson(error, trailing));
    // A client that cannot even take the end is given a broken connection, which it cannot mistake for one.
    if (response->Offer(last).ok()) {
      response->End().IgnoreError();
    } else {
      response->Abort();
    }
  }

  bool Encode(const grpc::ByteBuffer& message) {
    std::string body = BytesOf(message);
    if (json) {
      const std::unique_ptr<google::protobuf::Message> typed = NewMessage(method.descriptor->output_type());
      std::string text;
      if (!typed->ParseFromString(body) || !MessageToJson(*typed, &text).ok()) {
        failure = MakeError(grpc::StatusCode::INTERNAL,
                            "The service's answer is not readable: gateway and services "
                            "may be of different versions.");
        return false;
      }
      body = std::move(text);
    }
    char flags = 0;
    if (coding != http::Coding::kIdentity && body.size() >= limits.compress_bytes_min) {
      if (Result<std::string> packed = http::Compress(coding, body); packed.ok()) {
        body = *std::move(packed);
        flags = kCompressed;
      }
    }
    pending = Envelope(flags, body);
    return true;
  }

  const Method& method;
  const Limits& limits;
  RequestMetrics& metrics;
  const bool json;
  const http::Coding coding;
  const std::shared_ptr<http::Response> response;
  const std::shared_ptr<std::atomic<int>> open;
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::string pending;          // encoded and not yet taken by the client
  google::rpc::Status failure;  // of our own, told instead of the call's
};

void ConnectHandler::HandleStream(const Method& method, bool json, http::Request& request,
                                  const std::shared_ptr<http::Response>& response) {
  const bool gzip = request.headers.HasToken("Connect-Accept-Encoding", "gzip");
  const int open = ++*streams_;
  auto stream =
      std::make_shared<Stream>(method, limits_, metrics_, json,
                               gzip ? http::Coding::kGzip : http::Coding::kIdentity, response, streams_);
  std::variant<std::string, google::rpc::Status> message;
  std::optional<std::chrono::milliseconds> timeout;
  if (const std::string_view version = request.headers.Get("Connect-Protocol-Version");
      !version.empty() && version != "1") {
    message = MakeError(grpc::StatusCode::INVALID_ARGUMENT, "Connect-Protocol-Version must be 1.");
  } else if (method.descriptor->client_streaming()) {
    message = MakeError(grpc::StatusCode::UNIMPLEMENTED,
                        method.descriptor->name() +
                            " streams in both directions, which needs HTTP/2: call it over "
                            "gRPC at the services' own port, or send batches to IngestEvents.");
  } else if (open > limits_.streams_max) {
    message =
        MakeError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "There are " + std::to_string(limits_.streams_max) +
                      " live streams open already (gateway.streams_max): close some or try again later.");
  } else if (!ReadTimeout(request.headers, &timeout)) {
    message = MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                        "Connect-Timeout-Ms must be a number of at most ten digits.");
  } else {
    message = ReadBody(request, limits_.body_bytes_max);
    if (auto* body = std::get_if<std::string>(&message)) {
      message = OpenEnvelope(*body, request.headers.Get("Connect-Content-Encoding"), limits_.body_bytes_max);
    }
    if (auto* body = std::get_if<std::string>(&message); body != nullptr && json) {
      message = WireFromJson(*method.descriptor->input_type(), *body);
    }
  }
  if (!stream->Begin().ok()) return;
  if (const auto* error = std::get_if<google::rpc::Status>(&message)) return stream->End(*error, {});
  const auto deadline = timeout ? DeadlineIn(*timeout) : std::chrono::system_clock::time_point::max();
  const std::shared_ptr<CallHandle> call = calls_.ServerStream(
      CallRequest{method.backend, method.path, BufferOf(std::move(std::get<std::string>(message))), deadline,
                  ForwardedMetadata(request.headers)},
      stream);
  response->OnClientGone([weak = std::weak_ptr(call)] {
    if (const auto strong = weak.lock()) strong->Cancel();
  });
}

}  // namespace yokoten::gateway
