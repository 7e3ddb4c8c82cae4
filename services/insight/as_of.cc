// Every table is filled under a name of its own and then copied to the name it stands for, so that no
// statement that writes ever names a stored table.
#include "insight/as_of.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "calendar/calendar.h"
#include "events/identity.h"
#include "facts/calendars.h"
#include "facts/identity_rules.h"
#include "kpi/fact_sql.h"
#include "kpi/round_sql.h"

namespace yokoten::insight {
namespace {

constexpr int32_t kExpandBefore = 370;
constexpr int32_t kExpandAhead = 400;
constexpr char kStatementBytesMax[] = "1500000000";
// The identity pass writes its verdicts within this time; younger copies are looked for here.
constexpr char kUnjudged[] = "toUnixTimestamp64Milli(now64(3)) - 3600000";

std::string RandomText() {
  std::random_device device;
  return std::to_string((static_cast<uint64_t>(device()) << 32) | device());
}

events::Uuid ToUuid(const std::string& text) { return events::ParseUuid(text).value_or(events::kNoUuid); }

clickhouse::UInt128 ToRank(const std::string& text) {
  clickhouse::UInt128 value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

std::string Tsv(const std::string& text) { return clickhouse::EscapeParameter(text); }

}  // namespace

struct AsOfView::Place {
  std::optional<WallTime> first_at;
  std::optional<Day> first_on;
  Day first;
  Day current;
  std::string time_zone;
  calendar::Timeline timeline;
};

AsOfView::AsOfView(clickhouse::Client& client, WallTime at)
    : client_(client), at_(FromMicros(ToMicros(at) / 1000 * 1000)), session_("as-of-" + RandomText()) {}

AsOfView::~AsOfView() {
  if (!begun_) return;
  // The session's end frees its tables; the time-out does otherwise.
  clickhouse::Params params = InSession({});
  params.settings["close_session"] = "1";
  (void)client_.Execute("SELECT 1", params);
}

clickhouse::Params AsOfView::InSession(const clickhouse::Params& params) const {
  clickhouse::Params own = params;
  own.session_id = session_;
  own.no_database = true;  // named once, by USE
  if (begun_) own.settings["session_check"] = "1";
  return own;
}

Status AsOfView::Execute(std::string_view sql, const clickhouse::Params& params) {
  return client_.Execute(sql, InSession(params));
}

Result<clickhouse::Rows> AsOfView::Select(std::string_view sql, const clickhouse::Params& params) {
  return client_.Select(sql, InSession(params));
}

Status AsOfView::Insert(std::string_view table, const clickhouse::NativeBlock&, const clickhouse::Params&) {
  return Internal("nothing is written to what was known once: " + std::string(table));
}

Status AsOfView::Load(const std::string& insert_sql, const std::string& data) {
  if (data.empty()) return OkStatus();
  return client_.InsertRaw(insert_sql, data, InSession({}));
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
  std::unique_ptr<AsOfView> view(new AsOfView(client, at));
  YK_RETURN_IF_ERROR(view->Begin());
  YK_RETURN_IF_ERROR(view->FindPlants(plants));
  YK_RETURN_IF_ERROR(view->JudgeIdentity());
  YK_RETURN_IF_ERROR(view->ReadCalendars());
  return view;
}

Status AsOfView::Begin() {
  YK_RETURN_IF_ERROR(
      Execute("SET max_insert_threads = 1, max_memory_usage = " + std::string(kStatementBytesMax)));
  begun_ = true;
  if (const std::string& database = client_.options().database; !database.empty())
    YK_RETURN_IF_ERROR(Execute("USE " + clickhouse::QuoteIdentifier(database)));
  return Execute(
      "CREATE TEMPORARY TABLE kpi_cell ENGINE = ReplacingMergeTree(version) ORDER BY (grain, level, kpi, "
      "definition, plant, workshop, line, dim, day) AS SELECT * FROM kpi_cell LIMIT 0");
}

Status AsOfView::FindPlants(const std::vector<std::string>& plants) {
  std::string only;
  for (const std::string& plant : plants) only += (only.empty() ? "" : ", ") + clickhouse::Quote(plant);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      Select("SELECT plant, minIf(toUnixTimestamp64Micro(occurred_at), isNull(occurred_on)) AS at, "
             "countIf(isNull(occurred_on)) AS n_at, toString(minIf(occurred_on, isNotNull(occurred_on))) AS "
             "day, "
             "countIf(isNotNull(occurred_on)) AS n_on FROM event_key WHERE plant != '*' AND kind != 'void' "
             "AND " +
             RecordedSql() + (only.empty() ? "" : " AND plant IN (" + only + ")") + " GROUP BY plant"));
  for (size_t i = 0; i < rows.size(); ++i) {
    Place& place = places_[rows.Text(i, "plant")];
    if (rows.Int(i, "n_at") > 0) place.first_at = FromMicros(rows.Int(i, "at"));
    if (rows.Int(i, "n_on") > 0) place.first_on = ParseDay(rows.Text(i, "day"));
  }
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
      const auto found,
      Select(
          "SELECT DISTINCT fact_key, event_type, plant, entity, toString(rank) AS rank_text, root_key, kind, "
          "bkey, "
          "hex(content_hash) AS content_hash, target_plant, target_entity FROM event_key WHERE fact_key IN "
          "(SELECT fact_key FROM as_of_key) AND " +
          recorded));
  std::vector<facts::KeyRow> rows;
  std::vector<events::Uuid> keys, bkeys;
  for (size_t i = 0; i < found.size(); ++i) {
    rows.push_back({.fact_key = ToUuid(found.Text(i, "fact_key")),
                    .place = {found.Text(i, "plant"), found.Text(i, "event_type"), found.Text(i, "entity")},
                    .rank = ToRank(found.Text(i, "rank_text")),
                    .root_key = ToUuid(found.Text(i, "root_key")),
                    .kind = found.Text(i, "kind"),
                    .bkey = ToUuid(found.Text(i, "bkey")),
                    .content_hash = found.Text(i, "content_hash"),
                    .target_plant = found.Text(i, "target_plant"),
                    .target_entity = found.Text(i, "target_entity")});
    keys.push_back(rows.back().fact_key);
    bkeys.push_back(rows.back().bkey);
  }
  std::string data;
  for (const auto& [fact, verdict] : facts::Judge(rows, keys, bkeys).facts) {
    if (!verdict) continue;
    const auto& [place, key] = fact;
    data += Tsv(place.plant) + "\t" + Tsv(place.event_type) + "\t" + Tsv(place.entity) + "\t" +
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
  const Day today{static_cast<int32_t>(ToMicros(at_) / 86'400'000'000)};
  for (auto& [plant, place] : places_) {
    const Day utc = place.first_at ? calendar::Timeline().DayOf(*place.first_at) : *place.first_on;
    const Day from = std::min(utc, place.first_on.value_or(utc)) - kExpandBefore;
    // As the rollup does: a time zone that this machine does not know leaves UTC dates.
    if (auto expanded =
            calendar::Expand(calendars[plant], std::max(from, kFirstDay + 10), today + kExpandAhead);
        expanded.ok()) {
      for (const calendar::Interval& i : *expanded) {
        intervals += plant + "\t" + kpi::InstantText(i.start) + "\t" + kpi::InstantText(i.end) + "\t" +
                     FormatDay(i.day) + "\t" + Tsv(i.shift) + "\t" + std::to_string(i.version) + "\t" +
                     i.time_zone + "\t1\n";
        place.time_zone = i.time_zone;
      }
      place.timeline = calendar::Timeline(*std::move(expanded));
    }
    place.first = place.first_on.value_or(kLastDay);
    if (place.first_at) place.first = std::min(place.first, place.timeline.DayOf(*place.first_at));
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
  const auto run = [&](const kpi::Statement& statement) {
    return statement.data.empty() ? Execute(statement.sql) : Load(statement.sql, statement.data);
  };
  for (const kpi::Statement& statement : kpi::OpenRound(plan)) YK_RETURN_IF_ERROR(run(statement));
  YK_ASSIGN_OR_RETURN(const auto present_rows, Select(kpi::PresentEventsSql(plan)));
  std::set<std::string> present;
  for (size_t i = 0; i < present_rows.size(); ++i) present.insert(present_rows.Text(i, "event"));
  kpi::KeepPresent(present, &plan);
  YK_RETURN_IF_ERROR(run(kpi::JudgeAmendments()));
  for (const kpi::Statement& statement : kpi::PrepareRound(catalogue, plan))
    YK_RETURN_IF_ERROR(run(statement));
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (!plan.idle.contains(i)) YK_RETURN_IF_ERROR(run(kpi::DayCells(plan, i)));
  }
  if (!plan.idle.empty()) YK_RETURN_IF_ERROR(run(kpi::IdleCells(plan)));
  YK_RETURN_IF_ERROR(run(kpi::MonthCells(plan)));
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
