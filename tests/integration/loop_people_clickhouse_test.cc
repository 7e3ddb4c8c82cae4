// Questions about people and the standards they work to, on the real engine, with figures worked out by hand.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "events/envelope.h"
#include "events/identity.h"
#include "insight/loop/people.h"
#include "insight/loop/revisions.h"
#include "integration/loop_world.h"

namespace yokoten::insight {
namespace {

std::string At(const google::protobuf::Timestamp& time) {
  return events::FormatTime(events::FromTimestamp(time));
}

class LoopPeopleTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new test::LoopWorld("loop_people_test");
    world_->clock.now = test::ParseInstant("2026-03-15T12:00:00Z");
    const Status stored = world_->StoreFile("loop_people.facts");
    ASSERT_TRUE(stored.ok()) << stored;
  }
  static void TearDownTestSuite() { delete world_; }

  template <typename Request, typename Response>
  static Response Ask(Status (People::*question)(const Request&, Response*) const, const Request& request) {
    Response response;
    const Status status = (People(world_->client()).*question)(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  static v1::GetAsItWasResponse Then(const std::string& error, const std::string& incident) {
    v1::GetAsItWasRequest request;
    request.set_plant_id("PL1");
    request.set_error_id(error);
    request.set_incident_id(incident);
    return Ask(&People::AsItWas, request);
  }

  static test::LoopWorld* world_;
};

test::LoopWorld* LoopPeopleTest::world_ = nullptr;

TEST_F(LoopPeopleTest, WhoIsBehindIsTaughtWhatChangedAndCoverageIsPredictedFromThePace) {
  v1::ListRetrainingRequest request;
  request.set_plant_id("PL1");
  auto response = Ask(&People::Retraining, request);
  EXPECT_EQ(response.required(), 4);
  EXPECT_EQ(response.trained(), 2);
  EXPECT_EQ(response.total(), 2);
  ASSERT_EQ(response.rows_size(), 2);
  const auto& never = response.rows(0);
  EXPECT_EQ(never.person_ref(), "E3");
  EXPECT_EQ(never.trained_revision_no(), 0);
  EXPECT_EQ(never.steps_size(), 3);
  EXPECT_TRUE(never.planned());
  EXPECT_EQ(never.due_date(), "2026-03-10");
  EXPECT_TRUE(never.overdue());
  EXPECT_NEAR(never.hours(), 2.0 / 3, 1e-9);  // 120 minutes for three passes
  const auto& behind = response.rows(1);
  EXPECT_EQ(behind.person_ref(), "E2");
  EXPECT_EQ(behind.trained_revision_no(), 1);
  EXPECT_EQ(behind.revision_no(), 2);
  ASSERT_EQ(behind.steps_size(), 1);
  EXPECT_EQ(behind.steps(0).seq(), 2);
  EXPECT_EQ(behind.steps(0).change_note(), "twice");
  EXPECT_EQ(behind.steps_total(), 3);
  EXPECT_FALSE(behind.planned());
  EXPECT_EQ(behind.due_date(), "2026-03-16");
  EXPECT_FALSE(behind.overdue());
  EXPECT_NEAR(behind.hours(), 2.0 / 9, 1e-9);
  EXPECT_EQ(behind.level(), 0);  // expired
  EXPECT_EQ(behind.required_level(), 3);
  EXPECT_NEAR(response.hours(), 8.0 / 9, 1e-9);
  // Two in 28 days; two more are 95 % of four, rounded up.
  EXPECT_EQ(response.trained_last_28_days(), 2);
  EXPECT_EQ(response.coverage_95_on(), "2026-04-12");
  EXPECT_NE(response.basis_en().find("2 more make 95 %"), std::string::npos) << response.basis_en();

  request.set_page_size(1);
  response = Ask(&People::Retraining, request);
  EXPECT_EQ(response.rows_size(), 1);
  EXPECT_EQ(response.next_page_token(), "1");
  EXPECT_EQ(response.total(), 2);
  request.set_job_id("J2");
  EXPECT_EQ(Ask(&People::Retraining, request).required(), 0);
}

TEST_F(LoopPeopleTest, HoursAreSharedByHeadsAndJobs) {
  v1::MeasureExposureRequest request;
  request.set_plant_id("PL1");
  request.set_from("2026-03-03");
  request.set_to("2026-03-03");
  const auto response = Ask(&People::Exposure, request);
  ASSERT_EQ(response.jobs_size(), 1);
  // 40 hours of five heads are 8 each; half of E2's are J2's, which has no revision to be behind of.
  EXPECT_DOUBLE_EQ(response.jobs(0).hours(), 28);
  EXPECT_DOUBLE_EQ(response.jobs(0).superseded_hours(), 4);
  EXPECT_DOUBLE_EQ(response.jobs(0).untrained_hours(), 8);
  EXPECT_EQ(response.jobs(0).superseded_persons(), 1);
  EXPECT_DOUBLE_EQ(response.superseded_hours(), 4);
  request.set_from("2025-01-01");
  v1::MeasureExposureResponse refused;
  EXPECT_EQ(People(world_->client()).Exposure(request, &refused).code(), StatusCode::kInvalidArgument);
}

TEST_F(LoopPeopleTest, TheRevisionOfThatMinuteAndWhatPeopleHadLearnedByThen) {
  EXPECT_EQ(Then("ER0", "").revision_no(), 1);
  const auto then = Then("ER1", "");
  EXPECT_EQ(then.revision_no(), 2);
  EXPECT_EQ(At(then.effective_from()), "2026-03-01T16:00:00Z");
  EXPECT_EQ(then.revision_no_seen(), 1);
  EXPECT_EQ(then.production_day(), "2026-03-02");
  ASSERT_EQ(then.persons_size(), 4);  // E5 does not do the job
  EXPECT_EQ(then.persons(0).person_ref(), "E1");
  EXPECT_TRUE(then.persons(0).assigned_only());
  EXPECT_EQ(then.persons(0).trained_revision_no(), 0);  // trained two days later
  EXPECT_FALSE(then.persons(0).has_trained_at());
  EXPECT_EQ(then.persons(1).trained_revision_no(), 1);
  EXPECT_EQ(then.persons(1).level(), 3);  // it had not expired
  EXPECT_EQ(then.persons(3).trainer_ref(), "T1");
  EXPECT_EQ(At(then.persons(3).follow_up_at()), "2026-02-26T02:00:00Z");
  EXPECT_TRUE(then.persons(3).follow_up_conforms());

  const auto incident = Then("", "I1");
  ASSERT_EQ(incident.persons_size(), 1);
  EXPECT_EQ(incident.persons(0).person_ref(), "E3");
  EXPECT_FALSE(incident.persons(0).assigned_only());
  v1::GetAsItWasRequest request;
  request.set_plant_id("PL1");
  v1::GetAsItWasResponse response;
  EXPECT_EQ(People(world_->client()).AsItWas(request, &response).code(), StatusCode::kInvalidArgument);
  request.set_error_id("ER9");
  EXPECT_EQ(People(world_->client()).AsItWas(request, &response).code(), StatusCode::kNotFound);
}

TEST_F(LoopPeopleTest, TheMatrixShowsExpiredLevelsAsNoneAndJobsThatHangOnOnePerson) {
  v1::GetSkillMatrixRequest request;
  request.mutable_unit()->set_plant_id("PL1");
  const auto matrix = Ask(&People::SkillMatrix, request);
  EXPECT_EQ(matrix.day(), "2026-03-15");
  ASSERT_EQ(matrix.persons_size(), 5);
  const auto& first = matrix.persons(0).skills(0);
  EXPECT_EQ(first.level(), 3);
  EXPECT_TRUE(first.qualified());
  EXPECT_TRUE(first.assigned());
  ASSERT_EQ(matrix.persons(1).skills_size(), 2);
  const auto& expired = matrix.persons(1).skills(0);
  EXPECT_EQ(expired.level(), 0);
  EXPECT_TRUE(expired.expired());
  EXPECT_EQ(expired.valid_until(), "2026-03-10");
  EXPECT_FALSE(expired.qualified());
  EXPECT_EQ(matrix.persons(4).skills_size(), 0);
  ASSERT_EQ(matrix.jobs_size(), 2);
  EXPECT_EQ(matrix.jobs(0).job_id(), "J2");
  EXPECT_EQ(matrix.jobs(0).holders(), 0);
  EXPECT_EQ(matrix.jobs(1).job_id(), "J1");
  EXPECT_EQ(matrix.jobs(1).holders(), 1);
  EXPECT_TRUE(matrix.jobs(1).single_point());
  EXPECT_EQ(matrix.jobs(1).min_qualified(), 3);
  request.mutable_unit()->set_workshop_id("W2");
  EXPECT_EQ(Ask(&People::SkillMatrix, request).persons_size(), 0);
}

TEST_F(LoopPeopleTest, RevisionsDifferStepByStepAndForksAreShown) {
  v1::DiffRevisionsRequest request;
  request.set_plant_id("PL1");
  request.set_job_id("J1");
  request.set_from_revision_no(1);
  request.set_to_revision_no(2);
  v1::DiffRevisionsResponse response;
  const Revisions revisions(world_->client(), world_->clock);
  Status status = revisions.Diff(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.steps_size(), 3);
  EXPECT_EQ(response.steps(0).kind(), v1::StepDiff::KIND_SAME);
  EXPECT_EQ(response.steps(1).kind(), v1::StepDiff::KIND_CHANGED);
  ASSERT_EQ(response.steps(1).added_key_points_size(), 1);
  EXPECT_EQ(response.steps(1).added_key_points(0), "two clicks (comes loose)");
  EXPECT_EQ(response.steps(1).removed_key_points(0), "one click (comes loose)");
  EXPECT_EQ(response.steps(1).change_note(), "twice");
  ASSERT_EQ(response.usage_size(), 1);
  EXPECT_EQ(response.usage(0).revision_no(), 2);

  request.set_job_id("J9");
  request.set_from_revision_no(0);
  request.set_to_revision_no(1);
  response.Clear();
  status = revisions.Diff(request, &response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.steps_size(), 1);
  EXPECT_EQ(response.steps(0).to_step(), "weld");
  ASSERT_EQ(response.usage_size(), 3);
  EXPECT_EQ(response.usage(0).plant_id(), "PL1");
  EXPECT_FALSE(response.usage(0).local_fork());
  EXPECT_EQ(response.usage(1).plant_id(), "PL2");
  EXPECT_EQ(response.usage(1).revision_no(), 1);
  EXPECT_TRUE(response.usage(1).local_fork());
  EXPECT_FALSE(response.usage(2).local_fork());
  request.set_to_revision_no(7);
  EXPECT_EQ(revisions.Diff(request, &response).code(), StatusCode::kNotFound);
}

TEST_F(LoopPeopleTest, TheNextWaveNeedsTwoTrainersAWorkshop) {
  v1::MeasureTrainerSupplyRequest request;
  request.set_plant_id("PL3");
  const auto supply = Ask(&People::TrainerSupply, request);
  EXPECT_EQ(supply.wave(), 2);
  EXPECT_EQ(supply.treatment_start(), "2026-05-01");
  ASSERT_EQ(supply.workshops_size(), 2);
  EXPECT_EQ(supply.workshops(0).workshop_id(), "W1");
  EXPECT_EQ(supply.workshops(0).active_ji(), 1);
  EXPECT_EQ(supply.workshops(0).operators(), 2);
  EXPECT_EQ(supply.workshops(1).workshop_id(), "W2");
  EXPECT_EQ(supply.workshops(1).active_ji(), 0);
  std::map<std::string, double> values;
  std::map<std::string, bool> met;
  for (const auto& one : supply.criteria()) {
    values[one.criterion()] = one.value();
    met[one.criterion()] = one.met();
  }
  EXPECT_EQ(values["ji_per_workshop"], 0);
  EXPECT_FALSE(met["ji_per_workshop"]);
  EXPECT_NEAR(values["trainer_ratio"], 100.0 / 3, 1e-9);
  EXPECT_TRUE(met["trainer_ratio"]);
  EXPECT_FALSE(met["jm"]);
  EXPECT_TRUE(met["js"]);
  EXPECT_TRUE(met["master"]);
  EXPECT_FALSE(met["coached_classes"]);  // none for JS
}

TEST_F(LoopPeopleTest, ACareerIsTold) {
  v1::GetCareerRequest request;
  request.set_plant_id("PL1");
  request.set_person_ref("E2");
  const auto career = Ask(&People::Career, request);
  ASSERT_EQ(career.steps_size(), 2);
  EXPECT_EQ(career.steps(0).day(), "2026-01-15");
  EXPECT_EQ(career.steps(0).event_type(), "training.SessionCompleted");
  EXPECT_EQ(career.steps(1).subject(), "J1");
  EXPECT_EQ(career.steps(1).detail(), "3");
  EXPECT_FALSE(career.steps(1).name_zh().empty());
  request.set_person_ref("E9");
  v1::GetCareerResponse response;
  EXPECT_EQ(People(world_->client()).Career(request, &response).code(), StatusCode::kNotFound);
}

TEST_F(LoopPeopleTest, MissedKeyPointsAreRankedByTheLowerEndOfTheirShare) {
  v1::RankKeyPointsRequest request;
  request.set_plant_id("PL1");
  const auto ranked = Ask(&People::KeyPoints, request);
  ASSERT_EQ(ranked.rows_size(), 4);
  const auto& first = ranked.rows(0);
  EXPECT_EQ(first.job_id(), "J1");
  EXPECT_EQ(first.revision_no(), 2);
  EXPECT_EQ(first.step_seq(), 1);
  EXPECT_EQ(first.key_point_no(), 1);
  EXPECT_EQ(first.text(), "both hands");
  EXPECT_EQ(first.kind(), "safety");
  EXPECT_EQ(first.key_points_size(), 0);
  EXPECT_EQ(first.missed(), 3);
  EXPECT_EQ(first.errors(), 6);  // one of another class; what the material caused does not count
  EXPECT_NEAR(first.share_low(), 0.187616, 1e-5);  // Wilson of 3 in 6, by hand
  EXPECT_NEAR(first.share_high(), 0.812384, 1e-5);
  EXPECT_EQ(first.operations(), 1000);
  EXPECT_NEAR(first.rate_low(), 0.618672, 1e-5);  // Garwood of 3
  // Two errors say that a key point was missed, and not which.
  const auto& unnamed = ranked.rows(1);
  EXPECT_EQ(unnamed.revision_no(), 2);
  EXPECT_EQ(unnamed.key_point_no(), 0);
  EXPECT_EQ(unnamed.missed(), 2);
  EXPECT_EQ(unnamed.errors(), 6);
  EXPECT_NEAR(unnamed.share_low(), 0.096771, 1e-5);
  EXPECT_NEAR(unnamed.rate_low(), 0.242209, 1e-5);
  ASSERT_EQ(unnamed.key_points_size(), 2);
  EXPECT_EQ(unnamed.key_points(1).text(), "two clicks");
  EXPECT_EQ(unnamed.key_points(1).kind(), "quality");
  // An incident that names its key point.
  const auto& incident = ranked.rows(2);
  EXPECT_EQ(incident.step_seq(), 2);
  EXPECT_EQ(incident.text(), "two clicks");
  EXPECT_EQ(incident.missed(), 0);
  EXPECT_EQ(incident.incidents(), 1);
  EXPECT_EQ(ranked.rows(3).revision_no(), 1);
  EXPECT_EQ(ranked.rows(3).missed(), 0);
  EXPECT_FALSE(ranked.rows(3).has_rate());
}

}  // namespace
}  // namespace yokoten::insight
