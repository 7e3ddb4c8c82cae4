#include "insight/frozen.h"

#include <algorithm>
#include <limits>

#include "insight/as_of.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr size_t kStatesMax = 20000;

}  // namespace

Result<Frozen::Background> Frozen::Look(const std::vector<std::string>& plants) {
  Background background;
  YK_ASSIGN_OR_RETURN(background.workdays, facts::ReadWorkdays(client_, plants));
  std::string sql;
  std::set<std::string> types;
  for (const kpi::Kpi& kpi : catalogue_.kpis()) {
    if (kpi.definition.privacy_k() == 0) continue;
    for (const auto& [event, columns] : kpi.all_facts) {
      if (!kpi::IsRestricted(event) || !types.insert(event).second) continue;
      sql += (sql.empty() ? "" : " UNION DISTINCT ") +
             ("SELECT DISTINCT toString(plant) AS p FROM fact_" + kpi::TableOf(event) +
              " WHERE has({plants:Array(String)}, plant)");
    }
  }
  if (sql.empty()) {  // made of facts that are no secret
    background.with_facts.insert(plants.begin(), plants.end());
    return background;
  }
  clickhouse::Params params;
  params.parameters["plants"] = clickhouse::ArrayParameter(plants);
  YK_ASSIGN_OR_RETURN(const auto rows, client_.Select(sql, params));
  for (size_t i = 0; i < rows.size(); ++i) background.with_facts.insert(rows.Text(i, "p"));
  return background;
}

Status Frozen::Compute(const std::string& plant, WallTime at, const std::set<std::pair<Day, Day>>& periods) {
  std::vector<const kpi::Kpi*> kpis;
  std::vector<WantedCells> wanted;
  for (const kpi::Kpi& kpi : catalogue_.kpis()) {
    if (kpi.definition.privacy_k() == 0) continue;
    kpis.push_back(&kpi);
    for (const auto& [first, last] : periods) wanted.push_back({plant, &kpi, first, last});
  }
  YK_ASSIGN_OR_RETURN(const auto view, AsOfView::Open(client_, {plant}, at));
  YK_RETURN_IF_ERROR(view->Compute(catalogue_, wanted));
  for (const auto& [first, last] : periods) {
    YK_ASSIGN_OR_RETURN(const auto cells, ReadWorkshopCells(*view, kpis, plant, first, last));
    State state;
    for (const kpi::Kpi* kpi : kpis) {
      const auto found = cells.find(kpi->id());
      if (found == cells.end()) continue;
      for (const auto& [part, series] : found->second)
        state[kpi->id()][part] = Aggregate(kpi->definition, series, {first, last});
    }
    states_[{plant, at, first, last}] = std::move(state);
  }
  return OkStatus();
}

const Frozen::PartSides& Frozen::Parts(const Key& key, const std::string& kpi_id) const {
  static const PartSides kNone;
  const auto state = states_.find(key);
  if (state == states_.end()) return kNone;
  const auto parts = state->second.find(kpi_id);
  return parts == state->second.end() ? kNone : parts->second;
}

Result<std::vector<std::vector<Frozen::Known>>> Frozen::Histories(const kpi::Kpi& kpi, const v1::Unit& unit,
                                                                  const std::string& dimension,
                                                                  const std::vector<Period>& periods,
                                                                  Day first_day, WallTime now,
                                                                  const Background& background) {
  const std::string& plant = unit.plant_id();
  const WallTime limit = std::min(now, known_until_());
  // Without a fact every state is nought, and none is worth a computation.
  const bool any = background.with_facts.contains(plant);
  const std::lock_guard lock(mutex_);
  if (states_.size() >= kStatesMax) states_.clear();
  std::vector<std::vector<WallTime>> instants;
  std::map<WallTime, std::set<std::pair<Day, Day>>> missing;
  for (const Period& period : periods) {
    instants.emplace_back();
    if (period.last < first_day) continue;
    instants.back() =
        ShownAsOf(period.last, facts::KnownWhenEnded(background.workdays, plant, period.last), limit);
    if (!any) continue;
    for (const WallTime at : instants.back()) {
      if (!states_.contains({plant, at, period.first, period.last}))
        missing[at].insert({period.first, period.last});
    }
  }
  for (const auto& [at, ended] : missing) YK_RETURN_IF_ERROR(Compute(plant, at, ended));

  std::vector<std::vector<Known>> histories(periods.size());
  for (size_t i = 0; i < periods.size(); ++i) {
    PrivateCells hidden;
    for (const WallTime at : instants[i]) {
      const auto& parts = Parts({plant, at, periods[i].first, periods[i].last}, kpi.id());
      // Values of a dimension that do not add up are tables of their own.
      const std::string all = kpi.definition.no_total() ? dimension : "";
      const auto sides_of = [&parts](const std::string& workshop, const std::string& value) {
        const auto found = parts.find({workshop, value});
        return found == parts.end() ? Sides() : found->second;
      };
      const Sides total = sides_of("", all);
      PrivateTable table;
      table.total = CountsOf(kpi.definition, total, total);
      for (const auto& [part, sides] : parts) {
        const auto& [workshop, value] = part;
        if (!workshop.empty() && value == all)
          table.workshops[workshop] = CountsOf(kpi.definition, sides, total);
        if (workshop.empty() && !value.empty() && all.empty())
          table.dimension[value] = CountsOf(kpi.definition, sides, total);
      }
      table.AddRest();
      hidden = Protect(table, kpi.definition.privacy_k(), hidden);
      Known known;
      known.figure.shown = !hidden.Hides(unit.workshop_id(), all.empty() ? dimension : "");
      known.figure.known_at = at;
      known.figure.sides = known.figure.shown ? sides_of(unit.workshop_id(), dimension) : Sides();
      known.plant_hidden = hidden.total;
      known.plant = total;
      histories[i].push_back(std::move(known));
    }
  }
  return histories;
}

