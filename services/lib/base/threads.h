// Threads and how they wait for one another, behind one seam, as time is behind clock.h: what uses these, and
// WaitUntil and SystemClock for time, can be run by tests/simulation, which brings its own threads.cc,
// wait.cc and clock.cc and decides who runs when.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.h"

namespace yokoten {

// A thread that is joined at the latest when the object goes. Not thread-safe.
class Thread {
 public:
  Thread() noexcept;
  explicit Thread(std::function<void()> run);
  Thread(Thread&& other) noexcept;
  // Joins what ran before.
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  bool joinable() const { return impl_ != nullptr; }
  // Returns when the thread's function has. Does nothing where there is none.
  void join();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A condition variable. Thread-safe.
class Signal {
 public:
  Signal();
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void notify_all();

  // Waits until `holds`, which is asked with `lock` held.
  template <typename Holds>
  void wait(std::unique_lock<std::mutex>& lock, Holds holds) {
    while (!holds()) Wait(lock, MonotonicTime::max());
  }
  // The same, but no longer than `time`. Returns whether it holds.
  template <typename Holds>
  bool wait_for(std::unique_lock<std::mutex>& lock, MonotonicTime::duration time, Holds holds) {
    const MonotonicTime until = SystemClock().Monotonic() + time;
    while (!holds()) {
      if (SystemClock().Monotonic() >= until) return false;
      Wait(lock, until);
    }
    return true;
  }

 private:
  // Until the next notify_all, or `until`, or without a reason.
  void Wait(std::unique_lock<std::mutex>& lock, MonotonicTime until);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten
