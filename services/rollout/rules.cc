#include "rollout/rules.h"

#include <algorithm>

#include "ingest/rules.h"
#include "yokoten/rollout/v1/events.pb.h"

namespace yokoten::rollout {
namespace {

using ingest::Before;
using ingest::Check;

void CheckGate(Check& check, const v1::GateReviewed& e) {
  const bool conditional = e.decision() == v1::GATE_DECISION_CONDITIONAL;
  check.Refuse(conditional && e.conditions().empty(), "conditions", "required",
               "are required for a conditional pass; name what has to be done by when",
               "有条件通过必须填写条件及期限");
  check.Refuse(!conditional && !e.conditions().empty(), "conditions", "decision",
               "belong to a conditional pass; leave them out or correct the decision",
               "仅有条件通过可以填写条件");
}

void CheckArm(Check& check, const v1::ArmAssigned& e) {
  const bool treated = e.arm() != v1::ARM_CONTROL;
  check.Refuse(treated && e.treatment_start().empty(), "treatment_start", "required",
               "is required for pilots and waves; name the first day", "试点与推广批次必须填写开始日期");
  check.Refuse(!treated && !e.treatment_start().empty(), "treatment_start", "control",
               "must be left out for a control: it is not treated", "对照单位不得填写开始日期");
  check.Refuse(e.arm() == v1::ARM_WAVE && !e.has_wave(), "wave", "required",
               "is required for a wave; number it", "推广批次必须填写批次号");
  check.Refuse(e.arm() != v1::ARM_WAVE && e.has_wave(), "wave", "arm", "belongs to arm WAVE; leave it out",
               "仅推广批次可以填写批次号");
  const auto& matched = e.matched_units();
  check.Refuse(std::find(matched.begin(), matched.end(), e.unit_id()) != matched.end(), "matched_units",
               "differs", "names the unit itself; name others", "不得包含该单位自身");
}

bool HasScore(const v1::BarrierScores& s) {
  return s.has_b1() || s.has_b2() || s.has_b3() || s.has_b4() || s.has_b5() || s.has_b6() || s.has_b7() ||
         s.has_b8();
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::GateReviewed>([&](const auto& e) { CheckGate(check, e); });
  check.On<v1::ArmAssigned>([&](const auto& e) { CheckArm(check, e); });
  check.On<v1::DiagnosisRecorded>([&](const auto& e) {
    check.Refuse(!HasScore(e.scores()), "scores", "required", "has no score; give at least one of b1 to b8",
                 "至少填写 b1 至 b8 中的一项");
  });
  check.On<v1::BaselineFrozen>([&](const auto& e) {
    check.Refuse(Before(e.to_day(), e.from_day()), "to_day", "order", "is before from_day; swap them",
                 "早于 from_day，请更正");
  });
  check.On<v1::AuditScheduled>([&](const auto& e) {
    check.Refuse(Before(e.due_to(), e.due_from()), "due_to", "order", "is before due_from; swap them",
                 "早于 due_from，请更正");
  });
  check.On<v1::AuditPerformed>([&](const auto& e) {
    check.Refuse(e.items_na() + e.items_ok() + e.items_nok() != e.items_total(), "items_total", "sum",
                 "is not items_na + items_ok + items_nok; correct one of them",
                 "必须等于 items_na + items_ok + items_nok，请更正其中之一");
  });
  check.On<v1::FindingRaised>([&](const auto& e) {
    check.Refuse(e.has_key_point() && !e.has_step_seq(), "step_seq", "required",
                 "is required with key_point; name the step it belongs to", "填写要点时必须填写所属步骤");
  });
}

}  // namespace yokoten::rollout
