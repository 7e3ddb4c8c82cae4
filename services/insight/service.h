// yokoten.insight.v1.InsightService over the rooms' parts: figures, facts, plants, positions, watch.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clickhouse/client.h"
#include "insight/as_of.h"
#include "insight/facts.h"
#include "insight/figures.h"
#include "insight/frozen.h"
#include "insight/positions.h"
#include "insight/watch.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::insight {

// Thread-safe. All but WatchKpis are answered on gRPC's own threads and may block on ClickHouse and on
// tokens.
class InsightService final
    : public v1::InsightService::WithCallbackMethod_WatchKpis<v1::InsightService::Service> {
 public:
  InsightService(const kpi::Catalogue& catalogue, Figures figures, Facts facts,
                 clickhouse::Client& clickhouse, Positions& positions, WatchHub& watch, const Clock& clock,
                 std::chrono::milliseconds token_wait, Frozen& frozen, int as_of_max);

  grpc::Status ListKpis(grpc::ServerContext*, const v1::ListKpisRequest*, v1::ListKpisResponse*) override;
  grpc::Status ListPlants(grpc::ServerContext*, const v1::ListPlantsRequest*,
                          v1::ListPlantsResponse*) override;
  grpc::Status GetKpiSeries(grpc::ServerContext*, const v1::GetKpiSeriesRequest*,
                            v1::GetKpiSeriesResponse*) override;
  grpc::Status GetKpiSnapshot(grpc::ServerContext*, const v1::GetKpiSnapshotRequest*,
                              v1::GetKpiSnapshotResponse*) override;
  grpc::Status ListFacts(grpc::ServerContext*, const v1::ListFactsRequest*, v1::ListFactsResponse*) override;
  grpc::Status CountFacts(grpc::ServerContext*, const v1::CountFactsRequest*,
                          v1::CountFactsResponse*) override;
  grpc::Status MeasureDurations(grpc::ServerContext*, const v1::MeasureDurationsRequest*,
                                v1::MeasureDurationsResponse*) override;
  grpc::Status LookupEvents(grpc::ServerContext*, const v1::LookupEventsRequest*,
                            v1::LookupEventsResponse*) override;
  grpc::Status ListFindings(grpc::ServerContext*, const v1::ListFindingsRequest*,
                            v1::ListFindingsResponse*) override;
  grpc::Status GetFreshness(grpc::ServerContext*, const v1::GetFreshnessRequest*,
                            v1::GetFreshnessResponse*) override;
  grpc::ServerWriteReactor<v1::WatchKpisResponse>* WatchKpis(grpc::CallbackServerContext*,
                                                             const v1::WatchKpisRequest*) override;

 private:
  // Answers from what was known of `plants` (empty: all) at `as_of`; FAILED_PRECONDITION above the watermark,
  // RESOURCE_EXHAUSTED when too many such questions are under way.
  Status AnswerAsOf(const google::protobuf::Timestamp& as_of, std::vector<std::string> plants,
                    v1::Freshness* freshness, const std::function<Status(AsOfView&, const Clock&)>& answer);
  Facts FactsAt(AsOfView& view) const;
  Status Reach(const grpc::ServerContext& context, const event::v1::ConsistencyToken& token,
               Stage stage = Stage::kCells) const;

  const kpi::Catalogue& catalogue_;
  const Figures figures_;
  const Facts facts_;
  clickhouse::Client& clickhouse_;
  Positions& positions_;
  WatchHub& watch_;
  const Clock& clock_;
  const std::chrono::milliseconds token_wait_;
  Frozen& frozen_;
  AsOfLimit as_of_limit_;
};

}  // namespace yokoten::insight
