// Two generations side by side, while both go on.
//
// Facts, keys, corrections and the archive are compared as they were recorded up to an instant that both have
// passed: exactly, whatever comes meanwhile. Figures change under the comparison. One that differs is looked
// at again when both have taken in what came until the first look: if both still say the same, in the same
// version, they differ; if not, it is moving, and is told as such when it never stands still.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"

namespace yokoten::rebuild {

struct Difference {
  std::string table;
  std::string plant;
  std::string what;     // entity and key of a fact; KPI, place and day of a figure
  std::string current;  // empty: not there
  std::string rebuilt;
};

struct Comparison {
  uint64_t records = 0;  // compared
  uint64_t facts = 0;
  uint64_t figures = 0;
  uint64_t moving = 0;  // figures not judged, because they change all the time
  std::vector<std::string> changed_definitions;
  std::vector<Difference> differences;  // at most kDifferencesMax a table and KPI
  bool equal() const { return differences.empty(); }
};

inline constexpr int kDifferencesMax = 100;

// What is compared of the figures; empty = all.
struct CompareScope {
  std::string plant;
  std::string from_day, to_day;  // "2026-03-01", both inclusive
};

// `level` returns when both generations have taken in everything recorded until it was called. `current` and
// `rebuilt` are clients of their databases, on one ClickHouse.
Result<Comparison> Compare(clickhouse::Client& current, clickhouse::Client& rebuilt,
                           const kpi::Catalogue& catalogue, const CompareScope& scope,
                           const std::function<Status()>& level);

}  // namespace yokoten::rebuild
