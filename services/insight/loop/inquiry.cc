#include "insight/loop/inquiry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace yokoten::insight {
Result<PlantTime> PlantTimeOf(clickhouse::Client& clickhouse, const std::string& plant_id) {
  clickhouse::Params params;
  params.parameters["plant"] = clickhouse::EscapeParameter(plant_id);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse.Select(
          "SELECT toInt32(first_day) AS first, toInt32(current_day) AS current, if(time_zone = '', "
          "'UTC', time_zone) AS zone FROM plant_state FINAL WHERE plant = {plant:String}",
          params));
  if (rows.empty()) {
    return NotFound("plant_id: '" + plant_id +
                    "' has no figures: no fact of it has been counted yet; ListPlants names the plants");
  }
  YK_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(rows.Text(0, "zone")));
  return PlantTime{plant_id, Day{static_cast<int32_t>(rows.Int(0, "first"))},
                   Day{static_cast<int32_t>(rows.Int(0, "current"))}, std::move(zone)};
}

kpi::Question LinkedQuestion(const std::string& name, const std::string& sql,
                             const std::set<std::string>& of_scope_days) {
  Result<kpi::Question> question = kpi::Catalogue::Linked().Ask({name, sql});
  if (!question.ok()) {
    std::fprintf(stderr, "question: %s\n", Message(question.status()).c_str());
    std::abort();
  }
  for (const std::string& event : of_scope_days) {
    kpi::v1::Read* read = question->query.definition.add_reads();
    read->set_event(event);
    read->set_horizon(kpi::v1::HORIZON_DAY);
  }
  return *std::move(question);
}

Result<Inquiry> Inquiry::Open(clickhouse::Client& clickhouse, const PlantTime& plant,
                              const std::vector<Day>& days, std::vector<const kpi::Question*> questions) {
  kpi::PlantScope scope{plant.plant, 0, {plant.first, plant.current}, {}, {}};
  // No question here asks for the instants of a day; they are those of the plant's wall clock.
  for (const Day day : days)
    scope.days.push_back({day, plant.zone.ToUtc(day, 0), plant.zone.ToUtc(day + 1, 0)});
  std::vector<kpi::PlantScope> scopes;
  scopes.push_back(std::move(scope));
  YK_ASSIGN_OR_RETURN(auto round,
                      asks::Round::Open(clickhouse, kpi::Catalogue::Linked(), questions, std::move(scopes)));
  return Inquiry(std::move(round), std::move(questions));
}

Result<clickhouse::Rows> Inquiry::Ask(const kpi::Question& question,
                                      const std::map<std::string, std::string>& parameters) const {
  const std::string sql = SqlOf(question);
  if (sql.empty()) return clickhouse::Rows();
  return Select(sql, parameters);
}

std::string Inquiry::SqlOf(const kpi::Question& question) const {
  const auto found = std::find(questions_.begin(), questions_.end(), &question);
  return round_->Sql(static_cast<size_t>(found - questions_.begin()));
}

Result<clickhouse::Rows> Inquiry::Select(const std::string& sql,
                                         const std::map<std::string, std::string>& parameters) const {
  clickhouse::Params params;
  for (const auto& [name, value] : parameters) params.parameters[name] = value;
  return round_->Select(sql, std::move(params));
}

std::vector<Day> DaysFrom(Day first, Day last) {
  std::vector<Day> days;
  for (Day day = first; day <= last; day = day + 1) days.push_back(day);
  return days;
}

}  // namespace yokoten::insight
