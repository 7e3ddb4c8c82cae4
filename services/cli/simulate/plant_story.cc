#include "cli/simulate/plant_story.h"

#include <algorithm>

#include "events/identity.h"

namespace yokoten::cli {

PlantStory::PlantStory(SimPlant& plant, const SimulationOptions& options, const Truth& truth, Outbox& outbox)
    : plant_(plant),
      options_(options),
      truth_(truth),
      outbox_(outbox),
      people_random_(Random(options.seed).Branch(plant.id + " people")),
      standards_random_(Random(options.seed).Branch(plant.id + " standards")),
      training_random_(Random(options.seed).Branch(plant.id + " training")),
      production_random_(Random(options.seed).Branch(plant.id + " production")),
      improvement_random_(Random(options.seed).Branch(plant.id + " improvement")),
      safety_random_(Random(options.seed).Branch(plant.id + " safety")),
      changes_random_(Random(options.seed).Branch(plant.id + " changes")),
      approvals_random_(Random(options.seed).Branch(plant.id + " approvals")),
      relations_random_(Random(options.seed).Branch(plant.id + " relations")),
      management_random_(Random(options.seed).Branch(plant.id + " management")),
      rollout_random_(Random(options.seed).Branch(plant.id + " rollout")),
      audits_random_(Random(options.seed).Branch(plant.id + " audits")),
      trainers_random_(Random(options.seed).Branch(plant.id + " trainers")) {}

void PlantStory::Begin() {
  today_ = options_.from - 1;
  OpenUnits();
  PublishCalendar();
  SetModesAndFeeds();
  CertifyTrainers(options_.from - 40, 2, training_random_);
  RegisterJobs();
  PlanYear(options_.from);
  BeginRollout();
  const Day first = options_.from + 10;
  Evening(first + static_cast<int>(management_random_.Between(10, 60)), [this](Day d) { PlanCohort(1, d); });
  Evening(first + static_cast<int>(trainers_random_.Between(10, 60)), [this](Day d) { GiveClass(1, d); });
  if (plant_.treatment_start != kLastDay) {
    Evening(plant_.treatment_start + 20, [this](Day d) { RaiseTrainers(d); });
  }
}

void PlantStory::Tell(Day day) {
  today_ = day;
  while (!agenda_.empty() && agenda_.begin()->first <= day) {
    std::vector<Step> steps = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    for (Step& step : steps) step(day);
  }
  People(day);
  Meetings(day);
  if (!plant_.Works(day)) return;
  Standards(day);
  Production(day);
  Hours(day);
  Improvement(day);
  Safety(day);
  Relations(day);
  Audits(day);
  auto evening = evenings_.find(day);
  if (evening == evenings_.end()) return;
  const std::vector<Step> steps = std::move(evening->second);
  evenings_.erase(evening);
  for (const Step& step : steps) step(day);
}

void PlantStory::Later(Day day, Step step) {
  day = std::max(day, today_ + 1);
  // Not bounded by the last day: what is planned must not depend on where the story is cut off.
  while (!plant_.Works(day)) day = day + 1;
  agenda_[day].push_back(std::move(step));
}

void PlantStory::Evening(Day day, Step step) {
  evenings_[WorkingDay(std::max(day, today_ + 1))].push_back(std::move(step));
}

Day PlantStory::WorkingDay(Day day) const {
  while (!plant_.Works(day)) day = day + 1;
  return day;
}

double PlantStory::Skill(Day day) const {
  if (!plant_.Treated(day)) return 0;
  return std::min(1.0, (day - plant_.treatment_start.value).value / 182.0);
}

event::v1::EventContext PlantStory::Context(const char* system, const std::string& id) const {
  event::v1::EventContext context;
  context.set_source("/sim/s" + std::to_string(options_.seed) + "/" + plant_.id + "/" + system);
  context.set_id(id);
  context.set_plant_id(plant_.id);
  return context;
}

event::v1::EventContext PlantStory::At(const char* system, const std::string& id, WallTime time) const {
  event::v1::EventContext context = Context(system, id);
  *context.mutable_occurred_at() = events::ToTimestamp(time);
  return context;
}

event::v1::EventContext PlantStory::On(const char* system, const std::string& id, Day day) const {
  event::v1::EventContext context = Context(system, id);
  context.set_occurred_on(FormatDay(day));
  return context;
}

void PlantStory::SetPlace(event::v1::EventContext& context, int line, const std::string& station) const {
  context.set_workshop_id(plant_.lines[static_cast<size_t>(line)].workshop);
  context.set_line_id(plant_.lines[static_cast<size_t>(line)].id);
  context.set_station_id(station);
}

WallTime PlantStory::DayTime(Day day, Random& random) const {
  return plant_.zone.ToUtc(day, random.Between(8 * 3600, 15 * 3600)) +
         std::chrono::milliseconds(random.Between(0, 999));
}

std::string PlantStory::Number(const char* prefix, int64_t& counter) {
  std::string digits = std::to_string(++counter);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return std::string(prefix) + "-" + plant_.id + "-" + digits;
}

double PlantStory::MonthsSince(Day day) const { return (day - options_.from.value).value / 30.4375; }

const std::string& PlantStory::SomeLeader(Random& random) const {
  std::vector<const SimPerson*> leaders;
  for (const SimPerson& person : plant_.people) {
    if (person.role >= 2 && person.role <= 4 && Active(person, today_)) leaders.push_back(&person);
  }
  return leaders.empty() ? plant_.people.front().ref : random.Pick(leaders)->ref;
}

const std::string& PlantStory::SomeOf(int role, Random& random) const {
  std::vector<const SimPerson*> people;
  for (const SimPerson& person : plant_.people) {
    if (person.role == role && Active(person, today_)) people.push_back(&person);
  }
  return people.empty() ? SomeLeader(random) : random.Pick(people)->ref;
}

bool PlantStory::Active(const SimPerson& person, Day day) const {
  return person.hired <= day && day < person.left && !(person.leave_from <= day && day < person.leave_to);
}

bool PlantStory::IsTrainer(const std::string& ref) const {
  return std::find(plant_.trainers.begin(), plant_.trainers.end(), ref) != plant_.trainers.end();
}

bool PlantStory::Needs(size_t person_index, int job, Day day) const {
  const SimPerson& person = plant_.people[person_index];
  return Active(person, day) && std::find(person.jobs.begin(), person.jobs.end(), job) != person.jobs.end();
}

}  // namespace yokoten::cli
