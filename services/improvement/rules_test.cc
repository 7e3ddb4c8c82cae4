// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "improvement/rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/improvement/v1/events.pb.h"

namespace yokoten::improvement {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

TEST(ImprovementRulesTest, AProposalNamesAJobOrALineAndEachProposerOnce) {
  EXPECT_THAT(Broken<v1::ProposalSubmitted>("job_id: 'J-1'"), IsEmpty());
  EXPECT_THAT(Broken<v1::ProposalSubmitted>("context { line_id: 'L4' }"), IsEmpty());
  EXPECT_THAT(Broken<v1::ProposalSubmitted>(""), ElementsAre("job_id required"));
  EXPECT_THAT(Broken<v1::ProposalSubmitted>("job_id: 'J-1' proposer_refs: 'a' proposer_refs: 'a'"),
              ElementsAre("proposer_refs[1] unique"));
}

TEST(ImprovementRulesTest, MoneyAndCurrencyComeTogether) {
  EXPECT_THAT(Broken<v1::ProposalSubmitted>("job_id: 'J-1' expected_saving_annual: '5' currency: 'CNY'"),
              IsEmpty());
  EXPECT_THAT(Broken<v1::ProposalSubmitted>("job_id: 'J-1' expected_saving_annual: '5'"),
              ElementsAre("currency required"));
  EXPECT_THAT(Broken<v1::ProposalImplemented>("currency: 'CNY'"), ElementsAre("cost required"));
}

TEST(ImprovementRulesTest, EcrsAreNamedOnce) {
  EXPECT_THAT(Broken<v1::ProposalImplemented>("ecrs: ECRS_COMBINE ecrs: ECRS_COMBINE"),
              ElementsAre("ecrs[1] unique"));
}

TEST(ImprovementRulesTest, ARevisionIsOneOfAJob) {
  EXPECT_THAT(Broken<v1::YokotenCompleted>("revision_no: 3"), ElementsAre("job_id required"));
  EXPECT_THAT(Broken<v1::YokotenCompleted>("revision_no: 3 job_id: 'J-1'"), IsEmpty());
}

}  // namespace
}  // namespace yokoten::improvement
