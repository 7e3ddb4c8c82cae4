// Expansion of touches to scopes, and of scopes to rounds.
#include "rollup_worker/engine.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "kpi/fact_sql.h"

namespace yokoten::rollup_worker {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

// "yokoten.operations.v1.ShiftOutputReported" -> "operations.ShiftOutputReported".
std::string ShortName(std::string_view full) {
  constexpr std::string_view kPrefix = "yokoten.", kMiddle = ".v1.";
  const size_t middle = full.find(kMiddle);
  if (full.substr(0, kPrefix.size()) != kPrefix || middle == std::string_view::npos) return std::string(full);
  return std::string(full.substr(kPrefix.size(), middle - kPrefix.size())) + "." +
         std::string(full.substr(middle + kMiddle.size()));
}

bool IsCalendar(std::string_view event) {
  return event == "operations.CalendarPublished" || event == "operations.CalendarCorrected";
}

// Of a statement that names each of its keys three times; ClickHouse parses 256 KiB at most (max_query_size).
constexpr size_t kKeysPerStatement = 1000;

// SQL lists of UUIDs given as text, none too long for a statement.
template <typename Texts>
std::vector<std::string> UuidLists(const Texts& texts) {
  std::vector<std::string> lists;
  size_t in_last = kKeysPerStatement;
  for (const std::string& text : texts) {
    if (in_last == kKeysPerStatement) lists.emplace_back(), in_last = 0;
    lists.back() += (in_last++ == 0 ? "toUUID('" : ", toUUID('") + text + "')";
  }
  return lists;
}

// Of a root key's 16 bytes.
std::string UuidText(const std::string& root) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < root.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(root[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

void AddRoots(const internal::v1::Touch& touch, std::set<std::string>* texts) {
  for (const std::string& root : touch.root_keys()) {
    if (root.size() == 16) texts->insert(UuidText(root));
  }
}

}  // namespace

uint64_t MakeVersion(uint32_t epoch, int64_t next_offset, bool swept) {
  return static_cast<uint64_t>(epoch) << 40 | static_cast<uint64_t>(next_offset) << 1 | (swept ? 1 : 0);
}
uint32_t EpochOf(uint64_t version) { return static_cast<uint32_t>(version >> 40); }
int64_t NextOffsetOf(uint64_t version) {
  return static_cast<int64_t>((version & ((uint64_t{1} << 40) - 1)) >> 1);
}

Engine::Engine(clickhouse::Client& client, const kpi::Catalogue& catalogue, const Clock& clock,
               RoundOptions options)
    : client_(client),
      catalogue_(catalogue),
      clock_(clock),
      options_(std::move(options)),
      places_(client),
      rounds_(client, catalogue, clock, options_) {}

Status Engine::Load() {
  complete_.clear();
  return places_.Load();
}

void Engine::AddRange(const std::string& plant, Day from, Day to, uint16_t kpi, Scope* scope) const {
  const Place* place = places_.Find(plant);
  if (place == nullptr || !place->FirstDay() || catalogue_.kpis()[kpi].has_parts()) return;
  from = std::max(from, *place->FirstDay());
  to = std::min(to, place->timeline.CurrentDay(clock_.Now()));
  for (Day day = from; day <= to; day = day + 1) scope->days[day].insert(kpi);
}

void Engine::AddTouch(const std::string& plant, const std::string& event, const std::set<Day>& days,
                      Day earliest, Scope* scope) const {
  for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) {
    switch (catalogue_.kpis()[i].HorizonOf(event)) {
      case kpi::v1::HORIZON_DAY:
        for (const Day day : days) AddRange(plant, day, day, i, scope);
        break;
      case kpi::v1::HORIZON_FORWARD:
        AddRange(plant, earliest, kLastDay, i, scope);
        break;
      case kpi::v1::HORIZON_PLANT:
        AddRange(plant, kFirstDay, kLastDay, i, scope);
        break;
      default:
        break;
    }
  }
}

void Engine::AddNewDays(const std::string& plant, Scope* scope) const {
  const Place* place = places_.Find(plant);
  if (place == nullptr || !place->FirstDay()) return;
  const Day first = *place->FirstDay(), current = place->timeline.CurrentDay(clock_.Now());
  const auto known = complete_.find(plant);
  for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) {
    if (known == complete_.end()) {
      AddRange(plant, first, current, i, scope);
    } else {
      AddRange(plant, first, known->second.first - 1, i, scope);
      AddRange(plant, known->second.second + 1, current, i, scope);
    }
  }
}

