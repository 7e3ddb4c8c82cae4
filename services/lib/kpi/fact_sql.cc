// Text of the live-fact queries. Corrections are rare: facts that do not count are collected once, everything
// else is read plainly (measured: folding every fact by its root costs ten times as much).
#include "kpi/fact_sql.h"

#include <cstdio>
#include <map>

#include <google/protobuf/descriptor.h>

#include "base/date.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/options/v1/options.pb.h"
#include "yokoten/options/v1/restricted.pb.h"

namespace yokoten::kpi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;

// Days a production day may reach before and beyond its date at UTC: time zones, day offsets, night shifts.
constexpr char kIntervalMarginUs[] = "345600000000";
constexpr int64_t kDayUs = 86'400'000'000;

const options::v1::EventOptions& OptionsOf(const Descriptor& descriptor) {
  return descriptor.options().GetExtension(options::v1::event);
}

void AppendColumns(const Descriptor& message, const std::string& prefix, std::vector<std::string>* out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.message_type() != nullptr &&
        field.message_type()->full_name() == "yokoten.event.v1.EventContext")
      continue;
    const bool is_time =
        field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Timestamp";
    if (field.message_type() != nullptr && !is_time) {
      AppendColumns(*field.message_type(), prefix + field.name() + "_", out);
    } else {
      out->push_back(prefix + field.name());
    }
  }
}

std::string SnakeCase(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty()) out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

bool IsList(std::string_view plants) { return plants.starts_with('\''); }

// Plants and the place of group facts.
std::string WithGroup(std::string_view plants) {
  return (IsList(plants) ? "'*', " : "SELECT '*' UNION ALL ") + std::string(plants);
}

// An array of the plants.
std::string PlantArray(std::string_view plants) {
  return IsList(plants) ? "[" + std::string(plants) + "]"
                        : "(SELECT groupArray(plant) FROM (" + std::string(plants) + ") AS p)";
}

std::string Instant(int64_t us) { return "fromUnixTimestamp64Micro(" + std::to_string(us) + ", 'UTC')"; }

std::string RankSql(const FactQuery& query) {
  if (query.dead.empty() && query.dead_keys.empty()) return "f.rank";
  const std::string root = query.root_ranks.empty()
                               ? "tupleElement((SELECT (groupArray(fact_key), groupArray(rank)) FROM (" +
                                     RootRanksSql(query.plants, query.event) +
                                     ")) AS root_ranks, 2)[indexOf(tupleElement(root_ranks, 1), f.root_key)]"
                               : "joinGet('" + query.root_ranks + "', 'rank', f.root_key)";
  return "if(f.is_correction = 1, " + root + ", f.rank)";
}

// The plant is needed by whoever reads facts.
bool Yields(const FactQuery& query, const std::string& column) {
  return !query.common || column == "plant" || query.common->contains(column);
}

}  // namespace

const Descriptor* FindEvent(std::string_view short_name) {
  const size_t dot = short_name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::string full =
      "yokoten." + std::string(short_name.substr(0, dot)) + ".v1." + std::string(short_name.substr(dot + 1));
  const Descriptor* found = DescriptorPool::generated_pool()->FindMessageTypeByName(full);
  if (found == nullptr || !found->options().HasExtension(options::v1::event)) return nullptr;
  return found;
}

std::string TableOf(std::string_view short_name) {
  const Descriptor* event = FindEvent(short_name);
  if (event != nullptr && !OptionsOf(*event).table().empty()) return OptionsOf(*event).table();
  const size_t dot = short_name.find('.');
  return std::string(short_name.substr(0, dot)) + "_" + SnakeCase(short_name.substr(dot + 1));
}

bool IsGroupFact(std::string_view short_name) {
  const Descriptor* event = FindEvent(short_name);
  return event != nullptr && OptionsOf(*event).group_fact();
}

bool IsRestricted(std::string_view short_name) {
  const Descriptor* event = FindEvent(short_name);
  return event != nullptr && (event->options().GetExtension(options::v1::restricted) ||
                              event->file()->options().GetExtension(options::v1::restricted_domain));
}

std::string EffectiveColumn(std::string_view short_name) {
  const Descriptor* event = FindEvent(short_name);
  if (event == nullptr) return "";
  std::string column = OptionsOf(*event).effective();
  for (char& c : column) c = c == '.' ? '_' : c;
  return column;
}

std::vector<std::string> OwnColumns(std::string_view short_name) {
  std::vector<std::string> columns;
  if (const Descriptor* event = FindEvent(short_name)) AppendColumns(*event, "", &columns);
  return columns;
}

