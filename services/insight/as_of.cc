// Every table is filled under a name of its own and then copied to the name it stands for, so that no
// statement that writes ever names a stored table.
#include "insight/as_of.h"

#include <algorithm>
#include <set>

#include "base/tsv.h"
#include "calendar/calendar.h"
#include "events/identity.h"
#include "facts/beginnings.h"
#include "facts/calendars.h"
#include "facts/identity_rules.h"
#include "facts/key_rows.h"
#include "kpi/fact_sql.h"
#include "kpi/round_run.h"
#include "kpi/round_sql.h"

namespace yokoten::insight {
namespace {

constexpr char kSettings[] = "max_insert_threads = 1, max_memory_usage = 1500000000";
// The identity pass writes its verdicts within this time; younger copies are looked for here.
constexpr char kUnjudged[] = "toUnixTimestamp64Milli(now64(3)) - 3600000";

}  // namespace

struct AsOfView::Place {
  facts::Beginning beginning;
  Day first;
  Day current;
  std::string time_zone;
  calendar::Timeline timeline;
};

AsOfView::AsOfView(std::unique_ptr<clickhouse::Session> session, WallTime at)
    : session_(std::move(session)), at_(FromMicros(ToMicros(at) / 1000 * 1000)) {}

AsOfView::~AsOfView() = default;

Status AsOfView::Execute(std::string_view sql, const clickhouse::Params& params) {
  return session_->Execute(sql, params);
}

Result<clickhouse::Rows> AsOfView::Select(std::string_view sql, const clickhouse::Params& params) {
  return session_->Select(sql, params);
}

Status AsOfView::Insert(std::string_view table, const clickhouse::NativeBlock&, const clickhouse::Params&) {
  return Internal("nothing is written to what was known once: " + std::string(table));
}

Status AsOfView::Load(const std::string& insert_sql, const std::string& data) {
  if (data.empty()) return OkStatus();
  return session_->InsertRaw(insert_sql, data);
}

std::string AsOfView::RecordedSql() const { return kpi::RecordedUntilSql("rank", recorded_until_ms()); }

std::string AsOfView::PlantList() const {
  std::string list = "'*'";
  for (const auto& [plant, place] : places_) list += ", " + clickhouse::Quote(plant);
  return list;
}

std::vector<std::string> AsOfView::plants() const {
  std::vector<std::string> plants;
  for (const auto& [plant, place] : places_) plants.push_back(plant);
  return plants;
}

Result<std::unique_ptr<AsOfView>> AsOfView::Open(clickhouse::Client& client, std::vector<std::string> plants,
                                                 WallTime at) {
  YK_ASSIGN_OR_RETURN(auto session, clickhouse::Session::Begin(client, "as-of", kSettings));
  std::unique_ptr<AsOfView> view(new AsOfView(std::move(session), at));
  YK_RETURN_IF_ERROR(view->Begin());
  YK_RETURN_IF_ERROR(view->FindPlants(plants));
  YK_RETURN_IF_ERROR(view->JudgeIdentity());
  YK_RETURN_IF_ERROR(view->ReadCalendars());
  return view;
}

Status AsOfView::Begin() {
  return Execute(
      "CREATE TEMPORARY TABLE kpi_cell ENGINE = ReplacingMergeTree(version) ORDER BY (grain, level, kpi, "
      "definition, plant, workshop, line, dim, day) AS SELECT * FROM kpi_cell LIMIT 0");
}

Status AsOfView::FindPlants(const std::vector<std::string>& plants) {
  YK_ASSIGN_OR_RETURN(const auto beginnings, facts::ReadBeginnings(*this, plants, recorded_until_ms()));
  for (const auto& [plant, beginning] : beginnings) places_[plant].beginning = beginning;
  // Named with its database: within this statement the short name is the new table already.
  YK_ASSIGN_OR_RETURN(const auto database, Select("SELECT currentDatabase() AS name"));
  return Execute("CREATE TEMPORARY TABLE amendment ENGINE = Memory AS SELECT * FROM " +
                 clickhouse::QuoteIdentifier(database.Text(0, "name")) + ".amendment FINAL WHERE " +
                 RecordedSql());
}

// The verdicts of the identity pass, as it would have written them then. Those on copies of one id never
// change; those on references and business keys do, when a target or a void comes later.
Status AsOfView::JudgeIdentity() {
  const std::string recorded = RecordedSql(), plants = PlantList();
  YK_RETURN_IF_ERROR(Execute(
      "CREATE TEMPORARY TABLE as_of_bkey ENGINE = Memory AS SELECT bkey FROM business_key WHERE plant IN (" +
      plants + ") AND " + recorded + " GROUP BY bkey HAVING uniqExact(root_key) > 1"));
  // References that fit nothing recorded until then.
  const std::string unfit =
      "SELECT fact_key, root_key FROM amendment WHERE (root_key, toString(target_plant), target_entity, "
      "if(kind = "
      "'correct', toString(event_type), '')) NOT IN (SELECT fact_key, toString(plant), entity, "
      "arrayJoin(if(kind = "
      "'fact', [toString(event_type), ''], if(kind = 'correct', [''], []))) FROM event_key WHERE " +
      recorded + " AND fact_key IN (SELECT root_key FROM amendment))";
  const std::string suspects =
      "SELECT arrayJoin([fact_key, root_key]) AS fact_key FROM (" + unfit +
      ") UNION DISTINCT SELECT fact_key FROM inert_fact WHERE plant IN (" + plants +
      ") UNION DISTINCT SELECT root_key FROM business_key WHERE bkey IN (SELECT bkey FROM as_of_bkey) AND " +
      recorded +
      " UNION DISTINCT SELECT fact_key FROM event_key WHERE fact_key IN (SELECT fact_key FROM event_key "
      "WHERE NOT (" +
      kpi::RecordedUntilSql("rank", kUnjudged) +
      ")) GROUP BY fact_key HAVING uniqExact(event_type, plant, entity) > 1";
  YK_RETURN_IF_ERROR(Execute("CREATE TEMPORARY TABLE as_of_key ENGINE = Memory AS " + suspects));
  // Their roots, the corrections and voids of these, and the voids of those corrections.
  const char* closing[] = {
      "SELECT root_key FROM event_key WHERE fact_key IN (SELECT fact_key FROM as_of_key)",
      "SELECT fact_key FROM amendment WHERE root_key IN (SELECT fact_key FROM as_of_key)",
      "SELECT fact_key FROM amendment WHERE root_key IN (SELECT fact_key FROM as_of_key)"};
  for (const char* more : closing) YK_RETURN_IF_ERROR(Execute("INSERT INTO as_of_key " + std::string(more)));
  YK_ASSIGN_OR_RETURN(
      const std::vector<facts::KeyRow> rows,
      facts::ReadKeyRows(*this, "fact_key IN (SELECT fact_key FROM as_of_key) AND " + recorded));
  std::vector<events::Uuid> keys, bkeys;
  for (const facts::KeyRow& row : rows) {
    keys.push_back(row.fact_key);
    bkeys.push_back(row.bkey);
  }
  std::string data;
  for (const auto& [fact, verdict] : facts::Judge(rows, keys, bkeys).facts) {
    if (!verdict) continue;
    const auto& [place, key] = fact;
    data += TsvText(place.plant) + "\t" + TsvText(place.event_type) + "\t" + TsvText(place.entity) + "\t" +
            events::FormatUuid(key) + "\t" + verdict->reason + "\t" + events::FormatUuid(verdict->winner) +
            "\t1\t1\t1\n";
  }
  YK_RETURN_IF_ERROR(
      Execute("CREATE TEMPORARY TABLE as_of_inert ENGINE = Memory AS SELECT * FROM inert_fact LIMIT 0"));
  YK_RETURN_IF_ERROR(
      Load("INSERT INTO as_of_inert (plant, event_type, entity, fact_key, reason, winner_key, inert, told, "
           "version) "
           "FORMAT TSV",
           data));
  return Execute(
      "CREATE TEMPORARY TABLE inert_fact ENGINE = ReplacingMergeTree(version) ORDER BY (plant, event_type, "
      "entity, fact_key) AS SELECT * FROM as_of_inert");
}

Status AsOfView::ReadCalendars() {
  std::map<std::string, std::vector<calendar::CalendarVersion>> calendars;
  if (!places_.empty()) {
    YK_ASSIGN_OR_RETURN(calendars, facts::ReadCalendars(*this, plants(), recorded_until_ms()));
  }
  std::string intervals, states;
  for (auto& [plant, place] : places_) {
    const Day first_at_utc = *place.beginning.FirstDay(calendar::Timeline());
    std::vector<calendar::Interval> expanded =
        facts::ExpandAround(calendars[plant], first_at_utc, calendar::Timeline().DayOf(at_));
    for (const calendar::Interval& i : expanded) {
      intervals += plant + "\t" + kpi::InstantText(i.start) + "\t" + kpi::InstantText(i.end) + "\t" +
                   FormatDay(i.day) + "\t" + TsvText(i.shift) + "\t" + std::to_string(i.version) + "\t" +
                   i.time_zone + "\t1\n";
      place.time_zone = i.time_zone;
    }
    place.timeline = calendar::Timeline(std::move(expanded));
    place.first = *place.beginning.FirstDay(place.timeline);
    place.current = place.timeline.CurrentDay(at_);
    states += plant + "\t" + FormatDay(place.first) + "\t" + FormatDay(place.current) + "\t" +
              place.time_zone + "\t1\n";
  }
  YK_RETURN_IF_ERROR(
      Execute("CREATE TEMPORARY TABLE as_of_shift ENGINE = Memory AS SELECT * FROM shift_interval LIMIT 0"));
  YK_RETURN_IF_ERROR(
      Load("INSERT INTO as_of_shift (plant, start_utc, end_utc, day, shift_code, calendar_version, "
           "time_zone, version) FORMAT TSV",
           intervals));
  YK_RETURN_IF_ERROR(
      Execute("CREATE TEMPORARY TABLE shift_interval ENGINE = Memory AS SELECT * FROM as_of_shift"));
  YK_RETURN_IF_ERROR(
      Execute("CREATE TEMPORARY TABLE as_of_plant ENGINE = Memory AS SELECT * FROM plant_state LIMIT 0"));
  YK_RETURN_IF_ERROR(
      Load("INSERT INTO as_of_plant (plant, first_day, current_day, time_zone, version) FORMAT TSV", states));
  return Execute(
      "CREATE TEMPORARY TABLE plant_state ENGINE = ReplacingMergeTree(version) ORDER BY plant AS SELECT * "
      "FROM "
      "as_of_plant");
}

Status AsOfView::Compute(const kpi::Catalogue& catalogue, const std::vector<WantedCells>& wanted) {
  kpi::RoundPlan plan;
  plan.recorded_until_ms = recorded_until_ms();
  std::map<const kpi::Kpi*, uint16_t> positions;
  std::map<std::string, std::map<Day, std::set<uint16_t>>> days;
  for (const WantedCells& want : wanted) {
    const auto found = places_.find(want.plant);
    if (found == places_.end()) continue;
    const auto [position, fresh] = positions.try_emplace(want.kpi, static_cast<uint16_t>(plan.kpis.size()));
    if (fresh) plan.kpis.push_back(want.kpi);
    // Whole months: no month is then put together from other cells than these.
    const Day first = std::max(found->second.first, MonthStart(want.from));
    const Day last = std::min(found->second.current, NextMonthStart(want.to) - 1);
    for (Day day = first; day <= last; day = day + 1) days[want.plant][day].insert(position->second);
  }
  for (const auto& [plant, wanted_days] : days) {
    const Place& place = places_.at(plant);
    kpi::PlantScope scope{plant, 1, {place.first, place.current}, {}, {}};
    for (const auto& [day, kpis] : wanted_days) {
      scope.days.push_back({day, place.timeline.StartOf(day), place.timeline.EndOf(day)});
      scope.kpis.emplace_back(kpis.begin(), kpis.end());
    }
    plan.plants.push_back(std::move(scope));
  }
  if (plan.plants.empty()) return OkStatus();
  const auto run = [this](const kpi::Statement& statement) {
    return session_->Run(statement.sql, statement.data);
  };
  const auto present = [this](const std::string& sql) { return session_->SelectTexts(sql, "event"); };
  YK_RETURN_IF_ERROR(kpi::MakeTables(catalogue, run, present, &plan));
  YK_RETURN_IF_ERROR(kpi::MakeCells(plan, run));
  YK_RETURN_IF_ERROR(Execute(
      "CREATE OR REPLACE TEMPORARY TABLE kpi_cell ENGINE = ReplacingMergeTree(version) ORDER BY (grain, "
      "level, kpi, definition, plant, workshop, line, dim, day) AS SELECT * FROM round_cells"));
  return run(kpi::CloseRound(plan));
}

Status AsOfLimit::Enter(std::shared_ptr<void>* pass) {
  if (under_way_.fetch_add(1) >= most_) {
    under_way_.fetch_sub(1);
    return ResourceExhausted(
        "as_of: " + std::to_string(most_) +
        " such questions are being computed already (insight.as_of_max); ask again in a moment");
  }
  *pass = std::shared_ptr<void>(nullptr, [this](void*) { under_way_.fetch_sub(1); });
  return OkStatus();
}

}  // namespace yokoten::insight
