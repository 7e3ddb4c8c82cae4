// Expansion of touches to scopes, and the rounds that compute them.
#include "rollup_worker/engine.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "kpi/fact_sql.h"

namespace yokoten::rollup_worker {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;
constexpr int kMemoryLimitExceeded = 241;
// Event types of a round from which it is asked which of them have facts.
constexpr size_t kAskEvents = 8;
// Days of a round from which it is asked how many rows a day takes.
constexpr size_t kLearnDays = 300;

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

std::string UuidList(const std::set<std::string>& roots) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string list;
  for (const std::string& root : roots) {
    if (root.size() != 16) continue;
    std::string text;
    for (size_t i = 0; i < root.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      const auto byte = static_cast<unsigned char>(root[i]);
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
    }
    list += (list.empty() ? "toUUID('" : ", toUUID('") + text + "')";
  }
  return list;
}

double Milliseconds(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

size_t DaysOf(const kpi::RoundPlan& plan) {
  size_t days = 0;
  for (const kpi::PlantScope& scope : plan.plants) days += scope.days.size();
  return days;
}

// The plan cut at the month border next to its middle; nothing where it is but one month.
std::optional<std::pair<kpi::RoundPlan, kpi::RoundPlan>> Halves(const kpi::RoundPlan& plan) {
  std::pair<kpi::RoundPlan, kpi::RoundPlan> halves{{plan.kpis, {}, {}}, {plan.kpis, {}, {}}};
  const size_t middle = DaysOf(plan) / 2;
  size_t days = 0;
  bool second = false;
  for (const kpi::PlantScope& scope : plan.plants) {
    kpi::PlantScope part{scope.plant, scope.version, scope.range, {}, {}};
    for (size_t i = 0; i < scope.days.size(); ++i, ++days) {
      const bool border = i == 0 || MonthStart(scope.days[i].day) != MonthStart(scope.days[i - 1].day);
      if (!second && border && days > 0 && days >= middle) {
        if (!part.days.empty()) halves.first.plants.push_back(part);
        part = {scope.plant, scope.version, scope.range, {}, {}};
        second = true;
      }
      part.days.push_back(scope.days[i]);
      part.kpis.push_back(scope.kpis[i]);
    }
    if (!part.days.empty()) (second ? halves.second : halves.first).plants.push_back(part);
  }
  if (!second) return std::nullopt;
  return halves;
}

std::string RandomText() {
  std::random_device device;
  return std::to_string((static_cast<uint64_t>(device()) << 32) | device());
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
               EngineOptions options)
    : client_(client), catalogue_(catalogue), clock_(clock), options_(std::move(options)), places_(client) {}

Status Engine::Load() {
  complete_.clear();
  return places_.Load();
}

void Engine::AddRange(const std::string& plant, Day from, Day to, uint16_t kpi, Scope* scope) const {
  const Place* place = places_.Find(plant);
  if (place == nullptr || !place->FirstDay()) return;
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
      roots.insert(touch.root_keys().begin(), touch.root_keys().end());
    }
  }
  if (roots.empty()) return found;
  const std::string keys = UuidList(roots);
  // Versions: the root itself, its corrections, and the root of a correction that was named instead (a voided
  // correction).
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      client_.Select(
          "SELECT DISTINCT event_type, plant, toString(fact_key) AS fact_key, "
          "toUnixTimestamp64Micro(occurred_at) AS at, "
          "isNotNull(occurred_on) AS is_date FROM event_key WHERE kind != 'void' AND (fact_key IN (" +
          keys + ") OR fact_key IN (SELECT fact_key FROM amendment WHERE root_key IN (" + keys +
          ")) OR fact_key IN (SELECT root_key FROM event_key WHERE fact_key IN (" + keys + ")))"));
  std::map<std::pair<std::string, std::string>, RootFact> facts;
  std::map<std::string, std::set<std::string>> by_type;
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
  // From when each version mattered, where that is not its time of occurrence.
  for (const auto& [event, fact_keys] : by_type) {
    const std::string column = kpi::FindEvent(event) == nullptr ? "" : kpi::EffectiveColumn(event);
    if (column.empty()) continue;
    std::string list;
    for (const std::string& key : fact_keys) list += (list.empty() ? "toUUID('" : ", toUUID('") + key + "')";
    YK_ASSIGN_OR_RETURN(clickhouse::Rows effects,
                        client_.Select("SELECT toInt32(min(toDate32(" + column + "))) AS day FROM fact_" +
                                       kpi::TableOf(event) + " WHERE fact_key IN (" + list + ")"));
    if (effects.empty() || effects.IsNull(0, "day")) continue;
    const Day effect{static_cast<int32_t>(effects.Int(0, "day")) - 2};  // whatever the time zone
    for (const std::string& plant : plants) {
      const auto entry = facts.find({plant, event});
      if (entry != facts.end()) entry->second.earliest = std::min(entry->second.earliest, effect);
    }
  }
  for (auto& [place, fact] : facts) found[place.first].push_back(std::move(fact));
  return found;
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
  const auto flush = [&]() -> Status {
    if (plan.plants.empty()) return OkStatus();
    YK_RETURN_IF_ERROR(RunRounds(std::move(plan), &report));
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
    double rows_per_day =
        static_cast<double>(options_.round_rows) / static_cast<double>(options_.round_days_unknown);
    for (const auto& [day, kpis] : scope.days) {
      const bool full =
          days_in_plan >= options_.round_days_max || rows_in_plan >= static_cast<double>(options_.round_rows);
      // A month is never split: its cells are made once all its days are in.
      if (full && MonthStart(day) != month) {
        add_part();
        YK_RETURN_IF_ERROR(flush());
      }
      if (const auto known = rows_per_day_.find(plant); known != rows_per_day_.end())
        rows_per_day = known->second;
      month = MonthStart(day);
      std::vector<uint16_t> in_plan;
      for (const uint16_t kpi : kpis) {
        auto [position, fresh] = positions.try_emplace(kpi, static_cast<uint16_t>(plan.kpis.size()));
        if (fresh) plan.kpis.push_back(&catalogue_.kpis()[kpi]);
        in_plan.push_back(position->second);
      }
      part.days.push_back({day, place->timeline.StartOf(day), place->timeline.EndOf(day)});
      part.kpis.push_back(std::move(in_plan));
      ++days_in_plan;
      rows_in_plan += rows_per_day;
      ++report.plant_days;
    }
    add_part();
    covered.push_back({plant, range});
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

Status Engine::RunRounds(kpi::RoundPlan plan, PassReport* report) {
  const std::string session =
      options_.session_prefix + "-" + RandomText() + "-" + std::to_string(++sessions_);
  Status status = RunRound(&plan, session, &report->timings);
  if (status.ok() && DaysOf(plan) >= kLearnDays) status = LearnRows(plan, session);
  const kpi::Statement close = kpi::CloseRound(plan);
  (void)Run(close, session, &report->timings);  // the session's time-out frees them otherwise
  if (clickhouse::ExceptionCode(status) == kMemoryLimitExceeded) {
    if (auto halves = Halves(plan)) {
      // Rounds to come are no larger than the halves.
      const double least = 2 * static_cast<double>(options_.round_rows) / static_cast<double>(DaysOf(plan));
      for (const kpi::PlantScope& scope : plan.plants) {
        double& rows = rows_per_day_[scope.plant];
        rows = std::max(rows, least);
      }
      YK_RETURN_IF_ERROR(RunRounds(std::move(halves->first), report));
      return RunRounds(std::move(halves->second), report);
    }
  }
  YK_RETURN_IF_ERROR(status);
  for (const kpi::PlantScope& scope : plan.plants) {
    Replaced replaced{scope.plant, {}, scope.days.front().day, scope.days.back().day, scope.version};
    std::set<uint16_t> kpis;
    for (const auto& day : scope.kpis) kpis.insert(day.begin(), day.end());
    for (const uint16_t kpi : kpis) replaced.kpis.push_back(plan.kpis[kpi]->id());
    report->replaced.push_back(std::move(replaced));
  }
  ++report->rounds;
  return OkStatus();
}

Status Engine::RunRound(kpi::RoundPlan* plan, const std::string& session, Timings* timings) {
  // For the session, not for each request: those would be set and undone with every statement. One block per
  // statement: cells of one day never appear in part.
  YK_RETURN_IF_ERROR(Run({"round",
                          "SET max_insert_threads = 1, min_insert_block_size_rows = 20000000, "
                          "min_insert_block_size_bytes = 4000000000, max_memory_usage = " +
                              std::to_string(options_.statement_bytes_max),
                          ""},
                         session, timings));
  if (const std::string& database = client_.options().database; !database.empty())
    YK_RETURN_IF_ERROR(Run({"round", "USE " + clickhouse::QuoteIdentifier(database), ""}, session, timings));
  for (const kpi::Statement& statement : kpi::OpenRound(*plan))
    YK_RETURN_IF_ERROR(Run(statement, session, timings));
  // Asking is worth a statement only where many are spared.
  if (kpi::EventsOf(*plan).size() >= kAskEvents) {
    const MonotonicTime start = clock_.Monotonic();
    YK_ASSIGN_OR_RETURN(clickhouse::Rows rows, client_.Select(kpi::PresentEventsSql(*plan)));
    (*timings)["facts there are"] += Milliseconds(start, clock_.Monotonic());
    std::set<std::string> present;
    for (size_t i = 0; i < rows.size(); ++i) present.insert(rows.Text(i, "event"));
    kpi::KeepPresent(present, plan);
  }
  YK_RETURN_IF_ERROR(Run(kpi::JudgeAmendments(), session, timings));
  for (const kpi::Statement& statement : kpi::PrepareRound(catalogue_, *plan)) {
    YK_RETURN_IF_ERROR(Run(statement, session, timings));
  }
  for (uint16_t i = 0; i < plan->kpis.size(); ++i) {
    if (!plan->idle.contains(i)) YK_RETURN_IF_ERROR(Run(kpi::DayCells(*plan, i), session, timings));
  }
  if (!plan->idle.empty()) YK_RETURN_IF_ERROR(Run(kpi::IdleCells(*plan), session, timings));
  YK_RETURN_IF_ERROR(Run(kpi::MonthCells(*plan), session, timings));
  return Run(kpi::StoreCells(), session, timings);
}

Status Engine::LearnRows(const kpi::RoundPlan& plan, const std::string& session) {
  std::map<std::string, double> rows;
  if (const std::string sql = kpi::StepRowsSql(plan); !sql.empty()) {
    YK_ASSIGN_OR_RETURN(clickhouse::Rows counts,
                        client_.Select(sql, {.session_id = session, .no_database = true}));
    for (size_t i = 0; i < counts.size(); ++i) {
      rows[counts.Text(i, "plant")] = static_cast<double>(counts.UInt(i, "rows"));
    }
  }
  for (const kpi::PlantScope& scope : plan.plants) {
    rows_per_day_[scope.plant] = rows[scope.plant] / static_cast<double>(scope.days.size());
  }
  return OkStatus();
}

Status Engine::Run(const kpi::Statement& statement, const std::string& session, Timings* timings) {
  clickhouse::Params params{.session_id = session, .no_database = true};
  const MonotonicTime start = clock_.Monotonic();
  const Status status = statement.data.empty() ? client_.Execute(statement.sql, params)
                                               : client_.InsertRaw(statement.sql, statement.data, params);
  (*timings)[statement.what] += Milliseconds(start, clock_.Monotonic());
  if (status.ok()) return status;
  Status named = MakeStatus(status.code(), statement.what + ": " + Message(status));
  status.ForEachPayload(
      [&named](absl::string_view type, const absl::Cord& payload) { named.SetPayload(type, payload); });
  return named;
}

}  // namespace yokoten::rollup_worker
