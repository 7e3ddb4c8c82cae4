#include "insight/service.h"

#include <algorithm>

#include <google/protobuf/util/time_util.h>

#include "events/identity.h"
#include "insight/plants.h"
#include "insight/requests.h"
#include "insight/scopes.h"

namespace yokoten::insight {
namespace {

// Time that stands still.
class ClockAt final : public Clock {
 public:
  explicit ClockAt(WallTime at) : at_(at) {}
  WallTime Now() const override { return at_; }
  MonotonicTime Monotonic() const override { return SystemClock().Monotonic(); }

 private:
  const WallTime at_;
};

// What an answer about an earlier instant says of its freshness: that instant, so that the same question
// gives the same bytes.
v1::Freshness FreshnessAt(WallTime at, bool simulated) {
  v1::Freshness freshness;
  *freshness.mutable_answered_at() = events::ToTimestamp(at);
  *freshness.mutable_complete_until() = events::ToTimestamp(at);
  freshness.set_simulated(simulated);
  return freshness;
}

// Plants a view must know: that of the unit, or all (empty). Which are a country's, the view itself has to
// say.
std::vector<std::string> PlantsOf(const v1::Unit& unit, bool group) {
  if (group || IsAbovePlant(unit)) return {};
  return {unit.plant_id()};
}

std::vector<std::string> Ids(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  return {ids.begin(), ids.end()};
}

}  // namespace

InsightService::InsightService(const kpi::Catalogue& catalogue, Figures figures, Facts facts,
                               clickhouse::Client& clickhouse, Positions& positions, WatchHub& watch,
                               const Clock& clock, std::chrono::milliseconds token_wait, Frozen& frozen,
                               int as_of_max)
    : catalogue_(catalogue),
      figures_(figures),
      facts_(facts),
      clickhouse_(clickhouse),
      positions_(positions),
      watch_(watch),
      clock_(clock),
      token_wait_(token_wait),
      frozen_(frozen),
      as_of_limit_(as_of_max) {}

Facts InsightService::FactsAt(AsOfView& view) const {
  return Facts(catalogue_, events::Registry::Linked(), view, view.recorded_until_ms());
}

Status InsightService::AnswerAsOf(const google::protobuf::Timestamp& as_of, std::vector<std::string> plants,
                                  v1::Freshness* freshness,
                                  const std::function<Status(AsOfView&, const Clock&)>& answer) {
  const v1::Freshness now = positions_.Now();
  const WallTime at = events::FromTimestamp(as_of);
  const auto& known = now.complete_until();
  const WallTime watermark = events::FromTimestamp(known);
  if (!now.has_complete_until() || at > watermark) {
    return FailedPrecondition("as_of: what is recorded until then is not all in yet; ask for " +
                              google::protobuf::util::TimeUtil::ToString(known) +
                              " (freshness.complete_until) or earlier");
  }
  std::shared_ptr<void> pass;
  YK_RETURN_IF_ERROR(as_of_limit_.Enter(&pass));
  YK_ASSIGN_OR_RETURN(const auto view, AsOfView::Open(clickhouse_, std::move(plants), at));
  YK_RETURN_IF_ERROR(answer(*view, ClockAt(at)));
  *freshness = FreshnessAt(at, now.simulated());
  return OkStatus();
}

Status InsightService::Reach(const grpc::ServerContext& context, const event::v1::ConsistencyToken& token,
                             Stage stage) const {
  return positions_.WaitFor(token, stage, DeadlineOf(context, clock_, token_wait_));
}

grpc::Status InsightService::ListKpis(grpc::ServerContext*, const v1::ListKpisRequest*,
                                      v1::ListKpisResponse* response) {
  std::vector<const kpi::v1::KpiDefinition*> definitions;
  for (const kpi::Kpi& kpi : catalogue_.kpis()) {
    if (!kpi.older) definitions.push_back(&kpi.definition);  // it names them
  }
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
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    if (request->has_as_of()) {
      const bool group = Figures::NeedsGroup(catalogue_, {request->kpi_id()});
      YK_RETURN_IF_ERROR(CheckUnit(request->unit()));
      return AnswerAsOf(request->as_of(), PlantsOf(request->unit(), group), response->mutable_freshness(),
                        [&](AsOfView& view, const Clock& clock) {
                          return Figures(catalogue_, view, clock, &frozen_).Series(*request, response);
                        });
    }
    YK_RETURN_IF_ERROR(figures_.Series(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::GetKpiSnapshot(grpc::ServerContext* context,
                                            const v1::GetKpiSnapshotRequest* request,
                                            v1::GetKpiSnapshotResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    if (request->has_as_of()) {
      const bool group = Figures::NeedsGroup(catalogue_, Ids(request->kpi_ids()));
      YK_RETURN_IF_ERROR(CheckUnit(request->unit()));
      return AnswerAsOf(request->as_of(), PlantsOf(request->unit(), group), response->mutable_freshness(),
                        [&](AsOfView& view, const Clock& clock) {
                          return Figures(catalogue_, view, clock, &frozen_).Snapshot(*request, response);
                        });
    }
    YK_RETURN_IF_ERROR(figures_.Snapshot(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::ListFacts(grpc::ServerContext*, const v1::ListFactsRequest* request,
                                       v1::ListFactsResponse* response) {
  return Answer([&]() -> Status {
    if (request->has_as_of()) {
      return AnswerAsOf(request->as_of(), PlantsOf(request->unit(), false), response->mutable_freshness(),
                        [&](AsOfView& view, const Clock&) { return FactsAt(view).List(*request, response); });
    }
    YK_RETURN_IF_ERROR(facts_.List(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::CountFacts(grpc::ServerContext* context, const v1::CountFactsRequest* request,
                                        v1::CountFactsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(Reach(*context, request->token()));
    if (request->has_as_of()) {
      return AnswerAsOf(
          request->as_of(), Ids(request->plant_ids()), response->mutable_freshness(),
          [&](AsOfView& view, const Clock&) { return FactsAt(view).Count(*request, response); });
    }
    YK_RETURN_IF_ERROR(facts_.Count(*request, response));
    *response->mutable_freshness() = positions_.Now();
    return OkStatus();
  });
}

grpc::Status InsightService::MeasureDurations(grpc::ServerContext*,
                                              const v1::MeasureDurationsRequest* request,
                                              v1::MeasureDurationsResponse* response) {
  return Answer([&]() -> Status {
    if (request->has_as_of()) {
      return AnswerAsOf(
          request->as_of(), Ids(request->plant_ids()), response->mutable_freshness(),
          [&](AsOfView& view, const Clock&) { return FactsAt(view).Durations(*request, response); });
    }
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
