// The questions about the loop on the real engine, with figures worked out by hand.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "events/envelope.h"
#include "events/identity.h"
#include "insight/loop/entities.h"
#include "insight/loop/trace.h"
#include "integration/loop_world.h"

namespace yokoten::insight {
namespace {

std::string At(const google::protobuf::Timestamp& time) {
  return events::FormatTime(events::FromTimestamp(time));
}

class LoopTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new test::LoopWorld("loop_test");
    world_->clock.now = test::ParseInstant("2026-03-15T12:00:00Z");
    const Status stored = world_->StoreFile("loop.facts");
    ASSERT_TRUE(stored.ok()) << stored;
  }
  static void TearDownTestSuite() { delete world_; }

  static v1::Entity Get(const std::string& kind, const std::vector<std::string>& key) {
    v1::GetEntityRequest request;
    request.set_plant_id("PL1");
    request.set_kind(kind);
    for (const std::string& part : key) request.add_key(part);
    v1::GetEntityResponse response;
    const Status status = Entities(world_->client(), world_->clock).Get(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response.entity();
  }
  static Status RefusalOf(const std::string& kind, const std::vector<std::string>& key) {
    v1::GetEntityRequest request;
    request.set_plant_id("PL1");
    request.set_kind(kind);
    for (const std::string& part : key) request.add_key(part);
    v1::GetEntityResponse response;
    return Entities(world_->client(), world_->clock).Get(request, &response);
  }
  static v1::TraceProposalResponse Trace(int page_size = 0, const std::string& page = "") {
    v1::TraceProposalRequest request;
    request.set_plant_id("PL1");
    request.set_proposal_id("P1");
    request.set_page_size(page_size);
    request.set_page_token(page);
    v1::TraceProposalResponse response;
    const Status status = Traces(world_->client(), world_->clock).Trace(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  static test::LoopWorld* world_;
};

test::LoopWorld* LoopTest::world_ = nullptr;

TEST_F(LoopTest, ATraceNamesTheRevisionThePeopleAndWhatBecameOfErrors) {
  const auto trace = Trace();
  EXPECT_EQ(trace.proposal().state(), "STANDARDIZED");
  EXPECT_EQ(trace.proposal().stays_size(), 6);
  EXPECT_EQ(trace.proposal().stays(1).state(), "SCREENED");
  EXPECT_DOUBLE_EQ(trace.proposal().stays(1).days(), 2);
  EXPECT_EQ(trace.job_id(), "J1");
  ASSERT_EQ(trace.revisions_size(), 1);
  const auto& revision = trace.revisions(0);
  EXPECT_EQ(revision.job_id(), "J1");
  EXPECT_EQ(revision.revision_no(), 2);
  EXPECT_TRUE(revision.standardizes());
  EXPECT_EQ(revision.effective_day(), "2026-03-02");
  EXPECT_EQ(revision.required(), 4);  // E5 has no assignment
  EXPECT_EQ(revision.trained(), 3);   // E4's trainer might not train
  EXPECT_FALSE(revision.p90_reached());
  EXPECT_FALSE(revision.has_p90_days());
  ASSERT_EQ(trace.persons_size(), 4);
  EXPECT_EQ(trace.persons(0).person_ref(), "E1");
  EXPECT_EQ(At(trace.persons(0).trained_at()), "2026-02-25T02:00:00Z");
  EXPECT_EQ(trace.persons(3).person_ref(), "E4");
  EXPECT_FALSE(trace.persons(3).has_trained_at());

  // Fourteen days have gone by: 16 February to 1 March against 2 to 15 March.
  EXPECT_EQ(revision.before().from(), "2026-02-16");
  EXPECT_EQ(revision.before().to(), "2026-03-01");
  EXPECT_EQ(revision.before().errors(), 6);
  EXPECT_EQ(revision.before().operations(), 1000);
  EXPECT_EQ(revision.before().incidents(), 1);
  EXPECT_EQ(revision.after().from(), "2026-03-02");
  EXPECT_EQ(revision.after().to(), "2026-03-15");
  EXPECT_EQ(revision.after().errors(), 2);
  EXPECT_EQ(revision.after().incidents(), 0);
  // The exact tails, by bisection: 6 of a Poisson count, 2 of a binomial 8.
  EXPECT_NEAR(revision.before().ci_low(), 2.20189, 1e-4);
  EXPECT_NEAR(revision.before().ci_high(), 13.05948, 1e-4);
  EXPECT_NEAR(revision.rate_ratio(), 1.0 / 3, 1e-9);
  EXPECT_NEAR(revision.ratio_low(), 0.032902, 1e-4);
  EXPECT_NEAR(revision.ratio_high(), 1.864146, 1e-4);
  EXPECT_FALSE(revision.is_signal());
  EXPECT_NE(trace.summary_zh().find("应训 4 人，已训 3 人"), std::string::npos) << trace.summary_zh();
  EXPECT_NE(trace.summary_en().find("3 of 4 persons trained"), std::string::npos) << trace.summary_en();
}

TEST_F(LoopTest, PersonsOfATraceComeInPages) {
  const auto first = Trace(3);
  EXPECT_EQ(first.persons_size(), 3);
  EXPECT_EQ(first.next_page_token(), "3");
  const auto second = Trace(3, "3");
  ASSERT_EQ(second.persons_size(), 1);
  EXPECT_EQ(second.persons(0).person_ref(), "E4");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(LoopTest, WhatNobodyHeardOfIsNotFound) {
  EXPECT_EQ(RefusalOf("proposal", {"P9"}).code(), StatusCode::kNotFound);
  EXPECT_EQ(RefusalOf("proposal", {}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(RefusalOf("unicorn", {"U1"}).code(), StatusCode::kInvalidArgument);
  v1::TraceProposalRequest request;
  request.set_plant_id("PL9");
  request.set_proposal_id("P1");
  v1::TraceProposalResponse response;
  EXPECT_EQ(Traces(world_->client(), world_->clock).Trace(request, &response).code(), StatusCode::kNotFound);
}

TEST_F(LoopTest, CasesOfRelationsAreNeverShownOneByOne) {
  EXPECT_EQ(RefusalOf("case", {"C1"}).code(), StatusCode::kPermissionDenied);
  v1::ListEntitiesRequest request;
  request.set_plant_id("PL1");
  request.set_kind("case");
  v1::ListEntitiesResponse response;
  EXPECT_EQ(Entities(world_->client(), world_->clock).List(request, &response).code(),
            StatusCode::kPermissionDenied);
}

TEST_F(LoopTest, TheClockMakesRevisionsEffectiveCertificatesExpireAndAuditsMissed) {
  const v1::Entity first = Get("revision", {"J1", "1"});
  EXPECT_EQ(first.state(), "SUPERSEDED");
  EXPECT_EQ(At(first.stays(first.stays_size() - 1).from()), "2026-03-01T16:00:00Z");
  EXPECT_EQ(Get("trainer", {"T2", "ji"}).state(), "EXPIRED");
  EXPECT_EQ(Get("trainer", {"T1", "ji"}).state(), "-");  // certified without the way there
  EXPECT_EQ(Get("audit", {"A1"}).state(), "MISSED");
  EXPECT_EQ(Get("hazard", {"H1"}).state(), "ELIMINATED");
}

TEST_F(LoopTest, ThingsAreListedByStateThoseLongestInItFirst) {
  v1::ListEntitiesRequest request;
  request.set_plant_id("PL1");
  request.set_kind("proposal");
  v1::ListEntitiesResponse response;
  const Entities entities(world_->client(), world_->clock);
  ASSERT_TRUE(entities.List(request, &response).ok());
  ASSERT_EQ(response.entities_size(), 3);
  EXPECT_EQ(response.entities(0).key(0), "P2");  // submitted since the 1st of February
  EXPECT_EQ(response.entities(1).key(0), "P3");
  EXPECT_EQ(response.entities(2).key(0), "P1");
  EXPECT_EQ(response.entities(0).events_size(), 0);
  std::map<std::string, int64_t> counts;
  for (const auto& count : response.counts()) counts[count.state()] = count.count();
  EXPECT_EQ(counts, (std::map<std::string, int64_t>{{"SUBMITTED", 1}, {"REJECTED", 1}, {"STANDARDIZED", 1}}));

  request.set_page_size(1);
  request.set_page_token("1");
  request.set_out_of_order(true);
  response.Clear();
  ASSERT_TRUE(entities.List(request, &response).ok());
  EXPECT_EQ(response.entities_size(), 0);
  request.clear_page_token();
  ASSERT_TRUE(entities.List(request, &response).ok());
  ASSERT_EQ(response.entities_size(), 1);
  EXPECT_EQ(response.entities(0).key(0), "P2");
  EXPECT_EQ(response.entities(0).out_of_order(), 1);
  request.set_state("ASLEEP");
  EXPECT_EQ(entities.List(request, &response).code(), StatusCode::kInvalidArgument);
}

TEST_F(LoopTest, TheLoopIsMeasuredStepByStep) {
  v1::MeasureLoopRequest request;
  request.set_plant_id("PL1");
  request.set_from("2026-02-01");
  request.set_to("2026-02-28");
  v1::MeasureLoopResponse response;
  const Status status = Traces(world_->client(), world_->clock).Measure(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  std::string counts;
  for (const auto& step : response.steps()) {
    counts += step.step() + " " + std::to_string(step.count()) +
              (step.has_median_days() ? " " + std::to_string(step.median_days()).substr(0, 4) : "") + "; ";
  }
  EXPECT_EQ(counts,
            "submitted 3; decided 2 2.50; approved 1 4.00; implemented 1 5.00; verified_effective 1 10.0; "
            "standardized 1 11.0; trained 0; ");
  // Wilson of 1 in 3.
  EXPECT_NEAR(response.steps(3).ci_low(), 0.061492, 1e-5);
  EXPECT_NEAR(response.steps(3).ci_high(), 0.792340, 1e-5);
}

// Last: it stores more.
TEST_F(LoopTest, WhatIsOutOfOrderHealsWhenTheMissingEventArrives) {
  v1::Entity revision = Get("revision", {"J1", "2"});
  EXPECT_EQ(revision.state(), "IN_REVIEW");
  EXPECT_EQ(revision.out_of_order(), 1);
  ASSERT_EQ(revision.events_size(), 3);
  EXPECT_EQ(revision.events(2).event_type(), "standard_work.RevisionReleased");
  EXPECT_FALSE(revision.events(2).legal());
  EXPECT_FALSE(revision.events(2).message_zh().empty());
  const Status stored = world_->StoreFile("loop_late.facts");
  ASSERT_TRUE(stored.ok()) << stored;
  revision = Get("revision", {"J1", "2"});
  EXPECT_EQ(revision.state(), "EFFECTIVE");
  EXPECT_EQ(revision.out_of_order(), 0);
  EXPECT_EQ(revision.events(4).event_type(), "@effective");
  const auto trace = Trace();
  EXPECT_TRUE(trace.revisions(0).p90_reached());
  EXPECT_NEAR(trace.revisions(0).p90_days(), 12 + 10.0 / 24, 1e-9);  // 1 March 16:00 to 14 March 02:00
}

}  // namespace
}  // namespace yokoten::insight
