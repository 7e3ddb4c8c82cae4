#include "insight/service.h"

#include <algorithm>

#include "insight/plants.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

// as_of has its place in the API; a wrong answer would be worse than none.
template <typename Request>
Status RefuseAsOf(const Request& request) {
  if (!request.has_as_of()) return OkStatus();
  return Unimplemented("as_of: not answered yet; leave it out for the figures as they are known now");
}

}  // namespace

InsightService::InsightService(const kpi::Catalogue& catalogue, Figures figures, Facts facts,
                               clickhouse::Client& clickhouse, Positions& positions, WatchHub& watch,
                               const Clock& clock, std::chrono::milliseconds token_wait)
    : catalogue_(catalogue),
      figures_(figures),
      facts_(facts),
      clickhouse_(clickhouse),
      positions_(positions),
      watch_(watch),
      clock_(clock),
      token_wait_(token_wait) {}

Status InsightService::Reach(const grpc::ServerContext& context, const event::v1::ConsistencyToken& token,
                             Stage stage) const {
  return positions_.WaitFor(token, stage, DeadlineOf(context, clock_, token_wait_));
}

grpc::Status InsightService::ListKpis(grpc::ServerContext*, const v1::ListKpisRequest*,
                                      v1::ListKpisResponse* response) {
  std::vector<const kpi::v1::KpiDefinition*> definitions;
  for (const kpi::Kpi& kpi : catalogue_.kpis()) definitions.push_back(&kpi.definition);
  std::stable_sort(definitions.begin(), definitions.end(),
                   [](const auto* a, const auto* b) { return a->pillar() < b->pillar(); });
  for (const auto* definition : definitions) *response->add_kpis() = *definition;
  return grpc::Status::OK;
}

grpc::Status InsightService::ListPlants(grpc::ServerContext*, const v1::ListPlantsRequest*,
                                        v1::ListPlantsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(insight::ListPlants(clickhouse_, clock_, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::GetKpiSeries(grpc::ServerContext* context,
                                          const v1::GetKpiSeriesRequest* request,
                                          v1::GetKpiSeriesResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(RefuseAsOf(*request));
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    YK_RETURN_IF_ERROR(figures_.Series(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::GetKpiSnapshot(grpc::ServerContext* context,
                                            const v1::GetKpiSnapshotRequest* request,
                                            v1::GetKpiSnapshotResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(RefuseAsOf(*request));
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    YK_RETURN_IF_ERROR(figures_.Snapshot(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::ListFacts(grpc::ServerContext*, const v1::ListFactsRequest* request,
                                       v1::ListFactsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(facts_.List(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::CountFacts(grpc::ServerContext* context, const v1::CountFactsRequest* request,
                                        v1::CountFactsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    YK_RETURN_IF_ERROR(facts_.Count(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::MeasureDurations(grpc::ServerContext*,
                                              const v1::MeasureDurationsRequest* request,
                                              v1::MeasureDurationsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(facts_.Durations(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::LookupEvents(grpc::ServerContext* context,
                                          const v1::LookupEventsRequest* request,
                                          v1::LookupEventsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token(), Stage::kFacts));
    return facts_.Lookup(*request, response);
  });
}

grpc::Status InsightService::ListFindings(grpc::ServerContext* context,
                                          const v1::ListFindingsRequest* request,
                                          v1::ListFindingsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token(), Stage::kFacts));
    return facts_.Findings(*request, response);
  });
}

grpc::Status InsightService::GetFreshness(grpc::ServerContext* context,
                                          const v1::GetFreshnessRequest* request,
                                          v1::GetFreshnessResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::ServerWriteReactor<v1::WatchKpisResponse>* InsightService::WatchKpis(
    grpc::CallbackServerContext*, const v1::WatchKpisRequest* request) {
  return watch_.Watch(*request);
}

}  // namespace yokoten::insight
