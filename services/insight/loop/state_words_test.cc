#include "insight/loop/state_words.h"

#include <string>

#include <gtest/gtest.h>

#include "lifecycle/machine.h"

namespace yokoten::insight {
namespace {

TEST(StateWordsTest, EveryStateThatIsShownHasWordsInBothLanguages) {
  for (const auto& [name, machine] : lifecycle::Machines()) {
    if (machine.domain() == "relations") continue;  // never shown
    for (const std::string& full : machine.states()) {
      const std::string state(lifecycle::Shown(full));
      const StateWords words = WordsOfState(state);
      EXPECT_NE(words.zh, state) << name;
      EXPECT_NE(words.en, state) << name;
    }
  }
}

}  // namespace
}  // namespace yokoten::insight
