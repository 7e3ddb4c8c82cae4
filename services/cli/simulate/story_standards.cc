// Standards are written, reviewed, released, take effect, and are looked at again once a year.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace sw = standard_work::v1;

namespace {

struct StepText {
  const char *step, *point, *reason;
  sw::KeyPointKind kind;
};
constexpr StepText kSteps[] = {
    {"取件 / Take the part", "双手握两端 / both hands, at the ends", "防止划伤 / no cuts",
     sw::KEY_POINT_KIND_SAFETY},
    {"检查外观 / Look at the surface", "对光倾斜45度 / tilt 45° to the light", "看清划痕 / scratches show",
     sw::KEY_POINT_KIND_QUALITY},
    {"放入夹具 / Put it into the jig", "先靠左定位销 / left pin first", "一次到位 / seats at once",
     sw::KEY_POINT_KIND_EASE},
    {"夹紧 / Clamp", "听到咔嗒声 / until it clicks", "否则会松脱 / it would come loose",
     sw::KEY_POINT_KIND_QUALITY},
    {"加工 / Do the work", "按顺序1-4-2-3 / in the order 1-4-2-3", "受力均匀 / even force",
     sw::KEY_POINT_KIND_QUALITY},
    {"自检 / Check it yourself", "用通止规 / with the gauge", "不良不流出 / no defect leaves",
     sw::KEY_POINT_KIND_QUALITY},
    {"放行 / Pass it on", "标签朝外 / label outwards", "下道好取 / next station sees it",
     sw::KEY_POINT_KIND_EASE},
};

}  // namespace

void PlantStory::Standards(Day day) {
  Random& random = standards_random_;
  const bool treated = plant_.Treated(day);
  if (day >= plant_.treatment_start && day < plant_.treatment_start + 7 && plant_.trainers.size() < 3) {
    CertifyTrainers(day, plant_.lines.size(), training_random_);
    // The backlog is trained systematically from now on.
    for (size_t p = 0; p < plant_.people.size(); ++p) {
      for (int job : plant_.people[p].jobs) {
        const SimJob& j = plant_.jobs[static_cast<size_t>(job)];
        auto it = plant_.people[p].trained.find(job);
        if (j.effective > 0 && (it == plant_.people[p].trained.end() || !it->second.contains(j.effective))) {
          PlanTraining(p, job, day, true);
        }
      }
    }
  }
  for (size_t j = 0; j < plant_.jobs.size(); ++j) {
    SimJob& job = plant_.jobs[j];
    const int index = static_cast<int>(j);
    if (job.drafting || job.retired <= day) continue;
    if (job.effective == 0) {
      if (random.Chance(treated ? 0.03 : 0.0012)) {
        StartRevision(index, sw::CHANGE_REASON_NEW_JOB, {}, {}, day, nullptr);
      }
      continue;
    }
    if (random.Chance(treated ? 0.0035 : 0.0015)) {
      auto reason = random.Chance(0.5)   ? sw::CHANGE_REASON_ENGINEERING_CHANGE
                    : random.Chance(0.5) ? sw::CHANGE_REASON_QUALITY
                                         : sw::CHANGE_REASON_PERIODIC_REVIEW;
      StartRevision(index, reason, {}, {}, day, nullptr);
    }
    const Day since = std::max(job.effective_since, job.reviewed);
    const int age = (day - since.value).value;
    if (age > 330 && random.Chance(treated ? 0.10 : 0.006)) {
      sw::RevisionReviewed reviewed;
      *reviewed.mutable_context() =
          At("plm", "review-" + job.id + "-" + FormatDay(day), DayTime(day, random));
      SetPlace(*reviewed.mutable_context(), job.line, job.station);
      reviewed.set_job_id(job.id);
      reviewed.set_revision_no(job.effective);
      reviewed.set_outcome(sw::REVIEW_OUTCOME_UNCHANGED);
      reviewed.set_reviewer_ref(SomeLeader(random));
      outbox_.Put(day, reviewed);
      job.reviewed = day;
    }
  }
}

