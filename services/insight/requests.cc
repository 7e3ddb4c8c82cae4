#include "insight/requests.h"

#include <algorithm>
#include <charconv>

#include "base/deadline.h"

namespace yokoten::insight {
namespace {

constexpr size_t kCountryMax = 64;  // as OrgUnitOpened.country

}  // namespace

MonotonicTime DeadlineOf(const grpc::ServerContext& context, const Clock& clock,
                         std::chrono::milliseconds longest) {
  const auto latest = clock.Monotonic() + longest;
  const auto given = context.deadline();
  if (given == std::chrono::system_clock::time_point::max()) return latest;
  // A little earlier than the caller gives up, so that our clear answer still reaches it.
  const auto left = TimeLeft(given) - std::chrono::milliseconds(20);
  return std::min(latest, clock.Monotonic() + std::chrono::duration_cast<MonotonicTime::duration>(left));
}

Status RequirePlant(const std::string& plant_id, const char* field) {
  if (plant_id.empty())
    return InvalidArgument(std::string(field) + ": required; ListPlants names the plants");
  const bool good =
      plant_id.size() <= 32 && std::all_of(plant_id.begin(), plant_id.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
      });
  if (!good)
    return InvalidArgument(std::string(field) + ": '" + plant_id +
                           "' is no plant id; write [A-Z0-9_-]{1,32}");
  return OkStatus();
}

Status CheckUnit(const v1::Unit& unit) {
  if (unit.country().empty()) {
    YK_RETURN_IF_ERROR(RequirePlant(unit.plant_id(), "unit.plant_id"));
  } else if (!unit.plant_id().empty()) {
    return InvalidArgument("unit.country: a unit is a plant or a country; leave one of them out");
  } else if (unit.country().size() > kCountryMax) {
    return InvalidArgument("unit.country: longer than " + std::to_string(kCountryMax) + " bytes");
  }
  if ((!unit.country().empty() || unit.plant_id() == "*") && !unit.workshop_id().empty())
    return InvalidArgument("unit.workshop_id: needs the plant it is in");
  if (!unit.line_id().empty() && unit.workshop_id().empty()) {
    return InvalidArgument("unit.workshop_id: required with unit.line_id");
  }
  return OkStatus();
}

Status CheckPlantUnit(const v1::Unit& unit) {
  if (!unit.country().empty())
    return InvalidArgument("unit.country: answered for one plant only; name it in unit.plant_id");
  return CheckUnit(unit);
}

Result<std::optional<Day>> OptionalDay(const std::string& text, const char* field) {
  if (text.empty()) return std::optional<Day>();
  const auto day = ParseDay(text);
  if (!day) return InvalidArgument(std::string(field) + ": '" + text + "' is no date; write YYYY-MM-DD");
  return std::optional<Day>(*day);
}

Result<int> PageSize(int requested, int fallback, int max) {
  if (requested == 0) return fallback;
  if (requested < 1 || requested > max) {
    return InvalidArgument("page_size: " + std::to_string(requested) + " is not within 1 to " +
                           std::to_string(max));
  }
  return requested;
}

Result<int64_t> PageOffset(const std::string& token) {
  if (token.empty()) return 0;
  int64_t offset = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), offset);
  if (error != std::errc() || end != token.data() + token.size() || offset < 0) {
    return InvalidArgument("page_token: not one of ours; give it exactly as it was answered");
  }
  return offset;
}

}  // namespace yokoten::insight
