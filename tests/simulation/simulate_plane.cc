// The data plane, simulated: how many seeds, from which one on, and what they met.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "world.h"

int main(int argc, char** argv) {
  using yokoten::simulation::Counts;
  CLI::App app{
      "Runs the aggregator's and the rollup's own code against a simulated Kafka and ClickHouse, a seed a "
      "run."};
  uint64_t seeds = 10000, first = 1;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  bool verbose = false, counted = false, keep_going = false;
  app.add_option("--seeds", seeds, "How many")->capture_default_str();
  app.add_option("--seed", first, "The first one")->capture_default_str();
  app.add_option("--threads", threads, "Seeds run at once")
      ->capture_default_str()
      ->check(CLI::Range(1u, 64u));
  app.add_flag("--verbose", verbose, "Print the product's log lines and the faults of each seed");
  app.add_flag("--counts", counted, "Print how often each fault and branch was met");
  app.add_flag("--keep-going", keep_going, "Do not end at the first seed that fails");
  CLI11_PARSE(app, argc, argv);

  std::atomic<uint64_t> next{first};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Counts counts;
  const auto begin = std::chrono::steady_clock::now();
  const auto work = [&] {
    Counts own;
    while (keep_going || !failed) {
      const uint64_t seed = next++;
      if (seed >= first + seeds) break;
      const auto result = yokoten::simulation::RunSeed(seed, {.verbose = verbose});
      own.Add(result.counts);
      if (result.failure.empty()) continue;
      const std::lock_guard lock(mutex);
      failed = true;
      std::printf("seed %llu fails: %s\n", static_cast<unsigned long long>(seed), result.failure.c_str());
    }
    const std::lock_guard lock(mutex);
    counts.Add(own);
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (auto& worker : workers) worker.join();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                     static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  uint64_t faults = 0, never = 0;
  for (const auto& of_site : counts.faults) {
    for (const uint64_t count : of_site) faults += count;
  }
  for (const auto& [name, count] : counts.Named()) {
    if (counted || count == 0)
      std::printf("%10llu %s\n", static_cast<unsigned long long>(count), name.c_str());
    never += count == 0 ? 1 : 0;
  }
  std::printf(
      "%llu seeds in %.1f s on %u threads: %.0f a minute, %.1f ms of processor time each; %llu records, %llu "
      "waits, "
      "%llu faults, %llu kinds never met\n",
      static_cast<unsigned long long>(counts.seeds), seconds, threads,
      static_cast<double>(counts.seeds) * 60 / seconds, 1000 * cpu / static_cast<double>(counts.seeds),
      static_cast<unsigned long long>(counts.records), static_cast<unsigned long long>(counts.waits),
      static_cast<unsigned long long>(faults), static_cast<unsigned long long>(never));
  return failed ? 1 : 0;
}
