// The whole simulated group, told day by day, and what is true in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/simulate/group.h"
#include "cli/simulate/outbox.h"
#include "cli/simulate/plant_story.h"

namespace yokoten::cli {

// Not thread-safe. The same options give the same events; a later `until` or `now` only adds to them.
class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);

  // Tells the next day and takes what is sent on it; false when the last day is told. What would be sent
  // after the last day is sent with it.
  bool NextDay(std::vector<OutgoingEvent>& events);
  // Share of the days told, 0 to 1.
  double progress() const;

  // Seed, true effects, arms and treatment starts, mishaps, events by type, and of each proposal that became part
  // of a standard its revision, who was trained on it when and errors before and after: what an analysis has to
  // find, as JSON.
  std::string TruthJson() const;

  const std::vector<SimPlant>& plants() const { return plants_; }

 private:
  void PutTargets();
  void PutGroupFacts();  // exchange rates and working days of each year

  SimulationOptions options_;
  Truth truth_;
  std::vector<SimPlant> plants_;
  Outbox outbox_;
  std::vector<std::unique_ptr<PlantStory>> stories_;
  Day next_;
};

}  // namespace yokoten::cli
