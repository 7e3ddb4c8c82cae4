// Logging: one line an event, to standard error. Sentences for someone on call at night.
//
//   log::Info("aggregator", "partition {} of {} resumes at {}", p, topic, offset);
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/status.h"

namespace yokoten::log {

// Sets level ("trace", "debug", "info", "warn", "error") and pattern of the process's log. Call once, before
// threads start. InvalidArgument for another level.
Status Setup(std::string_view level);

// All calls are thread-safe. `room` is the short name of who speaks.
template <typename... Args>
void Write(spdlog::level::level_enum level, std::string_view room, fmt::format_string<Args...> format,
           Args&&... args) {
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "[{}] {}", room, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void Debug(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(spdlog::level::debug, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Info(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(spdlog::level::info, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Warn(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(spdlog::level::warn, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Error(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(spdlog::level::err, room, format, std::forward<Args>(args)...);
}

}  // namespace yokoten::log
