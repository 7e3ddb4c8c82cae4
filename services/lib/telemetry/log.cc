#include "telemetry/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace yokoten::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

bool Wanted(Level level) { return spdlog::should_log(ToSpdlog(level)); }

void Line(Level level, std::string_view room, std::string_view text) {
  spdlog::log(ToSpdlog(level), "[{}] {}", room, text);
}

Status Setup(std::string_view level) {
  const std::string name(level);
  const auto parsed = spdlog::level::from_str(name);
  if (parsed == spdlog::level::off) {
    return InvalidArgument("log.level is '" + name + "'; use trace, debug, info, warn or error");
  }
  auto logger = spdlog::get("yokoten");
  if (!logger) {
    logger = spdlog::stderr_color_mt("yokoten");
    spdlog::set_default_logger(logger);
  }
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::info);
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  return OkStatus();
}

}  // namespace yokoten::log
