#include "lifecycle/fold.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace yokoten::lifecycle {

Life Fold(const Machine& machine, const std::vector<StateEvent>& events) {
  std::vector<size_t> order(events.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&events](size_t a, size_t b) {
    const StateEvent &x = events[a], &y = events[b];
    return std::tie(x.at_us, x.recorded_us, x.id) < std::tie(y.at_us, y.recorded_us, y.id);
  });
  Life life{std::string(kNothing), {}, std::vector<bool>(events.size(), false)};
  std::string state(kNothing);
  for (const size_t i : order) {
    const std::string* next = machine.Next(state, events[i].event, events[i].value);
    if (next == nullptr) continue;
    life.legal[i] = true;
    state = *next;
    const std::string shown(Shown(state));
    if (!life.stays.empty() && life.stays.back().state == shown) continue;
    if (!life.stays.empty()) life.stays.back().to_us = events[i].at_us;
    life.stays.push_back({shown, events[i].at_us, std::nullopt});
  }
  if (!life.stays.empty()) life.state = life.stays.back().state;
  return life;
}

}  // namespace yokoten::lifecycle
