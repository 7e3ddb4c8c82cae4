#include "insight/scopes.h"

#include <algorithm>
#include <map>

#include "insight/live_facts.h"
#include "insight/plants.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr char kPlants[] = "SELECT plant FROM plant_state";

// Live facts about plants themselves, not the units below them.
Result<clickhouse::Rows> AboutPlants(clickhouse::Database& clickhouse, const char* event, const char* column,
                                     const char* where, std::optional<int64_t> recorded_until_ms) {
  kpi::FactQuery query;
  query.event = event;
  query.plants = kPlants;
  query.columns = {"unit_id", column};
  if (std::string_view(event) == "operations.OrgUnitOpened") query.columns.push_back("level");
  query.production_days = false;
  query.where = where;
  query.recorded_until_ms = recorded_until_ms;
  YK_ASSIGN_OR_RETURN(query.dead, DeadAmong(clickhouse, event, kPlants, {}));
  return clickhouse.Select("SELECT toString(plant) AS plant, toString(" + std::string(column) +
                           ") AS told FROM (" + kpi::LiveFactsSql(query) + ") ORDER BY plant, rank DESC");
}

std::map<std::string, std::string> ByPlant(const clickhouse::Rows& rows) {
  std::map<std::string, std::string> told;
  for (size_t row = 0; row < rows.size(); ++row)
    told.emplace(rows.Text(row, "plant"), rows.Text(row, "told"));
  return told;
}

}  // namespace

bool IsAbovePlant(const v1::Unit& unit) { return !unit.country().empty() || unit.plant_id() == "*"; }

std::vector<PlantDays> Scope::days() const {
  std::vector<PlantDays> days;
  for (const Plant& plant : plants) days.push_back({plant.id, plant.first, plant.last});
  return days;
}

Result<Scope> ScopeOf(clickhouse::Database& clickhouse, const v1::Unit& unit,
                      std::optional<int64_t> recorded_until_ms) {
  Scope scope;
  scope.above_plant = IsAbovePlant(unit);
  clickhouse::Params params;
  params.parameters["plant"] = clickhouse::EscapeParameter(unit.plant_id());
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse.Select("SELECT toString(plant) AS plant, toInt32(first_day) AS f, toInt32(current_day) AS c "
                        "FROM plant_state FINAL WHERE " +
                            (scope.above_plant ? std::string(kNoProbeSql) : "plant = {plant:String}") +
                            " ORDER BY plant",
                        params));
  for (size_t row = 0; row < rows.size(); ++row) {
    const Day current{static_cast<int32_t>(rows.Int(row, "c"))};
    scope.plants.push_back(
        {rows.Text(row, "plant"), Day{static_cast<int32_t>(rows.Int(row, "f"))}, current, current});
  }
  if (scope.above_plant) {
    YK_ASSIGN_OR_RETURN(const auto closed, AboutPlants(clickhouse, "operations.OrgUnitClosed", "effective_on",
                                                       "unit_id = plant", recorded_until_ms));
    const auto last_days = ByPlant(closed);
    for (Scope::Plant& plant : scope.plants) {
      const auto last = last_days.find(plant.id);
      if (last == last_days.end()) continue;
      if (const auto day = ParseDay(last->second)) plant.last = std::min(plant.last, *day);
    }
  }
  if (!unit.country().empty()) {
    YK_ASSIGN_OR_RETURN(const auto opened, AboutPlants(clickhouse, "operations.OrgUnitOpened", "country",
                                                       "level = 'plant'", recorded_until_ms));
    const auto countries = ByPlant(opened);
    std::erase_if(scope.plants, [&](const Scope::Plant& plant) {
      const auto country = countries.find(plant.id);
      return country == countries.end() || country->second != unit.country();
    });
  }
  if (scope.plants.empty()) {
    if (!unit.country().empty())
      return NotFound("country: no plant with figures is registered in '" + unit.country() +
                      "'; ListPlants names countries");
    if (scope.above_plant) return NotFound("no plant has figures: no fact has been counted yet");
    return NotFound("plant '" + unit.plant_id() +
                    "' has no figures: no fact of it has been counted yet; ListPlants names the plants");
  }
  scope.first = scope.plants.front().first;
  scope.current = scope.plants.front().current;
  for (const Scope::Plant& plant : scope.plants) {
    scope.first = std::min(scope.first, plant.first);
    scope.current = std::min(scope.current, plant.current);
  }
  return scope;
}

}  // namespace yokoten::insight
