// The rollout as the lean office tells it: a plan for each treated plant, its stages and their gates, who is
// compared with whom, what was frozen before the treatment, and what people say stands in the way.
#include <algorithm>
#include <cstdio>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/rollout/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace rl = rollout::v1;

namespace {

// One criterion of a gate, in tenths.
struct Criterion {
  int stage;  // 0 to 4
  const char* kpi;
  int64_t threshold;
  bool at_most;
  int64_t spread;  // how far a value may lie on either side
};
constexpr Criterion kCriteria[] = {
    {0, "diagnosis_response_rate", 600, false, 250},
    {0, "data_completeness", 950, false, 40},
    {0, "baseline_weeks", 120, false, 20},
    {1, "working_group_meetings", 40, false, 20},
    {1, "controls_per_pilot", 20, false, 10},
    {2, "standard_work_coverage", 800, false, 150},
    {2, "trained_on_current_revision", 900, false, 80},
    {2, "training_lag_after_revision", 140, true, 60},
    {2, "audit_completion", 900, false, 80},
    {2, "audit_adherence", 850, false, 120},
    {3, "trainer_ratio", 20, false, 20},
    {3, "coached_classes_per_trainer", 20, false, 10},
    {4, "supervisor_j_coverage", 900, false, 80},
    {4, "mtp_coverage", 800, false, 150},
    {4, "mtp_practice_ratio", 700, false, 80},
    {4, "standardized_rate", 500, false, 150},
};
constexpr int kBarriers = 8;
constexpr int kBaselineWeeks = 12;

std::string Tenths(int64_t tenths) { return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10); }

std::string PlanOf(const std::string& plant) { return "RP-" + plant; }

std::string Hex(Random& random, int digits) {
  std::string out;
  char buffer[17];
  while (static_cast<int>(out.size()) < digits) {
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(random.Bits()));
    out += buffer;
  }
  return out.substr(0, static_cast<size_t>(digits));
}

rl::Stage StageOf(int stage) { return static_cast<rl::Stage>(rl::STAGE_S0 + stage); }

std::string StemOf(const std::string& plan, int stage) { return plan + "-s" + std::to_string(stage); }

}  // namespace

event::v1::EventContext PlantStory::OfPlan(const std::string& id, Day day) {
  return At("lean", id, DayTime(day, rollout_random_));
}

void PlantStory::BeginRollout() {
  for (int b = 0; b < kBarriers; ++b) {
    barriers_.push_back(std::clamp(rollout_random_.Normal(2.5, 0.6), 1.2, 3.6));
  }
  // What lies before the first day is told with it.
  auto on = [this](Day day, const Step& step) {
    if (day < options_.from) {
      step(day);
    } else {
      Evening(day, step);
    }
  };
  if (plant_.arm == Arm::kControl) {
    for (const SimCounterpart& treated : plant_.compared_with) {
      on(treated.treatment_start - 30, [this, treated](Day d) {
        AssignArms(PlanOf(treated.plant), rl::ARM_CONTROL, treated.treatment_start, d);
      });
    }
    return;
  }
  const Day start = plant_.treatment_start;
  const bool wave = plant_.arm == Arm::kWave2, first = plant_.index == 0;
  on(start - 180, [this](Day d) {
    rl::RolloutPlanned planned;
    *planned.mutable_context() = OfPlan(PlanOf(plant_.id) + "-planned", d);
    planned.set_plan_id(PlanOf(plant_.id));
    planned.set_name_zh(plant_.name_zh + "标准化推进");
    planned.set_name_en("Standardization of " + plant_.name_en);
    planned.set_sponsor_ref(SomeOf(op::ROLE_MANAGER, rollout_random_));
    planned.set_version(1);
    outbox_.Put(d, planned);
  });
  on(start - 150, [this](Day d) { Diagnose(1, d); });
  auto review = [&](int days, int stage, int number, rl::GateDecision decision) {
    on(start + days, [=, this](Day d) { ReviewGate(stage, number, decision, d); });
  };
  auto enter = [&](int days, int stage) { on(start + days, [=, this](Day d) { EnterStage(stage, d); }); };
  // A stage is entered when the one before is passed.
  enter(-180, 0);
  review(-100, 0, 1, rl::GATE_DECISION_PASS);
  enter(-90, 1);
  on(start - 30,
     [=, this](Day d) { AssignArms(PlanOf(plant_.id), wave ? rl::ARM_WAVE : rl::ARM_PILOT, start, d); });
  on(start - 21, [this](Day d) { FreezeBaseline(d); });
  if (first) {
    review(-14, 1, 1, rl::GATE_DECISION_CONDITIONAL);
    review(-7, 1, 2, rl::GATE_DECISION_PASS);
  } else {
    review(-14, 1, 1, rl::GATE_DECISION_PASS);
  }
  enter(0, 2);
  if (wave) review(95, 2, 1, rl::GATE_DECISION_FAIL);
  review(wave ? 130 : 95, 2, wave ? 2 : 1, rl::GATE_DECISION_PASS);
  enter(140, 3);
  review(230, 3, 1, rl::GATE_DECISION_PASS);
  enter(240, 4);
  if (first) {
    // Trainers left for other work: the stage before has to be passed once more.
    on(start + 300, [this](Day d) { RevertStage(3, d); });
    review(345, 3, 2, rl::GATE_DECISION_PASS);
  }
  review(390, 4, 1, rl::GATE_DECISION_CONDITIONAL);
  review(440, 4, 2, rl::GATE_DECISION_PASS);
  enter(450, 5);
}