void PlantStory::StartRevision(int job_index, sw::ChangeReason reason, std::vector<std::string> proposals,
                               std::vector<std::string> hazards, Day day,
                               std::function<void(Day, int)> released) {
  Random& random = standards_random_;
  SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  if (job.retired <= day) return;
  if (job.drafting) {
    Later(day + 9, [=, this](Day d) { StartRevision(job_index, reason, proposals, hazards, d, released); });
    return;
  }
  job.drafting = true;
  job.from_proposal = !proposals.empty();
  drafts_[job_index] = {reason, proposals, hazards, released, "", {}};
  const int revision = ++job.drafted;
  const std::string author = SomeLeader(random);
  sw::RevisionDrafted drafted;
  *drafted.mutable_context() =
      At("plm", "rev-" + job.id + "-" + std::to_string(revision) + "-drafted", DayTime(day, random));
  drafted.mutable_context()->set_actor(author);
  drafted.mutable_context()->set_correlation_id("job/" + job.id + "/rev/" + std::to_string(revision));
  SetPlace(*drafted.mutable_context(), job.line, job.station);
  drafted.set_job_id(job.id);
  drafted.set_revision_no(revision);
  drafted.set_change_reason(reason);
  for (const std::string& id : proposals) drafted.add_proposal_ids(id);
  for (const std::string& id : hazards) drafted.add_hazard_ids(id);
  const int64_t steps = random.Between(5, 7);
  for (int64_t s = 0; s < steps; ++s) {
    const StepText& text = kSteps[s];
    sw::BreakdownStep* step = drafted.add_steps();
    step->set_seq(static_cast<int>(s + 1));
    step->set_major_step(text.step);
    sw::KeyPoint* point = step->add_key_points();
    point->set_text(text.point);
    point->set_kind(text.kind);
    point->set_reason(text.reason);
  }
  drafted.set_standard_cycle_s(50 + static_cast<double>(random.Between(0, 20)));
  drafted.set_std_wip(static_cast<int>(random.Between(1, 4)));
  // Wording alone changes only what people are working to.
  const bool minor = revision > 1 && random.Chance(0.15) && job.effective == revision - 1;
  drafted.set_change_class(minor          ? sw::CHANGE_CLASS_EDITORIAL
                           : revision > 1 ? sw::CHANGE_CLASS_MINOR
                                          : sw::CHANGE_CLASS_MAJOR);
  TellChanges(drafted, job, minor);
  outbox_.Put(day, drafted);
  Later(day + static_cast<int>(random.Between(1, 4)),
        [=, this](Day d) { SubmitRevision(job_index, revision, 1, author, minor, released, d); });
}

void PlantStory::SubmitRevision(int job_index, int revision, int attempt, const std::string& author,
                                bool minor, std::function<void(Day, int)> released, Day day) {
  Random& random = standards_random_;
  const SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  const std::string stem = "rev-" + job.id + "-" + std::to_string(revision) + "-" + std::to_string(attempt);
  auto fill = [&](auto& event, const char* what, Day on, const std::string& actor) {
    *event.mutable_context() = At("plm", stem + what, DayTime(on, random));
    event.mutable_context()->set_actor(actor);
    SetPlace(*event.mutable_context(), job.line, job.station);
    event.set_job_id(job.id);
    event.set_revision_no(revision);
    event.set_attempt(attempt);
  };
  sw::RevisionSubmitted submitted;
  fill(submitted, "-submitted", day, author);
  outbox_.Put(day, submitted);
  std::string reviewer = SomeLeader(random);
  for (int i = 0; reviewer == author && i < 10; ++i) reviewer = SomeLeader(random);
  const Day decided = day + static_cast<int>(random.Between(1, plant_.Treated(day) ? 4 : 12));
  const bool turned_down = attempt < 3 && random.Chance(0.12);
  Later(decided, [=, this](Day d) {
    const SimJob& j = plant_.jobs[static_cast<size_t>(job_index)];
    auto complete = [&](auto& event, const char* what) {
      *event.mutable_context() = At("plm", stem + what, DayTime(d, standards_random_));
      event.mutable_context()->set_actor(reviewer);
      SetPlace(*event.mutable_context(), j.line, j.station);
      event.set_job_id(j.id);
      event.set_revision_no(revision);
      event.set_attempt(attempt);
    };
    if (turned_down) {
      sw::RevisionRejected rejected;
      complete(rejected, "-rejected");
      rejected.set_comment("要点缺少理由 / a key point lacks its reason");
      outbox_.Put(d, rejected);
      Later(d + 3, [=, this](Day again) {
        SubmitRevision(job_index, revision, attempt + 1, author, minor, released, again);
      });
      return;
    }
    sw::RevisionApproved approved;
    complete(approved, "-approved");
    approved.set_author_ref(author);
    outbox_.Put(d, approved);
    drafts_[job_index].approver = reviewer;
    drafts_[job_index].approved = events::FromTimestamp(approved.context().occurred_at());
    if (changes_random_.Chance(0.03)) {
      Later(d + 1, [=, this](Day w) { WithdrawApproved(job_index, revision, w); });
      return;
    }
    Later(d + static_cast<int>(standards_random_.Between(1, 3)),
          [=, this](Day r) { ReleaseRevision(job_index, revision, minor, released, r); });
  });
}

