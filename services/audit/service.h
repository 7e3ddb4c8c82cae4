// yokoten.audit.v1.AuditService.
#pragma once

#include "audit/auditor.h"
#include "audit/dead_letters.h"
#include "yokoten/audit/v1/service.grpc.pb.h"

namespace yokoten::audit {

// Thread-safe. Answered on gRPC's own threads; blocks on Kafka and ClickHouse.
class AuditService final : public v1::AuditService::Service {
 public:
  AuditService(Auditor& auditor, DeadLetters& letters) : auditor_(auditor), letters_(letters) {}

  grpc::Status CheckLog(grpc::ServerContext*, const v1::CheckLogRequest*, v1::CheckLogResponse*) override;
  grpc::Status RepairLog(grpc::ServerContext*, const v1::RepairLogRequest*, v1::RepairLogResponse*) override;
  grpc::Status Reconcile(grpc::ServerContext*, const v1::ReconcileRequest*, v1::ReconcileResponse*) override;
  grpc::Status ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest*,
                               v1::ListDeadLettersResponse*) override;
  grpc::Status GetDeadLetter(grpc::ServerContext*, const v1::GetDeadLetterRequest*,
                             v1::GetDeadLetterResponse*) override;
  grpc::Status ReplayDeadLetters(grpc::ServerContext*, const v1::ReplayDeadLettersRequest*,
                                 v1::ReplayDeadLettersResponse*) override;

 private:
  Auditor& auditor_;
  DeadLetters& letters_;
};

}  // namespace yokoten::audit
