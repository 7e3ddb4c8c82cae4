// Waits of loops that ask again and again because nobody signals what they wait for.
#pragma once

#include <atomic>
#include <chrono>

namespace yokoten {

// Blocks for this long.
void Wait(std::chrono::steady_clock::duration time);

// Blocks until `until` or until `stop` is true, which is looked at every few milliseconds. Returns !stop.
bool WaitUntil(std::chrono::steady_clock::time_point until, const std::atomic<bool>& stop);

// Waits min * 2^attempt, at most max, less up to half of it by chance; false as soon as `stop` is true.
bool WaitBackoff(int attempt, std::chrono::milliseconds min, std::chrono::milliseconds max,
                 const std::atomic<bool>& stop);

}  // namespace yokoten
