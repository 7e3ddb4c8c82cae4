// IANA time zones: the way between instants and what the clock on a plant's wall says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"

namespace yokoten {

// What a wall clock shows.
struct LocalTime {
  Day day;
  int32_t second = 0;  // of the day, 0..86399
};

// Cheap to copy; all methods are const and thread-safe.
class TimeZone {
 public:
  // InvalidArgument when the machine's zone database has no such zone ("Asia/Shanghai").
  static Result<TimeZone> Load(std::string_view name);

  const std::string& name() const { return name_; }

  LocalTime ToLocal(WallTime time) const;
  // The instant at which the clock shows `second` of `day`; second may be negative or beyond a day. A wall
  // time skipped in spring is the instant it would have been without the change; of one that comes twice in
  // autumn it is the first.
  WallTime ToUtc(Day day, int64_t second) const;
  // Seconds east of UTC at an instant.
  int32_t OffsetSeconds(WallTime time) const;

 private:
  struct Zone;
  std::string name_;
  std::shared_ptr<const Zone> zone_;
};

}  // namespace yokoten
