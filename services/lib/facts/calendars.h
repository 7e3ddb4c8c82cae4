// The shift calendars that the facts tell of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "calendar/calendar.h"
#include "clickhouse/client.h"

namespace yokoten::facts {

// Calendars of these plants (none is empty), by plant, as corrections left them. `recorded_until_ms`: those
// recorded later are not there (kpi::FactQuery says what else that needs).
Result<std::map<std::string, std::vector<calendar::CalendarVersion>>> ReadCalendars(
    clickhouse::Database& database, const std::vector<std::string>& plants,
    std::optional<int64_t> recorded_until_ms = std::nullopt);

}  // namespace yokoten::facts
