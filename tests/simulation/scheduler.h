// Simulated processes on one real thread: fibers, virtual time, and one source of chance that decides all of
// it. threads.h, wait.h and clock.h of services/lib/base mean these here (base_seam.cc).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ucontext.h>

namespace yokoten::simulation {

// splitmix64: the same numbers from a seed in every build.
class Random {
 public:
  // Neighbouring seeds have nothing in common: the steps between states are the same for all.
  explicit Random(uint64_t seed) : state_(seed) { state_ = Next() ^ Next() << 1; }
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, n); 0 for n <= 1.
  int64_t Below(int64_t n) { return n <= 1 ? 0 : static_cast<int64_t>(Next() % static_cast<uint64_t>(n)); }
  int64_t Between(int64_t from, int64_t to) { return from + Below(to - from + 1); }
  bool Chance(double probability) { return static_cast<double>(Next() >> 11) * 0x1p-53 < probability; }

 private:
  uint64_t state_;
};

// Thrown through the code of a process that was killed, from wherever it waits. Only the scheduler catches
// it.
struct Killed {};

class Scheduler;
struct Process;

// One thread of a simulated process.
struct Fiber {
  Process* process = nullptr;
  std::function<void()> run;
  ucontext_t context{};
  char* stack = nullptr;
  bool started = false;
  bool finished = false;
  bool unwinding = false;  // Killed is on its way through it
  uint64_t wake_id = 0;    // of what it waits for; older wake-ups are void
  std::vector<Fiber*> joiners;
};

struct Process {
  std::string name;
  bool dead = false;
  int64_t frozen_until = 0;      // virtual microseconds
  std::vector<Fiber*> fibers;    // in the order they were started
  std::function<void()> on_end;  // after its last fiber has ended
};

// Who waits for something to change.
struct WaitQueue {
  std::vector<std::pair<Fiber*, uint64_t>> waiting;
};

class Scheduler {
 public:
  explicit Scheduler(uint64_t seed);
  ~Scheduler();
  // The one whose seed runs on this real thread.
  static Scheduler& Current();

  Random random;
  // Microseconds since the seed began.
  int64_t now() const { return now_; }
  // Order-dependent hash of every switch: equal for equal runs.
  uint64_t trace() const { return trace_; }

  Process* Add(std::string name, std::function<void()> main);
  Fiber* Spawn(Process* process, std::function<void()> run);
  Fiber* running() const { return running_; }
  // Calls `what` at that time, outside of all fibers; it must not wait.
  void At(int64_t time, std::function<void()> what);

  // Of the running fiber. All throw Killed when its process was killed meanwhile.
  void Sleep(int64_t us);
  // Until woken, or until `until`; may wake without a reason.
  void Wait(WaitQueue& queue, int64_t until);
  void Join(Fiber* fiber);
  // Ends the running fiber's process here and now: what it was doing never goes on.
  void KillSelf();
  // The running fiber's process stands still for this long.
  void FreezeSelf(int64_t us);

  void WakeAll(WaitQueue& queue);
  // From outside of the process.
  void Kill(Process* process);
  // Ends all processes, as Kill does.
  void Shutdown();
  // Runs until `done`, or until nothing is left to do.
  void Run(const std::function<bool()>& done);

 private:
  struct Event {
    int64_t time;
    uint64_t order;
    Fiber* fiber;  // or `what`
    uint64_t wake_id;
    std::function<void()> what;
  };
  void Post(Event event);
  void Resume(Fiber* fiber);
  void Suspend();
  void Reap(Process* process);
  static void Entry(unsigned low, unsigned high);
  void Switch(ucontext_t* from, ucontext_t* to, Fiber* target);

  int64_t now_ = 0;
  uint64_t order_ = 0;
  uint64_t trace_ = 0;
  Scheduler* before_ = nullptr;
  Fiber* running_ = nullptr;
  ucontext_t main_{};
  std::vector<Event> events_;  // a heap, the next one first
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
};

}  // namespace yokoten::simulation
