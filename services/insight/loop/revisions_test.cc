#include "insight/loop/revisions.h"

#include <string>

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

std::string Text(const std::vector<v1::StepDiff>& diffs) {
  std::string text;
  for (const v1::StepDiff& diff : diffs) {
    text += v1::StepDiff::Kind_Name(diff.kind()).substr(5) + " " + std::to_string(diff.from_seq()) + ">" +
            std::to_string(diff.to_seq());
    for (const std::string& point : diff.removed_key_points()) text += " -" + point;
    for (const std::string& point : diff.added_key_points()) text += " +" + point;
    text += "; ";
  }
  return text;
}

TEST(DiffStepsTest, StepsAreTheSameByTheirTextWhereverTheyStand) {
  EXPECT_EQ(
      Text(DiffSteps({{1, "take", "", {"both hands (cuts)"}}, {2, "clamp", "", {}}, {3, "check", "", {}}},
                     {{1, "clamp", "", {}},
                      {2, "take", "", {"both hands (cuts)"}},
                      {3, "pass on", "", {}},
                      {4, "sign", "", {}}})),
      "MOVED 2>1; MOVED 1>2; CHANGED 3>3; ADDED 0>4; ");
  EXPECT_EQ(
      Text(DiffSteps({{1, "take", "", {"a (b)\1safety", "c (d)\1ease"}}, {2, "clamp", "", {"x (y)\1ease"}}},
                     {{1, "take", "", {"a (b)\1quality", "c (d)\1ease"}}})),
      "CHANGED 1>1 -a (b) +a (b); REMOVED 2>0 -x (y); ");
  EXPECT_EQ(Text(DiffSteps({{1, "take", "", {}}}, {{1, "take", "", {}}})), "SAME 1>1; ");
}

}  // namespace
}  // namespace yokoten::insight
