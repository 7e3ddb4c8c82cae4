#include "base/time_zone.h"

#include <absl/time/time.h>

namespace yokoten {

struct TimeZone::Zone {
  absl::TimeZone zone;
};

Result<TimeZone> TimeZone::Load(std::string_view name) {
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone)) {
    return InvalidArgument("there is no time zone \"" + std::string(name) +
                           "\"; give an IANA name such as Asia/Shanghai");
  }
  TimeZone result;
  result.name_ = std::string(name);
  result.zone_ = std::make_shared<const Zone>(Zone{zone});
  return result;
}

LocalTime TimeZone::ToLocal(WallTime time) const {
  // Micros first, so that instants before 1970 round towards the past.
  int64_t us = ToMicros(time);
  int64_t s = us / 1'000'000 - (us % 1'000'000 < 0 ? 1 : 0);
  absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(s), zone_->zone);
  Day day = FromCivil(static_cast<int32_t>(civil.year()), civil.month(), civil.day());
  return {day, civil.hour() * 3600 + civil.minute() * 60 + civil.second()};
}

WallTime TimeZone::ToUtc(Day day, int64_t second) const {
  absl::CivilSecond midnight(absl::CivilDay(1970, 1, 1) + day.value);
  absl::TimeZone::TimeInfo info = zone_->zone.At(midnight + second);
  return FromMicros(absl::ToUnixMicros(info.pre));
}

int32_t TimeZone::OffsetSeconds(WallTime time) const {
  return zone_->zone.At(absl::FromUnixMicros(ToMicros(time))).offset;
}

}  // namespace yokoten
