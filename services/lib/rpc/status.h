// Between our Status and gRPC's, details included.
#pragma once

#include <chrono>
#include <string_view>

#include <grpcpp/support/status.h>

#include "base/status.h"
#include "google/rpc/status.pb.h"

namespace yokoten::rpc {

// Domain of every ErrorInfo we send.
inline constexpr std::string_view kErrorDomain = "yokoten";

// A google.rpc.Status with ErrorInfo (the status's error id as reason, if it has one) in its details.
google::rpc::Status ToRpcStatus(const Status& status);
// Adds RetryInfo.
void AddRetryInfo(google::rpc::Status& status, std::chrono::milliseconds delay);

// The gRPC status with the google.rpc.Status as its binary details.
grpc::Status ToGrpc(const google::rpc::Status& status);
grpc::Status ToGrpc(const Status& status);

// What a client gets back; the error id is restored from the details.
Status FromGrpc(const grpc::Status& status);
// The details of a failed call; OK and empty when it carries none.
google::rpc::Status DetailsOf(const grpc::Status& status);

}  // namespace yokoten::rpc
