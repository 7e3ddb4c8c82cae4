// Offsets as ranges: what is missing is told, and read again, by ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yokoten::audit {

// Both inclusive.
struct Range {
  int64_t first = 0;
  int64_t last = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// The fewest ranges that hold exactly these offsets, ascending; offsets may come in any order and more than
// once.
std::vector<Range> RangesOf(std::vector<int64_t> offsets);

// The union of ranges in any order, ascending and without overlap.
std::vector<Range> United(std::vector<Range> ranges);

// How many offsets they hold; the ranges must not overlap.
int64_t Count(const std::vector<Range>& ranges);

}  // namespace yokoten::audit