Result<std::map<std::string, std::vector<Engine::RootFact>>> Engine::LookUpRoots(
    const std::map<std::string, PlantTouches>& touches) {
  std::map<std::string, std::vector<RootFact>> found;
  std::set<std::string> roots, plants;
  for (const auto& [plant, own] : touches) {
    for (const internal::v1::Touch& touch : own.touches) {
      if (touch.root_keys().empty()) continue;
      plants.insert(plant);
      AddRoots(touch, &roots);
    }
  }
  std::map<std::pair<std::string, std::string>, RootFact> facts;
  std::map<std::string, std::set<std::string>> by_type;
  for (const std::string& keys : UuidLists(roots)) {
    // Versions: the root itself, its corrections, and the root of a correction that was named instead (a
    // voided correction).
    YK_ASSIGN_OR_RETURN(
        clickhouse::Rows rows,
        client_.Select(
            "SELECT DISTINCT event_type, plant, toString(fact_key) AS fact_key, "
            "toUnixTimestamp64Micro(occurred_at) AS at, "
            "isNotNull(occurred_on) AS is_date FROM event_key WHERE kind != 'void' AND (fact_key IN (" +
            keys + ") OR fact_key IN (SELECT fact_key FROM amendment WHERE root_key IN (" + keys +
            ")) OR fact_key IN (SELECT root_key FROM event_key WHERE fact_key IN (" + keys + ")))"));
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string& event = rows.Text(i, "event_type");
      by_type[event].insert(rows.Text(i, "fact_key"));
      // A version in one plant may have been live while another was: every touched plant takes all days.
      for (const std::string& plant : plants) {
        const Place* place = places_.Find(plant);
        const WallTime at = FromMicros(rows.Int(i, "at"));
        const Day day = place == nullptr || rows.Int(i, "is_date") != 0 ? calendar::Timeline().DayOf(at)
                                                                        : place->timeline.DayOf(at);
        auto [entry, fresh] = facts.try_emplace({plant, event}, RootFact{event, {}, day});
        entry->second.days.insert(day);
        entry->second.earliest = std::min(entry->second.earliest, day);
      }
    }
  }
  // From when each version mattered, where that is not its time of occurrence.
  for (const auto& [event, fact_keys] : by_type) {
    const std::string column = kpi::FindEvent(event) == nullptr ? "" : kpi::EffectiveColumn(event);
    if (column.empty()) continue;
    for (const std::string& keys : UuidLists(fact_keys)) {
      YK_ASSIGN_OR_RETURN(clickhouse::Rows effects,
                          client_.Select("SELECT toInt32(min(toDate32(" + column + "))) AS day FROM fact_" +
                                         kpi::TableOf(event) + " WHERE fact_key IN (" + keys + ")"));
      if (effects.empty() || effects.IsNull(0, "day")) continue;
      const Day effect{static_cast<int32_t>(effects.Int(0, "day")) - 2};  // whatever the time zone
      for (const std::string& plant : plants) {
        const auto entry = facts.find({plant, event});
        if (entry != facts.end()) entry->second.earliest = std::min(entry->second.earliest, effect);
      }
    }
  }
  for (auto& [place, fact] : facts) found[place.first].push_back(std::move(fact));
  return found;
}

Result<std::map<std::string, std::vector<Amended>>> Engine::LookUpAmended(
    const std::map<std::string, PlantTouches>& touches) {
  std::map<std::string, std::vector<Amended>> amended;
  for (const auto& [plant, own] : touches) {
    std::set<std::string> roots;
    for (const internal::v1::Touch& touch : own.touches) AddRoots(touch, &roots);
    for (const std::string& keys : UuidLists(roots)) {
      YK_ASSIGN_OR_RETURN(auto found, ReadAmended(client_, keys));
      if (!found.empty()) std::move(found.begin(), found.end(), std::back_inserter(amended[plant]));
    }
  }
  return amended;
}

