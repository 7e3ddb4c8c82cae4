// A life does not depend on the order in which its events arrive.
#include "lifecycle/fold.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yokoten::lifecycle {
namespace {

using ::testing::ElementsAre;

StateEvent At(int64_t at, const std::string& event, int64_t recorded = 0, const std::string& id = "") {
  return {at, recorded == 0 ? at : recorded, id, event, [](std::string_view) { return std::string("true"); }};
}

TEST(FoldTest, SaysTheStateAndHowLongEachLasted) {
  const Life life = Fold(Machines().at("action"), {At(10, "ActionOpened"), At(30, "ActionEscalated"),
                                                   At(40, "ActionEscalated"), At(70, "ActionClosed")});
  EXPECT_EQ(life.state, "CLOSED");
  EXPECT_THAT(life.stays,
              ElementsAre(Stay{"OPEN", 10, 30}, Stay{"ESCALATED", 30, 70}, Stay{"CLOSED", 70, std::nullopt}));
}

TEST(FoldTest, AStateThatRemembersSomethingIsOneToTheReader) {
  StateEvent decided = At(3, "CountermeasureDecided");
  decided.value = [](std::string_view) { return std::string("ELIMINATION"); };
  const Life life =
      Fold(Machines().at("hazard"), {At(1, "HazardIdentified"), At(2, "HazardAssessed"), decided});
  EXPECT_EQ(life.state, "PLANNED");
}

TEST(FoldTest, NothingLegalIsNothing) {
  const Life life = Fold(Machines().at("action"), {At(1, "ActionClosed")});
  EXPECT_EQ(life.state, "-");
  EXPECT_TRUE(life.stays.empty());
  EXPECT_THAT(life.legal, ElementsAre(false));
}

TEST(FoldTest, HealsWhenTheMissingEventArrives) {
  std::vector<StateEvent> events{At(30, "CaseClosed"), At(10, "CaseOpened"), At(20, "ResultChecked")};
  EXPECT_THAT(Fold(Machines().at("case"), events).legal, ElementsAre(false, true, false));
  events.push_back(At(12, "FactsGathered"));
  events.push_back(At(14, "ActionDecided"));
  EXPECT_THAT(Fold(Machines().at("case"), events).legal, ElementsAre(false, true, false, true, true));
  events.push_back(At(16, "ActionTaken"));
  const Life life = Fold(Machines().at("case"), events);
  EXPECT_THAT(life.legal, ::testing::Each(true));
  EXPECT_EQ(life.state, "CLOSED");
}

TEST(FoldTest, EveryOrderOfArrivalGivesTheSameLife) {
  // Two of one instant: the one recorded first is taken first, and of one record time the smaller id.
  std::vector<StateEvent> events{At(1, "CaseOpened"), At(2, "FactsGathered", 5, "b"),
                                 At(2, "ActionDecided", 5, "c"), At(2, "ActionTaken", 9, "a"),
                                 At(4, "ResultChecked")};
  const Life life = Fold(Machines().at("case"), events);
  EXPECT_EQ(life.state, "CHECKED");
  std::vector<size_t> order{0, 1, 2, 3, 4};
  do {
    std::vector<StateEvent> shuffled;
    for (const size_t i : order) shuffled.push_back(events[i]);
    const Life again = Fold(Machines().at("case"), shuffled);
    EXPECT_EQ(again.stays, life.stays);
    EXPECT_THAT(again.legal, ::testing::Each(true));
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace yokoten::lifecycle
