// Logging: one line an event, to standard error. Sentences for someone on call at night.
//
//   log::Info("aggregator", "partition {} of {} resumes at {}", p, topic, offset);
//
// spdlog is included in log.cc alone: its templates would cost every file that logs four seconds to compile.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/status.h"

namespace yokoten::log {

// Sets level ("trace", "debug", "info", "warn", "error") and pattern of the process's log. Call once, before
// threads start. InvalidArgument for another level.
Status Setup(std::string_view level);

// All calls are thread-safe. `room` is the short name of who speaks.
enum class Level { kDebug, kInfo, kWarn, kError };
bool Wanted(Level level);
void Line(Level level, std::string_view room, std::string_view text);

template <typename... Args>
void Write(Level level, std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  if (Wanted(level)) Line(level, room, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void Debug(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kDebug, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Info(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kInfo, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Warn(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kWarn, room, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Error(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kError, room, format, std::forward<Args>(args)...);
}

}  // namespace yokoten::log
