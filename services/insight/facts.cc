#include "insight/facts.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "events/columns.h"
#include "events/identity.h"
#include "insight/cells.h"
#include "insight/privacy.h"
#include "insight/requests.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr int kLookupIdsMax = 5000;
constexpr int64_t kMicrosPerDay = int64_t{86400} * 1000000;
constexpr char kAllPlants[] = "SELECT DISTINCT plant FROM plant_state";

// The facts that do not count with their reason, one row a fact, for joins by type: a void names none, so it
// is given all of `types` (quoted, comma-separated). Of several reasons a void comes first, as nothing brings
// the fact back; 'inert' says no more than that there is another.
std::string DeadByTypeSql(const std::string& plants, const std::string& types) {
  return "SELECT event_type, plant, entity, fact_key, argMax(reason, (reason != 'inert') + (reason = "
         "'voided')) AS reason FROM (SELECT arrayJoin(if("
         "d.event_type = '', [" +
         types +
         "], [toString(d.event_type)])) AS event_type, d.plant AS plant, d.entity AS entity, d.fact_key AS "
         "fact_key, d.reason AS reason FROM (" +
         kpi::DeadFactsSql(plants) + ") AS d) GROUP BY event_type, plant, entity, fact_key";
}

// SQL of the plants asked for, and its parameter.
std::string PlantsSql(const google::protobuf::RepeatedPtrField<std::string>& plants,
                      clickhouse::Params* params) {
  if (plants.empty()) return kAllPlants;
  params->parameters["plants"] = clickhouse::ArrayParameter({plants.begin(), plants.end()});
  return "SELECT arrayJoin({plants:Array(String)})";
}

// Adds the condition on the production day and the (wider) bounds on occurred_at that let ClickHouse prune.
Status AddDays(const std::string& from, const std::string& to, kpi::FactQuery* query,
               clickhouse::Params* params) {
  YK_ASSIGN_OR_RETURN(const auto first, OptionalDay(from, "from"));
  YK_ASSIGN_OR_RETURN(const auto last, OptionalDay(to, "to"));
  const auto add = [&](const std::string& condition) {
    query->where += (query->where.empty() ? "" : " AND ") + condition;
  };
  if (first) {
    params->parameters["from"] = FormatDay(*first);
    query->from_us = (first->value - 2) * kMicrosPerDay;
    add("day >= {from:Date32}");
  }
  if (last) {
    params->parameters["to"] = FormatDay(*last);
    query->to_us = (last->value + 3) * kMicrosPerDay;
    add("day <= {to:Date32}");
  }
  return OkStatus();
}

bool IsSensitive(const events::OwnColumn& column) {
  return std::any_of(column.path.begin(), column.path.end(),
                     [](const google::protobuf::FieldDescriptor* field) {
                       return field->options().GetExtension(options::v1::field).sensitive();
                     });
}

// Own columns that may be shown: sensitive ones stay where they are.
std::vector<std::string> ShownColumns(const events::EventType& type) {
  std::vector<std::string> columns;
  for (const auto& column : events::OwnColumns(type)) {
    if (!IsSensitive(column)) columns.push_back(column.name);
  }
  return columns;
}

bool HasColumn(const events::EventType& type, const std::string& name) {
  const auto columns = kpi::OwnColumns(type.short_name);
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

// What CountFacts can group by, besides the type's own columns.
const std::map<std::string, std::string>& GroupExpressions() {
  static const std::map<std::string, std::string> expressions = {
      {"day", "toString(day)"},
      {"month", "formatDateTime(day, '%Y-%m')"},
      {"quarter", "concat(toString(toYear(day)), 'Q', toString(toQuarter(day)))"},
      {"year", "toString(toYear(day))"},
      {"utc_year", "toString(toYear(occurred_at, 'UTC'))"},
      {"utc_quarter",
       "concat(toString(toYear(occurred_at, 'UTC')), 'Q', toString(toQuarter(occurred_at, 'UTC')))"},
      {"plant_id", "toString(plant)"},
      {"workshop_id", "toString(workshop)"},
      {"line_id", "toString(line)"},
      {"source", "toString(source)"},
  };
  return expressions;
}

void SetTimestamp(int64_t us, google::protobuf::Timestamp* out) {
  *out = events::ToTimestamp(FromMicros(us));
}

}  // namespace

