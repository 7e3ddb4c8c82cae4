// Time, threads and waits of services/lib/base as the scheduler has them. Linked in place of clock.cc,
// threads.cc, wait.cc and telemetry's log.cc.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/clock.h"
#include "base/threads.h"
#include "base/wait.h"
#include "scheduler.h"
#include "telemetry/log.h"
#include "world.h"

namespace yokoten {

using simulation::Scheduler;

namespace {

// Virtual time begins at an instant that the world chooses.
class VirtualClock final : public Clock {
 public:
  WallTime Now() const override { return FromMicros(simulation::World::Current().wall_us()); }
  MonotonicTime Monotonic() const override {
    return MonotonicTime(std::chrono::microseconds(Scheduler::Current().now() + kEpoch));
  }
  // A process that has just begun is not the machine's first second.
  static constexpr int64_t kEpoch = 3'600'000'000;
};

int64_t MicrosOf(MonotonicTime time) {
  if (time == MonotonicTime::max()) return INT64_MAX;
  return std::chrono::ceil<std::chrono::microseconds>(time.time_since_epoch()).count() - VirtualClock::kEpoch;
}

}  // namespace

const Clock& SystemClock() {
  static const VirtualClock clock;
  return clock;
}

struct Thread::Impl {
  simulation::Fiber* fiber;
};

Thread::Thread() noexcept = default;
Thread::Thread(std::function<void()> run)
    : impl_(new Impl{Scheduler::Current().Spawn(Scheduler::Current().running()->process, std::move(run))}) {}
Thread::Thread(Thread&& other) noexcept = default;
Thread& Thread::operator=(Thread&& other) noexcept {
  join();
  impl_ = std::move(other.impl_);
  return *this;
}
Thread::~Thread() { join(); }

void Thread::join() {
  if (impl_ == nullptr) return;
  Scheduler::Current().Join(impl_->fiber);
  impl_.reset();
}

struct Signal::Impl {
  simulation::WaitQueue queue;
};

Signal::Signal() : impl_(std::make_unique<Impl>()) {}
Signal::~Signal() = default;
void Signal::notify_all() { Scheduler::Current().WakeAll(impl_->queue); }

void Signal::Wait(std::unique_lock<std::mutex>& lock, MonotonicTime until) {
  // Who is killed while it waits leaves without the lock, as unique_lock knows.
  lock.unlock();
  Scheduler::Current().Wait(impl_->queue, MicrosOf(until));
  lock.lock();
}

void Wait(std::chrono::steady_clock::duration time) {
  Scheduler::Current().Sleep(std::chrono::ceil<std::chrono::microseconds>(time).count());
}

bool WaitUntil(std::chrono::steady_clock::time_point until, const std::atomic<bool>& stop) {
  Scheduler& scheduler = Scheduler::Current();
  const int64_t end = MicrosOf(until);
  // Whoever sets `stop` tells nobody: it is looked at now and then.
  constexpr int64_t kStep = 20'000;
  while (!stop && scheduler.now() < end) scheduler.Sleep(std::min(kStep, end - scheduler.now()));
  return !stop;
}

bool WaitBackoff(int attempt, std::chrono::milliseconds min, std::chrono::milliseconds max,
                 const std::atomic<bool>& stop) {
  const auto longest = std::min<std::chrono::microseconds>(min * (1 << std::min(attempt, 16)), max);
  const int64_t wait = Scheduler::Current().random.Between(longest.count() / 2, longest.count());
  return WaitUntil(SystemClock().Monotonic() + std::chrono::microseconds(wait), stop);
}

}  // namespace yokoten

namespace yokoten::log {

bool Wanted(Level level) { return simulation::World::Current().verbose() && level != Level::kDebug; }

void Line(Level, std::string_view room, std::string_view text) {
  const Scheduler& scheduler = Scheduler::Current();
  std::printf("%10.6f %-12s %.*s: %.*s\n", static_cast<double>(scheduler.now()) / 1e6,
              scheduler.running() == nullptr ? "" : scheduler.running()->process->name.c_str(),
              static_cast<int>(room.size()), room.data(), static_cast<int>(text.size()), text.data());
}

}  // namespace yokoten::log
