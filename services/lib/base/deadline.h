// Deadlines in system time, as gRPC wants them. For anything a test must be able to move, take a Clock.
#pragma once

#include <chrono>

namespace yokoten {

// The instant `time` from now.
inline std::chrono::system_clock::time_point DeadlineIn(std::chrono::system_clock::duration time) {
  return std::chrono::system_clock::now() + time;
}

// Time left until a deadline; negative when it has passed.
inline std::chrono::system_clock::duration TimeLeft(std::chrono::system_clock::time_point deadline) {
  return deadline - std::chrono::system_clock::now();
}

}  // namespace yokoten
