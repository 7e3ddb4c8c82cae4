#include "rpc/status.h"

#include "base/error_ids.h"
#include "google/rpc/error_details.pb.h"

namespace yokoten::rpc {

google::rpc::Status ToRpcStatus(const Status& status) {
  google::rpc::Status out;
  // Abseil took its codes from gRPC, which took them from google.rpc.Code.
  out.set_code(static_cast<int32_t>(status.code()));
  out.set_message(Message(status));
  if (const std::string id = ErrorIdOf(status); !id.empty()) {
    google::rpc::ErrorInfo info;
    info.set_reason(id);
    info.set_domain(std::string(kErrorDomain));
    out.add_details()->PackFrom(info);
  }
  return out;
}

void AddRetryInfo(google::rpc::Status& status, std::chrono::milliseconds delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(delay.count() / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay.count() % 1000 * 1'000'000));
  status.add_details()->PackFrom(info);
}

grpc::Status ToGrpc(const google::rpc::Status& status) {
  if (status.code() == 0) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), status.message(),
                      status.SerializeAsString());
}

grpc::Status ToGrpc(const Status& status) { return ToGrpc(ToRpcStatus(status)); }

Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return OkStatus();
  Status out = MakeStatus(static_cast<StatusCode>(status.error_code()), status.error_message());
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) return WithErrorId(out, info.reason());
  }
  return out;
}

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) return {};
  return details;
}

}  // namespace yokoten::rpc
