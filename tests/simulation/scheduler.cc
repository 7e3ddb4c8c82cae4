#include "scheduler.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace yokoten::simulation {
namespace {

constexpr size_t kStackBytes = 256 * 1024;

thread_local Scheduler* t_current = nullptr;

// Stacks are used again by later fibers of this real thread.
struct Stacks {
  std::vector<char*> free;
  ~Stacks() {
    for (char* stack : free) std::free(stack);
  }
  char* Take() {
    if (free.empty()) return static_cast<char*>(std::malloc(kStackBytes));
    char* stack = free.back();
    free.pop_back();
    return stack;
  }
};
thread_local Stacks t_stacks;

}  // namespace

Scheduler::Scheduler(uint64_t seed) : random(seed), before_(t_current) { t_current = this; }

Scheduler::~Scheduler() {
  Shutdown();
  t_current = before_;
}

void Scheduler::Shutdown() {
  for (const auto& process : processes_) {
    process->on_end = nullptr;
    process->dead = true;
    Reap(process.get());
  }
  events_.clear();
}

Scheduler& Scheduler::Current() {
  if (t_current == nullptr) {
    std::fputs("no simulation runs on this thread\n", stderr);
    std::abort();
  }
  return *t_current;
}

void Scheduler::Post(Event event) {
  event.order = ++order_;
  events_.push_back(std::move(event));
  std::push_heap(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return std::pair(a.time, a.order) > std::pair(b.time, b.order);
  });
}

void Scheduler::At(int64_t time, std::function<void()> what) {
  Post({std::max(time, now_), 0, nullptr, 0, std::move(what)});
}

Process* Scheduler::Add(std::string name, std::function<void()> main) {
  processes_.push_back(std::make_unique<Process>());
  Process* process = processes_.back().get();
  process->name = std::move(name);
  Spawn(process, std::move(main));
  return process;
}

Fiber* Scheduler::Spawn(Process* process, std::function<void()> run) {
  fibers_.push_back(std::make_unique<Fiber>());
  Fiber* fiber = fibers_.back().get();
  fiber->process = process;
  fiber->run = std::move(run);
  process->fibers.push_back(fiber);
  Post({now_, 0, fiber, fiber->wake_id, {}});
  return fiber;
}

void Scheduler::Entry(unsigned low, unsigned high) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
  auto* fiber = reinterpret_cast<Fiber*>(static_cast<uintptr_t>(low) | static_cast<uintptr_t>(high) << 32);
  if (!fiber->process->dead) {
    try {
      fiber->run();
    } catch (const Killed&) {
    }
  }
  fiber->run = nullptr;
  fiber->finished = true;
  Scheduler& scheduler = Current();
  for (Fiber* joiner : fiber->joiners) scheduler.Post({scheduler.now_, 0, joiner, joiner->wake_id, {}});
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, nullptr, 0);
#endif
  setcontext(&scheduler.main_);
}

void Scheduler::Switch(ucontext_t* from, ucontext_t* to, [[maybe_unused]] Fiber* target) {
#if defined(__SANITIZE_ADDRESS__)
  static thread_local const void* main_bottom = nullptr;
  static thread_local size_t main_size = 0;
  void* fake = nullptr;
  if (target != nullptr) {
    __sanitizer_start_switch_fiber(&fake, target->stack, kStackBytes);
  } else {
    __sanitizer_start_switch_fiber(&fake, main_bottom, main_size);
  }
  swapcontext(from, to);
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(fake, &bottom, &size);
  if (target == nullptr) {
    main_bottom = bottom;
    main_size = size;
  }
#else
  swapcontext(from, to);
#endif
}

