#include "base/threads.h"

#include <condition_variable>
#include <thread>

namespace yokoten {

struct Thread::Impl {
  std::thread thread;
};

Thread::Thread() noexcept = default;
Thread::Thread(std::function<void()> run) : impl_(new Impl{std::thread(std::move(run))}) {}
Thread::Thread(Thread&& other) noexcept = default;
Thread& Thread::operator=(Thread&& other) noexcept {
  join();
  impl_ = std::move(other.impl_);
  return *this;
}
Thread::~Thread() { join(); }

void Thread::join() {
  if (impl_ == nullptr) return;
  impl_->thread.join();
  impl_.reset();
}

struct Signal::Impl {
  std::condition_variable changed;
};

Signal::Signal() : impl_(std::make_unique<Impl>()) {}
Signal::~Signal() = default;

void Signal::notify_all() { impl_->changed.notify_all(); }

void Signal::Wait(std::unique_lock<std::mutex>& lock, MonotonicTime until) {
  if (until == MonotonicTime::max()) {
    impl_->changed.wait(lock);
  } else {
    impl_->changed.wait_until(lock, until);
  }
}

}  // namespace yokoten
