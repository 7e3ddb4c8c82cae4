// Proposals on their way from an idea to a new standard and to other lines.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "yokoten/improvement/v1/events.pb.h"

namespace yokoten::cli {

namespace im = improvement::v1;
namespace sw = standard_work::v1;

namespace {

struct Idea {
  const char *zh, *en;
  im::Theme theme;
};
constexpr Idea kIdeas[] = {
    {"工具挂在右手边，取用不转身", "Hang the tool on the right: no turning", im::THEME_ERGONOMICS},
    {"夹具加导向销，放件一次到位", "Guide pins on the jig: parts seat at once", im::THEME_QUALITY},
    {"两个检查合并为一个量具", "One gauge instead of two checks", im::THEME_COST},
    {"料盒降低二十厘米，不用弯腰", "Bins 20 cm lower: no bending", im::THEME_ERGONOMICS},
    {"防错颜色标签", "Colour labels against mix-ups", im::THEME_QUALITY},
    {"换模顺序重排，少走一趟", "Rearranged changeover: one walk less", im::THEME_DELIVERY},
    {"护罩加观察窗，不用打开看", "A window in the guard: no opening", im::THEME_SAFETY},
    {"包装纸回收再用", "Use wrapping twice", im::THEME_ENVIRONMENT},
};

template <typename Event>
void Name(Event& event, const event::v1::EventContext& context, const std::string& id) {
  *event.mutable_context() = context;
  event.mutable_context()->set_correlation_id("proposal/" + id);
  event.set_proposal_id(id);
}

}  // namespace

void PlantStory::Improvement(Day day) {
  Random& random = improvement_random_;
  std::vector<size_t> here;
  for (size_t i = 0; i < plant_.people.size(); ++i) {
    if (plant_.people[i].line >= 0 && Active(plant_.people[i], day)) here.push_back(i);
  }
  double per_day = truth_.proposals_per_person_month * static_cast<double>(here.size()) / 24;
  if (plant_.Treated(day)) per_day *= truth_.proposals_factor_when_treated;
  for (int64_t n = random.Poisson(per_day); n > 0; --n) {
    const SimPerson& person = plant_.people[random.Pick(here)];
    const std::vector<int>& jobs = plant_.lines[static_cast<size_t>(person.line)].jobs;
    const int job = random.Pick(jobs);
    const std::string id = Number("KZ", proposals_);
    const Idea& idea = kIdeas[random.Between(0, std::size(kIdeas) - 1)];
    im::ProposalSubmitted submitted;
    Name(submitted, At("kaizen", id + "-submitted", DayTime(day, random)), id);
    SetPlace(*submitted.mutable_context(), person.line);
    submitted.add_proposer_refs(person.ref);
    if (random.Chance(0.25)) {
      const std::string& second = plant_.people[random.Pick(here)].ref;
      if (second != person.ref) submitted.add_proposer_refs(second);
    }
    submitted.set_job_id(plant_.jobs[static_cast<size_t>(job)].id);
    submitted.set_theme(idea.theme);
    submitted.set_text_zh(idea.zh);
    submitted.set_text_en(idea.en);
    if (random.Chance(0.5)) {
      submitted.set_expected_saving_annual(std::to_string(random.Between(2, 60) * 100));
      submitted.set_currency("CNY");
    }
    outbox_.Put(day, submitted);
    Later(day + static_cast<int>(random.Between(1, 8)), [=, this](Day d) { ScreenProposal(id, job, 1, d); });
  }
}

bool PlantStory::DropProposal(const std::string& id, int job, Day day) {
  const SimJob& j = plant_.jobs[static_cast<size_t>(job)];
  if (j.retired > day) return false;
  im::ProposalWithdrawn withdrawn;
  Name(withdrawn, At("kaizen", id + "-withdrawn", DayTime(day, improvement_random_)), id);
  SetPlace(*withdrawn.mutable_context(), j.line);
  withdrawn.mutable_context()->set_actor(SomeLeader(improvement_random_));
  withdrawn.set_reason(im::DECISION_REASON_OTHER);
  outbox_.Put(day, withdrawn);
  return true;
}

void PlantStory::ScreenProposal(const std::string& id, int job, int attempt, Day day) {
  Random& random = improvement_random_;
  if (DropProposal(id, job, day)) return;
  im::ProposalScreened screened;
  Name(screened, At("kaizen", id + "-screened-" + std::to_string(attempt), DayTime(day, random)), id);
  SetPlace(*screened.mutable_context(), plant_.jobs[static_cast<size_t>(job)].line);
  screened.set_attempt(attempt);
  outbox_.Put(day, screened);
  Later(day + static_cast<int>(random.Between(1, plant_.Treated(day) ? 7 : 21)),
        [=, this](Day d) { DecideProposal(id, job, attempt, d); });
}

void PlantStory::DecideProposal(const std::string& id, int job, int attempt, Day day) {
  Random& random = improvement_random_;
  if (DropProposal(id, job, day)) return;
  const int line = plant_.jobs[static_cast<size_t>(job)].line;
  auto context = [&](const char* what) {
    auto c = At("kaizen", id + what, DayTime(day, random));
    SetPlace(c, line);
    c.set_actor(SomeLeader(random));
    return c;
  };
  const double fate = random.Unit();
  if (fate < 0.09 && attempt < 3) {
    im::ProposalDeferred deferred;
    Name(deferred, context(("-deferred-" + std::to_string(attempt)).c_str()), id);
    deferred.set_attempt(attempt);
    deferred.set_reason(im::DECISION_REASON_WAITS_FOR_RESOURCES);
    outbox_.Put(day, deferred);
    Later(day + 30, [=, this](Day d) { ScreenProposal(id, job, attempt + 1, d); });
  } else if (fate < (plant_.Treated(day) ? 0.28 : 0.42)) {
    im::ProposalRejected rejected;
    Name(rejected, context("-rejected"), id);
    rejected.set_reason(random.Chance(0.4)   ? im::DECISION_REASON_ALREADY_KNOWN
                        : random.Chance(0.6) ? im::DECISION_REASON_NOT_ECONOMIC
                                             : im::DECISION_REASON_NOT_FEASIBLE);
    outbox_.Put(day, rejected);
  } else if (fate > 0.985) {
    im::ProposalWithdrawn withdrawn;
    Name(withdrawn, context("-withdrawn"), id);
    withdrawn.set_reason(im::DECISION_REASON_OTHER);
    outbox_.Put(day, withdrawn);
  } else {
    im::ProposalApproved approved;
    Name(approved, context("-approved"), id);
    outbox_.Put(day, approved);
    if (random.Chance(0.88)) {
      Later(day + static_cast<int>(random.Between(4, plant_.Treated(day) ? 40 : 90)),
            [=, this](Day d) { ImplementProposal(id, job, d); });
    }
  }
}

void PlantStory::ImplementProposal(const std::string& id, int job, Day day) {
  Random& random = improvement_random_;
  if (DropProposal(id, job, day)) return;
  im::ProposalImplemented implemented;
  Name(implemented, At("kaizen", id + "-implemented", DayTime(day, random)), id);
  SetPlace(*implemented.mutable_context(), plant_.jobs[static_cast<size_t>(job)].line);
  implemented.set_implemented_on(FormatDay(day));
  const int64_t first = random.Between(1, 4);
  implemented.add_ecrs(static_cast<im::Ecrs>(first));
  if (random.Chance(0.2)) implemented.add_ecrs(static_cast<im::Ecrs>(first % 4 + 1));
  implemented.set_cost(std::to_string(random.Between(0, 30) * 50));
  implemented.set_currency("CNY");
  implemented.set_jm_breakdown(random.Chance(0.6));
  outbox_.Put(day, implemented);
  Later(day + static_cast<int>(random.Between(7, 35)), [=, this](Day d) { VerifyProposal(id, job, d); });
}

void PlantStory::VerifyProposal(const std::string& id, int job, Day day) {
  Random& random = improvement_random_;
  const bool effective = random.Chance(0.86);
  im::ProposalVerified verified;
  Name(verified, At("kaizen", id + "-verified", DayTime(day, random)), id);
  SetPlace(*verified.mutable_context(), plant_.jobs[static_cast<size_t>(job)].line);
  verified.set_attempt(1);
  verified.set_outcome(effective ? im::VERIFICATION_OUTCOME_EFFECTIVE : im::VERIFICATION_OUTCOME_INEFFECTIVE);
  verified.set_verified_saving_annual(effective ? std::to_string(random.Between(1, 50) * 100) : "0");
  verified.set_currency("CNY");
  verified.set_verifier_role(static_cast<im::VerifierRole>(random.Between(1, 3)));
  im::BeforeAfter& evidence = *verified.mutable_evidence();
  evidence.set_metric("cycle_s");
  const double before = static_cast<double>(random.Between(50, 80));
  evidence.set_value_before(before);
  evidence.set_value_after(effective ? before - static_cast<double>(random.Between(1, 8)) : before);
  evidence.set_n(30);
  outbox_.Put(day, verified);
  if (!effective) return;
  // Few changes of the work are worth a new revision on their own; where the rollout runs, more of them get
  // one.
  if (plant_.jobs[static_cast<size_t>(job)].effective > 0 &&
      random.Chance(plant_.Treated(day) ? 0.16 : 0.05)) {
    StartRevision(job, sw::CHANGE_REASON_JM_PROPOSAL, {id}, {}, day, [=, this](Day released, int revision) {
      Later(released + 2, [=, this](Day d) {
        const SimJob& j = plant_.jobs[static_cast<size_t>(job)];
        im::ProposalStandardized standardized;
        Name(standardized, At("kaizen", id + "-standardized", DayTime(d, improvement_random_)), id);
        SetPlace(*standardized.mutable_context(), j.line);
        standardized.set_job_id(j.id);
        standardized.set_revision_no(revision);
        outbox_.Put(d, standardized);
        loop_.Standardized(id, j.id, revision);
      });
    });
  }
  if (random.Chance(0.3)) {
    Later(day + static_cast<int>(random.Between(10, 60)), [=, this](Day d) { CarryOver(id, job, d); });
  }
}

void PlantStory::CarryOver(const std::string& id, int job, Day day) {
  Random& random = improvement_random_;
  const std::string& own = plant_.lines[static_cast<size_t>(plant_.jobs[static_cast<size_t>(job)].line)].id;
  for (const SimLine& line : plant_.lines) {
    if (line.id == own || !random.Chance(0.4)) continue;
    const bool applicable = random.Chance(0.6);
    im::YokotenAssessed assessed;
    Name(assessed, At("kaizen", id + "-yokoten-" + line.id, DayTime(day, random)), id);
    assessed.set_target_line_id(line.id);
    assessed.set_applicable(applicable);
    assessed.set_reason(applicable ? "同一机理 / same mechanism" : "设备不同 / other equipment");
    outbox_.Put(day, assessed);
    if (!applicable || !random.Chance(0.7)) continue;
    const std::string target = line.id;
    Later(day + static_cast<int>(random.Between(10, 70)), [=, this](Day d) {
      im::YokotenCompleted completed;
      Name(completed, At("kaizen", id + "-yokoten-done-" + target, DayTime(d, improvement_random_)), id);
      completed.set_target_line_id(target);
      outbox_.Put(d, completed);
    });
  }
}

}  // namespace yokoten::cli
