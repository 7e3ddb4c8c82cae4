// What all ingest machines of a process share: worker threads, a bound on the bytes under way to Kafka, and
// timers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace yokoten::ingest {

// A fixed number of threads that run jobs in the order they were posted. Thread-safe.
class Workers {
 public:
  explicit Workers(int threads);
  // Runs what was posted, then ends. May be called by one of its own jobs.
  ~Workers();
  void Post(std::function<void()> job);

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable posted;
    std::deque<std::function<void()>> jobs;
    bool stop = false;
  };
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::vector<std::thread> threads_;
};

// Bytes under way. A request larger than the whole bound is let in when nothing else is under way.
// Thread-safe.
class Budget {
 public:
  explicit Budget(size_t bytes_max) : bytes_max_(bytes_max) {}
  // False when the bytes do not fit now.
  bool TryTake(size_t bytes);
  // Calls `then` once the bytes are taken: at once, or from the thread that gives enough back. First come,
  // first served.
  void Take(size_t bytes, std::function<void()> then);
  void Give(size_t bytes);
  size_t used() const;
  size_t bytes_max() const { return bytes_max_; }

 private:
  bool Fits(size_t bytes) const { return used_ == 0 || used_ + bytes <= bytes_max_; }

  const size_t bytes_max_;
  mutable std::mutex mutex_;
  size_t used_ = 0;
  std::deque<std::pair<size_t, std::function<void()>>> waiting_;
};

// Wakes threads that wait for room in Kafka's queue. Thread-safe.
class Room {
 public:
  // Waits until somebody calls Notify, or `longest` is over. False when `until` has come.
  bool Wait(std::chrono::steady_clock::time_point until, std::chrono::milliseconds longest);
  // Cheap while nobody waits.
  void Notify();

 private:
  std::atomic<int> waiting_{0};
  std::mutex mutex_;
  std::condition_variable freed_;
};

// Calls back at a time, from one thread of its own; callbacks must be quick. Thread-safe.
class Timers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  Timers();
  // What has not come due is dropped. May be called by one of its own callbacks.
  ~Timers();
  void At(TimePoint when, std::function<void()> then);

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::multimap<TimePoint, std::function<void()>> due;
    bool stop = false;
  };
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

struct Engine {
  Engine(int threads, size_t inflight_bytes_max) : budget(inflight_bytes_max), workers(threads) {}
  Budget budget;
  Room room;
  Timers timers;
  Workers workers;
};

// The process's engine: made by the first caller, shared by the others, gone with the last.
std::shared_ptr<Engine> SharedEngine(int threads, size_t inflight_bytes_max);

}  // namespace yokoten::ingest