Result<const events::EventType*> Facts::TypeOf(const std::string& name, const char* field) const {
  const events::EventType* type = registry_.Find(name);
  if (type == nullptr || type->is_void()) {
    return InvalidArgument(std::string(field) + ": there is no event type '" + name +
                           "'; write it as \"operations.ShiftOutputReported\"");
  }
  YK_RETURN_IF_ERROR(RefuseRestricted(*type, field));
  return type;
}

Result<std::vector<const events::EventType*>> Facts::TypesOf(const v1::ListFactsRequest& request) const {
  std::vector<const events::EventType*> types;
  std::vector<std::string> names(request.event_types().begin(), request.event_types().end());
  if (names.empty()) {
    const kpi::Kpi* kpi = catalogue_.Find(request.kpi_id());
    if (kpi == nullptr) {
      return InvalidArgument("kpi_id: '" + request.kpi_id() + "' is no KPI; give one, or event_types");
    }
    names.assign(kpi->definition.evidence().begin(), kpi->definition.evidence().end());
    if (names.empty()) {
      for (const auto& read : kpi->definition.reads()) names.push_back(read.event());
    }
  }
  for (const auto& name : names) {
    YK_ASSIGN_OR_RETURN(const auto* type, TypeOf(name, "event_types"));
    types.push_back(type);
  }
  return types;
}

