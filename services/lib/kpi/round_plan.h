// What a round computes, and what of steps and facts that needs. Pure data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "kpi/catalogue.h"

namespace yokoten::kpi {

// One production day to compute.
struct ScopeDay {
  Day day;
  WallTime starts_at;  // instants of the production day, [starts_at, ends_at)
  WallTime ends_at;
};

// What one round computes for one plant.
struct PlantScope {
  std::string plant;
  // Version of the cells: everything below it in the plant's dirt is in.
  uint64_t version = 0;
  // First and last production day there is: a month of which no other day is missing here is made of the
  // round's cells alone.
  std::pair<Day, Day> range{kFirstDay, kLastDay};
  // Days, ascending, and which KPIs want each (positions in RoundPlan::kpis).
  std::vector<ScopeDay> days;
  std::vector<std::vector<uint16_t>> kpis;
};

// A month of a KPI of a plant that was closed when something about its facts was put right.
struct Restatable {
  std::string plant;
  const Kpi* kpi = nullptr;
  Day month;               // its first
  std::string event_type;  // of the correction or void
  std::string source;
  std::string event_id;
  int64_t recorded_ms = 0;
};

struct RoundPlan {
  std::vector<const Kpi*> kpis;
  std::vector<PlantScope> plants;
  // Facts recorded later are not there; see FactQuery. Such a round is not stored.
  std::optional<int64_t> recorded_until_ms{};
  // Event types of which some plant is known to have a fact: it is not asked again.
  std::set<std::string> present{};
  // Event types of which no plant has a fact: they are not looked for.
  std::set<std::string> absent;
  // Positions of KPIs that read no other types: nothing but zeros is written for them.
  std::set<uint16_t> idle;
  // Of these it is kept what they were, should they change.
  std::vector<Restatable> restatable{};
};

// KPIs of the plan (positions) that need a step, directly or through another, and all steps so needed in an
// order in which they can be made. KPIs that idle need none.
std::vector<uint16_t> UsersOf(const RoundPlan& plan, const std::string& step);
std::vector<std::string> StepsOf(const RoundPlan& plan);

struct FactNeed {
  std::set<std::string> columns;
  std::set<std::string> common;  // of CommonColumns
  std::vector<uint16_t> users;
  bool days_only = true;  // every user reads it with horizon DAY
};

// By event type, short name.
std::map<std::string, FactNeed> FactsOf(const RoundPlan& plan);
// Event types the KPIs read, by short name.
std::set<std::string> EventsOf(const RoundPlan& plan);
// Notes which types are absent and which KPIs therefore idle; those that read other tables than facts never
// do.
void KeepPresent(const std::set<std::string>& present, RoundPlan* plan);

// Periods of which members are counted: the months of all years that the plan's days lie in, as far as there
// are days, with their quarters and years. `kpis`: who has a day of the round in it.
struct MemberPeriod {
  Day first, last;
  std::set<uint16_t> kpis;
};

// By grain and the period's first day.
std::map<std::pair<char, Day>, MemberPeriod> MemberPeriods(const RoundPlan& plan, const PlantScope& scope);
// Whether any KPI counts members.
bool HasMembers(const RoundPlan& plan);

// Months of a plant that have days, for some KPI of the round, which are not in it.
std::set<Day> MonthsWithRest(const PlantScope& scope);
// First and last day of all such months; nothing where there are none.
std::optional<std::pair<Day, Day>> SpanOfMonthsWithRest(const RoundPlan& plan);
// Whether each KPI wants each of the days.
bool WantsAll(const RoundPlan& plan);

}  // namespace yokoten::kpi