Result<std::vector<Frozen::Figure>> Frozen::Read(const kpi::Kpi& kpi, const v1::Unit& unit,
                                                 const std::string& dimension,
                                                 const std::vector<Period>& periods, Day first_day,
                                                 WallTime now) {
  YK_ASSIGN_OR_RETURN(const auto background, Look({unit.plant_id()}));
  YK_ASSIGN_OR_RETURN(auto histories, Histories(kpi, unit, dimension, periods, first_day, now, background));
  std::vector<Figure> figures;
  for (auto& history : histories) {
    figures.push_back(history.empty() ? Figure() : std::move(history.back().figure));
  }
  return figures;
}

Result<std::vector<Frozen::Figure>> Frozen::ReadGroup(const kpi::Kpi& kpi,
                                                      const std::vector<Scope::Plant>& plants,
                                                      const std::string& dimension,
                                                      const std::vector<Period>& periods, WallTime now) {
  const auto& definition = kpi.definition;
  std::vector<std::string> ids;
  for (const Scope::Plant& plant : plants) ids.push_back(plant.id);
  YK_ASSIGN_OR_RETURN(const auto background, Look(ids));
  std::map<std::string, std::vector<std::vector<Known>>> histories;
  for (const Scope::Plant& plant : plants) {
    v1::Unit unit;
    unit.set_plant_id(plant.id);
    YK_ASSIGN_OR_RETURN(histories[plant.id],
                        Histories(kpi, unit, dimension, periods, plant.first, now, background));
  }
  std::vector<Figure> figures;
  for (size_t i = 0; i < periods.size(); ++i) {
    size_t times = std::numeric_limits<size_t>::max();
    for (const Scope::Plant& plant : plants) {
      if (plant.first <= periods[i].last) times = std::min(times, histories[plant.id][i].size());
    }
    Figure figure;
    bool hidden = false;
    for (size_t time = 0; times != std::numeric_limits<size_t>::max() && time < times; ++time) {
      std::vector<Sides> sides;
      PrivateTable table;
      PrivateCells before;
      for (const Scope::Plant& plant : plants) {
        if (plant.first > periods[i].last) continue;
        const Known& known = histories[plant.id][i][time];
        sides.push_back(HasData(definition, known.plant) ? known.plant : Sides());
        table.workshops[plant.id] = CountsOf(definition, sides.back(), sides.back());
        before.workshops[plant.id] = known.plant_hidden;
        figure.known_at = std::max(figure.known_at, known.figure.known_at);
      }
      table.total.assign(table.workshops.begin()->second.size(), 0);
      for (const auto& [plant, counts] : table.workshops) {
        for (size_t count = 0; count < counts.size(); ++count) table.total[count] += counts[count];
      }
      // What the plants show is decided by themselves. Where the group's figure would take more to be hidden
      // among them, it is the one that is.
      const PrivateCells wanted = Protect(table, definition.privacy_k(), before);
      hidden |= !(wanted == before);
      figure.shown = !hidden;
      figure.sides = hidden ? Sides() : Combine(definition, sides);
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace yokoten::insight