std::string DeadFactsSql(std::string_view plants) {
  // Flat on purpose: the same judged by joins of nested queries takes seconds, even minutes, to plan. A
  // reference that fits nothing needs no look here: the place it names matches no fact, and inert_fact holds
  // the correction itself.
  const std::string all = WithGroup(plants);
  const std::string inert = "FROM inert_fact FINAL WHERE inert = 1 AND plant IN (" + all + ")";
  const std::string concerned =
      "(plant, root_key) IN (SELECT target_plant, root_key FROM amendment WHERE plant IN (" + all + "))";
  const std::string voided = "(SELECT root_key FROM amendment WHERE kind = 'void' AND (" + concerned +
                             " OR root_key IN (SELECT fact_key FROM amendment WHERE kind = 'correct' AND " +
                             concerned +
                             ")) AND fact_key NOT IN (SELECT fact_key FROM inert_fact FINAL WHERE inert = 1 "
                             "AND event_type = 'event.Voided'))";
  // The smallest rank is the latest recorded; UInt128 has no greater value than the one that never wins.
  const std::string corrections =
      "SELECT *, min(if(fate = '', rank, bitNot(toUInt128(0)))) OVER (PARTITION BY root_key) AS winner FROM "
      "(SELECT root_key, "
      "fact_key, event_type, target_plant, target_entity, body_plant, body_entity, max(rank) AS rank, "
      "multiIf(root_key IN " +
      voided + " OR fact_key IN " + voided +
      ", 'voided', (event_type, body_plant, body_entity, fact_key) IN (SELECT event_type, plant, entity, "
      "fact_key FROM inert_fact "
      "FINAL WHERE inert = 1), 'inert', (event_type, target_plant, target_entity, root_key) IN (SELECT "
      "event_type, plant, entity, "
      "fact_key FROM inert_fact FINAL WHERE inert = 1), 'inert_root', '') AS fate FROM amendment WHERE kind "
      "= 'correct' AND " +
      concerned +
      " GROUP BY root_key, fact_key, event_type, target_plant, target_entity, body_plant, body_entity)";
  return "SELECT event_type, plant, entity, fact_key, reason " + inert +
         " UNION ALL SELECT '', target_plant, target_entity, root_key, 'voided' FROM amendment WHERE kind = "
         "'void' AND root_key IN " +
         voided + " UNION ALL SELECT event_type, p.1, p.2, p.3, p.4 FROM (" + corrections +
         ") ARRAY JOIN arrayConcat(if(fate = '' AND rank = winner, [(target_plant, target_entity, root_key, "
         "'corrected')], "
         "[(body_plant, body_entity, fact_key, if(fate = '', 'superseded', fate))])) AS p";
}

std::string RootRanksSql(std::string_view plants, std::string_view event) {
  return "SELECT fact_key, max(rank) AS rank FROM event_key WHERE fact_key IN (SELECT root_key FROM "
         "amendment "
         "WHERE kind = 'correct' AND plant IN (" +
         WithGroup(plants) + ")" + (event.empty() ? "" : " AND event_type = '" + std::string(event) + "'") +
         ") GROUP BY fact_key";
}

std::string ShiftIntervalsSql(std::string_view plants) {
  const std::string in = " WHERE plant IN (" + std::string(plants) + ")";
  return "SELECT plant, start_utc, end_utc, day, shift_code, calendar_version, time_zone FROM "
         "shift_interval" +
         in + " AND (plant, version) IN (SELECT plant, max(version) FROM shift_interval" + in +
         " GROUP BY plant)";
}

std::string AnyDeadSql(std::string_view event, std::string_view plants) {
  const std::string all = WithGroup(plants);
  const std::string keys = "(SELECT fact_key FROM fact_" + TableOf(event) + " WHERE plant IN (" + all + "))";
  return "SELECT (SELECT count() FROM amendment WHERE root_key IN " + keys + " OR fact_key IN " + keys +
         ") + (SELECT count() FROM inert_fact FINAL WHERE inert = 1 AND event_type = '" + std::string(event) +
         "' AND plant IN (" + all + ")) AS dead";
}

std::string RecordedUntilSql(std::string_view rank, std::string_view ms) {
  // A rank is the inverse of (milliseconds, partition, offset), 80 bits below the first.
  return std::string(rank) + " > bitNot(bitShiftLeft(toUInt128(" + std::string(ms) + " + 1), 80))";
}

std::string RecordedMsSql(std::string_view rank) {
  return "toInt64(bitShiftRight(bitNot(" + std::string(rank) + "), 80))";
}

std::string RecordedUntilSql(std::string_view rank, int64_t ms) {
  return RecordedUntilSql(rank, std::to_string(ms));
}

const std::vector<std::string>& CommonColumns() {
  static const std::vector<std::string> columns = {
      "plant",       "entity",  "fact_key",  "source",      "event_id",    "workshop",
      "line",        "station", "actor",     "occurred_at", "occurred_on", "reported_at",
      "recorded_at", "rank",    "copy_rank", "day",         "shift"};
  return columns;
}

