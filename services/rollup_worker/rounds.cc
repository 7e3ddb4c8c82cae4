#include "rollup_worker/rounds.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "kpi/restatement_sql.h"
#include "kpi/round_run.h"

namespace yokoten::rollup_worker {
namespace {

constexpr int kMemoryLimitExceeded = 241;
// Event types of a round from which it is asked which of them have facts.
constexpr size_t kAskEvents = 8;
// Days of a round from which it is asked how many rows a day takes.
constexpr size_t kLearnDays = 300;
// Tables whose columns are kept in mind.
constexpr size_t kColumnsKnown = 20000;

double Milliseconds(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

size_t DaysOf(const kpi::RoundPlan& plan) {
  size_t days = 0;
  for (const kpi::PlantScope& scope : plan.plants) days += scope.days.size();
  return days;
}

// Calls `visit` with each day's scope and position in it, and how many days are before.
template <typename Visit>
void EachDay(const kpi::RoundPlan& plan, const Visit& visit) {
  size_t before = 0;
  for (const kpi::PlantScope& scope : plan.plants) {
    for (size_t i = 0; i < scope.days.size(); ++i) visit(scope, i, before++);
  }
}

// Days before the border of months (or plants) that is next to the middle; 0 where the plan is but one month
// of one plant.
size_t CutOf(const kpi::RoundPlan& plan) {
  const size_t all = DaysOf(plan);
  const auto from_middle = [all](size_t days) { return days > all - days ? 2 * days - all : all - 2 * days; };
  size_t cut = 0;
  EachDay(plan, [&](const kpi::PlantScope& scope, size_t i, size_t before) {
    const bool border = i == 0 || MonthStart(scope.days[i].day) != MonthStart(scope.days[i - 1].day);
    if (border && before > 0 && (cut == 0 || from_middle(before) < from_middle(cut))) cut = before;
  });
  return cut;
}

// The plan in two; nothing where it is but one month of one plant.
std::optional<std::pair<kpi::RoundPlan, kpi::RoundPlan>> Halves(const kpi::RoundPlan& plan) {
  const size_t cut = CutOf(plan);
  if (cut == 0) return std::nullopt;
  std::pair<kpi::RoundPlan, kpi::RoundPlan> halves{{plan.kpis, {}, {}}, {plan.kpis, {}, {}}};
  EachDay(plan, [&](const kpi::PlantScope& scope, size_t i, size_t before) {
    auto& plants = (before < cut ? halves.first : halves.second).plants;
    if (i == 0 || before == cut) plants.push_back({scope.plant, scope.version, scope.range, {}, {}});
    plants.back().days.push_back(scope.days[i]);
    plants.back().kpis.push_back(scope.kpis[i]);
  });
  halves.first.restatable = halves.second.restatable = plan.restatable;
  return halves;
}

}  // namespace

RoundRunner::RoundRunner(clickhouse::Client& client, const kpi::Catalogue& catalogue, const Clock& clock,
                         RoundOptions options)
    : client_(client),
      catalogue_(catalogue),
      clock_(clock),
      options_(std::move(options)),
      set_aside_(client, clock, options_.retry) {}

double RoundRunner::RowsPerDay(const std::string& plant) const {
  const auto known = rows_per_day_.find(plant);
  if (known != rows_per_day_.end()) return known->second;
  return static_cast<double>(options_.rows) / static_cast<double>(options_.days_unknown);
}

Status RoundRunner::Run(kpi::RoundPlan plan, PassReport* report) {
  std::vector<uint16_t> users;
  const Status status = RunOne(&plan, &report->timings, &users);
  const bool too_large = clickhouse::ExceptionCode(status) == kMemoryLimitExceeded;
  const bool refused = IsRefusal(status) && !users.empty();
  if (too_large || refused) {
    if (auto halves = Halves(plan)) {
      if (too_large) ExpectRowsAsOf(plan);
      YK_RETURN_IF_ERROR(Run(std::move(halves->first), report));
      return Run(std::move(halves->second), report);
    }
  }
  if (refused) return RunWithout(std::move(plan), users, status, report);
  YK_RETURN_IF_ERROR(status);
  for (const kpi::PlantScope& scope : plan.plants) {
    Replaced replaced{scope.plant, {}, scope.days.front().day, scope.days.back().day, scope.version};
    std::set<uint16_t> kpis;
    for (const auto& day : scope.kpis) kpis.insert(day.begin(), day.end());
    for (const uint16_t kpi : kpis) replaced.kpis.push_back(plan.kpis[kpi]->id());
    report->replaced.push_back(std::move(replaced));
    for (size_t i = 0; i < scope.days.size() && !set_aside_.empty(); ++i) {
      for (const uint16_t kpi : scope.kpis[i])
        set_aside_.Worked(scope.plant, plan.kpis[kpi]->id(), MonthStart(scope.days[i].day));
    }
  }
  ++report->rounds;
  return OkStatus();
}

Status RoundRunner::RunWithout(kpi::RoundPlan plan, const std::vector<uint16_t>& refused, const Status& why,
                               PassReport* report) {
  kpi::PlantScope& scope = plan.plants.front();
  const Day month = MonthStart(scope.days.front().day);
  Replaced gone{scope.plant, {}, scope.days.front().day, scope.days.back().day, scope.version};
  for (const uint16_t kpi : refused) {
    const kpi::Kpi& definition = *plan.kpis[kpi];
    YK_RETURN_IF_ERROR(set_aside_.TakeAway(scope.plant, definition, {month}));
    set_aside_.Refused(scope.plant, definition.id(), month);
    report->refused.push_back({scope.plant, definition.id(), month, why});
    gone.kpis.push_back(definition.id());
  }
  report->replaced.push_back(std::move(gone));
  // The plan is made anew of the other KPIs, as positions are indices.
  kpi::RoundPlan rest;
  std::map<uint16_t, uint16_t> positions;
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (std::find(refused.begin(), refused.end(), i) != refused.end()) continue;
    positions[i] = static_cast<uint16_t>(rest.kpis.size());
    rest.kpis.push_back(plan.kpis[i]);
  }
  kpi::PlantScope part{scope.plant, scope.version, scope.range, {}, {}};
  for (size_t i = 0; i < scope.days.size(); ++i) {
    std::vector<uint16_t> kept;
    for (const uint16_t kpi : scope.kpis[i]) {
      if (const auto position = positions.find(kpi); position != positions.end())
        kept.push_back(position->second);
    }
    if (kept.empty()) continue;
    part.days.push_back(scope.days[i]);
    part.kpis.push_back(std::move(kept));
  }
  if (part.days.empty()) return OkStatus();
  rest.plants.push_back(std::move(part));
  rest.restatable = std::move(plan.restatable);
  return Run(std::move(rest), report);
}

Status RoundRunner::RunOne(kpi::RoundPlan* plan, Timings* timings, std::vector<uint16_t>* users) {
  // One block per statement: cells of one day never appear in part.
  YK_ASSIGN_OR_RETURN(const auto session,
                      clickhouse::Session::Begin(
                          client_, options_.session_prefix,
                          // What a statement computes on is little: compiling it costs more than it saves.
                          "compile_expressions = 0, compile_aggregate_expressions = 0, "
                          "max_insert_threads = 1, min_insert_block_size_rows = 20000000, "
                          "min_insert_block_size_bytes = 4000000000, max_memory_usage = " +
                              std::to_string(options_.statement_bytes_max)));
  const auto run = [&](const kpi::Statement& statement) {
    *users = statement.users;
    return statement.table.empty() ? Execute(statement, *session, timings)
                                   : Make(statement, *session, timings);
  };
  kpi::AskPresent present;
  // Asking is worth a statement only where many are spared.
  if (kpi::EventsOf(*plan).size() >= kAskEvents) {
    present = [&](const std::string& sql) { return AskPresent(sql, *session, timings); };
    plan->present = present_["*"];
    for (const kpi::PlantScope& scope : plan->plants) plan->present.merge(std::set(present_[scope.plant]));
  }
  YK_RETURN_IF_ERROR(kpi::MakeTables(catalogue_, run, present, plan));
  YK_RETURN_IF_ERROR(kpi::MakeCells(*plan, run));
  // Before the cells: who is killed in between finds the old ones still there and makes the same rows again.
  for (const kpi::Statement& statement : kpi::StoreRestatements(*plan)) YK_RETURN_IF_ERROR(run(statement));
  YK_RETURN_IF_ERROR(run(kpi::StoreCells()));
  return DaysOf(*plan) >= kLearnDays ? LearnRows(*plan, *session) : OkStatus();
}

Result<std::vector<std::string>> RoundRunner::AskPresent(const std::string& sql, clickhouse::Session& session,
                                                         Timings* timings) {
  const MonotonicTime start = clock_.Monotonic();
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, session.Select(sql));
  (*timings)["facts there are"] += Milliseconds(start, clock_.Monotonic());
  for (size_t i = 0; i < rows.size(); ++i) present_[rows.Text(i, "plant")].insert(rows.Text(i, "event"));
  return rows.Texts("event");
}

