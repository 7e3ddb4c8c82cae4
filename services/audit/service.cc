#include "audit/service.h"

#include <vector>

#include "events/identity.h"
#include "rpc/status.h"

namespace yokoten::audit {
namespace {

constexpr int64_t kDaysMax = 31;

// Hands an answer over, or the reason why there is none.
template <typename Response>
grpc::Status Give(Result<Response> result, Response* response) {
  if (!result.ok()) return rpc::ToGrpc(result.status());
  *response = *std::move(result);
  return grpc::Status::OK;
}

}  // namespace

grpc::Status AuditService::CheckLog(grpc::ServerContext*, const v1::CheckLogRequest* request,
                                    v1::CheckLogResponse* response) {
  Result<Found> found = auditor_.Check({request->topics().begin(), request->topics().end()});
  if (!found.ok()) return rpc::ToGrpc(found.status());
  *response = std::move(found->told);
  return grpc::Status::OK;
}

grpc::Status AuditService::RepairLog(grpc::ServerContext*, const v1::RepairLogRequest* request,
                                     v1::RepairLogResponse* response) {
  const auto repair = [&]() -> Result<v1::RepairLogResponse> {
    const std::vector<std::string> topics(request->topics().begin(), request->topics().end());
    v1::RepairLogResponse answer;
    YK_ASSIGN_OR_RETURN(const Found before, auditor_.Check(topics));
    YK_ASSIGN_OR_RETURN(const int64_t repaired, auditor_.Repair(before));
    answer.set_repaired(repaired);
    YK_ASSIGN_OR_RETURN(const Found after, auditor_.Check(topics));
    *answer.mutable_after() = after.told;
    return answer;
  };
  return Give(repair(), response);
}

grpc::Status AuditService::Reconcile(grpc::ServerContext*, const v1::ReconcileRequest* request,
                                     v1::ReconcileResponse* response) {
  const auto reconcile = [&]() -> Result<v1::ReconcileResponse> {
    if (!request->has_from() || !request->has_to()) return InvalidArgument("from, to: give both");
    const int64_t from = ToMicros(events::FromTimestamp(request->from())) / 1000;
    const int64_t to = ToMicros(events::FromTimestamp(request->to())) / 1000;
    if (to <= from) return InvalidArgument("to: must be later than from");
    if (to - from > kDaysMax * 86'400'000)
      return InvalidArgument("to: must be at most " + std::to_string(kDaysMax) + " days after from");
    return auditor_.Reconcile(request->topic(), from, to);
  };
  return Give(reconcile(), response);
}

grpc::Status AuditService::ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest* request,
                                           v1::ListDeadLettersResponse* response) {
  return Give(letters_.List(*request), response);
}

grpc::Status AuditService::GetDeadLetter(grpc::ServerContext*, const v1::GetDeadLetterRequest* request,
                                         v1::GetDeadLetterResponse* response) {
  return Give(letters_.Get(request->position()), response);
}

grpc::Status AuditService::ReplayDeadLetters(grpc::ServerContext*,
                                             const v1::ReplayDeadLettersRequest* request,
                                             v1::ReplayDeadLettersResponse* response) {
  return Give(letters_.Replay(*request), response);
}

}  // namespace yokoten::audit