void PlantStory::ReleaseRevision(int job_index, int revision, bool minor,
                                 std::function<void(Day, int)> released_step, Day day) {
  Random& random = standards_random_;
  SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  job.released = revision;
  const Day effective = day + static_cast<int>(random.Between(3, 10));
  sw::RevisionReleased released;
  *released.mutable_context() =
      At("plm", "rev-" + job.id + "-" + std::to_string(revision) + "-released", DayTime(day, random));
  released.mutable_context()->set_correlation_id("job/" + job.id + "/rev/" + std::to_string(revision));
  SetPlace(*released.mutable_context(), job.line, job.station);
  released.set_job_id(job.id);
  released.set_revision_no(revision);
  *released.mutable_effective_from() = events::ToTimestamp(plant_.zone.ToUtc(effective, 0));
  released.set_retraining_required(!minor);
  released.set_change_class(minor          ? sw::CHANGE_CLASS_EDITORIAL
                            : revision > 1 ? sw::CHANGE_CLASS_MINOR
                                           : sw::CHANGE_CLASS_MAJOR);
  Sign(released, drafts_[job_index].approver, drafts_[job_index].approved, false);
  outbox_.Put(day, released);
  const bool retrain = !minor;
  // A night shift that runs over midnight belongs to the day before.
  const bool at_night =
      plant_.Works(effective - 1) &&
      std::any_of(plant_.shifts.begin(), plant_.shifts.end(), [&](const SimShift& shift) {
        return plant_.ShiftTimes(effective - 1, shift).second > plant_.zone.ToUtc(effective, 0);
      });
  loop_.Released(job.id, revision, at_night ? effective - 1 : effective, retrain);
  // Who is treated trains ahead of the effective date; the others begin when it is there.
  if (retrain && plant_.Treated(day)) {
    for (size_t p = 0; p < plant_.people.size(); ++p) {
      const auto& jobs = plant_.people[p].jobs;
      if (std::find(jobs.begin(), jobs.end(), job_index) == jobs.end() || !Active(plant_.people[p], day))
        continue;
      PlanTraining(p, job_index, day, true);
    }
  }
  Later(effective, [=, this](Day d) {
    BecomeEffective(job_index, revision, d);
    if (!retrain) {
      for (SimPerson& person : plant_.people) {
        auto it = person.trained.find(job_index);
        if (it != person.trained.end() && it->second.contains(revision - 1)) it->second.insert(revision);
      }
    }
    if (retrain && !plant_.Treated(d)) {
      for (size_t p = 0; p < plant_.people.size(); ++p) {
        const auto& jobs = plant_.people[p].jobs;
        if (std::find(jobs.begin(), jobs.end(), job_index) == jobs.end() || !Active(plant_.people[p], d))
          continue;
        PlanTraining(p, job_index, d, false);
      }
    }
  });
  if (released_step) released_step(day, revision);
}

