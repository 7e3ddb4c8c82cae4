#include "base/wait.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace yokoten {
namespace {

constexpr std::chrono::milliseconds kStep{5};

}  // namespace

void Wait(std::chrono::steady_clock::duration time) {
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  const auto until = std::chrono::steady_clock::now() + time;
  nobody.wait_until(lock, until, [until] { return std::chrono::steady_clock::now() >= until; });
}

bool WaitUntil(std::chrono::steady_clock::time_point until, const std::atomic<bool>& stop) {
  while (!stop) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) break;
    Wait(std::min<std::chrono::steady_clock::duration>(left, kStep));
  }
  return !stop;
}

bool WaitBackoff(int attempt, std::chrono::milliseconds min, std::chrono::milliseconds max,
                 const std::atomic<bool>& stop) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = std::min<std::chrono::milliseconds>(min * (1 << std::min(attempt, 16)), max);
  const std::chrono::duration<double, std::milli> wait =
      longest * std::uniform_real_distribution<double>(0.5, 1.0)(random);
  return WaitUntil(
      std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::microseconds>(wait), stop);
}

}  // namespace yokoten
