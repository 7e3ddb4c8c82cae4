// When each plant begins, and how far its calendar is expanded around its days.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "calendar/calendar.h"
#include "clickhouse/client.h"

namespace yokoten::facts {

// The earliest occurrence among a plant's stored facts (corrections included, voids not): of those told as an
// instant and of those told as a date. One of them is there.
struct Beginning {
  std::optional<WallTime> at;
  std::optional<Day> on;

  // The first production day with a fact; nothing while there is none.
  std::optional<Day> FirstDay(const calendar::Timeline& timeline) const;
  // The instant before which there is no fact, a date taken as its midnight at UTC.
  std::optional<WallTime> Earliest() const;
  friend bool operator==(const Beginning&, const Beginning&) = default;
};

// By plant; `plants` empty: of all there are. `recorded_until_ms`: of the facts recorded until then.
Result<std::map<std::string, Beginning>> ReadBeginnings(
    clickhouse::Database& database, const std::vector<std::string>& plants,
    std::optional<int64_t> recorded_until_ms = std::nullopt);

// A plant's calendars from a year before `first` to a year after `current`: what relative dates of facts can
// reach. Empty where a time zone is not known to this machine (validation refuses it at ingest): one plant
// must not stop all.
std::vector<calendar::Interval> ExpandAround(const std::vector<calendar::CalendarVersion>& calendars,
                                             Day first, Day current);

}  // namespace yokoten::facts
