// RFC 3339 to and from seconds and nanoseconds; see proto_json.h.
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// Takes exactly `count` digits off the front.
bool TakeDigits(std::string_view* text, int count, int* out) {
  if (text->size() < static_cast<size_t>(count)) return false;
  *out = 0;
  for (int i = 0; i < count; ++i) {
    const char c = (*text)[static_cast<size_t>(i)];
    if (c < '0' || c > '9') return false;
    *out = *out * 10 + (c - '0');
  }
  text->remove_prefix(static_cast<size_t>(count));
  return true;
}

bool Take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

}  // namespace

bool ParseRfc3339(std::string_view text, int64_t* seconds, int32_t* nanos) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!TakeDigits(&text, 4, &year) || !Take(&text, '-') || !TakeDigits(&text, 2, &month) ||
      !Take(&text, '-') || !TakeDigits(&text, 2, &day) || !(Take(&text, 'T') || Take(&text, 't')) ||
      !TakeDigits(&text, 2, &hour) || !Take(&text, ':') || !TakeDigits(&text, 2, &minute) ||
      !Take(&text, ':') || !TakeDigits(&text, 2, &second)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  *nanos = 0;
  if (Take(&text, '.')) {
    int digits = 0;
    int32_t scale = 100'000'000;
    for (int digit = 0; TakeDigits(&text, 1, &digit); ++digits, scale /= 10) *nanos += digit * scale;
    if (digits == 0 || digits > 9) return false;
  }
  int64_t offset = 0;
  if (!Take(&text, 'Z') && !Take(&text, 'z')) {
    const bool behind = Take(&text, '-');
    int hours = 0, minutes = 0;
    if ((!behind && !Take(&text, '+')) || !TakeDigits(&text, 2, &hours) || !Take(&text, ':') ||
        !TakeDigits(&text, 2, &minutes) || hours > 23 || minutes > 59) {
      return false;
    }
    offset = (hours * 60 + minutes) * 60 * (behind ? -1 : 1);
  }
  if (!text.empty()) return false;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  *seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  return *seconds >= kFirstSecond && *seconds <= kLastSecond;
}

std::string FormatRfc3339(int64_t seconds, int32_t nanos) {
  const int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  const int64_t rest = seconds - days * 86400;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char buffer[64];
  int length = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d",
                             static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                             static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                             static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  std::string out(buffer, static_cast<size_t>(length));
  if (nanos != 0) {
    length = std::snprintf(buffer, sizeof buffer, ".%09d", nanos);
    std::string fraction(buffer, static_cast<size_t>(length));
    // 3, 6 or 9 digits, as the Protobuf JSON mapping wants it.
    while (fraction.size() > 4 && fraction.compare(fraction.size() - 3, 3, "000") == 0) {
      fraction.resize(fraction.size() - 3);
    }
    out += fraction;
  }
  return out + "Z";
}

}  // namespace yokoten::gateway
