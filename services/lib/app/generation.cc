#include "app/generation.h"

#include <csignal>
#include <ctime>

#include "app/neighbours.h"
#include "telemetry/log.h"

namespace yokoten::app {
namespace {

// A switch is an operator's act of minutes; a look costs milliseconds.
constexpr std::chrono::seconds kInterval{2};
constexpr int kPauseMax = 5;  // seconds

clickhouse::ClientOptions OptionsOf(const config::v1::Config& config) {
  clickhouse::ClientOptions options = ClickHouseOptionsOf(config);
  options.timeout = std::chrono::seconds(10);
  return options;
}

// True when the process is told to stop.
bool StoppedWithin(int seconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const timespec time{.tv_sec = seconds, .tv_nsec = 0};
  return sigtimedwait(&set, nullptr, &time) > 0;
}

}  // namespace

Result<clickhouse::Generation> AwaitGeneration(const config::v1::Config& config) {
  clickhouse::Client client(OptionsOf(config));
  for (int pause = 1;; pause = std::min(pause * 2, kPauseMax)) {
    auto generation = clickhouse::CurrentGeneration(client, config.clickhouse().database());
    if (generation.ok() || !clickhouse::Retryable(generation.status())) return generation;
    log::Warn("app", "waits for ClickHouse, to know which generation is current: {}",
              Message(generation.status()));
    if (StoppedWithin(pause)) return Cancelled("told to stop before ClickHouse answered");
  }
}

GenerationWatch::GenerationWatch(const config::v1::Config& config, clickhouse::Generation at,
                                 std::function<void(const clickhouse::Generation&)> on_switch)
    : client_(OptionsOf(config)),
      base_(config.clickhouse().database()),
      at_(std::move(at)),
      on_switch_(std::move(on_switch)),
      thread_([this] { Loop(); }) {}

GenerationWatch::~GenerationWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void GenerationWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    const auto current = clickhouse::CurrentGeneration(client_, base_);
    lock.lock();
    if (!current.ok() || *current == at_) continue;
    on_switch_(*current);
    return;
  }
}

}  // namespace yokoten::app
