// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "rollout/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/rollout/v1/events.pb.h"

namespace yokoten::rollout {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

TEST(RolloutRulesTest, AConditionalPassHasConditionsAndNoOtherHas) {
  EXPECT_THAT(Broken<v1::GateReviewed>("decision: GATE_DECISION_PASS"), IsEmpty());
  EXPECT_THAT(Broken<v1::GateReviewed>("decision: GATE_DECISION_CONDITIONAL conditions { text: 'a' }"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::GateReviewed>("decision: GATE_DECISION_CONDITIONAL"),
              ElementsAre("conditions required"));
  EXPECT_THAT(Broken<v1::GateReviewed>("decision: GATE_DECISION_FAIL conditions { text: 'a' }"),
              ElementsAre("conditions decision"));
}

TEST(RolloutRulesTest, WhoIsTreatedSaysFromWhenAndAControlDoesNot) {
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_PILOT treatment_start: '2026-03-02'"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_WAVE wave: 2 treatment_start: '2026-03-02'"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_CONTROL"), IsEmpty());
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_PILOT"),
              ElementsAre("treatment_start required"));
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_CONTROL treatment_start: '2026-03-02'"),
              ElementsAre("treatment_start control"));
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_WAVE treatment_start: '2026-03-02'"),
              ElementsAre("wave required"));
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_PILOT wave: 1 treatment_start: '2026-03-02'"),
              ElementsAre("wave arm"));
  EXPECT_THAT(Broken<v1::ArmAssigned>("unit_id: 'W1' arm: ARM_CONTROL matched_units: 'W1'"),
              ElementsAre("matched_units differs"));
}

TEST(RolloutRulesTest, ADiagnosisHasAScore) {
  EXPECT_THAT(Broken<v1::DiagnosisRecorded>("scores { b8: 0 }"), IsEmpty());
  EXPECT_THAT(Broken<v1::DiagnosisRecorded>("scores { }"), ElementsAre("scores required"));
}

TEST(RolloutRulesTest, WindowsEndAfterTheyBegin) {
  EXPECT_THAT(Broken<v1::BaselineFrozen>("from_day: '2026-01-01' to_day: '2026-01-01'"), IsEmpty());
  EXPECT_THAT(Broken<v1::BaselineFrozen>("from_day: '2026-01-02' to_day: '2026-01-01'"),
              ElementsAre("to_day order"));
  EXPECT_THAT(Broken<v1::AuditScheduled>("due_from: '2026-01-02' due_to: '2026-01-01'"),
              ElementsAre("due_to order"));
}

TEST(RolloutRulesTest, ItemsOfAnAuditAddUp) {
  EXPECT_THAT(Broken<v1::AuditPerformed>("items_total: 10 items_na: 1 items_ok: 7 items_nok: 2"), IsEmpty());
  EXPECT_THAT(Broken<v1::AuditPerformed>("items_total: 10 items_na: 1 items_ok: 7 items_nok: 1"),
              ElementsAre("items_total sum"));
}

TEST(RolloutRulesTest, AKeyPointBelongsToAStep) {
  EXPECT_THAT(Broken<v1::FindingRaised>("step_seq: 2 key_point: 1"), IsEmpty());
  EXPECT_THAT(Broken<v1::FindingRaised>("key_point: 1"), ElementsAre("step_seq required"));
}

}  // namespace
}  // namespace yokoten::rollout
