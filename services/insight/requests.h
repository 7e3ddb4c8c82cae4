// What every rpc of this room does the same way: deadlines, checks of requests, turning a Status into an
// answer.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "rpc/status.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Runs `work` and turns its status into gRPC's.
template <typename Work>
grpc::Status Answer(Work&& work) {
  return rpc::ToGrpc(work());
}

// The caller's deadline, or `longest` from now when it gave none or a later one.
MonotonicTime DeadlineOf(const grpc::ServerContext& context, const Clock& clock,
                         std::chrono::milliseconds longest = std::chrono::seconds(10));

// InvalidArgument when a plant id is missing or badly written.
Status RequirePlant(const std::string& plant_id, const char* field);
// InvalidArgument when the unit names neither plant nor country or both, a line lacks its workshop, or a
// country or the group has a workshop.
Status CheckUnit(const v1::Unit& unit);
// The same for what is asked of one plant only: InvalidArgument for a country, too.
Status CheckPlantUnit(const v1::Unit& unit);
// A date field that may be empty; InvalidArgument names the field.
Result<std::optional<Day>> OptionalDay(const std::string& text, const char* field);
// Page size: `fallback` for 0; InvalidArgument when out of 1..max.
Result<int> PageSize(int requested, int fallback, int max);
// Page tokens are the offset of the next row, as text. InvalidArgument for anything else.
Result<int64_t> PageOffset(const std::string& token);

}  // namespace yokoten::insight
