// What readers call the states of lib/lifecycle.
#pragma once

#include <string_view>

namespace yokoten::insight {

struct StateWords {
  const char* zh;
  const char* en;
};

// Of a state as readers see it ("IN_REVIEW"); of "-" too. A unit test holds that every state has words; what
// has none is called by its own name in both languages.
StateWords WordsOfState(std::string_view state);

}  // namespace yokoten::insight