void PlantStory::AssignArms(const std::string& plan, rl::Arm arm, Day treatment_start, Day day) {
  for (const std::string& workshop : plant_.workshops) {
    rl::ArmAssigned assigned;
    *assigned.mutable_context() = OfPlan(plan + "-arm-" + workshop, day);
    assigned.mutable_context()->set_workshop_id(workshop);
    assigned.set_plan_id(plan);
    assigned.set_unit_id(workshop);
    assigned.set_arm(arm);
    if (arm == rl::ARM_WAVE) assigned.set_wave(2);
    if (arm != rl::ARM_CONTROL) {
      assigned.set_treatment_start(FormatDay(treatment_start));
      // The same work in the plants that are not treated.
      for (const SimCounterpart& control : plant_.compared_with) {
        assigned.add_matched_units(control.plant + "/" + workshop);
      }
    }
    outbox_.Put(day, assigned);
  }
}

void PlantStory::FreezeBaseline(Day day) {
  const std::string plan = PlanOf(plant_.id);
  rl::BaselineFrozen frozen;
  // In the evening: the arms are assigned by then, whatever the day.
  *frozen.mutable_context() = At("lean", plan + "-baseline", plant_.zone.ToUtc(day, 17 * 3600));
  frozen.set_plan_id(plan);
  for (const char* kpi : {"operation_error_rate", "first_pass_yield", "trained_on_current_revision",
                          "proposals_per_employee", "trir"}) {
    frozen.add_kpi_ids(kpi);
  }
  const Day last = WeekStart(day) - 1;
  frozen.set_from_day(FormatDay(last - (kBaselineWeeks * 7 - 1)));
  frozen.set_to_day(FormatDay(last));
  Random analysis = Random(options_.seed).Branch("analysis plan " + plan);
  frozen.set_analysis_plan_hash(Hex(analysis, 64));
  outbox_.Put(day, frozen);
}

void PlantStory::EnterStage(int stage, Day day) {
  const std::string plan = PlanOf(plant_.id);
  rl::StageEntered entered;
  *entered.mutable_context() = OfPlan(StemOf(plan, stage) + "-entered", day);
  // The first is entered after the plan of the same day.
  if (stage == 0) {
    *entered.mutable_context()->mutable_occurred_at() =
        events::ToTimestamp(plant_.zone.ToUtc(day, 17 * 3600));
  }
  entered.set_plan_id(plan);
  entered.set_stage(StageOf(stage));
  entered.set_entry(1);
  outbox_.Put(day, entered);
}

