// yokoten.gate.v1.GateService over the keeper's books.
#pragma once

#include "base/clock.h"
#include "gate/keeper.h"
#include "yokoten/gate/v1/service.grpc.pb.h"

namespace yokoten::gate {

// What a gate answers from a book: checks of the request, the instant, the decision.
Status Answer(const v1::CanPerformRequest& request, const Current& current, WallTime now,
              v1::CanPerformResponse* response);

// Thread-safe. Answered on gRPC's own threads, from memory.
class GateService final : public v1::GateService::Service {
 public:
  GateService(const Keeper& keeper, const Clock& clock) : keeper_(keeper), clock_(clock) {}

  grpc::Status CanPerform(grpc::ServerContext*, const v1::CanPerformRequest* request,
                          v1::CanPerformResponse* response) override;

 private:
  const Keeper& keeper_;
  const Clock& clock_;
};

}  // namespace yokoten::gate