Status Facts::List(const v1::ListFactsRequest& request, v1::ListFactsResponse* response) const {
  YK_RETURN_IF_ERROR(CheckPlantUnit(request.unit()));
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const auto types, TypesOf(request));

  clickhouse::Params params;
  params.settings["enable_named_columns_in_function_tuple"] = "1";
  const std::string plants = "SELECT {plant:String}";
  params.parameters["plant"] = clickhouse::EscapeParameter(request.unit().plant_id());
  // Nothing is left out, not even what does not count: the join below says which facts those are and why.
  kpi::FactQuery query;
  query.plants = plants;
  query.recorded_until_ms = recorded_until_ms_;
  YK_RETURN_IF_ERROR(AddDays(request.from(), request.to(), &query, &params));
  const auto filter = [&](const std::string& column, const std::string& value) {
    if (value.empty()) return;
    params.parameters[column] = clickhouse::EscapeParameter(value);
    query.where += (query.where.empty() ? "" : " AND ") + column + " = {" + column + ":String}";
  };
  filter("workshop", request.unit().workshop_id());
  filter("line", request.unit().line_id());
  filter("source", request.source());
  filter("entity", request.entity());

  std::string all, names;
  for (const auto* type : types) {
    names += (names.empty() ? "" : ", ") + clickhouse::Quote(type->short_name);
    query.event = type->short_name;
    query.columns = ShownColumns(*type);
    std::string fields;
    for (const auto& column : query.columns)
      fields += (fields.empty() ? "" : ", ") + clickhouse::QuoteIdentifier(column);
    query.columns.push_back("root_key");
    all += (all.empty() ? "" : " UNION ALL ") + std::string("SELECT ") + clickhouse::Quote(type->short_name) +
           " AS event_type, plant, entity, fact_key, root_key, source, event_id, workshop, line, day, "
           "toUnixTimestamp64Micro(occurred_at) AS occurred_us, isNotNull(occurred_on) AS date_only, "
           "toUnixTimestamp64Milli(recorded_at) AS recorded_ms, copy_rank AS rank, " +
           (fields.empty() ? "'{}'" : "toJSONString(tuple(" + fields + "))") + " AS fields FROM (" +
           kpi::LiveFactsSql(query) + ")";
  }
  const std::string sql =
      "SELECT f.event_type AS event_type, f.plant AS plant, f.entity AS entity, f.source AS source, "
      "f.event_id AS event_id, "
      "f.workshop AS workshop, f.line AS line, toString(f.day) AS day, f.occurred_us AS occurred_us, "
      "f.date_only AS date_only, f.recorded_ms AS recorded_ms, toUInt64(bitAnd(bitNot(f.rank), "
      "toUInt128('18446744073709551615'))) AS log_offset, "
      "toUInt32(bitAnd(bitShiftRight(bitNot(f.rank), 64), toUInt128(65535))) AS log_partition, f.fields AS "
      "fields, if(f.root_key = f.fact_key, '', toString(f.root_key)) AS root, d.reason AS reason FROM (" +
      all + ") AS f LEFT JOIN (" + DeadByTypeSql(plants, names) +
      ") AS d ON f.event_type = d.event_type AND f.plant = d.plant AND f.entity = d.entity AND f.fact_key = "
      "d.fact_key" +
      (request.include_inert() ? "" : " WHERE d.reason = ''") +
      " ORDER BY f.occurred_us DESC, f.rank, f.event_type, f.fact_key LIMIT " + std::to_string(size + 1) +
      " OFFSET " + std::to_string(offset);
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse_.Select(sql, params));
  const size_t shown = std::min<size_t>(rows.size(), static_cast<size_t>(size));
  std::set<std::string> roots;
  for (size_t row = 0; row < shown; ++row) {
    if (const std::string& root = rows.Text(row, "root"); !root.empty()) roots.insert(root);
  }
  YK_ASSIGN_OR_RETURN(const auto root_ids, IdsOf(roots));
  for (size_t row = 0; row < shown; ++row) {
    auto* fact = response->add_facts();
    fact->set_event_type(rows.Text(row, "event_type"));
    fact->set_source(rows.Text(row, "source"));
    fact->set_id(rows.Text(row, "event_id"));
    fact->mutable_unit()->set_plant_id(rows.Text(row, "plant"));
    fact->mutable_unit()->set_workshop_id(rows.Text(row, "workshop"));
    fact->mutable_unit()->set_line_id(rows.Text(row, "line"));
    fact->set_entity(rows.Text(row, "entity"));
    fact->set_production_day(rows.Text(row, "day"));
    if (rows.Int(row, "date_only") == 0)
      SetTimestamp(rows.Int(row, "occurred_us"), fact->mutable_occurred_at());
    SetTimestamp(rows.Int(row, "recorded_ms") * 1000, fact->mutable_recorded_at());
    fact->set_inert_reason(rows.Text(row, "reason"));
    fact->set_counts(fact->inert_reason().empty());
    fact->set_fields_json(rows.Text(row, "fields"));
    if (const auto root = root_ids.find(rows.Text(row, "root")); root != root_ids.end())
      fact->set_corrects_id(root->second);
    auto* position = fact->mutable_position();
    position->set_topic(registry_.Find(fact->event_type())->topic);
    position->set_partition(static_cast<int32_t>(rows.Int(row, "log_partition")));
    position->set_offset(rows.Int(row, "log_offset"));
  }
  if (rows.size() > shown) response->set_next_page_token(std::to_string(offset + size));
  return OkStatus();
}

Result<std::map<std::string, std::string>> Facts::IdsOf(const std::set<std::string>& keys) const {
  std::map<std::string, std::string> ids;
  if (keys.empty()) return ids;
  clickhouse::Params params;
  params.parameters["keys"] = clickhouse::ArrayParameter({keys.begin(), keys.end()});
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select(
          "SELECT toString(fact_key) AS key, any(event_id) AS id FROM event_key WHERE "
          "fact_key IN (SELECT toUUID(arrayJoin({keys:Array(String)})))" +
              (recorded_until_ms_ ? " AND " + kpi::RecordedUntilSql("rank", *recorded_until_ms_)
                                  : std::string()) +
              " GROUP BY key",
          params));
  for (size_t row = 0; row < rows.size(); ++row) ids[rows.Text(row, "key")] = rows.Text(row, "id");
  return ids;
}

