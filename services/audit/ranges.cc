#include "audit/ranges.h"

#include <algorithm>

namespace yokoten::audit {

std::vector<Range> RangesOf(std::vector<int64_t> offsets) {
  std::vector<Range> ranges;
  ranges.reserve(offsets.size());
  for (const int64_t offset : offsets) ranges.push_back({offset, offset});
  return United(std::move(ranges));
}

std::vector<Range> United(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> united;
  for (const Range& range : ranges) {
    if (!united.empty() && range.first <= united.back().last + 1)
      united.back().last = std::max(united.back().last, range.last);
    else
      united.push_back(range);
  }
  return united;
}

int64_t Count(const std::vector<Range>& ranges) {
  int64_t count = 0;
  for (const Range& range : ranges) count += range.last - range.first + 1;
  return count;
}

}  // namespace yokoten::audit
