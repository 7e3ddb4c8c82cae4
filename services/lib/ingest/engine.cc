#include "ingest/engine.h"

#include <algorithm>
#include <csignal>

#include <pthread.h>

namespace yokoten::ingest {
namespace {

// Signals are the main thread's business.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// The last user of an engine may be one of its own threads, which cannot wait for itself.
void JoinOrLeave(std::thread& thread) {
  if (thread.get_id() == std::this_thread::get_id()) {
    thread.detach();
  } else {
    thread.join();
  }
}

}  // namespace

Workers::Workers(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    threads_.emplace_back([state = state_] { Run(state); });
    pthread_setname_np(threads_.back().native_handle(), "ingest");
  }
}

Workers::~Workers() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->posted.notify_all();
  for (auto& thread : threads_) JoinOrLeave(thread);
}

void Workers::Post(std::function<void()> job) {
  {
    std::lock_guard lock(state_->mutex);
    state_->jobs.push_back(std::move(job));
  }
  state_->posted.notify_one();
}

void Workers::Run(const std::shared_ptr<State>& state) {
  BlockSignals();
  std::unique_lock lock(state->mutex);
  while (true) {
    state->posted.wait(lock, [&] { return state->stop || !state->jobs.empty(); });
    if (state->jobs.empty()) return;
    auto job = std::move(state->jobs.front());
    state->jobs.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

bool Budget::TryTake(size_t bytes) {
  std::lock_guard lock(mutex_);
  if (!Fits(bytes)) return false;
  used_ += bytes;
  return true;
}

void Budget::Take(size_t bytes, std::function<void()> then) {
  {
    std::lock_guard lock(mutex_);
    if (!waiting_.empty() || !Fits(bytes)) {
      waiting_.emplace_back(bytes, std::move(then));
      return;
    }
    used_ += bytes;
  }
  then();
}

void Budget::Give(size_t bytes) {
  std::vector<std::function<void()>> ready;
  {
    std::lock_guard lock(mutex_);
    used_ -= bytes;
    while (!waiting_.empty() && Fits(waiting_.front().first)) {
      used_ += waiting_.front().first;
      ready.push_back(std::move(waiting_.front().second));
      waiting_.pop_front();
    }
  }
  for (auto& then : ready) then();
}

size_t Budget::used() const {
  std::lock_guard lock(mutex_);
  return used_;
}

bool Room::Wait(std::chrono::steady_clock::time_point until, std::chrono::milliseconds longest) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= until) return false;
  std::unique_lock lock(mutex_);
  waiting_.fetch_add(1);
  freed_.wait_until(lock, std::min(until, now + longest));
  waiting_.fetch_sub(1);
  return true;
}

void Room::Notify() {
  if (waiting_.load() == 0) return;
  { std::lock_guard lock(mutex_); }
  freed_.notify_all();
}

Timers::Timers() : thread_([state = state_] { Run(state); }) {
  pthread_setname_np(thread_.native_handle(), "ingest-timers");
}

Timers::~Timers() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  JoinOrLeave(thread_);
}

void Timers::At(TimePoint when, std::function<void()> then) {
  bool first = false;
  {
    std::lock_guard lock(state_->mutex);
    first = state_->due.empty() || when < state_->due.begin()->first;
    state_->due.emplace(when, std::move(then));
  }
  if (first) state_->changed.notify_all();
}

void Timers::Run(const std::shared_ptr<State>& state) {
  BlockSignals();
  std::unique_lock lock(state->mutex);
  while (!state->stop) {
    if (state->due.empty()) {
      state->changed.wait(lock);
      continue;
    }
    const TimePoint next = state->due.begin()->first;
    if (next > std::chrono::steady_clock::now()) {
      state->changed.wait_until(lock, next);
      continue;
    }
    auto then = std::move(state->due.begin()->second);
    state->due.erase(state->due.begin());
    lock.unlock();
    then();
    then = nullptr;
    lock.lock();
  }
}

std::shared_ptr<Engine> SharedEngine(int threads, size_t inflight_bytes_max) {
  static std::mutex mutex;
  static std::weak_ptr<Engine> shared;
  std::lock_guard lock(mutex);
  auto engine = shared.lock();
  if (!engine) {
    engine = std::make_shared<Engine>(threads, inflight_bytes_max);
    shared = engine;
  }
  return engine;
}

}  // namespace yokoten::ingest