void PlantStory::ReviewGate(int stage, int review, rl::GateDecision decision, Day day) {
  Random& random = rollout_random_;
  const std::string plan = PlanOf(plant_.id);
  rl::GateReviewed reviewed;
  *reviewed.mutable_context() = OfPlan(StemOf(plan, stage) + "-review" + std::to_string(review), day);
  reviewed.set_plan_id(plan);
  reviewed.set_stage(StageOf(stage));
  reviewed.set_review_no(review);
  // What is not passed misses the first criterion, and where it failed the second too.
  int to_miss = decision == rl::GATE_DECISION_PASS ? 0 : decision == rl::GATE_DECISION_FAIL ? 2 : 1;
  for (const Criterion& c : kCriteria) {
    if (c.stage != stage) continue;
    const bool met = to_miss-- <= 0;
    const int64_t off = met ? random.Between(0, c.spread) : -random.Between(1, c.spread);
    rl::GateCriterion* criterion = reviewed.add_criteria();
    criterion->set_kpi_id(c.kpi);
    criterion->set_value(Tenths(c.at_most ? c.threshold - off : c.threshold + off));
    criterion->set_threshold(Tenths(c.threshold));
    criterion->set_met(met);
  }
  reviewed.set_decision(decision);
  if (decision == rl::GATE_DECISION_CONDITIONAL) {
    rl::GateCondition* condition = reviewed.add_conditions();
    condition->set_text("补齐未达标项后复审 / close what is missing and review again");
    condition->set_due_date(FormatDay(WorkingDay(day + (stage == 1 ? 5 : 35))));
  }
  reviewed.set_approver_ref(SomeOf(op::ROLE_MANAGER, random));
  outbox_.Put(day, reviewed);
}

void PlantStory::RevertStage(int stage, Day day) {
  const std::string plan = PlanOf(plant_.id);
  rl::StageReverted reverted;
  *reverted.mutable_context() = OfPlan(StemOf(plan, stage) + "-reverted", day);
  reverted.set_plan_id(plan);
  reverted.set_stage(StageOf(stage));
  reverted.set_reversion(1);
  reverted.set_comment("内训师不足 / too few internal trainers left");
  outbox_.Put(day, reverted);
}

void PlantStory::Diagnose(int survey, Day day) {
  Random& random = rollout_random_;
  const std::string plan = PlanOf(plant_.id);
  // What stands in the way gives way with the treatment.
  const double better = 0.9 * Skill(day) + 0.15 * std::max(0, survey - 3);
  const int64_t answers = random.Between(12, 40);
  for (int64_t a = 0; a < answers; ++a) {
    rl::DiagnosisRecorded answer;
    const std::string response = "r-" + Hex(random, 12);
    // Open for ten days, handed in together; a date and a role, nothing that leads to a person.
    *answer.mutable_context() =
        On("lean", plan + "-" + response, day - static_cast<int>(random.Between(0, 9)));
    answer.set_plan_id(plan);
    answer.set_response_id(response);
    answer.set_respondent_role(a < 2                 ? rl::RESPONDENT_ROLE_MANAGER
                               : random.Chance(0.3)  ? rl::RESPONDENT_ROLE_SUPERVISOR
                               : random.Chance(0.75) ? rl::RESPONDENT_ROLE_OPERATOR
                                                     : rl::RESPONDENT_ROLE_STAFF);
    for (int b = 0; b < kBarriers; ++b) {
      if (b > 0 && random.Chance(0.04)) continue;  // not answered
      const double score = random.Normal(barriers_[static_cast<size_t>(b)] - better, 0.8);
      rl::BarrierScores& scores = *answer.mutable_scores();
      const auto* field = scores.GetDescriptor()->FindFieldByNumber(b + 1);
      scores.GetReflection()->SetInt32(&scores, field,
                                       static_cast<int>(std::lround(std::clamp(score, 0.0, 4.0))));
    }
    outbox_.Put(day, answer);
  }
  Evening(day + 182, [=, this](Day d) { Diagnose(survey + 1, d); });
}

}  // namespace yokoten::cli
