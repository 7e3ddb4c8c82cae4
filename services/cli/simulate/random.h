// Chance that is the same on every machine: the sample data of one seed must always be the same events.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

namespace yokoten::cli {

// SplitMix64 with the few distributions the sample data needs (the standard library's differ between
// libraries). Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // A generator of its own for a part of the story, so that one part's draws do not shift another's.
  Random Branch(std::string_view name) const {
    uint64_t hash = 0xcbf29ce484222325u ^ state_;
    for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3u;
    return Random(hash);
  }

  uint64_t Bits() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 <= x < 1.
  double Unit() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }
  // Both ends inclusive.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Bits() % static_cast<uint64_t>(high - low + 1));
  }
  bool Chance(double p) { return Unit() < p; }
  double Exponential(double mean) { return -mean * std::log(1.0 - Unit()); }
  double Normal(double mean, double deviation) {
    double radius = std::sqrt(-2.0 * std::log(1.0 - Unit()));
    return mean + deviation * radius * std::cos(6.283185307179586 * Unit());
  }
  int64_t Poisson(double mean) {
    if (mean > 60) return std::max<int64_t>(0, std::llround(Normal(mean, std::sqrt(mean))));
    double limit = std::exp(-mean), product = Unit();
    int64_t k = 0;
    for (; product > limit; ++k) product *= Unit();
    return k;
  }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[Bits() % items.size()];
  }

 private:
  uint64_t state_;
};

}  // namespace yokoten::cli
