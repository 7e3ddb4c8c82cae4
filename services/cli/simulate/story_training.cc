// People are taught a revision in four steps, looked after on later days, and assessed.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {

namespace tr = training::v1;

void PlantStory::PlanTraining(size_t person_index, int job_index, Day day, bool soon) {
  Random& random = training_random_;
  const SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  const int revision = soon ? job.released : job.effective;
  if (revision == 0) return;
  // Without a plan some are simply never taught.
  if (!soon && random.Chance(0.35)) return;
  Lesson lesson{person_index, job_index, "", ""};
  const int wait = soon ? static_cast<int>(random.Between(1, 11))
                        : 5 + static_cast<int>(std::min(random.Exponential(35), 200.0));
  if (soon) {
    tr::TrainingPlanned planned;
    lesson.plan = Number("TP", plans_);
    *planned.mutable_context() = At("ji", lesson.plan, DayTime(day, random));
    SetPlace(*planned.mutable_context(), job.line, job.station);
    planned.set_plan_id(lesson.plan);
    planned.set_person_ref(plant_.people[person_index].ref);
    planned.set_job_id(job.id);
    planned.set_revision_no(revision);
    planned.set_target_level(3);
    planned.set_due_date(FormatDay(day + 14));
    outbox_.Put(day, planned);
  }
  Later(day + wait, [=, this](Day d) {
    const SimJob& j = plant_.jobs[static_cast<size_t>(job_index)];
    if (Needs(person_index, job_index, d) && (lesson.plan.empty() || !j.withdrawn.contains(revision))) {
      Lesson begun = lesson;
      begun.session = Number("JI", sessions_);
      Session(begun, 1, d);
    } else if (!lesson.plan.empty()) {
      CancelPlan(lesson.plan, j,
                 j.retired <= d                   ? "作业已取消 / the job is done no longer"
                 : j.withdrawn.contains(revision) ? "版次已撤回 / the revision was withdrawn"
                                                  : "人员不在岗 / the person is not on the job",
                 d);
    }
  });
}

void PlantStory::CancelPlan(const std::string& plan, const SimJob& job, const char* why, Day day) {
  tr::PlanCancelled cancelled;
  *cancelled.mutable_context() = At("ji", plan + "-cancelled", DayTime(day, changes_random_));
  SetPlace(*cancelled.mutable_context(), job.line);  // its station may be closed
  cancelled.set_plan_id(plan);
  cancelled.set_comment(why);
  outbox_.Put(day, cancelled);
}

void PlantStory::Session(const Lesson& lesson, int attempt, Day day) {
  Random& random = training_random_;
  SimPerson& person = plant_.people[lesson.person];
  const std::string& session = lesson.session;
  const SimJob& job = plant_.jobs[static_cast<size_t>(lesson.job)];
  const int revision = plant_.Treated(day) ? job.released : job.effective;
  if (revision == 0) return;
  std::string trainer = random.Pick(plant_.trainers);
  for (int i = 0; trainer == person.ref && i < 10; ++i) trainer = random.Pick(plant_.trainers);
  if (trainer == person.ref) return;
  // Night shifts are taught at night, in their own production day.
  const SimShift& shift = plant_.shifts[static_cast<size_t>(person.shift)];
  WallTime time = plant_.ShiftTimes(day, shift).first + std::chrono::minutes(random.Between(30, 300));
  const std::string stem = session + "-" + std::to_string(attempt);
  auto place = [&](auto& event, const std::string& id, WallTime at) {
    *event.mutable_context() = At("ji", id, at);
    SetPlace(*event.mutable_context(), job.line, job.station);
    event.mutable_context()->set_actor(trainer);
    event.mutable_context()->set_correlation_id("job/" + job.id + "/rev/" + std::to_string(revision));
  };
  if (attempt == 1) {
    tr::SessionStarted started;
    place(started, stem + "-start", time);
    started.set_session_id(session);
    started.set_plan_id(lesson.plan);
    started.set_trainer_ref(trainer);
    started.set_person_ref(person.ref);
    started.set_job_id(job.id);
    started.set_revision_no(revision);
    outbox_.Put(day, started);
  }
  const bool pass = random.Chance(plant_.Treated(day) ? 0.93 : 0.84);
  int total = 0;
  for (int step = 1; step <= (pass ? 4 : 3); ++step) {
    const int minutes = static_cast<int>(random.Between(4, step == 3 ? 25 : 12));
    total += minutes;
    tr::StepCompleted completed;
    place(completed, stem + "-step" + std::to_string(step), time + std::chrono::minutes(total));
    completed.set_session_id(session);
    completed.set_attempt(attempt);
    completed.set_step(step);
    completed.set_minutes(minutes);
    if (step == 3) completed.set_repetitions(static_cast<int>(random.Between(2, 6)));
    outbox_.Put(day, completed);
  }
  tr::SessionCompleted completed;
  place(completed, stem + "-end", time + std::chrono::minutes(total + 1));
  completed.set_session_id(session);
  completed.set_attempt(attempt);
  completed.set_result(pass                ? tr::SESSION_RESULT_PASS
                       : random.Chance(.8) ? tr::SESSION_RESULT_FAIL
                                           : tr::SESSION_RESULT_INCOMPLETE);
  completed.set_minutes(total + 1);
  completed.set_trainer_ref(trainer);
  completed.set_person_ref(person.ref);
  completed.set_job_id(job.id);
  completed.set_revision_no(revision);
  // Tablets without a network hand in their sessions days later.
  const bool late = random.Chance(0.02);
  outbox_.mishaps.late += late;
  outbox_.Put(late ? day + static_cast<int>(random.Between(2, 9)) : day, completed);
  if (!pass) {
    if (attempt < 4) {
      Later(day + static_cast<int>(random.Between(1, 4)), [=, this](Day d) {
        if (Needs(lesson.person, lesson.job, d)) Session(lesson, attempt + 1, d);
      });
    }
    return;
  }
  person.trained[lesson.job].insert(revision);
  if (const WallTime passed = time + std::chrono::minutes(total + 1); passed <= options_.now)
    loop_.Passed(job.id, revision, person.ref, passed);
  for (int offset : {1, 7}) {
    Later(day + offset, [=, this](Day d) { FollowUp(lesson, revision, offset, d); });
  }
  Later(day + 30, [=, this](Day d) { AssessSkill(lesson, revision, trainer, d); });
}

