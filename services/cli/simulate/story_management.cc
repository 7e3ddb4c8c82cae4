// Daily management and management training (MTP): tier meetings, the actions they open, and a course every
// half-year.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/management/v1/events.pb.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::cli {

namespace mg = management::v1;
namespace op = operations::v1;
namespace tr = training::v1;

namespace {

constexpr int kTuesday = 2, kThursday = 4;
constexpr int kModules = 6, kModuleMinutes = 320;
constexpr int kPassMark = 80, kQuizAttempts = 3;
constexpr size_t kCourseMin = 4, kCourseMax = 7;

std::vector<mg::MeetingRole> RolesOf(int tier) {
  std::vector<mg::MeetingRole> roles = {mg::MEETING_ROLE_LEADER, mg::MEETING_ROLE_PRODUCTION,
                                        mg::MEETING_ROLE_QUALITY};
  if (tier >= 2) roles.insert(roles.end(), {mg::MEETING_ROLE_MAINTENANCE, mg::MEETING_ROLE_EHS});
  if (tier >= 3)
    roles.insert(roles.end(), {mg::MEETING_ROLE_LOGISTICS, mg::MEETING_ROLE_HR, mg::MEETING_ROLE_IE});
  return roles;
}

}  // namespace

// --- meetings

void PlantStory::Meetings(Day day) {
  const int weekday = IsoWeekday(day);
  if (std::find(plant_.weekdays.begin(), plant_.weekdays.end(), weekday) == plant_.weekdays.end()) return;
  std::vector<Meeting> meetings;
  const bool known_off = std::binary_search(plant_.holidays.begin(), plant_.holidays.end(), day);
  const bool off = !plant_.Works(day);
  if (!known_off) {
    // Ten minutes into the first shift that starts on the day itself.
    const SimShift& shift = *std::find_if(plant_.shifts.begin(), plant_.shifts.end(),
                                          [](const SimShift& s) { return s.day_offset == 0; });
    const WallTime starts = plant_.ShiftTimes(day, shift).first + std::chrono::minutes(10);
    for (const std::string& workshop : plant_.workshops) {
      // Without treatment one workshop has not begun with them.
      if (workshop == plant_.workshops.back() && !plant_.Treated(day)) continue;
      meetings.push_back({"T1-" + workshop + "-" + FormatDay(day), workshop, 1, starts});
    }
  }
  if (weekday == kTuesday) {
    meetings.push_back({"T2-" + FormatDay(day), "", 2, plant_.zone.ToUtc(day, 13 * 3600)});
  }
  if (weekday == kThursday && ToCivil(day).day <= 7) {
    meetings.push_back({"T3-" + FormatDay(day), "", 3, plant_.zone.ToUtc(day, 14 * 3600)});
  }
  for (const Meeting& meeting : meetings) {
    // Generated from the calendar the evening before.
    mg::MeetingScheduled scheduled;
    *scheduled.mutable_context() =
        At("board", meeting.id + "-scheduled", meeting.starts - std::chrono::hours(14));
    scheduled.mutable_context()->set_workshop_id(meeting.workshop);
    scheduled.set_meeting_id(meeting.id);
    scheduled.set_tier(meeting.tier);
    *scheduled.mutable_starts_at() = events::ToTimestamp(meeting.starts);
    for (mg::MeetingRole role : RolesOf(meeting.tier)) scheduled.add_required_roles(role);
    outbox_.Put(day, scheduled);
    if (off) {
      CancelMeeting(meeting,
                    known_off ? mg::MEETING_CANCEL_REASON_HOLIDAY : mg::MEETING_CANCEL_REASON_NO_PRODUCTION,
                    day);
    } else {
      HoldMeeting(meeting, day);
    }
  }
}

