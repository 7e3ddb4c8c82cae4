// Each rule between fields, broken and kept. Events hold only what the rule looks at.
#include "standard_work/rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_rules.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::standard_work {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Event>
std::vector<std::string> Broken(const std::string& text) {
  return ingest::BrokenRules<Event>(&CheckRules, text);
}

using v1::RevisionApproved;
using v1::RevisionDrafted;
using v1::RevisionReleased;

TEST(StandardWorkRulesTest, ARevisionFromAProposalNamesIt) {
  EXPECT_THAT(Broken<RevisionDrafted>("change_reason: CHANGE_REASON_JM_PROPOSAL"),
              ElementsAre("proposal_ids required"));
  EXPECT_THAT(Broken<RevisionDrafted>("change_reason: CHANGE_REASON_JM_PROPOSAL proposal_ids: 'PR-1'"),
              IsEmpty());
  EXPECT_THAT(Broken<RevisionDrafted>("change_reason: CHANGE_REASON_QUALITY"), IsEmpty());
}

TEST(StandardWorkRulesTest, NobodyApprovesTheirOwnRevision) {
  EXPECT_THAT(Broken<RevisionApproved>("context { actor: 'p-2' } author_ref: 'p-1'"), IsEmpty());
  EXPECT_THAT(Broken<RevisionApproved>("context { actor: 'p-1' } author_ref: 'p-1'"),
              ElementsAre("author_ref differs"));
  EXPECT_THAT(Broken<RevisionApproved>(""), ElementsAre("context.actor required"));
  EXPECT_THAT(Broken<v1::RevisionSubmitted>(""), ElementsAre("context.actor required"));
  EXPECT_THAT(Broken<v1::RevisionRejected>(""), ElementsAre("context.actor required"));
}

TEST(StandardWorkRulesTest, OnlyACorrectionMayBackDateARelease) {
  const std::string major = "retraining_required: true ";
  EXPECT_THAT(Broken<RevisionReleased>(
                  major + "context { occurred_at { seconds: 100 } } effective_from { seconds: 100 }"),
              IsEmpty());
  EXPECT_THAT(Broken<RevisionReleased>(
                  major + "context { occurred_at { seconds: 100 } } effective_from { seconds: 99 }"),
              ElementsAre("effective_from order"));
  EXPECT_THAT(
      Broken<RevisionReleased>(
          major +
          "context { occurred_at { seconds: 100 } corrects { id: '1' } } effective_from { seconds: 99 }"),
      IsEmpty());
  // A date may have begun before its midnight in UTC.
  EXPECT_THAT(Broken<RevisionReleased>(
                  major + "context { occurred_on: '1970-01-02' } effective_from { seconds: 57600 }"),
              IsEmpty());
  EXPECT_THAT(Broken<RevisionReleased>(
                  major + "context { occurred_on: '1970-01-03' } effective_from { seconds: 57600 }"),
              ElementsAre("effective_from order"));
}

TEST(StandardWorkRulesTest, OnlyEditorialChangesNeedNoRetraining) {
  EXPECT_THAT(Broken<RevisionReleased>("retraining_required: false change_class: CHANGE_CLASS_EDITORIAL"),
              IsEmpty());
  EXPECT_THAT(Broken<RevisionReleased>("retraining_required: false change_class: CHANGE_CLASS_MINOR"),
              ElementsAre("retraining_required editorial"));
  EXPECT_THAT(Broken<RevisionReleased>("retraining_required: false"),
              ElementsAre("retraining_required editorial"));
}

TEST(StandardWorkRulesTest, AReleaseIsSignedBeforeIt) {
  const auto signed_at = [](int64_t seconds) {
    return Broken<v1::RevisionReleased>(
        "context { occurred_at { seconds: 1000 } } effective_from { seconds: 1000 } retraining_required: "
        "true "
        "approvals { stage: 1 signed_at { seconds: " +
        std::to_string(seconds) + " } }");
  };
  EXPECT_THAT(signed_at(1000), IsEmpty());
  EXPECT_THAT(signed_at(1001), ElementsAre("approvals[0].signed_at order"));
}

}  // namespace
}  // namespace yokoten::standard_work
