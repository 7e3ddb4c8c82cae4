// The generation a process works on: read before its targets are wired, watched as long as they run.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/generations.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::app {

// The current generation of the configured database. Waits for ClickHouse as long as it takes; Cancelled when
// one of the process's stop signals comes meanwhile.
Result<clickhouse::Generation> AwaitGeneration(const config::v1::Config& config);

// Calls back once, from its own thread, when another generation has become current. ClickHouse being away
// changes nothing.
class GenerationWatch {
 public:
  GenerationWatch(const config::v1::Config& config, clickhouse::Generation at,
                  std::function<void(const clickhouse::Generation&)> on_switch);
  ~GenerationWatch();

 private:
  void Loop();

  clickhouse::Client client_;
  const std::string base_;
  const clickhouse::Generation at_;
  const std::function<void(const clickhouse::Generation&)> on_switch_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace yokoten::app
