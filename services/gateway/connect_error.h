// Errors as the gateway tells them: google.rpc.Status inside, Connect's JSON and an HTTP status outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include "events/validator.h"
#include "http/server.h"

namespace yokoten::gateway {

// "invalid_argument" for 3; "unknown" for a number that is no gRPC code.
std::string_view ConnectCodeName(int grpc_code);
// The HTTP status the Connect protocol assigns to a code.
int ConnectHttpStatus(int grpc_code);

// A status with the details the server sent, if they can be read.
google::rpc::Status FromGrpc(const grpc::Status& status);
google::rpc::Status MakeError(grpc::StatusCode code, std::string_view message);
// The same with google.rpc.ErrorInfo, whose reason is an immutable error id.
google::rpc::Status MakeError(grpc::StatusCode code, std::string_view message, std::string_view error_id);
// Why one event (or request) is wrong: INVALID_ARGUMENT with google.rpc.ErrorInfo and BadRequest, as the
// services themselves say it. Fields are named from `prefix` on ("events[3]"); empty: as they are.
google::rpc::Status EventError(std::string_view error_id, std::string_view prefix,
                               const std::vector<events::Violation>& violations);
// Puts `to` in the place of the leading `from` of every field the error names, and in its message.
void RenameFields(std::string_view from, std::string_view to, google::rpc::Status* error);

// What a person needs of an error: its id ("yk-event-invalid", or the code's name without one), the first
// field named, the rule broken, and both languages (the message twice where only one is known).
struct ErrorSummary {
  std::string code;
  std::string field;
  std::string rule;
  std::string message_zh;
  std::string message_en;
};
ErrorSummary Summarize(const google::rpc::Status& error);

// Seconds of google.rpc.RetryInfo, at least 1, if the error has one; 1 for UNAVAILABLE without.
std::optional<int> RetryAfterSeconds(const google::rpc::Status& error);

// {"code": ..., "message": ..., "details": [...]}
std::string ConnectErrorJson(const google::rpc::Status& error);
// Answers a unary call with the error. `headers` are sent too.
void SendConnectError(const std::shared_ptr<http::Response>& response, const google::rpc::Status& error,
                      http::Headers headers = {});

}  // namespace yokoten::gateway
