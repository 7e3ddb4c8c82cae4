// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "training/rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::training {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

TEST(TrainingRulesTest, NobodyTrainsOrAssessesThemselves) {
  EXPECT_THAT(Broken<v1::SessionStarted>("trainer_ref: 'a' person_ref: 'b'"), IsEmpty());
  EXPECT_THAT(Broken<v1::SessionStarted>("trainer_ref: 'a' person_ref: 'a'"),
              ElementsAre("trainer_ref differs"));
  EXPECT_THAT(Broken<v1::SessionCompleted>("trainer_ref: 'a' person_ref: 'a'"),
              ElementsAre("trainer_ref differs"));
  EXPECT_THAT(Broken<v1::SkillLevelAssessed>("assessor_ref: 'a' person_ref: 'a'"),
              ElementsAre("assessor_ref differs"));
}

TEST(TrainingRulesTest, NobodyCoachesThemselves) {
  EXPECT_THAT(Broken<v1::CoachedClassDelivered>("trainer_ref: 'a' coach_ref: 'b'"), IsEmpty());
  EXPECT_THAT(Broken<v1::CoachedClassDelivered>("trainer_ref: 'a' coach_ref: 'a'"),
              ElementsAre("coach_ref differs"));
}

TEST(TrainingRulesTest, ACertificateHoldsAtMostTwoYears) {
  const auto from_until = [](const std::string& from, const std::string& until) {
    return Broken<v1::TrainerCertified>("valid_from: '" + from + "' valid_until: '" + until + "'");
  };
  EXPECT_THAT(from_until("2025-04-01", "2027-04-01"), IsEmpty());
  EXPECT_THAT(from_until("2025-04-01", "2027-04-02"), ElementsAre("valid_until range"));
  EXPECT_THAT(from_until("2024-02-29", "2026-02-28"), IsEmpty());
  EXPECT_THAT(from_until("2024-02-29", "2026-03-01"), ElementsAre("valid_until range"));
  EXPECT_THAT(from_until("2025-04-01", "2025-03-31"), ElementsAre("valid_until order"));
}

}  // namespace
}  // namespace yokoten::training