Result<PassReport> Engine::Apply(const std::map<std::string, PlantTouches>& touches) {
  const WallTime now = clock_.Now();
  std::map<std::string, int64_t> earliest;
  std::map<std::string, uint64_t> versions;
  std::set<std::string> calendars;
  for (const auto& [plant, own] : touches) {
    versions[plant] = own.version;
    int64_t& at = earliest.try_emplace(plant, kLastDay.value * kDayUs).first->second;
    for (const internal::v1::Touch& touch : own.touches) {
      for (const int64_t us : touch.instants_us()) at = std::min(at, us);
      for (const int32_t day : touch.days()) at = std::min(at, day * kDayUs);
      if (IsCalendar(ShortName(touch.event_type()))) calendars.insert(plant);
    }
  }
  YK_RETURN_IF_ERROR(places_.Discover(earliest, now));
  YK_ASSIGN_OR_RETURN(auto roots, LookUpRoots(touches));
  YK_ASSIGN_OR_RETURN(auto amended, LookUpAmended(touches));
  for (const auto& [plant, facts] : roots) {
    for (const RootFact& fact : facts) {
      if (IsCalendar(fact.event)) calendars.insert(plant);
    }
  }
  const std::set<std::string> touched_calendars = calendars;
  for (const std::string& plant : places_.NeedExpansion(now)) {
    if (touches.contains(plant)) calendars.insert(plant);
  }
  YK_ASSIGN_OR_RETURN(auto moved,
                      places_.RefreshCalendars({calendars.begin(), calendars.end()}, now, versions));

  Scopes scopes;
  for (const auto& [plant, own] : touches) {
    const Place* place = places_.Find(plant);
    if (place == nullptr || !place->FirstDay()) continue;
    Scope& scope = scopes[plant];
    scope.version = own.version;
    scope.amended = std::move(amended[plant]);
    for (const internal::v1::Touch& touch : own.touches) {
      std::set<Day> days;
      for (const int64_t us : touch.instants_us()) days.insert(place->timeline.DayOf(FromMicros(us)));
      for (const int32_t day : touch.days()) days.insert(Day{day});
      if (!days.empty()) AddTouch(plant, ShortName(touch.event_type()), days, *days.begin(), &scope);
    }
    for (const RootFact& fact : roots[plant]) AddTouch(plant, fact.event, fact.days, fact.earliest, &scope);
    // A touched calendar makes all cells again: a fact that moves a day may change later days too (a
    // certificate's last day), and one that moves nothing may have been written just before a crash.
    const auto shifted = moved.find(plant);
    for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) {
      if (touched_calendars.contains(plant)) {
        AddRange(plant, kFirstDay, kLastDay, i, &scope);
      } else if (shifted != moved.end()) {
        for (const Day day : shifted->second) AddRange(plant, day, day, i, &scope);
      }
    }
    AddNewDays(plant, &scope);
  }
  return Compute(scopes);
}

Result<PassReport> Engine::Sweep(uint32_t epoch, const std::function<bool(const std::string&)>& wanted,
                                 const std::function<uint64_t(const std::string&)>& version_of) {
  const WallTime now = clock_.Now();
  Scopes scopes;
  std::vector<std::string> plants;
  std::map<std::string, uint64_t> versions;
  for (const auto& [plant, place] : places_.all()) {
    if (!wanted(plant) || !place.FirstDay()) continue;
    plants.push_back(plant);
    versions[plant] = scopes[plant].version = version_of(plant);
  }
  if (plants.empty()) return PassReport{};
  // Calendars may have been read by a worker that stopped before it wrote the cells.
  std::vector<std::string> unsure;
  for (const std::string& plant : plants) {
    if (!complete_.contains(plant)) unsure.push_back(plant);
  }
  for (const std::string& plant : places_.NeedExpansion(now)) {
    if (scopes.contains(plant) && complete_.contains(plant)) unsure.push_back(plant);
  }
  YK_ASSIGN_OR_RETURN(auto moved, places_.RefreshCalendars(unsure, now, versions));
  for (const auto& [plant, days] : moved) {
    for (const Day day : days) {
      for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) AddRange(plant, day, day, i, &scopes[plant]);
    }
  }

  std::string definitions;
  std::map<std::string, uint16_t> positions;
  for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) {
    const kpi::Kpi& kpi = catalogue_.kpis()[i];
    positions[kpi.id()] = i;
    definitions += (definitions.empty() ? "(" : ", (") + clickhouse::Quote(kpi.id()) + ", " +
                   std::to_string(kpi.hash) + ")";
  }
  // Runs of days, so that the answer is small: days minus their rank are equal within a run.
  YK_ASSIGN_OR_RETURN(clickhouse::Rows runs,
                      client_.Select("SELECT plant, kpi, min(d) AS first, max(d) AS last FROM (SELECT plant, "
                                     "kpi, d, d - row_number() OVER (PARTITION BY "
                                     "plant, kpi ORDER BY d) AS run FROM (SELECT DISTINCT plant, kpi, "
                                     "toInt32(day) AS d FROM kpi_cell WHERE grain = 'd' AND level = "
                                     "'plant' AND (kpi, definition) IN (" +
                                     definitions + ") AND plant IN (" + QuotedList(plants) +
                                     ") AND workshop = '' AND line = '' AND dim = '' AND version >= " +
                                     std::to_string(MakeVersion(epoch, 0, false)) +
                                     ")) GROUP BY plant, kpi, run ORDER BY plant, kpi, first"));
  std::map<std::pair<std::string, uint16_t>, std::vector<std::pair<Day, Day>>> there;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::optional<Day> computed = places_.Find(runs.Text(i, "plant"))->computed_to;
    const Day first{static_cast<int32_t>(runs.Int(i, "first"))};
    const Day last = std::min(Day{static_cast<int32_t>(runs.Int(i, "last"))}, computed.value_or(kLastDay));
    if (first <= last)
      there[{runs.Text(i, "plant"), positions[runs.Text(i, "kpi")]}].push_back({first, last});
  }
  for (const std::string& plant : plants) {
    for (uint16_t i = 0; i < catalogue_.kpis().size(); ++i) {
      Day next = *places_.Find(plant)->FirstDay();
      for (const auto& [first, last] : there[{plant, i}]) {
        AddRange(plant, next, first - 1, i, &scopes[plant]);
        next = std::max(next, last + 1);
      }
      AddRange(plant, next, kLastDay, i, &scopes[plant]);
    }
  }
  return Compute(scopes);
}

