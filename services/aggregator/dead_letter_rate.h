// The one limit on dead letters: more than a share of a partition's last records halts it, so that a bad
// deployment cannot drain a topic into the dead-letter topic.
#pragma once

#include <cstddef>
#include <vector>

namespace yokoten::aggregator {

// The last `window` verdicts of one partition. Not thread-safe.
class DeadLetterRate {
 public:
  // Halts when more than percent_max percent of `window` records are dead; fewer records seen count as if the
  // rest were good.
  DeadLetterRate(size_t window, double percent_max)
      : ring_(window, false),
        allowed_(static_cast<size_t>(static_cast<double>(window) * percent_max / 100)) {}

  // Takes a verdict unless it would pass the limit: then nothing is taken and false is returned.
  bool Take(bool dead) {
    const size_t after = dead_ - (ring_[at_] ? 1 : 0) + (dead ? 1 : 0);
    if (dead && after > allowed_) return false;
    ring_[at_] = dead;
    dead_ = after;
    at_ = (at_ + 1) % ring_.size();
    return true;
  }
  // Takes a verdict whatever the limit says (of what is archived already).
  void Restore(bool dead) {
    dead_ = dead_ - (ring_[at_] ? 1 : 0) + (dead ? 1 : 0);
    ring_[at_] = dead;
    at_ = (at_ + 1) % ring_.size();
  }
  size_t dead() const { return dead_; }
  size_t allowed() const { return allowed_; }

 private:
  std::vector<bool> ring_;
  size_t allowed_;
  size_t at_ = 0;
  size_t dead_ = 0;
};

}  // namespace yokoten::aggregator
