// What is true of the turns of the loop in a simulated plant, kept by the story itself: what a trace has to
// find from the facts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"

namespace yokoten::cli {

// Not thread-safe.
class LoopTruth {
 public:
  // Days of each of the two windows whose errors are compared, cut to as many as have gone by.
  static constexpr int kWindowDays = 56;

  // A revision is released and takes effect on a production day; without retraining, who was trained on the one before
  // stays so.
  void Released(const std::string& job, int revision, Day effective, bool retraining);
  // A person passed the instruction on a revision.
  void Passed(const std::string& job, int revision, const std::string& person, WallTime at);
  // What a person had learned of a job counts no more from a day on.
  void Unlearned(const std::string& job, const std::string& person, WallTime at, Day day);
  // Errors and operations a plant told of a job and day (0 operations: it tells none); errors may be negative
  // to take some back.
  void Erred(const std::string& job, Day day, int64_t errors, int64_t operations);
  // A proposal became part of a released revision.
  void Standardized(const std::string& proposal, const std::string& job, int revision);

  // A JSON list of the proposals that became part of a standard: revision, who was trained on it when, errors
  // before and after. `until`: the last day told.
  std::string Json(Day until) const;

 private:
  struct Revision {
    Day effective;
    bool retraining = true;
  };
  struct Pass {
    int revision = 0;
    std::string person;
    WallTime at;
  };
  struct Loss {
    std::string person;
    WallTime at;
    Day day;
  };
  struct Told {
    int64_t errors = 0, operations = 0;
  };
  struct Turn {
    std::string proposal, job;
    int revision = 0;
  };

  Told Sum(const std::string& job, Day from, Day to) const;

  std::map<std::string, std::map<int, Revision>> revisions_;  // by job
  std::map<std::string, std::vector<Pass>> passes_;
  std::map<std::string, std::vector<Loss>> losses_;
  std::map<std::string, std::map<Day, Told>> told_;
  std::vector<Turn> turns_;
};

}  // namespace yokoten::cli