Result<PassReport> Engine::Compute(const Scopes& scopes) {
  PassReport report;
  const WallTime now = clock_.Now();
  std::vector<std::pair<std::string, std::pair<Day, Day>>> covered;
  kpi::RoundPlan plan;
  std::map<uint16_t, uint16_t> positions;  // catalogue -> plan
  size_t days_in_plan = 0;
  double rows_in_plan = 0;
  std::map<std::string, std::vector<Amended>> amended;
  std::vector<facts::WorkdaysTold> workdays;
  std::vector<std::string> amended_plants;
  for (const auto& [plant, scope] : scopes) {
    if (scope.amended.empty()) continue;
    amended[plant] = scope.amended;
    amended_plants.push_back(plant);
  }
  if (!amended.empty()) {
    YK_ASSIGN_OR_RETURN(workdays, facts::ReadWorkdays(client_, amended_plants));
  }
  const auto flush = [&]() -> Status {
    if (plan.plants.empty()) return OkStatus();
    plan.restatable = RestatableMonths(plan, amended, workdays);
    YK_RETURN_IF_ERROR(rounds_.Run(std::move(plan), &report));
    plan = {};
    positions.clear();
    days_in_plan = 0;
    rows_in_plan = 0;
    return OkStatus();
  };
  for (const auto& [plant, scope] : scopes) {
    const Place* place = places_.Find(plant);
    if (place == nullptr || !place->FirstDay()) continue;
    const std::pair<Day, Day> range{*place->FirstDay(), place->timeline.CurrentDay(now)};
    kpi::PlantScope part{plant, scope.version, range, {}, {}};
    const auto add_part = [&]() {
      if (!part.days.empty()) plan.plants.push_back(std::move(part));
      part = {plant, scope.version, range, {}, {}};
    };
    Day month{0};
    std::map<uint16_t, std::set<Day>> held;
    for (const auto& [day, kpis] : scope.days) {
      const bool full =
          days_in_plan >= options_.days_max || rows_in_plan >= static_cast<double>(options_.rows);
      // A month is never split: its cells are made once all its days are in.
      if (full && MonthStart(day) != month) {
        add_part();
        YK_RETURN_IF_ERROR(flush());
      }
      month = MonthStart(day);
      std::vector<uint16_t> in_plan;
      for (const uint16_t kpi : kpis) {
        if (!rounds_.set_aside().empty() &&
            rounds_.set_aside().Holds(plant, catalogue_.kpis()[kpi].id(), month)) {
          held[kpi].insert(month);
          continue;
        }
        auto [position, fresh] = positions.try_emplace(kpi, static_cast<uint16_t>(plan.kpis.size()));
        if (fresh) plan.kpis.push_back(&catalogue_.kpis()[kpi]);
        in_plan.push_back(position->second);
      }
      if (in_plan.empty()) continue;
      part.days.push_back({day, place->timeline.StartOf(day), place->timeline.EndOf(day)});
      part.kpis.push_back(std::move(in_plan));
      ++days_in_plan;
      rows_in_plan += rounds_.RowsPerDay(plant);
      ++report.plant_days;
    }
    add_part();
    covered.push_back({plant, range});
    for (const auto& [kpi, months] : held)
      YK_RETURN_IF_ERROR(rounds_.set_aside().TakeAway(plant, catalogue_.kpis()[kpi], months));
  }
  YK_RETURN_IF_ERROR(flush());
  std::vector<std::string> advanced;
  for (auto& [plant, range] : covered) {
    auto& known = complete_[plant];
    if (known != range) advanced.push_back(plant);
    known = range;
  }
  YK_RETURN_IF_ERROR(places_.WriteState(advanced, now, true));
  return report;
}

}  // namespace yokoten::rollup_worker
