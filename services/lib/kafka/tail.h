// Follows a topic from its end: for live streams, where what was before does not matter. Not a consumer
// group, commits nothing, loses what is produced while it is down.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace yokoten::kafka {

// Delivers values on one thread of its own until destroyed.
class Tail {
 public:
  // `topic` with the deployment's prefix; it must exist. `on_value` must not block for long. Unavailable when
  // the brokers do not answer within ten seconds, NotFound when the topic does not exist.
  static Result<std::unique_ptr<Tail>> Start(const std::string& bootstrap_servers, const std::string& topic,
                                             std::function<void(std::string_view value)> on_value);
  ~Tail();

 private:
  struct Impl;
  explicit Tail(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::kafka
