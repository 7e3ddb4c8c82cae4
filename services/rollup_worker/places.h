// What the rollup knows of each plant: its first and current production day and its expanded calendar.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "calendar/calendar.h"
#include "clickhouse/client.h"
#include "facts/beginnings.h"

namespace yokoten::rollup_worker {

// One plant.
struct Place {
  facts::Beginning beginning;
  calendar::Timeline timeline;
  std::string time_zone;  // empty without a calendar
  // Version of the stored intervals; 0 = none.
  uint64_t interval_version = 0;
  // Last production day that the intervals cover.
  Day expanded_to = kFirstDay;
  // Last production day whose cells are right. Cells of later ones are left from a calendar that does not
  // hold any more.
  std::optional<Day> computed_to;

  // First production day with a fact; nothing while the plant has none.
  std::optional<Day> FirstDay() const { return beginning.FirstDay(timeline); }
};

// Reads facts and calendars, writes shift_interval and plant_state. Not thread-safe.
class Places {
 public:
  explicit Places(clickhouse::Client& client) : client_(client) {}

  // Finds the plants there are, when each begins, how far each is computed, and the intervals stored for
  // them.
  Status Load();
  // Looks again for the first fact of these plants, if `earliest` (microseconds) may be before it. New ones
  // become known, and are written to plant_state before anyone reads their facts.
  Status Discover(const std::map<std::string, int64_t>& earliest, WallTime now);
  // Reads the plants' calendars again and writes intervals that changed. Returns the production days that
  // changed.
  Result<std::map<std::string, std::vector<Day>>> RefreshCalendars(
      const std::vector<std::string>& plants, WallTime now, const std::map<std::string, uint64_t>& versions);
  // Plants whose intervals end soon.
  std::vector<std::string> NeedExpansion(WallTime now) const;
  // Writes plant_state for these plants: their days are `computed` up to the current one, or as far as
  // before.
  Status WriteState(const std::vector<std::string>& plants, WallTime now, bool computed);
  // Plants that any worker has written to plant_state.
  Result<std::vector<std::string>> AllPlants();

  const std::map<std::string, Place>& all() const { return places_; }
  const Place* Find(const std::string& plant) const;

 private:
  Status ReadIntervals(const std::string& condition);
  Status ReadComputed();

  clickhouse::Client& client_;
  std::map<std::string, Place> places_;
};

// "'a', 'b'" for IN lists.
std::string QuotedList(const std::vector<std::string>& items);

}  // namespace yokoten::rollup_worker