void PlantStory::CancelMeeting(const Meeting& meeting, mg::MeetingCancelReason reason, Day day) {
  mg::MeetingCancelled cancelled;
  *cancelled.mutable_context() =
      At("board", meeting.id + "-cancelled", meeting.starts - std::chrono::minutes(30));
  cancelled.mutable_context()->set_workshop_id(meeting.workshop);
  cancelled.set_meeting_id(meeting.id);
  cancelled.set_reason(reason);
  outbox_.Put(day, cancelled);
}

void PlantStory::HoldMeeting(const Meeting& meeting, Day day) {
  Random& random = management_random_;
  const double skill = Skill(day);
  if (random.Chance(0.015 * (1 - skill))) return CancelMeeting(meeting, mg::MEETING_CANCEL_REASON_OTHER, day);
  // What is not held is not told either.
  if (!random.Chance(0.86 + 0.11 * skill)) return;
  const bool on_time = random.Chance(0.72 + 0.22 * skill);
  const WallTime started =
      meeting.starts + std::chrono::minutes(on_time ? random.Between(-2, 12) : random.Between(16, 45));
  const int minutes = static_cast<int>(meeting.tier == 1   ? random.Between(8, 18)
                                       : meeting.tier == 2 ? random.Between(20, 40)
                                                           : random.Between(45, 80));
  mg::MeetingHeld held;
  *held.mutable_context() = At("board", meeting.id + "-held", started + std::chrono::minutes(minutes));
  held.mutable_context()->set_workshop_id(meeting.workshop);
  held.set_meeting_id(meeting.id);
  held.set_tier(meeting.tier);
  *held.mutable_started_at() = events::ToTimestamp(started);
  held.set_minutes(minutes);
  for (mg::MeetingRole role : RolesOf(meeting.tier)) {
    if (role == mg::MEETING_ROLE_LEADER || random.Chance(0.9 + 0.08 * skill)) held.add_present_roles(role);
  }
  for (int pillar = mg::SQDCM_PILLAR_SAFETY; pillar <= mg::SQDCM_PILLAR_MORALE; ++pillar) {
    if (random.Chance(0.6 + 0.38 * skill)) held.add_pillars_reviewed(static_cast<mg::SqdcmPillar>(pillar));
  }
  held.set_standards_reviewed(static_cast<int>(random.Poisson(0.1 + skill)));
  held.set_escalations(meeting.tier < 3 ? static_cast<int>(random.Poisson(0.08)) : 0);
  outbox_.Put(day, held);
  const double actions = meeting.tier == 1 ? 0.02 + 0.02 * skill : meeting.tier == 2 ? 0.3 : 0.6;
  if (random.Chance(actions)) OpenAction(meeting, started + std::chrono::minutes(minutes - 1), day);
}

void PlantStory::OpenAction(const Meeting& meeting, WallTime at, Day day) {
  Random& random = management_random_;
  const std::string action = Number("ACT", actions_), workshop = meeting.workshop;
  const Day due = day + static_cast<int>(random.Between(4, 25));
  mg::ActionOpened opened;
  *opened.mutable_context() = At("board", action + "-opened", at);
  opened.mutable_context()->set_workshop_id(workshop);
  opened.set_action_id(action);
  opened.set_owner_ref(SomeLeader(random));
  opened.set_due_date(FormatDay(due));
  opened.set_pillar(
      static_cast<mg::SqdcmPillar>(random.Between(mg::SQDCM_PILLAR_SAFETY, mg::SQDCM_PILLAR_MORALE)));
  opened.set_tier(meeting.tier);
  opened.set_meeting_id(meeting.id);
  outbox_.Put(day, opened);
  const double skill = Skill(day);
  const bool on_time = random.Chance(0.6 + 0.3 * skill), done = on_time || random.Chance(0.93);
  const int late = 1 + static_cast<int>(std::min(random.Exponential(14 - 6 * skill), 120.0));
  const Day end =
      WorkingDay(on_time ? day + static_cast<int>(random.Between(1, (due - day.value).value)) : due + late);
  // Overdue, it goes up a tier, and after two weeks more another.
  Day up = due + 3;
  for (int tier = meeting.tier + 1; tier <= 4; ++tier, up = WorkingDay(up) + 14) {
    if ((done && WorkingDay(up) >= end) || !random.Chance(0.7)) break;
    Evening(up, [=, this](Day d) {
      mg::ActionEscalated escalated;
      *escalated.mutable_context() =
          At("board", action + "-tier" + std::to_string(tier), DayTime(d, management_random_));
      escalated.mutable_context()->set_workshop_id(workshop);
      escalated.set_action_id(action);
      escalated.set_to_tier(tier);
      outbox_.Put(d, escalated);
    });
  }
  if (!done) return;
  Evening(end, [=, this](Day d) {
    mg::ActionClosed closed;
    *closed.mutable_context() = At("board", action + "-closed", DayTime(d, management_random_));
    closed.mutable_context()->set_workshop_id(workshop);
    closed.set_action_id(action);
    closed.set_done_on(FormatDay(d));
    outbox_.Put(d, closed);
  });
}

