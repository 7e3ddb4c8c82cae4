// What happens in one simulated plant, day by day. The loop of the product is in it: standards are written
// and released, people are trained, errors fall, proposals change the standards, people are trained again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/simulate/group.h"
#include "cli/simulate/loop_truth.h"
#include "cli/simulate/outbox.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/management/v1/events.pb.h"
#include "yokoten/rollout/v1/events.pb.h"
#include "yokoten/safety/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {

// Tells its days in order, each once; the outbox takes the events. Not thread-safe.
class PlantStory {
 public:
  PlantStory(SimPlant& plant, const SimulationOptions& options, const Truth& truth, Outbox& outbox);

  // Everything that was there before the first day.
  void Begin();
  // One day.
  void Tell(Day day);

  const SimPlant& plant() const { return plant_; }
  const LoopTruth& loop() const { return loop_; }

 private:
  using Step = std::function<void(Day)>;

  // --- the frame (plant_story.cc)
  void Later(Day day, Step step);  // on that day, before its production; never before tomorrow
  // On that day, after its production and after what the other stories tell of it; never before tomorrow.
  void Evening(Day day, Step step);
  Day WorkingDay(Day day) const;  // the day, or the next on which the plant works
  double Skill(Day day) const;    // how far the treatment has come: 0 before it, 1 after half a year
  event::v1::EventContext Context(const char* system, const std::string& id) const;
  event::v1::EventContext At(const char* system, const std::string& id, WallTime time) const;
  event::v1::EventContext On(const char* system, const std::string& id, Day day) const;
  // The line's place: workshop, line and (unless empty) station.
  void SetPlace(event::v1::EventContext& context, int line, const std::string& station = "") const;
  WallTime DayTime(Day day, Random& random) const;  // some time of the day shift
  std::string Number(const char* prefix, int64_t& counter);
  double MonthsSince(Day day) const;
  const std::string& SomeLeader(Random& random) const;
  // Somebody there of that operations.v1.Role; any leader where there is none.
  const std::string& SomeOf(int role, Random& random) const;
  bool Active(const SimPerson& person, Day day) const;
  bool IsTrainer(const std::string& ref) const;
  // Whether the person is there and has to be able to do the job.
  bool Needs(size_t person, int job, Day day) const;

  // --- story_setup.cc
  void OpenUnits();
  void PublishCalendar();
  template <typename Calendar>
  void FillCalendar(Calendar& calendar) const;  // the first calendar, as it was first known
  void SetModesAndFeeds();
  void RegisterJobs();
  template <typename Job>
  static void FillJob(const SimJob& job, Job& entry);  // the register's entry as it stands
  void CertifyTrainers(Day day, size_t wanted, Random& random);

  // --- story_people.cc
  void People(Day day);
  void Hire(int line, int shift, const std::vector<int>& jobs, Day when, Random& random);
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
  void WithdrawRevision(int job, int revision, const char* why, Day day);
  void WithdrawApproved(int job, int revision, Day day);
  void TellChanges(standard_work::v1::RevisionDrafted& drafted, SimJob& job, bool minor);
  // The evidence of approval: one stage for wording, two for small changes, three for the others.
  void Sign(standard_work::v1::RevisionReleased& released, const std::string& approver, WallTime approved,
            bool on_paper);

  // --- story_training.cc
  void PlanTraining(size_t person, int job, Day day, bool soon);
  struct Lesson {
    size_t person = 0;
    int job = 0;
    std::string session, plan;
  };
  void CancelPlan(const std::string& plan, const SimJob& job, const char* why, Day day);
  void Session(const Lesson& lesson, int attempt, Day day);
  void FollowUp(const Lesson& lesson, int revision, int offset, Day day);
  void AssessSkill(const Lesson& lesson, int revision, std::string assessor, Day day);
  // Whether a person's training on a revision still means anything.
  bool Holds(const Lesson& lesson, int revision) const;
  double TrainedShare(int job, Day day) const;

  // --- story_production.cc
  void Production(Day day);
  void ShiftOutput(Day day, const SimShift& shift, int line);
  void RecordErrors(Day day, const SimShift& shift, int line, int job, int64_t errors);
  void SendOutput(Day day, const google::protobuf::Message& output, const std::string& id);

  // --- story_improvement.cc
  void Improvement(Day day);
  // True when the proposal's job is done no longer: it is then withdrawn.
  bool DropProposal(const std::string& id, int job, Day day);
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
  void Reclassify(const std::string& incident, int line, Day happened, bool contractor, bool restricted,
                  Day day);
  // Days away since a day, growing by the week, after so many of restricted work.
  void GrowDays(const std::string& incident, int line, Day since, int restricted_days, int weeks, Day day);
  void ReportMonth(Day month, Day day);  // totals, while the plant knows no single incidents

  // --- story_changes.cc: what changes once in a while
  void PlanYear(Day day);
  void MoveLine(Day day);
  void ChangeJob(Day day, int job_index);
  void RetireJob(Day day);
  void Promote(Day day);
  void StepDown(const std::string& trainer, Day day);
  void RecallRevision(Day day, int tries);

  // --- story_relations.cc: confidential cases, told of a workshop
  struct RelationsCase {
    std::string id, workshop, handler;
    int round = 1;
  };
  void Relations(Day day);
  void OpenCase(const std::string& workshop, Day day);
  void GatherFacts(const RelationsCase& c, Day day);
  void DecideCase(const RelationsCase& c, Day day);
  void CheckCase(const RelationsCase& c, int check, Day due, Day day);
  void CloseCase(const RelationsCase& c, bool helped, Day day);
  template <typename Event>
  Event OfCase(const RelationsCase& c, const std::string& what, Day day);