Status Facts::Count(const v1::CountFactsRequest& request, v1::CountFactsResponse* response) const {
  YK_ASSIGN_OR_RETURN(const auto* type, TypeOf(request.event_type(), "event_type"));
  clickhouse::Params params;
  kpi::FactQuery query;
  query.event = type->short_name;
  query.plants = PlantsSql(request.plant_ids(), &params);
  query.dead = kpi::DeadFactsSql(query.plants);
  query.recorded_until_ms = recorded_until_ms_;
  YK_RETURN_IF_ERROR(AddDays(request.from(), request.to(), &query, &params));

  const auto expression = [&](const std::string& name, const char* field) -> Result<std::string> {
    if (const auto it = GroupExpressions().find(name); it != GroupExpressions().end()) return it->second;
    if (name == "actor") return std::string("actor");
    if (!HasColumn(*type, name)) {
      return InvalidArgument(std::string(field) + ": " + type->short_name + " has no field '" + name + "'");
    }
    query.columns.push_back(name);
    return "toString(" + clickhouse::QuoteIdentifier(name) + ")";
  };
  std::string keys, group;
  for (int i = 0; i < request.group_by_size(); ++i) {
    const std::string& name = request.group_by(i);
    // Persons are counted, never listed.
    if (name == "actor") return InvalidArgument("group_by: actor can only be counted (distinct), not shown");
    for (const auto& column : events::OwnColumns(*type)) {
      if (column.name == name && IsSensitive(column)) {
        return InvalidArgument("group_by: " + name +
                               " is personal; it can only be counted (distinct), not shown");
      }
    }
    YK_ASSIGN_OR_RETURN(const std::string sql, expression(name, "group_by"));
    const std::string key = "k" + std::to_string(i);
    keys += sql + " AS " + key + ", ";
    group += (group.empty() ? " GROUP BY " : ", ") + key;
  }
  std::string count = "count()";
  if (!request.distinct().empty()) {
    YK_ASSIGN_OR_RETURN(const std::string sql, expression(request.distinct(), "distinct"));
    count = "uniqExact(" + sql + ")";
  }
  const std::string order = group.empty() ? "" : " ORDER BY " + group.substr(10);
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse_.Select("SELECT " + keys + count + " AS n FROM (" +
                                                              kpi::LiveFactsSql(query) + ")" + group + order,
                                                          params));
  for (size_t row = 0; row < rows.size(); ++row) {
    auto* out = response->add_rows();
    for (int i = 0; i < request.group_by_size(); ++i) out->add_keys(rows.Text(row, "k" + std::to_string(i)));
    out->set_count(rows.Int(row, "n"));
  }
  return OkStatus();
}