// --- courses

struct PlantStory::Cohort {
  struct Member {
    std::string ref;
    int minutes = 0;  // attended
    double score = 0;
    bool dropped = false;
  };
  std::string id;
  int delivered = 0;  // minutes
  std::vector<Member> members;
};

std::vector<std::string> PlantStory::CourseCandidates(Day day) const {
  std::vector<std::string> candidates;
  // Managers first, then who leads, then staff.
  for (int role : {op::ROLE_MANAGER, op::ROLE_SUPERVISOR, op::ROLE_TEAM_LEADER, op::ROLE_STAFF}) {
    for (const SimPerson& person : plant_.people) {
      const bool teaches = std::any_of(internal_trainers_.begin(), internal_trainers_.end(),
                                       [&](const auto& trainer) { return trainer.ref == person.ref; });
      if (person.role == role && Active(person, day) && !teaches && !course_members_.contains(person.ref)) {
        candidates.push_back(person.ref);
      }
    }
  }
  if (candidates.size() > kCourseMax) candidates.resize(kCourseMax);
  return candidates;
}

void PlantStory::PlanCohort(int number, Day day) {
  Evening(day + 182, [=, this](Day d) { PlanCohort(number + 1, d); });
  if (CourseCandidates(day).size() < kCourseMin) return;
  auto cohort = std::make_shared<Cohort>();
  cohort->id = "MTP-" + plant_.id + "-" + std::to_string(number);
  mg::CohortPlanned planned;
  *planned.mutable_context() = At("academy", cohort->id + "-planned", DayTime(day, management_random_));
  planned.set_cohort_id(cohort->id);
  planned.set_edition("13");
  for (int m = 1; m <= kModules; ++m) {
    mg::PlannedModule* module = planned.add_modules();
    module->set_code("M" + std::to_string(m));
    module->set_planned_min(kModuleMinutes);
  }
  outbox_.Put(day, planned);
  if (plant_.index == 1 && number == 2) {
    Evening(day + 9, [=, this](Day d) {
      mg::CohortCancelled cancelled;
      *cancelled.mutable_context() = At("academy", cohort->id + "-cancelled", DayTime(d, management_random_));
      cancelled.set_cohort_id(cohort->id);
      cancelled.set_comment("讲师因故不能授课 / no instructor");
      outbox_.Put(d, cancelled);
    });
    return;
  }
  Evening(day + 14, [=, this](Day d) { OpenCohort(cohort, d); });
}

