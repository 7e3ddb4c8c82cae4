// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "management/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/management/v1/events.pb.h"

namespace yokoten::management {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

TEST(ManagementRulesTest, AModuleIsPlannedOnce) {
  EXPECT_THAT(Broken<v1::CohortPlanned>("modules { code: 'M1' } modules { code: 'M2' }"), IsEmpty());
  EXPECT_THAT(Broken<v1::CohortPlanned>("modules { code: 'M1' } modules { code: 'M1' }"),
              ElementsAre("modules distinct"));
}

TEST(ManagementRulesTest, ADeliveredModuleTookTime) {
  EXPECT_THAT(Broken<v1::ModuleDelivered>("minutes_exercise: 5"), IsEmpty());
  EXPECT_THAT(Broken<v1::ModuleDelivered>("minutes_case: 0"), ElementsAre("minutes_lecture sum"));
}

TEST(ManagementRulesTest, TheQuizOfAModuleNamesIt) {
  EXPECT_THAT(Broken<v1::QuizTaken>("kind: QUIZ_KIND_MODULE module: 'M1'"), IsEmpty());
  EXPECT_THAT(Broken<v1::QuizTaken>("kind: QUIZ_KIND_MANAGEMENT_LANGUAGE"), IsEmpty());
  EXPECT_THAT(Broken<v1::QuizTaken>("kind: QUIZ_KIND_MODULE"), ElementsAre("module required"));
}

}  // namespace
}  // namespace yokoten::management