Status Facts::Durations(const v1::MeasureDurationsRequest& request,
                        v1::MeasureDurationsResponse* response) const {
  YK_ASSIGN_OR_RETURN(const auto* from_type, TypeOf(request.from_event_type(), "from_event_type"));
  YK_ASSIGN_OR_RETURN(const auto* to_type, TypeOf(request.to_event_type(), "to_event_type"));
  clickhouse::Params params;
  kpi::FactQuery start;
  start.event = from_type->short_name;
  start.plants = PlantsSql(request.plant_ids(), &params);
  start.dead = kpi::DeadFactsSql(start.plants);
  start.recorded_until_ms = recorded_until_ms_;
  kpi::FactQuery end = start;
  end.event = to_type->short_name;
  YK_RETURN_IF_ERROR(AddDays(request.from(), request.to(), &end, &params));
  const auto first_of = [](const kpi::FactQuery& query) {
    return "(SELECT plant, entity, min(toUnixTimestamp64Micro(occurred_at)) AS us FROM (" +
           kpi::LiveFactsSql(query) + ") GROUP BY plant, entity)";
  };
  // join_use_nulls tells an entity without an end from one that ended in 1970.
  params.settings["join_use_nulls"] = "1";
  const std::string sql =
      "SELECT countIf(isNotNull(days)) AS n, countIf(isNull(days)) AS open, toString(avg(days)) AS mean, "
      "toString(quantileExactInclusive(0.5)(days)) AS median, toString(quantileExactInclusive(0.9)(days)) AS "
      "p90 FROM "
      "(SELECT (e.us - s.us) / 86400000000. AS days FROM " +
      first_of(start) + " AS s LEFT JOIN " + first_of(end) +
      " AS e ON s.plant = e.plant AND s.entity = e.entity)";
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse_.Select(sql, params));
  response->set_n(rows.Int(0, "n"));
  response->set_open(rows.Int(0, "open"));
  if (response->n() > 0) {
    response->set_mean_days(rows.Double(0, "mean"));
    response->set_median_days(rows.Double(0, "median"));
    response->set_p90_days(rows.Double(0, "p90"));
  }
  return OkStatus();
}

Result<std::map<std::string, Facts::Amended>> Facts::AmendedRoots(const clickhouse::Rows& roots,
                                                                  size_t count) const {
  std::map<std::string, Amended> amended;
  std::set<std::string> plants, names;
  std::vector<std::string> keys;
  for (size_t row = 0; row < count; ++row) {
    keys.push_back(roots.Text(row, "key"));
    plants.insert(roots.Text(row, "plant"));
    names.insert(clickhouse::Quote(roots.Text(row, "event_type")));
  }
  std::string types;
  for (const std::string& name : names) types += (types.empty() ? "" : ", ") + name;
  if (keys.empty()) return amended;
  clickhouse::Params params;
  params.parameters["keys"] = clickhouse::ArrayParameter(keys);
  params.parameters["plants"] = clickhouse::ArrayParameter({plants.begin(), plants.end()});
  YK_ASSIGN_OR_RETURN(
      const auto touched,
      clickhouse_.Select(
          "SELECT DISTINCT toString(root_key) AS key FROM amendment WHERE plant IN "
          "{plants:Array(String)} AND root_key IN (SELECT toUUID(arrayJoin({keys:Array(String)})))",
          params));
  if (touched.size() == 0) return amended;
  keys.clear();
  for (size_t row = 0; row < touched.size(); ++row) keys.push_back(touched.Text(row, "key"));
  params.parameters["keys"] = clickhouse::ArrayParameter(keys);
  const std::string wanted = "(SELECT toUUID(arrayJoin({keys:Array(String)})))";
  // Its content now is that of the live correction, which is the one DeadFactsSql leaves alive.
  const std::string sql =
      "WITH dead AS (" + DeadByTypeSql("SELECT arrayJoin({plants:Array(String)})", types) +
      ") SELECT toString(r.fact_key) AS key, if(c.live = 1, lower(hex(c.hash)), '') AS hash, d.reason = "
      "'voided' AS "
      "voided, c.n AS corrections FROM (SELECT fact_key, event_type, plant, entity FROM event_key FINAL "
      "WHERE kind = "
      "'fact' AND fact_key IN " +
      wanted +
      " ORDER BY rank DESC LIMIT 1 BY fact_key) AS r LEFT JOIN (SELECT root_key, count() AS n, max(alive) AS "
      "live, "
      "argMax(content_hash, alive) AS hash FROM (SELECT k.root_key AS root_key, k.content_hash AS "
      "content_hash, "
      "x.reason = '' AS alive FROM (SELECT fact_key, event_type, plant, entity, root_key, content_hash FROM "
      "event_key "
      "FINAL WHERE kind = 'correct' AND root_key IN " +
      wanted +
      ") AS k LEFT JOIN dead AS x ON k.event_type = x.event_type AND k.plant = x.plant AND k.entity = "
      "x.entity AND "
      "k.fact_key = x.fact_key) GROUP BY root_key) AS c ON r.fact_key = c.root_key LEFT JOIN dead AS d ON "
      "r.event_type = d.event_type AND r.plant = d.plant AND r.entity = d.entity AND r.fact_key = d.fact_key";
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse_.Select(sql, params));
  for (size_t row = 0; row < rows.size(); ++row) {
    amended[rows.Text(row, "key")] = {rows.Text(row, "hash"), rows.Int(row, "voided") != 0,
                                      static_cast<int32_t>(rows.Int(row, "corrections"))};
  }
  return amended;
}