bool PlantStory::Holds(const Lesson& lesson, int revision) const {
  const auto& trained = plant_.people[lesson.person].trained;
  auto it = trained.find(lesson.job);
  return it != trained.end() && it->second.contains(revision) &&
         !plant_.jobs[static_cast<size_t>(lesson.job)].withdrawn.contains(revision);
}

void PlantStory::AssessSkill(const Lesson& lesson, int revision, std::string assessor, Day day) {
  Random& random = training_random_;
  if (!Needs(lesson.person, lesson.job, day) || !Holds(lesson, revision)) return;
  const SimJob& job = plant_.jobs[static_cast<size_t>(lesson.job)];
  const std::string& ref = plant_.people[lesson.person].ref;
  // Who taught may have stepped down since.
  if (!IsTrainer(assessor)) {
    for (const std::string& trainer : plant_.trainers) {
      if (trainer != ref) assessor = trainer;
    }
  }
  tr::SkillLevelAssessed assessed;
  *assessed.mutable_context() = At("ji", "skill-" + lesson.session, DayTime(day, random));
  SetPlace(*assessed.mutable_context(), job.line, job.station);
  assessed.set_person_ref(ref);
  assessed.set_job_id(job.id);
  assessed.set_revision_no(revision);
  assessed.set_level(random.Chance(0.7) ? 3 : 2);
  assessed.set_assessor_ref(assessor);
  assessed.set_method(tr::ASSESSMENT_METHOD_OBSERVATION);
  outbox_.Put(day, assessed);
}

void PlantStory::FollowUp(const Lesson& lesson, int revision, int offset, Day day) {
  Random& random = training_random_;
  const std::string& session = lesson.session;
  if (!Needs(lesson.person, lesson.job, day) || !Holds(lesson, revision)) return;
  if (!random.Chance(plant_.Treated(day) ? 0.92 : 0.45)) return;
  tr::FollowUpRecorded followed;
  const WallTime time = DayTime(day, random);
  *followed.mutable_context() = At("ji", session + "-follow" + std::to_string(offset), time);
  followed.set_session_id(session);
  followed.set_day_offset(offset);
  const bool conforms = random.Chance(0.94);
  followed.set_conforms(conforms);
  followed.set_errors_seen(conforms ? 0 : static_cast<int>(random.Between(1, 3)));
  outbox_.Put(day, followed);
  if (followed.errors_seen() < 3 || changes_random_.Chance(0.5)) return;
  // Taught in vain: the person is not trained any more, and is taught anew.
  const SimJob& job = plant_.jobs[static_cast<size_t>(lesson.job)];
  SimPerson& person = plant_.people[lesson.person];
  person.trained.erase(lesson.job);
  tr::SkillLevelRevoked revoked;
  *revoked.mutable_context() =
      At("ji", "skill-" + session + "-revoked-" + std::to_string(offset), time + std::chrono::minutes(30));
  SetPlace(*revoked.mutable_context(), job.line, job.station);
  revoked.set_person_ref(person.ref);
  revoked.set_job_id(job.id);
  revoked.set_revision_no(revision);
  revoked.set_comment("跟踪时三次偏离标准 / three deviations at the follow-up");
  outbox_.Put(day, revoked);
  loop_.Unlearned(job.id, person.ref, time + std::chrono::minutes(30), day);
  Lesson again{lesson.person, lesson.job, "", ""};
  Later(day + static_cast<int>(changes_random_.Between(2, 8)), [=, this](Day d) {
    if (!Needs(again.person, again.job, d)) return;
    Lesson begun = again;
    begun.session = Number("JI", sessions_);
    Session(begun, 1, d);
  });
}

double PlantStory::TrainedShare(int job_index, Day day) const {
  const SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  if (job.effective == 0) return 0;
  int required = 0, trained = 0;
  for (const SimPerson& person : plant_.people) {
    if (std::find(person.jobs.begin(), person.jobs.end(), job_index) == person.jobs.end() ||
        !Active(person, day)) {
      continue;
    }
    ++required;
    auto it = person.trained.find(job_index);
    trained += it != person.trained.end() && it->second.contains(job.effective);
  }
  return required == 0 ? 0 : static_cast<double>(trained) / required;
}

}  // namespace yokoten::cli
