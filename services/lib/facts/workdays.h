// Workdays, and when a period closes (DOMAIN 2.4): what is put right after that restates what was told of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"

namespace yokoten::facts {

// Days between Monday and Friday that are off, and weekend days that are worked.
struct Workdays {
  std::vector<Day> off;
  std::vector<Day> worked;
  bool Works(Day day) const;
};

// When a period that ends with `last` closes: the end (UTC) of the fifth workday after it.
WallTime CloseOf(Day last, const Workdays& workdays);

// What one record says of the workdays of a plant, or of all plants ('*').
struct WorkdaysTold {
  std::string plant;
  int64_t recorded_ms = 0;
  int64_t year = 0;
  int64_t version = 0;
  Workdays days;
};

// What any record says of these plants' workdays. Taken as it was sent: a void or a later version must not
// move the close of a period that is over.
Result<std::vector<WorkdaysTold>> ReadWorkdays(clickhouse::Database& database,
                                               const std::vector<std::string>& plants);
// As known when a period ended: of each year the highest version, of equal ones the last recorded.
Workdays KnownWhenEnded(const std::vector<WorkdaysTold>& told, const std::string& plant, Day last);

}  // namespace yokoten::facts
