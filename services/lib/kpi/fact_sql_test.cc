// Names derived from the protos and the shape of the live-fact SQL; that it is right is shown on a real
// engine.
#include "kpi/fact_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yokoten::kpi {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FactSql, TablesAndColumnsFollowTheProtos) {
  EXPECT_EQ(TableOf("operations.ShiftOutputReported"), "operations_shift_output_reported");
  EXPECT_EQ(TableOf("standard_work.JobRegistered"), "standard_work_job_registered");
  EXPECT_THAT(OwnColumns("operations.RosterPublished"), Contains("rows_assignments_job_id"));
  EXPECT_THAT(OwnColumns("standard_work.RevisionReleased"), Contains("effective_from"));
  EXPECT_THAT(OwnColumns("standard_work.RevisionReleased"), Not(Contains("context_source")));
  EXPECT_EQ(EffectiveColumn("standard_work.RevisionReleased"), "effective_from");
  EXPECT_EQ(EffectiveColumn("operations.ShiftOutputReported"), "");
  EXPECT_TRUE(IsGroupFact("standard_work.JobRegistered"));
  EXPECT_FALSE(IsGroupFact("operations.ShiftOutputReported"));
  EXPECT_EQ(FindEvent("operations.NoSuch"), nullptr);
  EXPECT_EQ(FindEvent("event.EventContext"), nullptr);
}

TEST(FactSql, OnlyGroupFactsLookAtTheGroup) {
  FactQuery query;
  query.plants = "SELECT 'PL1'";
  query.dead = DeadFactsSql(query.plants);
  query.event = "operations.ShiftOutputReported";
  EXPECT_THAT(LiveFactsSql(query), Not(HasSubstr("to_plant")));
  query.event = "standard_work.JobRegistered";
  EXPECT_THAT(LiveFactsSql(query), HasSubstr("to_plant"));
}

}  // namespace
}  // namespace yokoten::kpi