void PlantStory::TellChanges(sw::RevisionDrafted& drafted, SimJob& job, bool minor) {
  Random& random = approvals_random_;
  const int before = job.steps == 0 ? 6 : job.steps;
  job.steps = drafted.steps_size();
  if (drafted.revision_no() == 1) return;
  const int changed = static_cast<int>(random.Between(0, std::min(before, job.steps) - 1));
  for (int s = 0; s < job.steps; ++s) {
    sw::BreakdownStep& step = *drafted.mutable_steps(s);
    const bool added = s >= before && !minor;
    const bool other = s < before && !minor && random.Chance(0.15);
    step.set_change(added                   ? sw::STEP_CHANGE_ADDED
                    : s == changed || other ? sw::STEP_CHANGE_CHANGED
                                            : sw::STEP_CHANGE_UNCHANGED);
    if (step.change() == sw::STEP_CHANGE_CHANGED) {
      step.set_change_note(minor ? "措辞更清楚 / clearer words" : "要点已更改 / the key point is another");
    } else if (step.change() == sw::STEP_CHANGE_ADDED) {
      step.set_change_note("新增步骤 / a new step");
    }
  }
}

void PlantStory::Sign(sw::RevisionReleased& released, const std::string& approver, WallTime approved,
                      bool on_paper) {
  Random& random = approvals_random_;
  auto sign = [&](const std::string& signer, const char* role, sw::SignatureMeaning meaning, int minutes) {
    sw::ApprovalStage* stage = released.add_approvals();
    stage->set_stage(released.approvals_size());
    stage->set_signer_ref(signer);
    stage->set_role(role);
    stage->set_meaning(meaning);
    *stage->mutable_signed_at() = events::ToTimestamp(approved + std::chrono::minutes(minutes));
    stage->set_method(on_paper             ? sw::SIGNATURE_METHOD_PAPER
                      : random.Chance(0.7) ? sw::SIGNATURE_METHOD_PASSWORD
                                           : sw::SIGNATURE_METHOD_BADGE);
  };
  // Now and then a stage is forgotten: what its change class demands is not there.
  const bool forgotten = random.Chance(0.03);
  if (released.change_class() == sw::CHANGE_CLASS_MAJOR && !forgotten) {
    sign(SomeOf(op::ROLE_STAFF, random), "质量工程师 / quality engineer",
         sw::SIGNATURE_MEANING_QUALITY_CLEARED, -90);
  }
  sign(approver, "批准人 / approver", sw::SIGNATURE_MEANING_APPROVED, 0);
  if (released.change_class() != sw::CHANGE_CLASS_EDITORIAL) {
    sign(SomeOf(op::ROLE_SUPERVISOR, random), "车间主任 / supervisor", sw::SIGNATURE_MEANING_TRAINING_READY,
         45);
  }
}

void PlantStory::BecomeEffective(int job_index, int revision, Day day) {
  SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  job.drafting = false;
  job.effective = revision;
  job.effective_since = job.reviewed = day;
  job.forces.emplace_back(revision, day);
}

void PlantStory::WithdrawRevision(int job_index, int revision, const char* why, Day day) {
  SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  job.withdrawn.insert(revision);
  sw::RevisionWithdrawn withdrawn;
  *withdrawn.mutable_context() = At("plm", "rev-" + job.id + "-" + std::to_string(revision) + "-withdrawn",
                                    DayTime(day, changes_random_));
  withdrawn.mutable_context()->set_actor(SomeLeader(changes_random_));
  withdrawn.mutable_context()->set_correlation_id("job/" + job.id + "/rev/" + std::to_string(revision));
  SetPlace(*withdrawn.mutable_context(), job.line, job.station);
  withdrawn.set_job_id(job.id);
  withdrawn.set_revision_no(revision);
  withdrawn.set_comment(why);
  outbox_.Put(day, withdrawn);
}

void PlantStory::WithdrawApproved(int job_index, int revision, Day day) {
  WithdrawRevision(job_index, revision, "试做不成 / the trial failed", day);
  plant_.jobs[static_cast<size_t>(job_index)].drafting = false;
  const Draft draft = drafts_[job_index];
  StartRevision(job_index, draft.reason, draft.proposals, draft.hazards, day, draft.released);
}

}  // namespace yokoten::cli