  // --- story_management.cc: meetings and their actions, courses of management training
  struct Meeting {
    std::string id, workshop;
    int tier = 0;
    WallTime starts;
  };
  void Meetings(Day day);  // also on days without production
  void HoldMeeting(const Meeting& meeting, Day day);
  void CancelMeeting(const Meeting& meeting, management::v1::MeetingCancelReason reason, Day day);
  void OpenAction(const Meeting& meeting, WallTime at, Day day);
  struct Cohort;
  void PlanCohort(int number, Day day);
  void OpenCohort(const std::shared_ptr<Cohort>& cohort, Day day);
  void DeliverModule(const std::shared_ptr<Cohort>& cohort, int module, Day day);
  void AskQuiz(const std::shared_ptr<Cohort>& cohort, int attempt, Day day);
  void EndCohort(const std::shared_ptr<Cohort>& cohort, Day day);
  void CheckActionPlan(const std::string& cohort, const std::string& person, int check, Day day);
  std::vector<std::string> CourseCandidates(Day day) const;

  // --- story_rollout.cc: the plan of a treated plant, its stages, arms and diagnosis
  void BeginRollout();
  void AssignArms(const std::string& plan, rollout::v1::Arm arm, Day treatment_start, Day day);
  void FreezeBaseline(Day day);
  void EnterStage(int stage, Day day);
  void ReviewGate(int stage, int review, rollout::v1::GateDecision decision, Day day);
  void RevertStage(int stage, Day day);
  void Diagnose(int survey, Day day);
  event::v1::EventContext OfPlan(const std::string& id, Day day);

  // --- story_audits.cc: layered process audits
  struct Audit {
    std::string id, workshop;
    int layer = 0, line = -1;
  };
  void Audits(Day day);
  void ScheduleAudit(int layer, const std::string& workshop, int line, Day from, Day to);
  void PerformAudit(const Audit& audit, Day day);
  event::v1::EventContext OfAudit(const Audit& audit, const std::string& id, WallTime time) const;

  // --- story_trainers.cc: how internal trainers come to be, and the classes supervisors take
  struct InternalTrainer {
    std::string ref;
    training::v1::Pillar pillar = training::v1::PILLAR_UNSPECIFIED;
    bool certified = false, suspended = false;
  };
  // The way to a certificate of that day, handed in with it.
  void TellCareer(const std::string& ref, training::v1::Pillar pillar, Day certified);
  void RaiseTrainers(Day day);
  void Nominate(size_t trainer, Day day);
  void Coach(size_t trainer, int number, Day day);
  void Certify(size_t trainer, int renewal, training::v1::TrainerGrade grade, Day day);
  void Suspend(size_t trainer, Day day);
  void GiveClass(int number, Day day);
  // Before somebody leads a team for the first time: the JI class, by somebody from outside, handed in when
  // the person takes over.
  void TeachLeaderToBe(const std::string& ref, Day takes_over);
  std::string ExternalTrainer(training::v1::Pillar pillar) const;
  // Who may teach the pillar that day; nullptr: nobody in the plant.
  const InternalTrainer* TrainerOf(training::v1::Pillar pillar, Day day) const;
  template <typename Event>
  Event OfTrainer(const InternalTrainer& trainer, const std::string& what, WallTime time) const;

  SimPlant& plant_;
  const SimulationOptions& options_;
  const Truth& truth_;
  Outbox& outbox_;
  Random people_random_, standards_random_, training_random_, production_random_, improvement_random_,
      safety_random_, changes_random_;
  Random approvals_random_, relations_random_, management_random_, rollout_random_, audits_random_,
      trainers_random_;
  LoopTruth loop_;
  std::map<Day, std::vector<Step>> agenda_, evenings_;
  Day today_;
  int64_t sessions_ = 0, proposals_ = 0, hazards_ = 0, incidents_ = 0, errors_ = 0, plans_ = 0;
  int64_t cases_ = 0, actions_ = 0, audits_ = 0, findings_ = 0;
  std::string last_hazard_;
  std::set<std::string> former_trainers_;
  struct Draft {
    standard_work::v1::ChangeReason reason = standard_work::v1::CHANGE_REASON_UNSPECIFIED;
    std::vector<std::string> proposals, hazards;
    std::function<void(Day, int)> released;
    std::string approver;
    WallTime approved;
  };
  std::map<int, Draft> drafts_;  // by job, the revision under way
  struct MonthTotals {
    int64_t near_misses = 0, djtr = 0, dafw = 0, other = 0, days = 0, head_days = 0, working_days = 0;
    double hours = 0;
  };
  std::map<Day, MonthTotals> totals_;  // by first day of the month, while only totals are known
  std::map<int, std::vector<double>> share_cache_;
  std::set<std::string> course_members_;  // of management training, unless dropped or failed
  std::vector<double> barriers_;          // B1 to B8 before the treatment
  std::vector<InternalTrainer> internal_trainers_;
  std::map<std::pair<int, std::string>, Day> classes_passed_;  // by pillar and person
};

template <typename Job>
void PlantStory::FillJob(const SimJob& job, Job& entry) {
  entry.set_job_id(job.id);
  entry.set_name_zh(job.name_zh);
  entry.set_name_en(job.name_en);
  entry.add_station_ids(job.station);
  entry.set_requires_sw(true);
  entry.set_criticality(static_cast<standard_work::v1::Criticality>(job.criticality));
  entry.set_required_level(3);
  entry.set_min_qualified(3);
  entry.set_review_interval_d(365);
  entry.set_takt_s(job.takt_s);
}

}  // namespace yokoten::cli
