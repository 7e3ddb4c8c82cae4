// Status and Result: how every room reports failure. No exception crosses a room's border.
//
// Thin names over Abseil's status types, so that the rest of the house never mixes Abseil's own string_view
// and optional (which on Debian 12 are not the std ones) into its interfaces.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace yokoten {

using Status = absl::Status;
using StatusCode = absl::StatusCode;
template <typename T>
using Result = absl::StatusOr<T>;

inline Status OkStatus() { return absl::OkStatus(); }

// Makes a status from a code and std text. Messages are whole sentences that end with what to do.
inline Status MakeStatus(StatusCode code, std::string_view message) {
  return Status(code, absl::string_view(message.data(), message.size()));
}
inline Status InvalidArgument(std::string_view m) { return MakeStatus(StatusCode::kInvalidArgument, m); }
inline Status NotFound(std::string_view m) { return MakeStatus(StatusCode::kNotFound, m); }
inline Status FailedPrecondition(std::string_view m) {
  return MakeStatus(StatusCode::kFailedPrecondition, m);
}
inline Status Unavailable(std::string_view m) { return MakeStatus(StatusCode::kUnavailable, m); }
inline Status ResourceExhausted(std::string_view m) { return MakeStatus(StatusCode::kResourceExhausted, m); }
inline Status DeadlineExceeded(std::string_view m) { return MakeStatus(StatusCode::kDeadlineExceeded, m); }
inline Status Internal(std::string_view m) { return MakeStatus(StatusCode::kInternal, m); }
inline Status DataLoss(std::string_view m) { return MakeStatus(StatusCode::kDataLoss, m); }
inline Status Aborted(std::string_view m) { return MakeStatus(StatusCode::kAborted, m); }
inline Status Cancelled(std::string_view m) { return MakeStatus(StatusCode::kCancelled, m); }
inline Status Unimplemented(std::string_view m) { return MakeStatus(StatusCode::kUnimplemented, m); }

// The status's message as std text.
inline std::string Message(const Status& status) {
  return std::string(status.message().data(), status.message().size());
}

}  // namespace yokoten

#define YK_CONCAT_INNER(a, b) a##b
#define YK_CONCAT(a, b) YK_CONCAT_INNER(a, b)

// Returns the status of `expr` to the caller if it is not OK.
#define YK_RETURN_IF_ERROR(expr)                                                 \
  do {                                                                           \
    if (::yokoten::Status yk_status = (expr); !yk_status.ok()) return yk_status; \
  } while (false)

// YK_ASSIGN_OR_RETURN(auto x, Make()) : assigns the value, or returns the error to the caller.
#define YK_ASSIGN_OR_RETURN(lhs, expr) YK_ASSIGN_OR_RETURN_IMPL(YK_CONCAT(yk_result_, __LINE__), lhs, expr)
#define YK_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                             \
  if (!result.ok()) return result.status();         \
  lhs = std::move(result).value()
