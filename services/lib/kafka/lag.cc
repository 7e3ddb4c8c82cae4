// How far a group is behind.
#include <algorithm>

#include "kafka/offsets.h"

namespace yokoten::kafka {

int64_t Lag(const Offsets& ends, const Offsets& done, std::string_view topic) {
  int64_t lag = 0;
  for (const auto& [partition, end] : ends) {
    if (!topic.empty() && partition.first != topic) continue;
    const auto reached = done.find(partition);
    lag += std::max<int64_t>(0, end - (reached == done.end() ? 0 : reached->second));
  }
  return lag;
}

}  // namespace yokoten::kafka
