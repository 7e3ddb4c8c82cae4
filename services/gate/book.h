// What the gate knows of one plant, and the decision. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "yokoten/gate/v1/service.pb.h"

namespace yokoten::gate {

// An event by its source and id.
struct Source {
  std::string type, source, id;
};

// Days are [from, until).
struct Job {
  Day from, until;
  bool requires_sw = false;
  int required_level = 0;
  std::vector<std::string> stations;
};

struct Revision {
  int revision_no = 0;
  int base_no = 0;           // lowest revision whose training still counts for it
  int64_t effective_us = 0;  // microseconds since 1970-01-01 UTC
  Day withdrawn;             // first day it does not hold any more
  Source release;
};

struct Training {
  int revision_no = 0;
  Day from, until;
  int64_t at_us = 0;
  Source event;
};

struct Skill {
  int level = 0;
  Day from, until;
  Source event;
};

struct Assignment {
  std::string job_id;
  Day first, last;  // inclusive
};

struct Person {
  Day from, until;  // of the roster
  bool on_leave = false;
  Day leave_from;  // of who is on leave
  std::vector<Assignment> assignments;
};

// A production day's stretch, [start, end), microseconds since 1970-01-01 UTC.
struct Stretch {
  int64_t start_us = 0, end_us = 0;
  Day day;
};

using PersonJob = std::pair<std::string, std::string>;

// One plant as it was read. Immutable once it is shared.
struct Book {
  Day day;          // production day it was read on
  WallTime begins;  // of that day
  std::vector<Stretch> stretches;
  std::unordered_map<std::string, std::vector<Job>> jobs;
  std::unordered_map<std::string, std::vector<Revision>> revisions;
  std::unordered_map<std::string, std::vector<Person>> people;
  std::map<PersonJob, std::vector<Training>> trainings;
  std::map<PersonJob, std::vector<Skill>> skills;

  // Production day of an instant: by the shift calendar, else its date at UTC.
  Day DayOf(WallTime at) const;
};

// Everything but freshness. `at` is the instant asked about.
void Decide(const Book& book, const gate::v1::CanPerformRequest& request, WallTime at,
            gate::v1::CanPerformResponse* response);

}  // namespace yokoten::gate
