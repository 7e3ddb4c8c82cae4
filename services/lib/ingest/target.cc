#include "ingest/target.h"

#include <csignal>

#include <pthread.h>

namespace yokoten::ingest {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::chrono::milliseconds kTimeout{5000};

kafka::TopicOptions Bounded(kafka::TopicOptions options) {
  options.timeout = kTimeout;  // Stop waits for a request under way
  return options;
}

}  // namespace

TopicMaker::TopicMaker(kafka::TopicOptions options)
    : options_(Bounded(std::move(options))), status_(Unavailable("the topics are not made yet")) {}

void TopicMaker::Start() {
  thread_ = std::thread([this] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    Run();
  });
}

void TopicMaker::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status TopicMaker::Ready() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void TopicMaker::Run() {
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    const Status status = kafka::EnsureTopics(options_);
    std::unique_lock lock(mutex_);
    status_ = status;
    if (status.ok() || stopping_.wait_for(lock, pause, [this] { return stop_; })) return;
  }
}

}  // namespace yokoten::ingest
