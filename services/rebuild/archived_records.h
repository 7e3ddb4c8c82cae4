// Records as the archive keeps them, read as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace yokoten::rebuild {

struct ArchivedRecord {
  uint64_t offset = 0;
  int64_t recorded_ms = 0;
  uint64_t checksum = 0;
  std::string verdict;
  std::string key;
  std::string value;
  std::vector<std::string> headers;  // name, value, name, value ...
};

// The columns ParseRecords reads, for a SELECT from archive in the format RowBinary.
inline constexpr char kRecordColumns[] =
    "offset, toUnixTimestamp64Milli(recorded_at), checksum, toString(verdict), key, value, headers";

// DataLoss when the bytes end in the middle of a row.
Result<std::vector<ArchivedRecord>> ParseRecords(const std::string& row_binary);

}  // namespace yokoten::rebuild
