#include "aggregator/positions.h"

#include "base/error_ids.h"

namespace yokoten::aggregator {
namespace {

// Holes can only be young: a partition's archive rows are written in order, batch by batch. Older ones were
// checked at earlier assignments.
constexpr int64_t kContiguityWindow = 1000000;

std::string In(const std::map<std::string, uint32_t>& epochs) {
  std::string sql;
  for (const auto& [topic, epoch] : epochs) {
    if (!sql.empty()) sql += ", ";
    sql += "(" + clickhouse::Quote(topic) + ", " + std::to_string(epoch) + ")";
  }
  return "(" + sql + ")";
}

std::string OfSource(const Source& source, uint32_t epoch) {
  return "topic = " + clickhouse::Quote(source.first) + " AND epoch = " + std::to_string(epoch) +
         " AND partition = " + std::to_string(source.second);
}

std::string Name(const Source& source) { return source.first + "/" + std::to_string(source.second); }

}  // namespace

std::string NewEpochCommand(std::string_view topic) {
  return "yokoten rebuild --new-epoch=" + std::string(topic);
}

Result<std::map<Source, Archived>> ReadArchive(clickhouse::Database& database,
                                               const std::map<std::string, uint32_t>& epochs,
                                               const std::vector<Source>& sources, size_t window) {
  std::map<Source, Archived> found;
  if (epochs.empty()) return found;
  const std::string scope = "(topic, epoch) IN " + In(epochs);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      database.Select("SELECT a.topic AS topic, a.partition AS partition, any(m.highest) AS highest, "
                      "min(a.offset) AS lowest, "
                      "uniqExact(a.offset) AS offsets FROM archive AS a INNER JOIN (SELECT topic, partition, "
                      "max(offset) AS highest "
                      "FROM archive WHERE " +
                      scope +
                      " GROUP BY topic, partition) AS m ON a.topic = m.topic AND a.partition = m.partition "
                      "WHERE " +
                      scope + " AND a.offset + " + std::to_string(kContiguityWindow) +
                      " > m.highest "
                      "GROUP BY topic, partition"));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Source source{rows.Text(i, "topic"), static_cast<int32_t>(rows.Int(i, "partition"))};
    Archived archived;
    archived.highest = rows.Int(i, "highest");
    archived.last = archived.highest;
    const int64_t lowest = rows.Int(i, "lowest");
    if (lowest + kContiguityWindow > archived.highest + 1) archived.first = lowest;
    if (rows.Int(i, "offsets") != archived.highest - lowest + 1) {
      YK_ASSIGN_OR_RETURN(const auto hole,
                          database.Select("SELECT min(offset) AS last FROM (SELECT offset, "
                                          "leadInFrame(offset, 1, offset) OVER (ORDER BY offset ROWS BETWEEN "
                                          "CURRENT ROW AND UNBOUNDED FOLLOWING) AS following FROM (SELECT "
                                          "DISTINCT offset FROM archive WHERE " +
                                          OfSource(source, epochs.at(source.first)) + " AND offset >= " +
                                          rows.Text(i, "lowest") + ")) WHERE following > offset + 1"));
      archived.last = hole.Int(0, "last");
    }
    found[source] = archived;
  }
  for (const Source& source : sources) {
    const auto it = found.find(source);
    if (it == found.end()) continue;
    Archived& archived = it->second;
    YK_ASSIGN_OR_RETURN(
        const auto tail,
        database.Select("SELECT offset, any(checksum) AS sum, any(verdict) AS said FROM archive WHERE " +
                        OfSource(source, epochs.at(source.first)) +
                        " AND offset <= " + std::to_string(archived.last) + " AND offset > " +
                        std::to_string(archived.last - static_cast<int64_t>(window)) +
                        " AND (verdict LIKE 'dead:%' OR offset = " + std::to_string(archived.last) +
                        ") GROUP BY offset ORDER BY offset"));
    const int64_t first = std::max<int64_t>(0, archived.last - static_cast<int64_t>(window) + 1);
    archived.dead.assign(static_cast<size_t>(archived.last - first + 1), false);
    for (size_t i = 0; i < tail.size(); ++i) {
      const int64_t offset = tail.Int(i, "offset");
      const std::string& verdict = tail.Text(i, "said");
      if (offset >= first && verdict.starts_with(kVerdictDeadPrefix))
        archived.dead[static_cast<size_t>(offset - first)] = true;
      if (offset == archived.last) {
        archived.checksum = tail.UInt(i, "sum");
        archived.is_gap = verdict == kVerdictGap;
      }
    }
  }
  std::erase_if(found, [&](const auto& item) {
    return std::find(sources.begin(), sources.end(), item.first) == sources.end();
  });
  return found;
}

Resume Decide(const Source& source, const Archived& archived, const LogState& log) {
  const int64_t last = archived.last;
  if (last < 0) return {.offset = log.range.first, .halt = std::nullopt};
  const auto halt = [&](std::string_view error_id, const std::string& what) {
    return Resume{
        .offset = last + 1,
        .halt = Halt{.source = source,
                     .offset = last + 1,
                     .error_id = std::string(error_id),
                     .message = Name(source) + " halts: " + what +
                                "; when the old log is gone for good, stop the aggregator, run `" +
                                NewEpochCommand(source.first) + "` and start it again (docs/runbooks/" +
                                std::string(error_id) + ".md)"}};
  };
  if (log.range.next <= last) {
    return halt(error_id::kLogTruncated, "its log ends at offset " + std::to_string(log.range.next) +
                                             ", the archive has offset " + std::to_string(last) +
                                             " (the log was truncated or re-created)");
  }
  if (log.range.first > last) {
    return halt(error_id::kLogTruncated, "its log begins at offset " + std::to_string(log.range.first) +
                                             ", the archive ends at offset " + std::to_string(last) +
                                             " (records were deleted in front)");
  }
  if (!archived.is_gap && log.checksum.has_value() && *log.checksum != archived.checksum) {
    return halt(
        error_id::kLogReplaced,
        "the record at offset " + std::to_string(last) +
            " is another one than the archive's (the topic was re-created or restored from elsewhere)");
  }
  if (archived.first > log.range.first) return {.offset = log.range.first, .halt = std::nullopt};
  return {.offset = last + 1, .halt = std::nullopt};
}

}  // namespace yokoten::aggregator