void Scheduler::Resume(Fiber* fiber) {
  if (fiber->finished) return;
  ++fiber->wake_id;
  if (!fiber->started) {
    fiber->started = true;
    fiber->stack = t_stacks.Take();
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = kStackBytes;
    fiber->context.uc_link = nullptr;
    const auto address = reinterpret_cast<uintptr_t>(fiber);
    makecontext(&fiber->context, reinterpret_cast<void (*)()>(&Scheduler::Entry), 2,
                static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
  }
  running_ = fiber;
  Switch(&main_, &fiber->context, fiber);
  running_ = nullptr;
  if (!fiber->finished) return;
  t_stacks.free.push_back(fiber->stack);
  fiber->stack = nullptr;
  Process* process = fiber->process;
  const bool over =
      std::all_of(process->fibers.begin(), process->fibers.end(), [](const Fiber* f) { return f->finished; });
  if (over && process->on_end) {
    const auto on_end = std::move(process->on_end);
    process->on_end = nullptr;
    At(now_, on_end);
  }
}

void Scheduler::Suspend() {
  Fiber* fiber = running_;
  if (fiber->unwinding) return;
  Switch(&fiber->context, &main_, nullptr);
  if (fiber->process->dead && !fiber->unwinding) {
    fiber->unwinding = true;
    throw Killed{};
  }
}

void Scheduler::Sleep(int64_t us) {
  Post({now_ + us, 0, running_, running_->wake_id, {}});
  Suspend();
}

void Scheduler::Wait(WaitQueue& queue, int64_t until) {
  queue.waiting.emplace_back(running_, running_->wake_id);
  if (until != INT64_MAX) Post({std::max(until, now_), 0, running_, running_->wake_id, {}});
  Suspend();
}

void Scheduler::WakeAll(WaitQueue& queue) {
  for (const auto& [fiber, wake_id] : queue.waiting) {
    if (fiber->wake_id == wake_id && !fiber->finished) Post({now_ + random.Below(30), 0, fiber, wake_id, {}});
  }
  queue.waiting.clear();
}

void Scheduler::Join(Fiber* fiber) {
  while (!fiber->finished && !running_->unwinding) {
    fiber->joiners.push_back(running_);
    Suspend();
  }
}

void Scheduler::KillSelf() {
  Process* process = running_->process;
  Kill(process);
  Suspend();
}

void Scheduler::FreezeSelf(int64_t us) {
  running_->process->frozen_until = now_ + us;
  Sleep(0);
}

void Scheduler::Kill(Process* process) {
  if (process->dead) return;
  process->dead = true;
  At(now_, [this, process] { Reap(process); });
}

// Children first: what a thread was started for lies on its parent's stack.
void Scheduler::Reap(Process* process) {
  for (size_t i = process->fibers.size(); i-- > 0;) {
    Fiber* fiber = process->fibers[i];
    if (!fiber->finished && !fiber->started) {
      fiber->finished = true;
      fiber->run = nullptr;
    }
    Resume(fiber);
    if (!fiber->finished) {
      std::fprintf(stderr, "a killed thread of %s waits on\n", process->name.c_str());
      std::abort();
    }
  }
}

void Scheduler::Run(const std::function<bool()>& done) {
  while (!events_.empty() && !done()) {
    std::pop_heap(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return std::pair(a.time, a.order) > std::pair(b.time, b.order);
    });
    Event event = std::move(events_.back());
    events_.pop_back();
    if (event.fiber != nullptr) {
      Fiber* fiber = event.fiber;
      // A killed process's threads are left to Reap.
      if (fiber->finished || fiber->wake_id != event.wake_id || fiber->process->dead) continue;
      if (fiber->process->frozen_until > event.time) {
        event.time = fiber->process->frozen_until;
        Post(std::move(event));
        continue;
      }
    }
    now_ = event.time;
    trace_ = (trace_ ^ static_cast<uint64_t>(now_) ^ event.order << 40) * 0x100000001b3;
    if (event.fiber != nullptr) {
      Resume(event.fiber);
    } else {
      event.what();
    }
  }
}

}  // namespace yokoten::simulation
