// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "safety/rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::safety {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

const std::string kReported = "context { reported_at { seconds: 1 } } ";

TEST(SafetyRulesTest, EverySingleEventSaysWhenItWasReported) {
  EXPECT_THAT(Broken<v1::HazardIdentified>(""), ElementsAre("context.reported_at required"));
  EXPECT_THAT(Broken<v1::IncidentClosed>(""), ElementsAre("context.reported_at required"));
  EXPECT_THAT(Broken<v1::HazardIdentified>(kReported), IsEmpty());
}

TEST(SafetyRulesTest, NobodyIsHurtInANearMiss) {
  for (const std::string kind : {"NEAR_MISS", "PROPERTY"}) {
    EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "persons_injured: 1 kind: INCIDENT_KIND_" + kind),
                ElementsAre("persons_injured kind"));
    EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "persons_injured: 0 kind: INCIDENT_KIND_" + kind),
                IsEmpty());
  }
  EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "persons_injured: 1 kind: INCIDENT_KIND_INJURY"),
              IsEmpty());
}

TEST(SafetyRulesTest, AKeyPointIsOfAStepAndAStepOfAJob) {
  EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "job_id: 'J1' step_seq: 2 key_point_no: 1"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "job_id: 'J1' key_point_no: 1"),
              ElementsAre("step_seq required"));
  EXPECT_THAT(Broken<v1::IncidentReported>(kReported + "step_seq: 2"), ElementsAre("job_id required"));
}

TEST(SafetyRulesTest, OutcomesAgreeWithDaysAndSeverity) {
  const std::string base = kReported + "gb_edition: 2025 ";
  EXPECT_THAT(Broken<v1::IncidentClassified>(base + "osha_outcome: OSHA_OUTCOME_DAFW dafw_days: 1"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::IncidentClassified>(base + "osha_outcome: OSHA_OUTCOME_DAFW"),
              ElementsAre("dafw_days range"));
  EXPECT_THAT(Broken<v1::IncidentClassified>(base + "osha_outcome: OSHA_OUTCOME_DEATH"),
              ElementsAre("gb_severity death", "date_of_death required"));
  EXPECT_THAT(
      Broken<v1::IncidentReclassified>(
          base +
          "osha_outcome: OSHA_OUTCOME_DEATH gb_severity: GB_SEVERITY_FATAL date_of_death: '2026-01-01'"),
      IsEmpty());
  EXPECT_THAT(
      Broken<v1::IncidentReclassified>(base + "osha_outcome: OSHA_OUTCOME_DJTR date_of_death: '2026-01-01'"),
      ElementsAre("date_of_death exclusive"));
  EXPECT_THAT(Broken<v1::IncidentReclassified>(kReported + "gb_edition: 2000"),
              ElementsAre("gb_edition range"));
}

TEST(SafetyRulesTest, APeriodStandsOnItsLastDay) {
  EXPECT_THAT(Broken<v1::PeriodReported>(
                  "context { occurred_on: '2024-12-31' } period_from: '2024-01-01' period_to: '2024-12-31'"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::PeriodReported>(
                  "context { occurred_on: '2024-12-30' } period_from: '2024-01-01' period_to: '2024-12-31'"),
              ElementsAre("context.occurred_on equal"));
  EXPECT_THAT(Broken<v1::PeriodReported>(
                  "context { occurred_on: '2024-01-01' } period_from: '2024-12-31' period_to: '2024-01-01'"),
              ElementsAre("period_to order"));
}

TEST(SafetyRulesTest, AHazardIsMergedIntoAnother) {
  EXPECT_THAT(Broken<v1::HazardMerged>(kReported + "hazard_id: 'H' into_hazard_id: 'H'"),
              ElementsAre("into_hazard_id self"));
}

}  // namespace
}  // namespace yokoten::safety
