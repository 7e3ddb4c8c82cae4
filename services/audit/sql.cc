#include "audit/sql.h"

#include "clickhouse/client.h"
#include "kpi/fact_sql.h"

namespace yokoten::audit {
namespace {

constexpr char kPlaces[] = "topic, epoch, partition, toInt64(offset) AS offset";
// Groups along the tables' order are put together row by row, without a set of all of them.
constexpr char kInOrder[] = " SETTINGS optimize_aggregation_in_order = 1";

}  // namespace

const char kRankOfRecordSql[] =
    "bitNot(bitOr(bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(recorded_at)), 80), "
    "bitShiftLeft(toUInt128(partition), 64)), toUInt128(offset)))";

std::string OfEpochsSql(const Epochs& epochs) {
  std::string list;
  for (const auto& [topic, epoch] : epochs)
    list += (list.empty() ? "(" : ", (") + clickhouse::Quote(topic) + ", " + std::to_string(epoch) + ")";
  return list.empty() ? "0" : "(topic, epoch) IN (" + list + ")";
}

std::string PartitionsSql(const Epochs& epochs) {
  return "SELECT topic, partition, toInt64(min(offset)) AS lowest, toInt64(max(offset)) AS highest, count() "
         "AS "
         "offsets, countIf(startsWith(said, 'dead:')) AS dead, countIf(said = 'gap') AS gaps, sum(twice) AS "
         "conflicting FROM (SELECT topic, partition, offset, any(verdict) AS said, min(checksum) != "
         "max(checksum) AS "
         "twice FROM archive WHERE " +
         OfEpochsSql(epochs) + " GROUP BY topic, epoch, partition, offset) GROUP BY topic, partition" +
         kInOrder;
}

std::string HolesSql(const Epochs& epochs) {
  return "SELECT topic, partition, before + 1 AS first, offset - 1 AS last FROM (SELECT topic, partition, "
         "toInt64(offset) AS offset, lagInFrame(toInt64(offset), 1, toInt64(offset) - 1) OVER (PARTITION BY "
         "topic, partition ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before FROM "
         "(SELECT DISTINCT topic, partition, offset FROM archive WHERE " +
         OfEpochsSql(epochs) + ")) WHERE offset > before + 1";
}

std::string HoursThatDifferSql() {
  // Signed, so that one side takes away what the other adds; overflow wraps on both.
  return std::string(
             "SELECT hour FROM (SELECT intDiv(toUnixTimestamp64Milli(recorded_at), 3600000) AS hour, ") +
         "toInt64(count()) AS n, toInt64(sum(cityHash64(" + kRankOfRecordSql +
         "))) AS hash FROM archive FINAL WHERE verdict = 'fact' GROUP BY hour UNION ALL SELECT intDiv(" +
         kpi::RecordedMsSql("rank") +
         ", 3600000) AS hour, -toInt64(count()), -toInt64(sum(cityHash64(rank))) FROM event_key FINAL GROUP "
         "BY hour) "
         "GROUP BY hour HAVING sum(n) != 0 OR sum(hash) != 0 ORDER BY hour";
}

std::string LostKeysSql(const std::string& hours) {
  return std::string("SELECT ") + kPlaces +
         " FROM archive FINAL WHERE verdict = 'fact' AND intDiv(toUnixTimestamp64Milli(recorded_at), "
         "3600000) IN (" +
         hours + ") AND " + kRankOfRecordSql + " NOT IN (SELECT rank FROM event_key WHERE intDiv(" +
         kpi::RecordedMsSql("rank") + ", 3600000) IN (" + hours + "))";
}

std::string FactsPromisedSql() {
  return std::string(
             "SELECT toString(event_type) AS type, count() AS n, sum(cityHash64(toString(plant), entity, ") +
         "fact_key)) AS hash FROM (SELECT event_type, plant, entity, fact_key FROM event_key GROUP BY "
         "fact_key, "
         "event_type, plant, entity) GROUP BY type" +
         kInOrder;
}

std::string FactsStoredSql(const std::vector<std::string>& types) {
  std::string sql;
  for (const std::string& type : types) {
    sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + clickhouse::Quote(type) +
           " AS type, count() AS n, sum(cityHash64(toString(plant), entity, fact_key)) AS hash FROM fact_" +
           kpi::TableOf(type) + " FINAL";
  }
  return sql;
}

std::string LostFactsSql(const std::string& type) {
  return std::string("SELECT ") + kPlaces + " FROM archive FINAL WHERE verdict = 'fact' AND " +
         kRankOfRecordSql + " IN (SELECT rank FROM event_key WHERE event_type = " + clickhouse::Quote(type) +
         " AND (toString(plant), entity, fact_key) NOT IN (SELECT toString(plant), entity, fact_key FROM "
         "fact_" +
         kpi::TableOf(type) + "))";
}

}  // namespace yokoten::audit