void PlantStory::OpenCohort(const std::shared_ptr<Cohort>& cohort, Day day) {
  for (const std::string& ref : CourseCandidates(day)) {
    course_members_.insert(ref);
    cohort->members.push_back({ref});
    mg::ParticipantEnrolled enrolled;
    *enrolled.mutable_context() =
        At("academy", cohort->id + "-" + ref + "-enrolled", DayTime(day, management_random_));
    enrolled.set_cohort_id(cohort->id);
    enrolled.set_person_ref(ref);
    outbox_.Put(day, enrolled);
  }
  mg::CohortOpened opened;
  *opened.mutable_context() = At("academy", cohort->id + "-opened", plant_.zone.ToUtc(day, 16 * 3600));
  opened.set_cohort_id(cohort->id);
  outbox_.Put(day, opened);
  Evening(day + static_cast<int>(management_random_.Between(3, 10)),
          [=, this](Day d) { DeliverModule(cohort, 1, d); });
}

void PlantStory::DeliverModule(const std::shared_ptr<Cohort>& cohort, int module, Day day) {
  Random& random = management_random_;
  const std::string code = "M" + std::to_string(module), stem = cohort->id + "-" + code;
  // Where it is done well, more than 70 % is practice.
  const double practice =
      std::clamp(plant_.Treated(day) ? random.Normal(0.765, 0.02) : random.Normal(0.63, 0.06),
                 plant_.Treated(day) ? 0.72 : 0.4, 0.85);
  const int minutes = kModuleMinutes + static_cast<int>(random.Between(-20, 20));
  const int practised = static_cast<int>(practice * minutes + 1), roleplay = practised * 2 / 5;
  const WallTime end = plant_.zone.ToUtc(day, 15 * 3600) + std::chrono::minutes(random.Between(0, 60));
  mg::ModuleDelivered delivered;
  *delivered.mutable_context() = At("academy", stem, end);
  delivered.set_cohort_id(cohort->id);
  delivered.set_module(code);
  delivered.set_minutes_lecture(minutes - practised);
  delivered.set_minutes_case(practised - roleplay - roleplay / 2);
  delivered.set_minutes_roleplay(roleplay);
  delivered.set_minutes_exercise(roleplay / 2);
  const InternalTrainer* trainer = TrainerOf(tr::PILLAR_MTP, day);
  delivered.set_instructor_ref(trainer != nullptr ? trainer->ref : ExternalTrainer(tr::PILLAR_MTP));
  outbox_.Put(day, delivered);
  cohort->delivered += minutes;
  for (Cohort::Member& member : cohort->members) {
    if (member.dropped) continue;
    if (module > 1 && random.Chance(0.012)) {
      member.dropped = true;
      course_members_.erase(member.ref);
      mg::ParticipantDropped dropped;
      *dropped.mutable_context() = At("academy", cohort->id + "-" + member.ref + "-dropped", end);
      dropped.set_cohort_id(cohort->id);
      dropped.set_person_ref(member.ref);
      dropped.set_comment("工作需要退出 / called back to work");
      outbox_.Put(day, dropped);
      continue;
    }
    if (!random.Chance(0.94)) continue;
    mg::ModuleAttended attended;
    *attended.mutable_context() = At("academy", stem + "-" + member.ref, end + std::chrono::minutes(1));
    attended.set_cohort_id(cohort->id);
    attended.set_person_ref(member.ref);
    attended.set_module(code);
    attended.set_minutes(random.Chance(0.85) ? minutes : minutes - static_cast<int>(random.Between(30, 120)));
    member.minutes += attended.minutes();
    outbox_.Put(day, attended);
  }
  const Day next = day + static_cast<int>(random.Between(6, 12));
  if (module == kModules) {
    Evening(next, [=, this](Day d) { AskQuiz(cohort, 1, d); });
  } else {
    Evening(next, [=, this](Day d) { DeliverModule(cohort, module + 1, d); });
  }
}

