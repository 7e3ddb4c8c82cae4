#include "insight/loop/service.h"

#include "insight/requests.h"

namespace yokoten::insight {

template <typename Asker, typename Request, typename Response>
grpc::Status LoopService::Ask(const grpc::ServerContext& context, const Asker& asker,
                              Status (Asker::*question)(const Request&, Response*) const,
                              const Request& request, Response* response) const {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(
        positions_.WaitFor(request.token(), Stage::kCells, DeadlineOf(context, clock_, token_wait_)));
    YK_RETURN_IF_ERROR((asker.*question)(request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status LoopService::TraceProposal(grpc::ServerContext* context, const v1::TraceProposalRequest* request,
                                        v1::TraceProposalResponse* response) {
  return Ask(*context, traces_, &Traces::Trace, *request, response);
}

grpc::Status LoopService::MeasureLoop(grpc::ServerContext* context, const v1::MeasureLoopRequest* request,
                                      v1::MeasureLoopResponse* response) {
  return Ask(*context, traces_, &Traces::Measure, *request, response);
}

grpc::Status LoopService::GetEntity(grpc::ServerContext* context, const v1::GetEntityRequest* request,
                                    v1::GetEntityResponse* response) {
  return Ask(*context, entities_, &Entities::Get, *request, response);
}

grpc::Status LoopService::ListEntities(grpc::ServerContext* context, const v1::ListEntitiesRequest* request,
                                       v1::ListEntitiesResponse* response) {
  return Ask(*context, entities_, &Entities::List, *request, response);
}

grpc::Status LoopService::ListRetraining(grpc::ServerContext* context,
                                         const v1::ListRetrainingRequest* request,
                                         v1::ListRetrainingResponse* response) {
  return Ask(*context, people_, &People::Retraining, *request, response);
}

grpc::Status LoopService::MeasureExposure(grpc::ServerContext* context,
                                          const v1::MeasureExposureRequest* request,
                                          v1::MeasureExposureResponse* response) {
  return Ask(*context, people_, &People::Exposure, *request, response);
}

grpc::Status LoopService::GetAsItWas(grpc::ServerContext* context, const v1::GetAsItWasRequest* request,
                                     v1::GetAsItWasResponse* response) {
  return Ask(*context, people_, &People::AsItWas, *request, response);
}

grpc::Status LoopService::DiffRevisions(grpc::ServerContext* context, const v1::DiffRevisionsRequest* request,
                                        v1::DiffRevisionsResponse* response) {
  return Ask(*context, revisions_, &Revisions::Diff, *request, response);
}

grpc::Status LoopService::GetSkillMatrix(grpc::ServerContext* context,
                                         const v1::GetSkillMatrixRequest* request,
                                         v1::GetSkillMatrixResponse* response) {
  return Ask(*context, people_, &People::SkillMatrix, *request, response);
}

grpc::Status LoopService::RankKeyPoints(grpc::ServerContext* context, const v1::RankKeyPointsRequest* request,
                                        v1::RankKeyPointsResponse* response) {
  return Ask(*context, people_, &People::KeyPoints, *request, response);
}

grpc::Status LoopService::MeasureTrainerSupply(grpc::ServerContext* context,
                                               const v1::MeasureTrainerSupplyRequest* request,
                                               v1::MeasureTrainerSupplyResponse* response) {
  return Ask(*context, people_, &People::TrainerSupply, *request, response);
}

grpc::Status LoopService::GetCareer(grpc::ServerContext* context, const v1::GetCareerRequest* request,
                                    v1::GetCareerResponse* response) {
  return Ask(*context, people_, &People::Career, *request, response);
}

}  // namespace yokoten::insight
