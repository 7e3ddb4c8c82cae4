// What confidential facts and small numbers may tell (DOMAIN 3.5). Whatever is answered of a KPI with a
// privacy_k is decided here, and whether a fact may be shown at all.
//
// Such a KPI is shown by one grain alone (its default_grain), so that no difference between months and
// quarters exists; for the plant, its workshops and one dimension at a time, so that there is no cross-table;
// and as it was known at fixed instants, so that no two answers differ by a few late facts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "events/registry.h"
#include "facts/workdays.h"
#include "insight/cells.h"
#include "insight/periods.h"
#include "kpi/catalogue.h"
#include "stats/suppression.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// PERMISSION_DENIED when facts of the type are confidential; `field` is what named it.
Status RefuseRestricted(const events::EventType& type, const char* field);
// SQL condition that leaves out confidential types, by a column of their short names or fact tables.
std::string NotRestrictedSql(const events::Registry& registry, const std::string& column);

// INVALID_ARGUMENT when a KPI with a privacy_k is asked for what it is not shown by: another grain than its
// own (UNSPECIFIED is its own), a workshop or the group together with a dimension whose values add up, a
// country. Others pass.
Status CheckPrivateQuestion(const kpi::Kpi& kpi, const v1::Unit& unit, const std::string& dimension,
                            kpi::v1::Grain grain);

// The counts of one cell that an answer shows or lets be computed: its numerator, denominator and number of
// observations, as far as they count something, in millionths.
// A mean of days counts by the days of `total`, the plant's sides, so that parts add up.
using Counts = std::vector<int64_t>;
Counts CountsOf(const kpi::v1::KpiDefinition& definition, const Sides& sides, const Sides& total);

// One period of a KPI with a privacy_k: a plant and its parts. A part named '' is what no part names: the
// total less all named ones.
struct PrivateTable {
  Counts total;
  std::map<std::string, Counts> workshops;
  std::map<std::string, Counts> dimension;
  // Adds the parts named '' where there is a rest.
  void AddRest();
};

// What of a table is hidden. A part that the table does not have is hidden as the total is.
struct PrivateCells {
  bool total = false;
  std::map<std::string, bool> workshops;
  std::map<std::string, bool> dimension;

  bool Hides(const std::string& workshop, const std::string& dimension_value) const;
  friend bool operator==(const PrivateCells&, const PrivateCells&) = default;
};

// The decision: stats::Suppress for each count and each way the total is split, until nothing more has to be
// hidden. A cell is hidden in all its counts or in none. `before` stays hidden: what was decided when the
// period closed is not taken back by a later correction.
PrivateCells Protect(const PrivateTable& table, int64_t k, const PrivateCells& before = {},
                     stats::Complementary complementary = stats::Complementary::kYes);

using facts::CloseOf;
using facts::Workdays;

// The instants up to `now` as of which a period that ends with `last` is shown: its close, then the close of
// its year and of every later one. Its figures are those of the last one; in between nothing changes. Empty:
// not closed yet, nothing is shown.
std::vector<WallTime> ShownAsOf(Day last, const Workdays& workdays, WallTime now);

// The answer in place of a hidden value: its period and that it is suppressed.
v1::KpiValue SuppressedValue(const Period& period);

}  // namespace yokoten::insight
