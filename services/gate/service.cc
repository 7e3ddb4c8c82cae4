#include "gate/service.h"

#include "events/identity.h"
#include "rpc/status.h"

namespace yokoten::gate {
namespace {

constexpr std::chrono::hours kAhead{1};

}  // namespace

Status Answer(const v1::CanPerformRequest& request, const Current& current, WallTime now,
              v1::CanPerformResponse* response) {
  for (const auto& [field, value] :
       {std::pair<const char*, const std::string&>{"plant_id", request.plant_id()},
        {"person_ref", request.person_ref()},
        {"job_id", request.job_id()}}) {
    if (value.empty())
      return InvalidArgument(std::string(field) + ": is missing; the gate asks for one person and one job");
  }
  if (current.book == nullptr)
    return NotFound("plant_id: no facts of plant '" + request.plant_id() + "'; check the id");
  const WallTime at = request.has_at() ? events::FromTimestamp(request.at()) : now;
  if (at < current.book->begins || at > now + kAhead) {
    return InvalidArgument(
        "at: must lie between the beginning of the current production day and one hour from now; "
        "what was then is not the gate's question");
  }
  Decide(*current.book, request, at, response);
  auto* freshness = response->mutable_freshness();
  *freshness->mutable_facts_until() = events::ToTimestamp(current.facts_until);
  freshness->set_age_ms(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - current.facts_until).count());
  return OkStatus();
}

grpc::Status GateService::CanPerform(grpc::ServerContext*, const v1::CanPerformRequest* request,
                                     v1::CanPerformResponse* response) {
  const Result<Current> current = keeper_.BookOf(request->plant_id());
  if (!current.ok()) return rpc::ToGrpc(current.status());
  return rpc::ToGrpc(Answer(*request, *current, clock_.Now(), response));
}

}  // namespace yokoten::gate
