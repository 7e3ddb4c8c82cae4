#include "kpi/legal_sql.h"

#include <gtest/gtest.h>

namespace yokoten::kpi {
namespace {

TEST(LegalPairs, AreThoseOfTheMachine) {
  // Read off DOMAIN 2.5 by hand.
  const auto stage = LegalPairsSql("stage", {"StageEntered", "GateReviewed[decision=FAIL]",
                                             "GateReviewed[decision=PASS]", "StageReverted"});
  ASSERT_TRUE(stage.ok()) << stage.status();
  EXPECT_EQ(*stage, "[1, 102, 103, 202, 203, 304, 402, 403]");
  const auto proposal = LegalPairsSql(
      "proposal", {"ProposalSubmitted", "ProposalScreened", "ProposalApproved", "ProposalDeferred"});
  ASSERT_TRUE(proposal.ok()) << proposal.status();
  EXPECT_EQ(*proposal, "[1, 102, 104, 203, 204, 304, 402]");
}

TEST(LegalPairs, AreRefusedWhereTheyCannotBeTold) {
  EXPECT_EQ(Message(LegalPairsSql("stag", {"StageEntered"}).status()), "no machine 'stag'");
  EXPECT_EQ(Message(LegalPairsSql("stage", {"StageEntered", "StageLeft"}).status()),
            "no stage is ever ready for StageLeft");
  EXPECT_TRUE(LegalPairsSql("hazard", {"HazardIdentified", "HazardAssessed"}).ok());
  // A reclassification leaves an incident where it was, and what may follow depends on where that is.
  EXPECT_EQ(
      Message(LegalPairsSql("incident", {"IncidentReported", "IncidentClassified", "IncidentInvestigated",
                                         "IncidentClosed", "IncidentReclassified"})
                  .status()),
      "what may follow IncidentReclassified of one incident depends on more than that event");
}

}  // namespace
}  // namespace yokoten::kpi