std::string LiveFactsSql(const FactQuery& query) {
  const std::string table = "fact_" + TableOf(query.event);
  const bool group = IsGroupFact(query.event);
  const bool timed = query.production_days && (Yields(query, "day") || Yields(query, "shift"));
  std::string inner = "SELECT *";
  if (group) {
    inner += ", arrayJoin(if(plant = '*', " + PlantArray(query.plants) + ", [toString(plant)])) AS to_plant";
  }
  inner +=
      " FROM " + table + " FINAL WHERE plant IN (" + (group ? WithGroup(query.plants) : query.plants) + ")";
  std::string interval_window;
  if (query.recorded_until_ms) inner += " AND " + RecordedUntilSql("rank", *query.recorded_until_ms);
  if (query.from_us) {
    inner += " AND occurred_at >= " + Instant(*query.from_us);
    interval_window +=
        " AND end_utc > " + Instant(*query.from_us) + " - toIntervalMicrosecond(" + kIntervalMarginUs + ")";
  }
  if (query.to_us) {
    inner += " AND occurred_at < " + Instant(*query.to_us);
    interval_window +=
        " AND start_utc < " + Instant(*query.to_us) + " + toIntervalMicrosecond(" + kIntervalMarginUs + ")";
  }
  if (!query.dead_keys.empty()) {
    for (const std::string& event : {query.event, std::string()})
      inner += " AND ('" + event + "', plant, entity, fact_key) NOT IN " + query.dead_keys;
  } else if (!query.dead.empty()) {
    inner += " AND (plant, entity, fact_key) NOT IN (SELECT plant, entity, fact_key FROM (" + query.dead +
             ") WHERE event_type IN ('" + query.event + "', ''))";
  }
  const std::string plant = group ? "f.to_plant" : "f.plant";
  // Common columns that are not the stored column of their name.
  const std::map<std::string, std::string> made = {
      {"plant", plant},
      {"rank", RankSql(query)},
      {"copy_rank", "f.rank"},
      {"day", timed ? "multiIf(f.occurred_on IS NOT NULL, assumeNotNull(f.occurred_on), s.shift_code != '' "
                      "AND f.occurred_at < s.end_utc, s.day, toDate32(f.occurred_at))"
                    : "toDate32(ifNull(f.occurred_on, toDate32(f.occurred_at)))"},
      {"shift",
       timed ? "if(f.occurred_on IS NULL AND f.occurred_at < s.end_utc, toString(s.shift_code), '')" : "''"}};
  std::string sql = "SELECT ";
  const auto yield = [&sql](const std::string& expression, const std::string& column) {
    if (!sql.ends_with("SELECT ")) sql += ", ";
    sql += expression;
    sql += " AS " + column;
  };
  for (const std::string& column : CommonColumns()) {
    if (!Yields(query, column)) continue;
    const auto own = made.find(column);
    yield(own != made.end() ? own->second : "f." + column, column);
  }
  for (const std::string& column : query.columns) yield("f." + column, column);
  sql += " FROM (" + inner + ") AS f";
  if (timed) {
    std::string intervals = query.intervals;
    if (intervals.empty()) {
      intervals = "(" + ShiftIntervalsSql(query.plants) + interval_window + ")";
    } else if (!interval_window.empty()) {
      intervals = "(SELECT * FROM " + intervals + " WHERE 1 = 1" + interval_window + ")";
    }
    sql +=
        " ASOF LEFT JOIN " + intervals + " AS s ON s.plant = " + plant + " AND s.start_utc <= f.occurred_at";
  }
  if (query.where.empty()) return sql;
  return "SELECT * FROM (" + sql + ") WHERE " + query.where;
}

std::string NoFactsSql(const FactQuery& query) {
  const std::map<std::string, std::string> made = {
      {"plant", IsGroupFact(query.event) ? "toString(plant)" : "plant"},
      {"copy_rank", "rank"},
      {"day", "toDate32(occurred_at)"},
      {"shift", "''"}};
  std::string list;
  for (const std::string& column : CommonColumns()) {
    if (!Yields(query, column)) continue;
    const auto own = made.find(column);
    list += (list.empty() ? "" : ", ") + (own != made.end() ? own->second + " AS " + column : column);
  }
  for (const std::string& column : query.columns) list += ", " + column;
  return "SELECT " + list + " FROM fact_" + TableOf(query.event) + " WHERE 0";
}

std::string InstantText(WallTime time) {
  const int64_t us = ToMicros(time);
  const int64_t day = (us - (us < 0 ? kDayUs - 1 : 0)) / kDayUs;
  const int64_t rest = us - day * kDayUs;
  char clock[32];
  std::snprintf(clock, sizeof clock, " %02d:%02d:%02d.%06d", static_cast<int>(rest / 3'600'000'000),
                static_cast<int>(rest / 60'000'000 % 60), static_cast<int>(rest / 1'000'000 % 60),
                static_cast<int>(rest % 1'000'000));
  return FormatDay(Day{static_cast<int32_t>(day)}) + clock;
}

}  // namespace yokoten::kpi
