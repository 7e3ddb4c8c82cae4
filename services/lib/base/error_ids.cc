#include "base/error_ids.h"

namespace yokoten {
namespace {

// Abseil keys payloads by a type URL; this one is ours alone.
constexpr char kPayload[] = "yokoten/error-id";

}  // namespace

Status WithErrorId(Status status, std::string_view error_id) {
  if (!status.ok())
    status.SetPayload(kPayload, absl::Cord(absl::string_view(error_id.data(), error_id.size())));
  return status;
}

std::string ErrorIdOf(const Status& status) {
  const auto payload = status.GetPayload(kPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace yokoten
