// Random histories of events of all types, as plants send them: shuffled, sent twice, corrected, voided,
// moved to another plant or day, with changed calendars.
#pragma once

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "base/date.h"
#include "kpi/fact_log.h"

namespace yokoten::test {

class RandomHistory {
 public:
  // Days on which something happens.
  static inline const Day kStart = *ParseDay("2026-03-01");
  static constexpr int kDays = 40;

  // The same seed makes the same history.
  explicit RandomHistory(uint64_t seed) : random_(seed) {}

  // A number of [0, n).
  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  // In the order of recording. Empty, with a failure added, when an event cannot be made.
  std::vector<LoggedEvent> Make();

 private:
  std::string Date(int spread = kDays);
  std::string When(bool allow_date = true);
  std::string Context(const std::string& plant, const std::string& when);
  std::string Plant() { return "PL" + std::to_string(Pick(3) + 1); }

  // Lines of a .facts file: any event that KPIs read; a proposal's way; a plan with its session; what
  // managers do.
  std::string Line(int i);
  void Improve(int n, std::ostream& text);
  void Teach(int n, std::ostream& text);
  void Manage(int n, std::ostream& text);
  void AddOneOfEachType(std::vector<LoggedEvent>* roots);
  // Copies, corrections (of time and plant) and voids of an event.
  void Amend(const LoggedEvent& root, std::vector<LoggedEvent>* all);

  std::mt19937_64 random_;
};

}  // namespace yokoten::test
