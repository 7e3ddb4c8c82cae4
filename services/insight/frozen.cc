#include "insight/frozen.h"

#include <algorithm>

#include "insight/as_of.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr size_t kStatesMax = 20000;

struct Publication {
  int64_t recorded_ms = 0;
  int64_t year = 0;
  int64_t version = 0;
  Workdays days;
};

std::vector<Day> Days(const std::string& array) {
  std::vector<Day> days;
  for (size_t at = 0; at + 10 <= array.size(); ++at) {
    if (const auto day = ParseDay(std::string_view(array).substr(at, 10))) days.push_back(*day);
  }
  return days;
}

// What any record says of the workdays. Taken as it was sent: a void or a later version must not move the
// close of a period that is over.
Result<std::vector<Publication>> ReadWorkdays(clickhouse::Client& client, const std::string& plant) {
  clickhouse::Params params;
  params.parameters["plant"] = clickhouse::EscapeParameter(plant);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      client.Select(
          "SELECT toUnixTimestamp64Milli(recorded_at) AS ms, year, version, holidays, extra_workdays "
          "FROM fact_operations_workdays_published FINAL WHERE plant IN ('*', {plant:String}) ORDER BY "
          "version, rank DESC",
          params));
  std::vector<Publication> publications;
  for (size_t i = 0; i < rows.size(); ++i) {
    publications.push_back({rows.Int(i, "ms"),
                            rows.Int(i, "year"),
                            rows.Int(i, "version"),
                            {Days(rows.Text(i, "holidays")), Days(rows.Text(i, "extra_workdays"))}});
  }
  return publications;
}

// As known when a period ended: of each year the highest version, of equal ones the last recorded.
Workdays KnownWhenEnded(const std::vector<Publication>& publications, Day last) {
  const int64_t end_ms = (int64_t{last.value} + 1) * 86'400'000;
  std::map<int64_t, const Publication*> years;
  for (const Publication& publication : publications) {
    if (publication.recorded_ms < end_ms) years[publication.year] = &publication;
  }
  Workdays workdays;
  for (const auto& [year, publication] : years) {
    const auto add = [](const std::vector<Day>& from, std::vector<Day>* to) {
      to->insert(to->end(), from.begin(), from.end());
    };
    add(publication->days.off, &workdays.off);
    add(publication->days.worked, &workdays.worked);
  }
  return workdays;
}

}  // namespace

Result<bool> Frozen::AnyFacts(const std::string& plant) {
  std::string sql;
  std::set<std::string> types;
  for (const kpi::Kpi& kpi : catalogue_.kpis()) {
    if (kpi.definition.privacy_k() == 0) continue;
    for (const auto& [event, columns] : kpi.all_facts) {
      if (!kpi::IsRestricted(event) || !types.insert(event).second) continue;
      sql += (sql.empty() ? "" : " UNION ALL ") +
             ("(SELECT 1 AS one FROM fact_" + kpi::TableOf(event) + " WHERE plant = {plant:String} LIMIT 1)");
    }
  }
  if (sql.empty()) return true;  // made of facts that are no secret
  clickhouse::Params params;
  params.parameters["plant"] = clickhouse::EscapeParameter(plant);
  YK_ASSIGN_OR_RETURN(const auto rows, client_.Select("SELECT count() AS n FROM (" + sql + ")", params));
  return rows.Int(0, "n") > 0;
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

Result<std::vector<Frozen::Figure>> Frozen::Read(const kpi::Kpi& kpi, const v1::Unit& unit,
                                                 const std::string& dimension,
                                                 const std::vector<Period>& periods, Day first_day,
                                                 WallTime now) {
  const std::string& plant = unit.plant_id();
  const WallTime limit = std::min(now, known_until_());
  YK_ASSIGN_OR_RETURN(const auto publications, ReadWorkdays(client_, plant));
  // Without a fact every state is nought, and none is worth a computation.
  YK_ASSIGN_OR_RETURN(const bool any, AnyFacts(plant));
  const std::lock_guard lock(mutex_);
  if (states_.size() >= kStatesMax) states_.clear();
  std::vector<std::vector<WallTime>> instants;
  std::map<WallTime, std::set<std::pair<Day, Day>>> missing;
  for (const Period& period : periods) {
    instants.emplace_back();
    if (period.last < first_day) continue;
    instants.back() = ShownAsOf(period.last, KnownWhenEnded(publications, period.last), limit);
    if (!any) continue;
    for (const WallTime at : instants.back()) {
      if (!states_.contains({plant, at, period.first, period.last}))
        missing[at].insert({period.first, period.last});
    }
  }
  for (const auto& [at, ended] : missing) YK_RETURN_IF_ERROR(Compute(plant, at, ended));

  std::vector<Figure> figures;
  for (size_t i = 0; i < periods.size(); ++i) {
    Figure figure;
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
      figure.shown = !hidden.Hides(unit.workshop_id(), all.empty() ? dimension : "");
      figure.known_at = at;
      figure.sides = figure.shown ? sides_of(unit.workshop_id(), dimension) : Sides();
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace yokoten::insight
