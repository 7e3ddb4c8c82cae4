// The events of simulated plants, one after the other, as many as a measurement wants.
#pragma once

#include <vector>

#include "bench/measure.h"
#include "cli/simulate/simulation.h"

namespace yokoten::test {

// Options of a group whose history ends on a fixed day: the same events every time.
inline cli::SimulationOptions HistoryOptions(int plants, int months) {
  cli::SimulationOptions options;
  options.plants = plants;
  options.months = months;
  options.seed = 11;
  options.until = *ParseDay("2026-05-20");
  options.from = options.until - 30 * months;
  options.now = FromMicros(int64_t{options.until.value + 2} * 86'400'000'000);
  return options;
}

// Not thread-safe.
class History {
 public:
  History(int plants, int months) : simulation_(HistoryOptions(plants, months)) {}

  // The next event, in the order of days; ends the measurement when there is none.
  cli::OutgoingEvent Next() {
    while (at_ == day_.size()) {
      if (!more_) Fail("the simulated plants have no more to tell: ask for less");
      day_.clear();
      at_ = 0;
      more_ = simulation_.NextDay(day_);
    }
    return std::move(day_[at_++]);
  }

  // Topic without prefix.
  static std::string TopicOf(const events::EventType& type) {
    return type.is_void() ? std::string("yokoten.operations.v1") : std::string(type.topic);
  }

 private:
  cli::Simulation simulation_;
  std::vector<cli::OutgoingEvent> day_;
  size_t at_ = 0;
  bool more_ = true;
};

}  // namespace yokoten::test
