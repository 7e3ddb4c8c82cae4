#include "rebuild/compare_sql.h"

#include "clickhouse/client.h"
#include "kpi/fact_sql.h"

namespace yokoten::rebuild {
namespace {

std::string UntilSql(const RecordedTable& table, int64_t until_ms) {
  std::string sql = table.until;
  const size_t at = sql.find("{ms}");
  return sql.replace(at, 4, std::to_string(until_ms));
}

// A figure's columns beside its key and version, without order where there is none.
constexpr char kValues[] =
    "numerator, numerator_days, denominator, denominator_days, observations, sum_squares, days, "
    "arraySort(samples), "
    "arraySort(open_since)";

std::string ScopeSql(const CompareScope& scope) {
  std::string sql;
  if (!scope.plant.empty()) sql += " AND plant = " + clickhouse::Quote(scope.plant);
  // A month belongs to the period it begins in.
  if (!scope.from_day.empty()) sql += " AND day >= toDate32(" + clickhouse::Quote(scope.from_day) + ")";
  if (!scope.to_day.empty()) sql += " AND day <= toDate32(" + clickhouse::Quote(scope.to_day) + ")";
  return sql;
}

// The rows that count: finer ones only in their generation, the plant's own row (lib/kpi/README.md). `table`
// with its database.
std::string LiveFiguresSql(const std::string& table, std::span<const Figure> figures, Side side,
                           const CompareScope& scope) {
  std::string definitions;
  for (const Figure& figure : figures) {
    definitions += (definitions.empty() ? "(" : ", (") + clickhouse::Quote(figure.kpi) + ", " +
                   std::to_string(side == Side::kCurrent ? figure.current : figure.rebuilt) + ")";
  }
  const std::string of_kpis = "(kpi, definition) IN (" + definitions + ")" + ScopeSql(scope);
  return table + " FINAL WHERE " + of_kpis +
         " AND (grain, kpi, plant, day, version) IN (SELECT grain, kpi, plant, day, version FROM " + table +
         " FINAL WHERE level = 'plant' AND workshop = '' AND line = '' AND dim = '' AND " + of_kpis + ")";
}

// Rows of both sides that are not the same, at most `limit`: `columns` yields place, what, shown, same
// (compared), version.
std::string BothSql(const std::string& columns, const std::string& ours, const std::string& theirs,
                    const std::string& limit) {
  return "SELECT place, what, anyIf(shown, side = 1) AS ours, anyIf(shown, side = 2) AS theirs, "
         "toString(maxIf(version, "
         "side = 1)) AS our_version, toString(maxIf(version, side = 2)) AS their_version FROM (SELECT 1 AS "
         "side, " +
         columns + " FROM " + ours + " UNION ALL SELECT 2 AS side, " + columns + " FROM " + theirs +
         ") GROUP BY place, what HAVING countIf(side = 1) != countIf(side = 2) OR sumIf(same, side = 1) != "
         "sumIf(same, "
         "side = 2) ORDER BY place, what LIMIT " +
         limit;
}

}  // namespace

std::string LatestRecordSql() { return "SELECT toUnixTimestamp64Milli(max(recorded_at)) AS ms FROM archive"; }

std::string FactTablesSql(const std::string& database) {
  return "SELECT name FROM system.tables WHERE database = " + clickhouse::Quote(database) +
         " AND startsWith(name, 'fact_') AND total_rows > 0 ORDER BY name";
}

std::vector<RecordedTable> RecordedTables(const std::set<std::string>& fact_tables) {
  const std::string by_rank = kpi::RecordedUntilSql("rank", std::string("{ms}"));
  const std::string fact = "concat(entity, ' ', toString(fact_key))";
  const std::string when = "concat('recorded ', toString(fromUnixTimestamp64Milli(toInt64(" +
                           kpi::RecordedMsSql("rank") + "), 'UTC')))";
  // As a tuple: the hash of a list with NULL in it would be NULL.
  const std::string row = "cityHash64(tuple(*))";
  std::vector<RecordedTable> tables = {
      {"archive", "''",
       "concat(toString(topic), '/', toString(partition), ' epoch ', toString(epoch), ' offset ', "
       "toString(offset))",
       "concat(toString(verdict), ' ', toString(checksum))",
       "cityHash64(topic, epoch, partition, offset, verdict, checksum)",
       "verdict != 'gap' AND toUnixTimestamp64Milli(recorded_at) <= {ms}"},
      {"event_key", "toString(plant)", fact, when, row, by_rank},
      {"business_key", "toString(plant)", fact, when, row, by_rank},
      {"amendment", "toString(plant)", "concat(body_entity, ' ', toString(fact_key))", when, row, by_rank}};
  for (const std::string& name : fact_tables)
    tables.push_back({name, "toString(plant)", fact, when, row, by_rank});
  return tables;
}

std::string RecordedSumsSql(std::span<const RecordedTable> tables, int64_t until_ms) {
  std::string sql;
  for (const RecordedTable& table : tables) {
    sql += std::string(sql.empty() ? "" : " UNION ALL ") + "SELECT " + clickhouse::Quote(table.name) +
           " AS name, count() AS n, sum(" + table.hash + ") AS hash FROM " + table.name + " FINAL WHERE " +
           UntilSql(table, until_ms);
  }
  return sql;
}

std::string RecordedDifferencesSql(const RecordedTable& table, const std::string& current,
                                   const std::string& rebuilt, int64_t until_ms, int most) {
  const auto side = [&](const std::string& database) {
    return database + "." + table.name + " FINAL WHERE " + UntilSql(table, until_ms);
  };
  return BothSql(table.place + " AS place, " + table.what + " AS what, " + table.shown + " AS shown, " +
                     table.hash + " AS same, 0 AS version",
                 side(current), side(rebuilt), std::to_string(most));
}

std::string DefinitionsSql() {
  return "SELECT toString(kpi) AS id, definition, max(version) AS latest FROM kpi_cell WHERE grain = 'd' AND "
         "level = "
         "'plant' GROUP BY kpi, definition";
}

std::string FigureSumsSql(std::span<const Figure> figures, Side side, const CompareScope& scope) {
  return std::string(
             "SELECT toString(kpi) AS id, toString(plant) AS place, count() AS n, sum(cityHash64(grain, "
             "level, "
             "workshop, line, dim, day, ") +
         kValues + ")) AS hash FROM " + LiveFiguresSql("kpi_cell", figures, side, scope) +
         " GROUP BY kpi, plant ORDER BY id, place";
}

std::string FigureDifferencesSql(std::span<const Figure> figures, const std::string& current,
                                 const std::string& rebuilt, const CompareScope& scope, int most) {
  const std::string columns =
      std::string(
          "toString(plant) AS place, concat(toString(kpi), if(grain = 'd', ' day ', if(grain = 'm', ' month "
          "', "
          "concat(' ', toString(grain), ' '))), toString(day), ' ', toString(level), if(workshop = '', '', "
          "concat(' ', toString(workshop))), if(line = '', '', concat(' ', toString(line))), if(dim = '', "
          "'', "
          "concat(' ', dim))) AS what, concat(toString(numerator), ' / ', toString(denominator), ' of ', "
          "toString(observations), if(empty(samples) AND empty(open_since), '', concat(', samples ', "
          "toString(length(samples)), ' and ', toString(length(open_since)), ' open'))) AS shown, "
          "cityHash64(") +
      kValues + ") AS same, version";
  return BothSql(columns, LiveFiguresSql(current + ".kpi_cell", figures, Side::kCurrent, scope),
                 LiveFiguresSql(rebuilt + ".kpi_cell", figures, Side::kRebuilt, scope),
                 std::to_string(most) + " BY splitByChar(' ', what)[1]");
}

std::vector<std::pair<std::string, std::string>> VerdictDifferencesSql(const std::string& current,
                                                                       const std::string& rebuilt, int most) {
  const auto both = [&](const std::string& table, const std::string& columns, const std::string& where) {
    return std::pair(table, BothSql(columns, current + "." + table + " FINAL WHERE " + where,
                                    rebuilt + "." + table + " FINAL WHERE " + where, std::to_string(most)));
  };
  const std::string fact = "concat(toString(event_type), ' ', entity, ' ', toString(fact_key))";
  return {
      both("inert_fact",
           "toString(plant) AS place, " + fact +
               " AS what, concat(toString(reason), ' ', toString(winner_key)) AS "
               "shown, cityHash64(reason, winner_key) AS same, 0 AS version",
           "inert = 1"),
      both("finding",
           "toString(plant) AS place, concat(toString(kind), ' ', " + fact +
               ") AS what, toString(other_key) AS "
               "shown, cityHash64(other_plant, other_type, other_entity, other_key) AS same, 0 AS version",
           "active = 1"),
      both("plant_state",
           "toString(plant) AS place, '' AS what, concat(toString(first_day), ' to ', toString(current_day), "
           "' ', "
           "toString(time_zone)) AS shown, cityHash64(first_day, current_day, time_zone) AS same, 0 AS "
           "version",
           "1")};
}

}  // namespace yokoten::rebuild
