// Which cells of a breakdown must not be shown, so that no answer points at few people or cases. DOMAIN 3.5.
#pragma once

#include <cstdint>
#include <vector>

namespace yokoten::stats {

// Fewest persons or cases that a shown cell holds.
inline constexpr int64_t kSmallestCell = 5;

// What of one breakdown (sibling cells and their total) is hidden. Whether a cell is small or hides a sibling
// cannot be told from it.
struct Suppression {
  std::vector<bool> cells;
  // One level up the total is a cell of its own: hide it there too (`hidden` of Suppress).
  bool total = false;
};

enum class Complementary {
  kYes,
  kNo,  // only what is small by itself: leaks by subtraction, for the test that must find that
};

// `cells`: counts of the siblings, none negative; their sum is the total. `hidden`: cells that are hidden for
// a reason of their own (the total of a finer breakdown); empty or one per cell.
// 1. A total above 0 and below `smallest` hides all, zeros too.
// 2. So is every cell above 0 and below `smallest`.
// 3. While exactly one cell is hidden, or the hidden ones hold fewer than `smallest`, the smallest visible
// cell above
//    0 is hidden too (the first of equals); when there is none, all and the total.
// Zeros stay visible. The same cells give the same answer, so a repeated question tells nothing more.
Suppression Suppress(const std::vector<int64_t>& cells, int64_t smallest = kSmallestCell,
                     const std::vector<bool>& hidden = {}, Complementary complementary = Complementary::kYes);

}  // namespace yokoten::stats
