// The aggregator's and the rollup's own code against a simulated Kafka and ClickHouse: what must hold
// whatever fails, and whether it is noticed when it does not.
#include <gtest/gtest.h>

#include "scheduler.h"
#include "world.h"

namespace yokoten::simulation {
namespace {

constexpr uint64_t kSeeds = 1000;

// Seeds that failed once, each with what was wrong.
struct Kept {
  uint64_t seed;
  const char* was;
};
constexpr Kept kKept[] = {
    {40,
     "of two rollups that began at once the second began a second epoch: cells of the first lost to its own"},
    {145, "the same"},
    {4856, "a rollup that stood still at a rebalance took the log for lost and ended"},
    {4973, "the same"},
    {6190, "the same"},
    {4999, "after a pass stored in part and a crash a sweep stored an old month above the replay's version"},
    {5560, "the same"},
    {4969, "a first batch archived without its first records was taken for whole"},
    {5444, "the same"},
};

TEST(Simulation, HoldsWhateverFailsAndMeetsEveryFault) {
  Counts counts;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SeedResult result = RunSeed(seed);
    ASSERT_EQ(result.failure, "") << "seed " << seed;
    counts.Add(result.counts);
  }
  for (const auto& [name, count] : counts.Named()) EXPECT_GT(count, 0u) << "never met: " << name;
}

TEST(Simulation, HoldsForSeedsThatFailedOnce) {
  for (const Kept& kept : kKept)
    EXPECT_EQ(RunSeed(kept.seed).failure, "") << "seed " << kept.seed << ": " << kept.was;
}

// In whatever order and company seeds are run.
TEST(Simulation, RepeatsASeedExactly) {
  std::vector<SeedResult> first;
  for (uint64_t seed = 1; seed <= 20; ++seed) first.push_back(RunSeed(seed));
  for (uint64_t seed = 20; seed >= 1; --seed) {
    const SeedResult again = RunSeed(seed);
    EXPECT_EQ(again.trace, first[seed - 1].trace) << "seed " << seed;
    EXPECT_EQ(again.counts.Named(), first[seed - 1].counts.Named()) << "seed " << seed;
  }
}

class Noticed : public ::testing::TestWithParam<int> {};

// A neighbour that breaks one promise: some seed must show it.
TEST_P(Noticed, ByTheOracle) {
  const auto sabotage = static_cast<Sabotage>(GetParam());
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    if (!RunSeed(seed, {.sabotage = sabotage}).failure.empty()) return;
  }
  FAIL() << "nothing notices " << NameOf(sabotage);
}

INSTANTIATE_TEST_SUITE_P(Sabotage, Noticed, ::testing::Range(1, static_cast<int>(Sabotage::kCount)),
                         [](const auto& test) {
                           std::string name = NameOf(static_cast<Sabotage>(test.param));
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace yokoten::simulation
