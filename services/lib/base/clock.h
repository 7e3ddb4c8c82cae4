// Wall and monotonic time behind one seam, so that tests decide what time it is.
#pragma once

#include <chrono>

namespace yokoten {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using MonotonicTime = std::chrono::steady_clock::time_point;

// Thread-safe: all methods may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // UTC, microseconds since 1970-01-01.
  virtual WallTime Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

// The machine's clock; lives for the whole process.
const Clock& SystemClock();

// Microseconds since 1970-01-01T00:00:00Z.
inline int64_t ToMicros(WallTime t) { return t.time_since_epoch().count(); }
inline WallTime FromMicros(int64_t us) { return WallTime(std::chrono::microseconds(us)); }

}  // namespace yokoten
