// Where each partition goes on, proved by the archive and checked against the log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aggregator/batch.h"
#include "aggregator/writer.h"
#include "clickhouse/client.h"
#include "kafka/log_reader.h"

namespace yokoten::aggregator {

// What the archive has of a partition in its current epoch.
struct Archived {
  int64_t last = -1;      // last offset before the first hole; -1: nothing
  int64_t highest = -1;   // highest offset at all
  int64_t first = -1;     // lowest offset; -1: nothing, or longer ago than is looked at
  uint64_t checksum = 0;  // of the record at `last`
  bool is_gap = false;    // the log had no record at `last`
  // Of the last `window` offsets up to `last`: which were dead letters, oldest first.
  std::vector<bool> dead;
};

// Reads the archive. `epochs` gives each topic's epoch. Sources without rows are left out.
Result<std::map<Source, Archived>> ReadArchive(clickhouse::Database& database,
                                               const std::map<std::string, uint32_t>& epochs,
                                               const std::vector<Source>& sources, size_t window);

// The log of one partition as the broker has it, as far as the check needs it.
struct LogState {
  kafka::LogRange range;
  // Checksum of the record at Archived::last; not read where the range does not hold it.
  std::optional<uint64_t> checksum;
};

// Where a partition goes on: an offset, or a halt.
struct Resume {
  int64_t offset = 0;
  std::optional<Halt> halt;
};

// The rule of resumption. Pure.
//   nothing archived               -> the log's first offset
//   log ends at or before `last`   -> halt (truncated, or re-created and shorter)
//   log begins after `last`        -> halt (truncated in front)
//   another record at `last`       -> halt (re-created)
//   log begins before `first`      -> the log's first offset (what was archived first is not all there)
//   else                           -> last + 1
Resume Decide(const Source& source, const Archived& archived, const LogState& log);

// The command halts of re-created or truncated logs name.
std::string NewEpochCommand(std::string_view topic);

}  // namespace yokoten::aggregator
