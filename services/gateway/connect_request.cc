// What the kinds of calls share: media types, bodies, timeouts, headers. See connect.h.
#include <algorithm>

#include "base/error_ids.h"
#include "gateway/connect.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

constexpr size_t kTimeoutDigits = 10;

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

google::rpc::Status TooLarge(size_t bytes_max) {
  return MakeError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                   "The request is larger than the limit of " + std::to_string(bytes_max) + " bytes (" +
                       std::to_string(bytes_max >> 20) + " MiB): split it.",
                   error_id::kBatchTooLarge);
}

bool IsHeaderText(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

std::string MediaType(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.front() == ' ') content_type.remove_prefix(1);
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return LowerCase(content_type);
}

std::variant<std::string, google::rpc::Status> ReadBody(http::Request& request, size_t bytes_max) {
  const Result<http::Coding> coding = http::ParseCoding(request.headers.Get("Content-Encoding"));
  if (!coding.ok()) {
    return MakeError(grpc::StatusCode::UNIMPLEMENTED,
                     "This Content-Encoding is not known: use gzip, deflate, zstd, "
                     "lz4 or none.");
  }
  Result<std::string> body = request.ReadAll(bytes_max);
  if (body.ok() && *coding != http::Coding::kIdentity) body = http::Decompress(*coding, *body, bytes_max);
  if (body.ok()) return *std::move(body);
  switch (body.status().code()) {
    case StatusCode::kResourceExhausted:
      return TooLarge(bytes_max);
    case StatusCode::kDeadlineExceeded:
      return MakeError(grpc::StatusCode::DEADLINE_EXCEEDED, "The request's body did not arrive in time.");
    case StatusCode::kCancelled:
      return MakeError(grpc::StatusCode::CANCELLED, "The client left while it sent the request.");
    default:
      return MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                       "The request's body is not readable: " + Message(body.status()));
  }
}

Metadata ForwardedMetadata(const http::Headers& headers) {
  Metadata out;
  for (const auto& [name, value] : headers.fields()) {
    std::string key = LowerCase(name);
    const bool ours = key == "authorization" || key == "traceparent" || key == "tracestate" ||
                      key == "baggage" || key.rfind("x-", 0) == 0;
    if (!ours) continue;
    if (key.size() > 4 && key.compare(key.size() - 4, 4, "-bin") == 0) {
      if (std::optional<std::string> bytes = Base64DecodeAny(value)) out.emplace_back(std::move(key), *bytes);
    } else if (IsHeaderText(value)) {
      out.emplace_back(std::move(key), value);
    }
  }
  return out;
}

bool ReadTimeout(const http::Headers& headers, std::optional<std::chrono::milliseconds>* timeout) {
  const std::string_view text = headers.Get("Connect-Timeout-Ms");
  if (text.empty()) return true;
  if (text.size() > kTimeoutDigits) return false;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  *timeout = std::chrono::milliseconds(value);
  return true;
}

void MaybeCompress(std::string_view accept_encoding, size_t bytes_min, http::Headers* headers,
                   std::string* body) {
  headers->Set("Vary", "Accept-Encoding");
  if (body->size() < bytes_min) return;
  const http::Coding coding = http::ChooseBrowserCoding(accept_encoding);
  if (coding == http::Coding::kIdentity) return;
  if (Result<std::string> packed = http::Compress(coding, *body); packed.ok()) {
    *body = *std::move(packed);
    headers->Set("Content-Encoding", http::CodingName(coding));
  }
}

void AddMetadataHeaders(const Metadata& metadata, std::string_view prefix, http::Headers* headers) {
  for (const auto& [name, value] : metadata) {
    if (name.rfind("grpc-", 0) == 0 || name == "content-type" || name == "user-agent" ||
        name.rfind(':', 0) == 0) {
      continue;
    }
    const bool binary = name.size() > 4 && name.compare(name.size() - 4, 4, "-bin") == 0;
    headers->Add(std::string(prefix) + name, binary ? Base64Encode(value, false) : value);
  }
}

std::variant<std::string, google::rpc::Status> WireFromJson(const google::protobuf::Descriptor& type,
                                                            std::string_view json) {
  const std::unique_ptr<google::protobuf::Message> message = NewMessage(&type);
  // A call without arguments may come without a body.
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::string();
  if (const std::optional<events::Violation> violation = MessageFromJson(json, message.get())) {
    return EventError(error_id::kRequestInvalid, "", {*violation});
  }
  return message->SerializeAsString();
}

}  // namespace yokoten::gateway