void RoundRunner::ExpectRowsAsOf(const kpi::RoundPlan& too_large) {
  const double least = 2 * static_cast<double>(options_.rows) / static_cast<double>(DaysOf(too_large));
  for (const kpi::PlantScope& scope : too_large.plants) {
    double& rows = rows_per_day_[scope.plant];
    rows = std::max(rows, least);
  }
}

Status RoundRunner::LearnRows(const kpi::RoundPlan& plan, clickhouse::Session& session) {
  std::map<std::string, double> rows;
  if (const std::string sql = kpi::StepRowsSql(plan); !sql.empty()) {
    YK_ASSIGN_OR_RETURN(clickhouse::Rows counts, session.Select(sql));
    for (size_t i = 0; i < counts.size(); ++i) {
      rows[counts.Text(i, "plant")] = static_cast<double>(counts.UInt(i, "rows"));
    }
  }
  for (const kpi::PlantScope& scope : plan.plants) {
    rows_per_day_[scope.plant] = rows[scope.plant] / static_cast<double>(scope.days.size());
  }
  return OkStatus();
}

Status RoundRunner::Make(const kpi::Statement& statement, clickhouse::Session& session, Timings* timings) {
  if (const auto known = columns_.find(statement.columns_of); known != columns_.end()) {
    YK_RETURN_IF_ERROR(Execute(kpi::CreateWith(statement, known->second), session, timings));
    if (statement.no_rows) return OkStatus();
    const Status filled = Execute(kpi::Fill(statement), session, timings);
    if (!filled.ok()) columns_.erase(known);  // should they have changed, the next try looks again
    return filled;
  }
  YK_RETURN_IF_ERROR(Execute(statement, session, timings));
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, session.Select("DESCRIBE TABLE " + statement.table));
  std::string columns;
  for (size_t i = 0; i < rows.size(); ++i) {
    columns += (i == 0 ? "`" : ", `") + rows.Text(i, "name") + "` " + rows.Text(i, "type");
  }
  if (columns_.size() >= kColumnsKnown) columns_.clear();
  columns_[statement.columns_of] = std::move(columns);
  return OkStatus();
}

Status RoundRunner::Execute(const kpi::Statement& statement, clickhouse::Session& session, Timings* timings) {
  const MonotonicTime start = clock_.Monotonic();
  const Status status = session.Run(statement.sql, statement.data);
  (*timings)[statement.what] += Milliseconds(start, clock_.Monotonic());
  if (status.ok()) return status;
  Status named = MakeStatus(status.code(), statement.what + ": " + Message(status));
  status.ForEachPayload(
      [&named](absl::string_view type, const absl::Cord& payload) { named.SetPayload(type, payload); });
  return named;
}

}  // namespace yokoten::rollup_worker
