// The linked rules are whole; a header that contradicts itself is refused.
#include "derive/rules.h"

#include <gtest/gtest.h>

namespace yokoten::derive {
namespace {

Status Refusal(const std::string& header) {
  auto question = kpi::Catalogue::Linked().Ask({"r", header + "\nSELECT plant FROM {plants}"});
  EXPECT_TRUE(question.ok()) << question.status();
  return MakeRule(*std::move(question)).status();
}

TEST(RulesTest, AllAreRead) {
  EXPECT_EQ(LinkedRules().size(), RuleTexts().size());
  for (const Rule& rule : LinkedRules()) EXPECT_NE(rule.event, nullptr) << rule.id();
}

TEST(RulesTest, AHeaderThatContradictsItselfIsRefused) {
  EXPECT_TRUE(Refusal("-- event: \"AuditMissed\" lookback_d: 3\n").ok());
  EXPECT_FALSE(Refusal("-- event: \"Nonsense\" lookback_d: 3\n").ok());
  EXPECT_FALSE(Refusal("-- event: \"AuditMissed\"\n").ok());
  EXPECT_FALSE(Refusal("-- event: \"AlertRaised\" title_zh: \"a\" title_en: \"a\"\n").ok());
  EXPECT_FALSE(Refusal("-- event: \"AuditMissed\" lookback_d: 3 owner_role: \"x\"\n").ok());
}

}  // namespace
}  // namespace yokoten::derive
