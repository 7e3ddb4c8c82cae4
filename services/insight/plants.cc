#include "insight/plants.h"

#include <chrono>
#include <map>
#include <string>

#include "base/date.h"
#include "insight/live_facts.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr char kPlants[] = "SELECT plant FROM plant_state";

Result<std::string> LiveUnits(clickhouse::Client& clickhouse, const char* event,
                              std::vector<std::string> columns) {
  kpi::FactQuery query;
  query.event = event;
  query.plants = kPlants;
  query.columns = std::move(columns);
  query.production_days = false;
  YK_ASSIGN_OR_RETURN(query.dead, DeadAmong(clickhouse, event, kPlants, {}));
  return kpi::LiveFactsSql(query);
}

}  // namespace

Status ListPlants(clickhouse::Client& clickhouse, const Clock& clock, v1::ListPlantsResponse* response) {
  clickhouse::Params params;
  params.parameters["now"] = std::to_string(ToMicros(clock.Now()));
  YK_ASSIGN_OR_RETURN(
      const auto plants,
      clickhouse.Select(
          "SELECT s.plant AS plant, toString(s.first_day) AS first_day, toString(s.current_day) AS "
          "current_day, "
          "if(s.time_zone = '', 'UTC', s.time_zone) AS time_zone, i.day AS day, i.shift AS shift "
          "FROM (SELECT * FROM plant_state FINAL WHERE " +
              std::string(kNoProbeSql) +
              ") AS s LEFT JOIN (SELECT plant, toString(day) AS day, "
              "toString(shift_code) AS shift FROM (" +
              kpi::ShiftIntervalsSql(kPlants) +
              ") WHERE start_utc <= fromUnixTimestamp64Micro({now:Int64}) AND "
              "end_utc > fromUnixTimestamp64Micro({now:Int64})) AS i ON s.plant = i.plant "
              "ORDER BY plant",
          params));
  std::map<std::string, v1::ListPlantsResponse::Plant*> by_id;
  for (size_t row = 0; row < plants.size(); ++row) {
    auto* plant = response->add_plants();
    plant->set_plant_id(plants.Text(row, "plant"));
    plant->set_name_zh(plant->plant_id());
    plant->set_name_en(plant->plant_id());
    plant->set_time_zone(plants.Text(row, "time_zone"));
    plant->set_first_day(plants.Text(row, "first_day"));
    plant->set_last_day(plants.Text(row, "current_day"));
    const std::string& day = plants.Text(row, "day");
    plant->set_production_day(day.empty() || day == "1970-01-01" ? plants.Text(row, "current_day") : day);
    plant->set_shift_code(plants.Text(row, "shift").empty() ? "NONE" : plants.Text(row, "shift"));
    by_id[plant->plant_id()] = plant;
  }
  YK_ASSIGN_OR_RETURN(const std::string opened, LiveUnits(clickhouse, "operations.OrgUnitOpened",
                                                          {"unit_id", "level", "parent_id", "name_zh",
                                                           "name_en", "country", "effective_on"}));
  YK_ASSIGN_OR_RETURN(const std::string shifted, LiveUnits(clickhouse, "operations.OrgUnitMoved",
                                                           {"unit_id", "parent_id", "effective_on"}));
  YK_ASSIGN_OR_RETURN(const std::string closed,
                      LiveUnits(clickhouse, "operations.OrgUnitClosed", {"unit_id", "effective_on"}));
  const auto today = std::chrono::floor<std::chrono::days>(clock.Now()).time_since_epoch();
  params.parameters = {{"today", FormatDay(Day{static_cast<int32_t>(today.count())})}};
  // The unit as opened, under the parent it was last moved to; closed units are left out.
  const std::string sql =
      "SELECT o.plant AS plant, o.unit_id AS unit_id, toString(o.level) AS level, o.name_zh AS name_zh, "
      "o.name_en AS name_en, "
      "o.country AS country, if(m.parent_id = '', o.parent_id, m.parent_id) AS parent_id FROM (" +
      opened +
      ") AS o LEFT JOIN (SELECT plant, unit_id, argMax(parent_id, effective_on) AS parent_id FROM (" +
      shifted +
      ") WHERE effective_on <= {today:Date32} GROUP BY plant, unit_id) AS m ON o.plant = m.plant AND "
      "o.unit_id = "
      "m.unit_id "
      "WHERE (o.plant, o.unit_id) NOT IN (SELECT plant, unit_id FROM (" +
      closed +
      ") WHERE effective_on < {today:Date32}) "
      "ORDER BY plant, level, unit_id";
  YK_ASSIGN_OR_RETURN(const auto units, clickhouse.Select(sql, params));
  for (size_t row = 0; row < units.size(); ++row) {
    const auto it = by_id.find(units.Text(row, "plant"));
    if (it == by_id.end()) continue;
    auto* plant = it->second;
    const std::string& name_zh = units.Text(row, "name_zh");
    const std::string& name_en = units.Text(row, "name_en").empty() ? name_zh : units.Text(row, "name_en");
    if (units.Text(row, "level") == "plant") {
      plant->set_name_zh(name_zh);
      plant->set_name_en(name_en);
      plant->set_country(units.Text(row, "country"));
      continue;
    }
    auto* unit = plant->add_units();
    unit->set_unit_id(units.Text(row, "unit_id"));
    unit->set_level(units.Text(row, "level"));
    unit->set_parent_id(units.Text(row, "parent_id"));
    unit->set_name_zh(name_zh);
    unit->set_name_en(name_en);
  }
  return OkStatus();
}

}  // namespace yokoten::insight
