// The simulated group: plants with lines, jobs and people, who is treated when, and the true effects the
// story follows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "base/time_zone.h"
#include "cli/simulate/random.h"

namespace yokoten::cli {

struct SimulationOptions {
  int plants = 6;
  int months = 26;
  double scale = 1.0;
  uint64_t seed = 1;
  Day from, until;  // first and last production day, inclusive
  WallTime now;     // nothing is told that has not happened yet
};

// What is true in the simulated world and has to be found from its facts alone.
struct Truth {
  double error_log_effect_of_training = -0.45;  // per share of people trained on the current revision, 0 to 1
  double error_log_trend_per_month = -0.004;    // everywhere, treated or not
  double error_log_shock_of_new_revision = 0.25;  // for the untrained share, during 10 days
  double proposals_per_person_month = 0.10;
  double proposals_factor_when_treated = 2.6;
  double injuries_per_million_hours = 9.0;
  double injury_log_effect_of_treatment = -0.30;
  double near_misses_per_million_hours = 140.0;
  double near_miss_factor_when_treated = 1.5;  // people report more
};

enum class Arm { kPilot, kControl, kWave2 };

struct SimShift {
  std::string code;
  int start_minute = 0;
  int end_minute = 0;  // not after the start: the next day
  int day_offset = 0;
};

struct SimPerson {
  std::string ref;
  int line = -1;  // -1: no line
  int shift = 0;
  int role = 1;     // operations.v1.Role
  Day hired, left;  // left: first day no longer there
  std::vector<int> jobs;
  std::map<int, Day> assigned;           // job -> first day, where that is not the day of hire
  std::map<int, std::set<int>> trained;  // job -> revisions passed
  Day leave_from, leave_to;              // to: first day back; equal: none
};

struct SimJob {
  std::string id, name_zh, name_en;
  int line = 0;
  std::string station;
  double errors_per_1000 = 4;  // before any training
  int drafted = 0;             // highest revision drafted
  int released = 0;            // highest revision released
  int effective = 0;           // revision in force; 0: none
  Day effective_since, reviewed;
  bool drafting = false;
  bool from_proposal = false;  // the revision in force, or the one to come
  std::vector<std::pair<int, Day>>
      forces;  // revisions in force so far and since when, without withdrawn ones
  std::set<int> withdrawn;
  int criticality = 0;  // standard_work.v1.Criticality
  double takt_s = 0;
  int changes = 0;  // of the register's entry
  int steps = 0;    // of the last revision drafted; 0: not known
  Day retired;      // first day it is no longer done; kLastDay: never
};

struct SimLine {
  std::string id, name_zh, name_en, workshop, product;
  bool itemized = true;
  int units_per_shift = 0;
  std::vector<int> jobs;
};

// A plant on the other side of the comparison: for a treated one its controls, for a control the treated
// ones.
struct SimCounterpart {
  std::string plant;
  Day treatment_start;  // of the treated one
};

struct SimPlant {
  int index = 0;
  std::string id, name_zh, name_en, country, zone_name;
  TimeZone zone;
  Arm arm = Arm::kControl;
  Day treatment_start;  // kLastDay: never
  Day itemized_from;    // first day with single incidents; before it, only monthly totals of safety
  std::vector<SimShift> shifts;
  std::vector<int> weekdays;  // ISO, of production days
  std::vector<Day> holidays;
  Day forgotten_holiday;  // nobody works, but the first calendar does not know
  std::vector<std::string> workshops;
  std::vector<std::pair<std::string, std::string>> workshop_names;  // zh, en
  std::vector<SimLine> lines;
  std::vector<SimJob> jobs;
  std::vector<SimPerson> people;
  std::vector<std::string> trainers;
  double log_effect = 0;  // the plant's own, on errors
  std::vector<SimCounterpart> compared_with;

  bool Treated(Day day) const { return day >= treatment_start; }
  bool Works(Day day) const;
  // Instants of a shift of a production day.
  std::pair<WallTime, WallTime> ShiftTimes(Day day, const SimShift& shift) const;
};

// Builds the group of a seed. The same options give the same group.
std::vector<SimPlant> MakeGroup(const SimulationOptions& options);

// ISO weekday, 1 Monday to 7 Sunday.
int IsoWeekday(Day day);

}  // namespace yokoten::cli