void PlantStory::AskQuiz(const std::shared_ptr<Cohort>& cohort, int attempt, Day day) {
  Random& random = management_random_;
  bool again = false;
  for (Cohort::Member& member : cohort->members) {
    if (member.dropped || member.score >= kPassMark) continue;
    auto put = [&](mg::QuizKind kind, const char* quiz, double score) {
      mg::QuizTaken taken;
      *taken.mutable_context() =
          At("academy", cohort->id + "-" + quiz + "-" + member.ref + "-" + std::to_string(attempt),
             DayTime(day, random));
      taken.set_cohort_id(cohort->id);
      taken.set_person_ref(member.ref);
      taken.set_quiz_id(quiz);
      taken.set_kind(kind);
      taken.set_attempt(attempt);
      taken.set_score_pct(score);
      taken.set_pass_mark(kPassMark);
      if (kind == mg::QUIZ_KIND_MODULE) taken.set_module("M6");
      outbox_.Put(day, taken);
    };
    auto score = [&](double mean) {
      return std::clamp(std::round(random.Normal(mean + 5 * attempt, 8)), 20.0, 100.0);
    };
    member.score = score(plant_.Treated(day) ? 84 : 78);
    put(mg::QUIZ_KIND_MANAGEMENT_LANGUAGE, "language-13", member.score);
    if (attempt == 1 && random.Chance(0.5)) put(mg::QUIZ_KIND_MODULE, "M6-13", score(82));
    again |= member.score < kPassMark;
  }
  const Day next = day + static_cast<int>(random.Between(7, 14));
  if (again && attempt < kQuizAttempts) {
    Evening(next, [=, this](Day d) { AskQuiz(cohort, attempt + 1, d); });
  } else {
    Evening(next, [=, this](Day d) { EndCohort(cohort, d); });
  }
}

void PlantStory::EndCohort(const std::shared_ptr<Cohort>& cohort, Day day) {
  Random& random = management_random_;
  for (const Cohort::Member& member : cohort->members) {
    if (member.dropped) continue;
    const std::string stem = cohort->id + "-" + member.ref, ref = member.ref, id = cohort->id;
    const WallTime time = DayTime(day, random);
    if (random.Chance(0.95)) {
      const Day due = WorkingDay(day + static_cast<int>(random.Between(30, 75)));
      mg::ActionPlanSubmitted submitted;
      *submitted.mutable_context() = At("academy", stem + "-plan", time);
      submitted.set_cohort_id(id);
      submitted.set_person_ref(ref);
      submitted.set_due_date(FormatDay(due));
      outbox_.Put(day, submitted);
      const int late =
          random.Chance(plant_.Treated(day) ? 0.85 : 0.6) ? 0 : static_cast<int>(random.Between(1, 30));
      Evening(due + late, [=, this](Day d) { CheckActionPlan(id, ref, 1, d); });
    }
    mg::ParticipantCompleted completed;
    *completed.mutable_context() = At("academy", stem + "-completed", time + std::chrono::minutes(30));
    completed.set_cohort_id(id);
    completed.set_person_ref(ref);
    const bool passed = member.minutes * 10 >= cohort->delivered * 8 && member.score >= kPassMark;
    completed.set_passed(passed);
    if (!passed) course_members_.erase(ref);
    outbox_.Put(day, completed);
  }
  mg::CohortCompleted completed;
  *completed.mutable_context() = At("academy", cohort->id + "-completed", plant_.zone.ToUtc(day, 17 * 3600));
  completed.set_cohort_id(cohort->id);
  outbox_.Put(day, completed);
}

void PlantStory::CheckActionPlan(const std::string& cohort, const std::string& person, int check, Day day) {
  Random& random = management_random_;
  mg::ActionPlanChecked checked;
  *checked.mutable_context() =
      At("academy", cohort + "-" + person + "-check" + std::to_string(check), DayTime(day, random));
  checked.set_cohort_id(cohort);
  checked.set_person_ref(person);
  checked.set_check_no(check);
  checked.set_done(random.Chance(plant_.Treated(day) ? 0.82 : 0.6));
  outbox_.Put(day, checked);
  if (checked.done() || check == 2) return;
  Evening(day + 30, [=, this](Day d) { CheckActionPlan(cohort, person, 2, d); });
}

}  // namespace yokoten::cli
