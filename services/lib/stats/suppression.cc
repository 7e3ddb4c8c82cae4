#include "stats/suppression.h"

#include <algorithm>
#include <numeric>

namespace yokoten::stats {

Suppression Suppress(const std::vector<int64_t>& cells, int64_t smallest, const std::vector<bool>& hidden,
                     Complementary complementary) {
  Suppression out{std::vector<bool>(cells.size(), false), false};
  const int64_t total = std::accumulate(cells.begin(), cells.end(), int64_t{0});
  const auto all = [&out] {
    std::fill(out.cells.begin(), out.cells.end(), true);
    out.total = true;
    return out;
  };
  if (total > 0 && total < smallest) return all();
  size_t count = 0;
  int64_t sum = 0;
  const auto hide = [&](size_t i) {
    out.cells[i] = true;
    ++count;
    sum += cells[i];
  };
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool small = cells[i] > 0 && cells[i] < smallest;
    if (small || (i < hidden.size() && hidden[i])) hide(i);
  }
  if (complementary == Complementary::kNo) return out;
  while (count > 0 && (count == 1 || sum < smallest)) {
    size_t next = cells.size();
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool candidate = !out.cells[i] && cells[i] > 0;
      if (candidate && (next == cells.size() || cells[i] < cells[next])) next = i;
    }
    if (next == cells.size()) return all();
    hide(next);
  }
  return out;
}

}  // namespace yokoten::stats
