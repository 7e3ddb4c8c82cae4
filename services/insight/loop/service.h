// yokoten.insight.v1.LoopService.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "clickhouse/client.h"
#include "insight/loop/entities.h"
#include "insight/loop/people.h"
#include "insight/loop/revisions.h"
#include "insight/loop/trace.h"
#include "insight/positions.h"
#include "yokoten/insight/v1/loop.grpc.pb.h"

namespace yokoten::insight {

// Thread-safe. Answered on gRPC's own threads; may block on ClickHouse and on tokens.
class LoopService final : public v1::LoopService::Service {
 public:
  LoopService(clickhouse::Client& clickhouse, Positions& positions, const Clock& clock,
              std::chrono::milliseconds token_wait)
      : entities_(clickhouse, clock),
        traces_(clickhouse, clock),
        people_(clickhouse),
        revisions_(clickhouse, clock),
        positions_(positions),
        clock_(clock),
        token_wait_(token_wait) {}

  grpc::Status TraceProposal(grpc::ServerContext*, const v1::TraceProposalRequest*,
                             v1::TraceProposalResponse*) override;
  grpc::Status MeasureLoop(grpc::ServerContext*, const v1::MeasureLoopRequest*,
                           v1::MeasureLoopResponse*) override;
  grpc::Status GetEntity(grpc::ServerContext*, const v1::GetEntityRequest*, v1::GetEntityResponse*) override;
  grpc::Status ListEntities(grpc::ServerContext*, const v1::ListEntitiesRequest*,
                            v1::ListEntitiesResponse*) override;
  grpc::Status ListRetraining(grpc::ServerContext*, const v1::ListRetrainingRequest*,
                              v1::ListRetrainingResponse*) override;
  grpc::Status MeasureExposure(grpc::ServerContext*, const v1::MeasureExposureRequest*,
                               v1::MeasureExposureResponse*) override;
  grpc::Status GetAsItWas(grpc::ServerContext*, const v1::GetAsItWasRequest*,
                          v1::GetAsItWasResponse*) override;
  grpc::Status DiffRevisions(grpc::ServerContext*, const v1::DiffRevisionsRequest*,
                             v1::DiffRevisionsResponse*) override;
  grpc::Status GetSkillMatrix(grpc::ServerContext*, const v1::GetSkillMatrixRequest*,
                              v1::GetSkillMatrixResponse*) override;
  grpc::Status RankKeyPoints(grpc::ServerContext*, const v1::RankKeyPointsRequest*,
                             v1::RankKeyPointsResponse*) override;
  grpc::Status MeasureTrainerSupply(grpc::ServerContext*, const v1::MeasureTrainerSupplyRequest*,
                                    v1::MeasureTrainerSupplyResponse*) override;
  grpc::Status GetCareer(grpc::ServerContext*, const v1::GetCareerRequest*, v1::GetCareerResponse*) override;

 private:
  // Waits for the request's token, asks, and says how fresh the answer is.
  template <typename Asker, typename Request, typename Response>
  grpc::Status Ask(const grpc::ServerContext& context, const Asker& asker,
                   Status (Asker::*question)(const Request&, Response*) const, const Request& request,
                   Response* response) const;

  const Entities entities_;
  const Traces traces_;
  const People people_;
  const Revisions revisions_;
  Positions& positions_;
  const Clock& clock_;
  const std::chrono::milliseconds token_wait_;
};

}  // namespace yokoten::insight
