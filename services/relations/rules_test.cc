// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "relations/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/relations/v1/events.pb.h"

namespace yokoten::relations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

constexpr char kContext[] = "context { workshop_id: 'W1' actor: 'p-1' }";

TEST(RelationsRulesTest, ACaseIsToldOfAWorkshopAndNothingFiner) {
  EXPECT_THAT(Broken<v1::CaseOpened>(kContext), IsEmpty());
  EXPECT_THAT(Broken<v1::CaseClosed>("context { actor: 'p-1' }"),
              ElementsAre("context.workshop_id required"));
  EXPECT_THAT(
      Broken<v1::CaseOpened>("context { workshop_id: 'W1' actor: 'p-1' line_id: 'L1' station_id: 'S1' }"),
      ElementsAre("context.line_id confidential", "context.station_id confidential"));
}

TEST(RelationsRulesTest, WhoHandlesTheCaseIsSaid) {
  EXPECT_THAT(Broken<v1::ActionTaken>("context { workshop_id: 'W1' }"),
              ElementsAre("context.actor required"));
}

}  // namespace
}  // namespace yokoten::relations
