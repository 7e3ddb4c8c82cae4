// The questions of the findings are there, in both languages, and read what exists.
#include "insight/order_sql.h"

#include <gtest/gtest.h>

#include "insight/finding_kinds.h"

namespace yokoten::insight {
namespace {

TEST(FindingKindsTest, EveryQuestionHasWordsInBothLanguages) {
  const FindingKinds& kinds = FindingKinds::Linked();
  EXPECT_GE(kinds.questions.size(), FindingTexts().size() + lifecycle::Machines().size());
  for (const FindingQuestion& question : kinds.questions) {
    const auto words = kinds.words.find(question.kind);
    ASSERT_NE(words, kinds.words.end()) << question.kind;
    EXPECT_GT(words->second.en.size(), 10u) << question.kind;
    EXPECT_GT(words->second.zh.size(), 10u) << question.kind;
  }
}

TEST(OutOfOrderSqlTest, AClockEventNeedsATextWhereTheOrderDependsOnIt) {
  for (const kpi::SourceText& source : ClockEventTexts())
    EXPECT_TRUE(lifecycle::Machines().contains(source.name)) << "clock/" << source.name << ".sql";
}

}  // namespace
}  // namespace yokoten::insight
