// Which plants a question is about: one with its parts, those of a country, the whole group; and which of
// their days count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "insight/cells.h"
#include "insight/periods.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Whether a unit is a country or the group. The unit must have passed CheckUnit.
bool IsAbovePlant(const v1::Unit& unit);

struct Scope {
  struct Plant {
    std::string id;
    Day first;    // production day of its first fact
    Day current;  // production day now
    Day last;     // the current one, or the last of a plant that was closed
  };
  bool above_plant = false;
  std::vector<Plant> plants;  // by id
  Day first;                  // the earliest of the plants
  Day current;                // the day that every plant has reached: of the oldest of them

  // Whether the plant existed on a day of the period.
  static bool Has(const Plant& plant, const Period& period) {
    return plant.first <= period.last && period.first <= plant.last;
  }
  std::vector<PlantDays> days() const;
};

// NotFound for a plant without figures and a country in which no plant is registered. Plants that exist for
// probing only belong to no country and not to the group. `recorded_until_ms`: see kpi::FactQuery.
Result<Scope> ScopeOf(clickhouse::Database& clickhouse, const v1::Unit& unit,
                      std::optional<int64_t> recorded_until_ms = std::nullopt);

}  // namespace yokoten::insight
