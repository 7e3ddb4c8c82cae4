// See connect_error.h; the tables are those of the Connect protocol's specification.
#include "gateway/connect_error.h"

#include <algorithm>
#include <array>
#include <memory>

#include <google/rpc/error_details.pb.h>

#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

struct Code {
  std::string_view name;
  int http;
};

// By gRPC code.
constexpr std::array<Code, 17> kCodes = {{
    {"ok", 200},
    {"canceled", 499},
    {"unknown", 500},
    {"invalid_argument", 400},
    {"deadline_exceeded", 504},
    {"not_found", 404},
    {"already_exists", 409},
    {"permission_denied", 403},
    {"resource_exhausted", 429},
    {"failed_precondition", 400},
    {"aborted", 409},
    {"out_of_range", 400},
    {"unimplemented", 501},
    {"internal", 500},
    {"unavailable", 503},
    {"data_loss", 500},
    {"unauthenticated", 401},
}};

const Code& CodeOf(int grpc_code) {
  const bool known = grpc_code >= 0 && static_cast<size_t>(grpc_code) < kCodes.size();
  return kCodes[known ? static_cast<size_t>(grpc_code) : 2];
}

constexpr std::string_view kErrorDomain = "yokoten";
constexpr std::string_view kChinese = "zh-CN";

// Letters from `first` to `last` moved to the alphabet that begins with `to`.
std::string Cased(std::string_view text, char first, char last, char to) {
  std::string out(text);
  for (char& c : out) {
    if (c >= first && c <= last) c = static_cast<char>(c - first + to);
  }
  return out;
}

void Pack(const google::protobuf::Message& detail, google::rpc::Status* status) {
  status->add_details()->PackFrom(detail);
}

}  // namespace

std::string_view ConnectCodeName(int grpc_code) { return CodeOf(grpc_code).name; }
int ConnectHttpStatus(int grpc_code) { return CodeOf(grpc_code).http; }

google::rpc::Status FromGrpc(const grpc::Status& status) {
  google::rpc::Status out;
  if (status.error_details().empty() || !out.ParseFromString(status.error_details())) out.Clear();
  out.set_code(status.error_code());
  if (out.message().empty()) out.set_message(status.error_message());
  return out;
}

google::rpc::Status MakeError(grpc::StatusCode code, std::string_view message) {
  google::rpc::Status out;
  out.set_code(code);
  out.set_message(std::string(message));
  return out;
}

google::rpc::Status MakeError(grpc::StatusCode code, std::string_view message, std::string_view error_id) {
  google::rpc::Status out = MakeError(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(error_id));
  info.set_domain(std::string(kErrorDomain));
  Pack(info, &out);
  return out;
}

google::rpc::Status EventError(std::string_view error_id, std::string_view prefix,
                               const std::vector<events::Violation>& violations) {
  google::rpc::BadRequest bad;
  std::string message;
  for (const events::Violation& violation : violations) {
    google::rpc::BadRequest::FieldViolation& out = *bad.add_field_violations();
    std::string field(prefix);
    if (!field.empty() && !violation.field.empty()) field += '.';
    out.set_field(field + violation.field);
    out.set_description(violation.message_en);
    out.set_reason(Cased(violation.rule, 'a', 'z', 'A'));
    out.mutable_localized_message()->set_locale(std::string(kChinese));
    out.mutable_localized_message()->set_message(violation.message_zh);
    if (message.empty())
      message = out.field().empty() ? violation.message_en : out.field() + ": " + violation.message_en;
  }
  if (violations.size() > 1) message += " (and " + std::to_string(violations.size() - 1) + " more)";
  google::rpc::Status out = MakeError(grpc::StatusCode::INVALID_ARGUMENT, message, error_id);
  Pack(bad, &out);
  return out;
}

void RenameFields(std::string_view from, std::string_view to, google::rpc::Status* error) {
  const auto rename = [&](std::string* text) {
    if (text->compare(0, from.size(), from) == 0) text->replace(0, from.size(), to);
  };
  rename(error->mutable_message());
  for (google::protobuf::Any& detail : *error->mutable_details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (auto& violation : *bad.mutable_field_violations()) rename(violation.mutable_field());
    detail.PackFrom(bad);
  }
}

ErrorSummary Summarize(const google::rpc::Status& error) {
  ErrorSummary out;
  out.code = ConnectCodeName(error.code());
  out.message_en = error.message();
  for (const google::protobuf::Any& detail : error.details()) {
    if (google::rpc::ErrorInfo info; detail.UnpackTo(&info)) {
      if (!info.reason().empty()) out.code = info.reason();
    } else if (google::rpc::BadRequest bad; detail.UnpackTo(&bad) && bad.field_violations_size() > 0) {
      const auto& first = bad.field_violations(0);
      out.field = first.field();
      out.rule = Cased(first.reason(), 'A', 'Z', 'a');
      out.message_en = first.description();
      out.message_zh = first.localized_message().message();
    }
  }
  if (out.message_zh.empty()) out.message_zh = out.message_en;
  return out;
}

std::optional<int> RetryAfterSeconds(const google::rpc::Status& error) {
  for (const google::protobuf::Any& detail : error.details()) {
    if (google::rpc::RetryInfo retry; detail.UnpackTo(&retry)) {
      const auto& delay = retry.retry_delay();
      return static_cast<int>(std::clamp<int64_t>(delay.seconds() + (delay.nanos() > 0 ? 1 : 0), 1, 3600));
    }
  }
  if (error.code() == grpc::StatusCode::UNAVAILABLE) return 1;
  return std::nullopt;
}

std::string ConnectErrorJson(const google::rpc::Status& error) {
  std::string out = "{\"code\":\"";
  out += ConnectCodeName(error.code());
  out += "\",\"message\":";
  AppendJsonString(error.message(), &out);
  if (error.details_size() > 0) {
    out += ",\"details\":[";
    bool first = true;
    for (const google::protobuf::Any& detail : error.details()) {
      if (!first) out += ',';
      first = false;
      const std::string& url = detail.type_url();
      out += "{\"type\":";
      AppendJsonString(url.substr(url.rfind('/') + 1), &out);
      out += ",\"value\":";
      AppendJsonString(Base64Encode(detail.value(), false), &out);
      // For people reading along; clients take `value`.
      std::string debug;
      if (MessageToJson(detail, &debug).ok()) out += ",\"debug\":" + debug;
      out += '}';
    }
    out += ']';
  }
  return out + '}';
}

void SendConnectError(const std::shared_ptr<http::Response>& response, const google::rpc::Status& error,
                      http::Headers headers) {
  headers.Set("Content-Type", "application/json");
  headers.Set("Cache-Control", "no-store");
  if (const std::optional<int> seconds = RetryAfterSeconds(error))
    headers.Set("Retry-After", std::to_string(*seconds));
  response->Send(ConnectHttpStatus(error.code()), headers, ConnectErrorJson(error)).IgnoreError();
}

}  // namespace yokoten::gateway
