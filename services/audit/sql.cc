#include "audit/sql.h"

#include "clickhouse/client.h"
#include "kpi/fact_sql.h"

namespace yokoten::audit {
namespace {

constexpr char kPlaces[] = "topic, epoch, partition, toInt64(offset) AS offset";
// Groups along the tables' order are put together row by row, without a set of all of them.
constexpr char kMost[] = " LIMIT 1000000";
constexpr char kInOrder[] = " SETTINGS optimize_aggregation_in_order = 1";

std::string OfPartitionSql(const aggregator::Source& source, uint32_t epoch) {
  return "topic = " + clickhouse::Quote(source.first) + " AND epoch = " + std::to_string(epoch) +
         " AND partition = " + std::to_string(source.second);
}

// Hours since 1970 of a rank, and of a row of the archive.
std::string HourOfSql(const std::string& rank) { return "intDiv(" + kpi::RecordedMsSql(rank) + ", 3600000)"; }
std::string HourOfRecordSql() { return "intDiv(toUnixTimestamp64Milli(recorded_at), 3600000)"; }

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

std::string HolesSql(const aggregator::Source& source, uint32_t epoch) {
  return "SELECT before + 1 AS first, at - 1 AS last FROM (SELECT toInt64(offset) AS at, "
         "lagInFrame(toInt64(offset), 1, "
         "toInt64(offset) - 1) OVER (ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "
         "before FROM "
         "(SELECT DISTINCT offset FROM archive WHERE " +
         OfPartitionSql(source, epoch) + ")) WHERE at > before + 1 ORDER BY first" + kMost;
}

std::string ChecksumsSql(const aggregator::Source& source, uint32_t epoch, const Range& range) {
  return "SELECT toInt64(offset) AS at, checksum FROM archive WHERE " + OfPartitionSql(source, epoch) +
         " AND offset BETWEEN " + std::to_string(range.first) + " AND " + std::to_string(range.last) +
         " AND verdict != 'gap'";
}

std::string HoursThatDifferSql() {
  // Signed, so that one side takes away what the other adds; overflow wraps on both.
  return "SELECT hour FROM (SELECT " + HourOfRecordSql() +
         " AS hour, toInt64(count()) AS n, toInt64(sum(cityHash64(" + kRankOfRecordSql +
         "))) AS hash FROM archive FINAL WHERE verdict = 'fact' GROUP BY hour UNION ALL SELECT " +
         HourOfSql("rank") +
         " AS hour, -toInt64(count()), -toInt64(sum(cityHash64(rank))) FROM event_key FINAL GROUP BY hour) "
         "GROUP BY "
         "hour HAVING sum(n) != 0 OR sum(hash) != 0 ORDER BY hour";
}

std::string LostKeysSql(const std::string& hours) {
  return std::string("SELECT ") + kPlaces + " FROM archive WHERE verdict = 'fact' AND " + HourOfRecordSql() +
         " IN (" + hours + ") AND " + kRankOfRecordSql + " NOT IN (SELECT rank FROM event_key WHERE " +
         HourOfSql("rank") + " IN (" + hours + "))" + kMost;
}

std::string FactsPromisedSql() {
  return "SELECT type, " + HourOfSql("counts") +
         " AS hour, count() AS n, sum(cityHash64(counts)) AS hash FROM (SELECT toString(event_type) AS type, "
         "max(rank) "
         "AS counts FROM event_key GROUP BY fact_key, event_type, plant, entity) GROUP BY type, hour" +
         kInOrder;
}

std::string FactsStoredSql(const std::set<std::string>& types) {
  std::string sql;
  for (const std::string& type : types) {
    sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + clickhouse::Quote(type) + " AS type, " +
           HourOfSql("rank") + " AS hour, count() AS n, sum(cityHash64(rank)) AS hash FROM fact_" +
           kpi::TableOf(type) + " FINAL GROUP BY hour";
  }
  return sql;
}

std::string LostFactsSql(const std::string& type, const std::string& hours) {
  const std::string of_hours = " IN (" + hours + ")";
  return std::string("SELECT ") + kPlaces + " FROM archive WHERE verdict = 'fact' AND " + HourOfRecordSql() +
         of_hours + " AND " + kRankOfRecordSql +
         " IN (SELECT counts FROM (SELECT max(rank) AS counts FROM event_key WHERE event_type = " +
         clickhouse::Quote(type) + " GROUP BY fact_key, event_type, plant, entity HAVING " +
         HourOfSql("counts") + of_hours + ") WHERE counts NOT IN (SELECT rank FROM fact_" +
         kpi::TableOf(type) + " WHERE " + HourOfSql("rank") + of_hours + "))" + kMost;
}

}  // namespace yokoten::audit