Status Facts::Lookup(const v1::LookupEventsRequest& request, v1::LookupEventsResponse* response) const {
  if (request.source().empty()) return InvalidArgument("source: required");
  if (request.ids_size() > kLookupIdsMax) {
    return InvalidArgument("ids: " + std::to_string(request.ids_size()) + " are more than the " +
                           std::to_string(kLookupIdsMax) + " of one request; ask in parts");
  }
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 1000, 10000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  clickhouse::Params params;
  params.parameters["source"] = clickhouse::EscapeParameter(request.source());
  // event_key is ordered by fact_key; ids make a key lookup, a whole source a scan of the narrow table.
  std::string where = "source = {source:String} AND " + NotRestrictedSql(registry_, "event_type");
  if (!request.ids().empty()) {
    std::vector<std::string> keys;
    for (const auto& id : request.ids())
      keys.push_back(events::FormatUuid(events::FactKey(request.source(), id)));
    params.parameters["keys"] = clickhouse::ArrayParameter(keys);
    where += " AND fact_key IN (SELECT toUUID(arrayJoin({keys:Array(String)})))";
  }
  if (!request.event_type().empty()) {
    YK_ASSIGN_OR_RETURN(const auto* type, TypeOf(request.event_type(), "event_type"));
    params.parameters["type"] = type->short_name;
    where += " AND event_type = {type:String}";
  }
  const std::string page =
      request.ids().empty() ? " LIMIT " + std::to_string(size + 1) + " OFFSET " + std::to_string(offset) : "";
  // The root that counts is the earliest recorded copy. Most roots were never amended: they are answered from
  // the key table alone, and only the others need the question which correction is alive.
  const std::string roots =
      "SELECT fact_key, event_type, plant, entity, event_id, content_hash FROM event_key FINAL WHERE kind = "
      "'fact' AND " +
      where + " ORDER BY event_type, event_id, rank DESC LIMIT 1 BY fact_key" + page;
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select("SELECT toString(fact_key) AS key, event_type, plant, entity, event_id, "
                         "lower(hex(content_hash)) AS hash FROM (" +
                             roots + ") ORDER BY event_type, event_id",
                         params));
  const size_t shown =
      request.ids().empty() ? std::min<size_t>(rows.size(), static_cast<size_t>(size)) : rows.size();
  YK_ASSIGN_OR_RETURN(const auto amended, AmendedRoots(rows, shown));
  for (size_t row = 0; row < shown; ++row) {
    auto* event = response->add_events();
    event->set_id(rows.Text(row, "event_id"));
    event->set_event_type(rows.Text(row, "event_type"));
    event->set_plant_id(rows.Text(row, "plant"));
    event->set_entity(rows.Text(row, "entity"));
    const auto it = amended.find(rows.Text(row, "key"));
    const std::string& hex =
        it == amended.end() || it->second.hash.empty() ? rows.Text(row, "hash") : it->second.hash;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      int byte = 0;
      std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
      event->mutable_content_hash()->push_back(static_cast<char>(byte));
    }
    if (it == amended.end()) continue;
    event->set_voided(it->second.voided);
    event->set_corrections(it->second.corrections);
  }
  if (request.ids().empty() && rows.size() > shown)
    response->set_next_page_token(std::to_string(offset + size));
  return OkStatus();
}

}  // namespace yokoten::insight
