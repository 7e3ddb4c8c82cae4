// What happens in one simulated plant, day by day. The loop of the product is in it: standards are written
// and released, people are trained, errors fall, proposals change the standards, people are trained again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/simulate/group.h"
#include "cli/simulate/outbox.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/safety/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::cli {

// Tells its days in order, each once; the outbox takes the events. Not thread-safe.
class PlantStory {
 public:
  PlantStory(SimPlant& plant, const SimulationOptions& options, const Truth& truth, Outbox& outbox);

  // Everything that was there before the first day.
  void Begin();
  // One production day.
  void Tell(Day day);

  const SimPlant& plant() const { return plant_; }

 private:
  using Step = std::function<void(Day)>;

  // --- the frame (plant_story.cc)
  void Later(Day day, Step step);  // on that day, before its production; never before tomorrow
  event::v1::EventContext Context(const char* system, const std::string& id) const;
  event::v1::EventContext At(const char* system, const std::string& id, WallTime time) const;
  event::v1::EventContext On(const char* system, const std::string& id, Day day) const;
  // The line's place: workshop, line and (unless empty) station.
  void SetPlace(event::v1::EventContext& context, int line, const std::string& station = "") const;
  WallTime DayTime(Day day, Random& random) const;  // some time of the day shift
  std::string Number(const char* prefix, int64_t& counter);
  double MonthsSince(Day day) const;
  const std::string& SomeLeader(Random& random) const;
  bool Active(const SimPerson& person, Day day) const;

  // --- story_setup.cc
  void OpenUnits();
  void PublishCalendar();
  void SetModesAndFeeds();
  void RegisterJobs();
  void CertifyTrainers(Day day, size_t wanted, Random& random);

  // --- story_people.cc
  void People(Day day);
  void PublishRoster(Day day);
  void Hours(Day day);

  // --- story_standards.cc
  void Standards(Day day);
  void StartRevision(int job, standard_work::v1::ChangeReason reason, std::vector<std::string> proposals,
                     std::vector<std::string> hazards, Day day, std::function<void(Day, int)> released);
  void SubmitRevision(int job, int revision, int attempt, const std::string& author, bool minor,
                      std::function<void(Day, int)> released, Day day);
  void ReleaseRevision(int job, int revision, bool minor, std::function<void(Day, int)> released, Day day);
  void BecomeEffective(int job, int revision, Day day);

  // --- story_training.cc
  void PlanTraining(size_t person, int job, Day day, bool soon);
  void Session(size_t person, int job, int attempt, const std::string& session, Day day);
  void FollowUp(const std::string& session, int offset, Day day);
  double TrainedShare(int job, Day day) const;

  // --- story_production.cc
  void Production(Day day);
  void ShiftOutput(Day day, const SimShift& shift, int line);
  void RecordErrors(Day day, const SimShift& shift, int line, int job, int64_t errors);
  void SendOutput(Day day, const google::protobuf::Message& output, const std::string& id);

  // --- story_improvement.cc
  void Improvement(Day day);
  void ScreenProposal(const std::string& id, int job, int attempt, Day day);
  void DecideProposal(const std::string& id, int job, int attempt, Day day);
  void ImplementProposal(const std::string& id, int job, Day day);
  void VerifyProposal(const std::string& id, int job, Day day);
  void CarryOver(const std::string& id, int job, Day day);

  // --- story_safety.cc
  void Safety(Day day);
  void FindHazard(Day day);
  void Counter(const std::string& hazard, int line, int attempt, Day day);
  void Incident(Day day, bool injury);
  void ClassifyIncident(const std::string& incident, int line, Day happened, bool contractor, Day day);
  event::v1::EventContext Ehs(const std::string& id, WallTime time, int line) const;

  SimPlant& plant_;
  const SimulationOptions& options_;
  const Truth& truth_;
  Outbox& outbox_;
  Random people_random_, standards_random_, training_random_, production_random_, improvement_random_,
      safety_random_;
  std::map<Day, std::vector<Step>> agenda_;
  Day today_;
  int64_t sessions_ = 0, proposals_ = 0, hazards_ = 0, incidents_ = 0, errors_ = 0, plans_ = 0;
  std::string last_hazard_;
  std::map<int, std::vector<double>> share_cache_;
};

}  // namespace yokoten::cli
