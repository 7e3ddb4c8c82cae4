// The decision, reason by reason, and the instant it depends on.
#include "gate/book.h"

#include <gtest/gtest.h>

#include "gate/service.h"

namespace yokoten::gate {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

WallTime At(int day, int hour) { return FromMicros(day * kDayUs + hour * 3'600'000'000LL); }

Book MakeBook() {
  Book book;
  book.day = Day{100};
  book.begins = At(100, 0);
  book.jobs["J1"] = {{Day{0}, Day{1000}, true, 3, {"S1", "S2"}}};
  book.revisions["J1"] = {{1, 1, 10 * kDayUs, Day{1000}, {"r", "/s", "rev1"}},
                          {2, 2, 100 * kDayUs + 12 * 3'600'000'000LL, Day{1000}, {"r", "/s", "rev2"}}};
  book.people["E1"] = {{Day{50}, Day{1000}, false, Day{0}, {{"J1", Day{0}, Day{1000}}}}};
  book.people["E2"] = {{Day{50}, Day{1000}, true, Day{60}, {}}};
  book.trainings[{"E1", "J1"}] = {{1, Day{20}, Day{1000}, 20 * kDayUs, {"t", "/s", "train1"}}};
  book.skills[{"E1", "J1"}] = {{3, Day{21}, Day{1000}, {"k", "/s", "skill1"}}};
  return book;
}

v1::CanPerformResponse Ask(const Book& book, const char* person, const char* job, const char* station,
                           WallTime at) {
  v1::CanPerformRequest request;
  request.set_plant_id("PL1");
  request.set_person_ref(person);
  request.set_job_id(job);
  request.set_station_id(station);
  v1::CanPerformResponse response;
  Decide(book, request, at, &response);
  EXPECT_EQ(response.allowed(), response.reason() == v1::GATE_REASON_ALLOWED);
  EXPECT_FALSE(response.reason_zh().empty());
  EXPECT_FALSE(response.reason_en().empty());
  return response;
}

TEST(BookTest, WhoIsTrainedAndQualifiedMay) {
  const auto response = Ask(MakeBook(), "E1", "J1", "S2", At(100, 8));
  EXPECT_TRUE(response.allowed());
  EXPECT_EQ(response.revision_no(), 1);
  EXPECT_TRUE(response.assigned());
  ASSERT_EQ(response.evidence_size(), 3);
  EXPECT_EQ(response.evidence(0).id(), "rev1");
  EXPECT_EQ(response.evidence(1).id(), "train1");
  EXPECT_EQ(response.evidence(2).id(), "skill1");
}

TEST(BookTest, ANewRevisionCountsFromItsMinute) {
  const Book book = MakeBook();
  EXPECT_EQ(Ask(book, "E1", "J1", "", At(100, 11)).reason(), v1::GATE_REASON_ALLOWED);
  const auto after = Ask(book, "E1", "J1", "", At(100, 12));
  EXPECT_EQ(after.reason(), v1::GATE_REASON_NOT_TRAINED);
  EXPECT_EQ(after.revision_no(), 2);
}

TEST(BookTest, TrainingCountsWhereNoRetrainingWasAskedFor) {
  Book book = MakeBook();
  book.revisions["J1"][1].base_no = 1;
  EXPECT_TRUE(Ask(book, "E1", "J1", "", At(100, 12)).allowed());
}

TEST(BookTest, EachReasonIsSaid) {
  Book book = MakeBook();
  EXPECT_EQ(Ask(book, "E1", "J9", "", At(100, 8)).reason(), v1::GATE_REASON_UNKNOWN_JOB);
  EXPECT_EQ(Ask(book, "E1", "J1", "S9", At(100, 8)).reason(), v1::GATE_REASON_OTHER_STATION);
  EXPECT_EQ(Ask(book, "E9", "J1", "", At(100, 8)).reason(), v1::GATE_REASON_NOT_ON_ROSTER);
  EXPECT_EQ(Ask(book, "E2", "J1", "", At(100, 8)).reason(),
            v1::GATE_REASON_NOT_ON_ROSTER);  // on leave for 40 days
  book.people["E2"][0].leave_from = Day{70};
  EXPECT_EQ(Ask(book, "E2", "J1", "", At(100, 8)).reason(), v1::GATE_REASON_NOT_TRAINED);
  book.skills[{"E1", "J1"}][0].level = 2;
  EXPECT_EQ(Ask(book, "E1", "J1", "", At(100, 8)).reason(), v1::GATE_REASON_NOT_QUALIFIED);
  book.skills[{"E1", "J1"}][0] = {3, Day{21}, Day{100}, {}};
  EXPECT_EQ(Ask(book, "E1", "J1", "", At(100, 8)).reason(), v1::GATE_REASON_NOT_QUALIFIED);
  book.revisions.clear();
  EXPECT_EQ(Ask(book, "E1", "J1", "", At(100, 8)).reason(), v1::GATE_REASON_NO_STANDARD);
}

TEST(BookTest, TheProductionDayIsTheCalendars) {
  Book book = MakeBook();
  book.stretches = {{99 * kDayUs, 101 * kDayUs, Day{99}}};
  EXPECT_EQ(Ask(book, "E1", "J1", "", At(100, 8)).production_day(), FormatDay(Day{99}));
}

TEST(AnswerTest, WhatIsMissingIsNamed) {
  const Current current{std::make_shared<Book>(MakeBook()), At(100, 7)};
  v1::CanPerformRequest request;
  v1::CanPerformResponse response;
  EXPECT_EQ(Answer(request, current, At(100, 8), &response).code(), StatusCode::kInvalidArgument);
  request.set_plant_id("PL1");
  request.set_person_ref("E1");
  request.set_job_id("J1");
  EXPECT_EQ(Answer(request, {nullptr, At(100, 7)}, At(100, 8), &response).code(), StatusCode::kNotFound);
  ASSERT_TRUE(Answer(request, current, At(100, 8), &response).ok());
  EXPECT_EQ(response.freshness().age_ms(), 3'600'000);
  request.mutable_at()->set_seconds(99 * 86'400);
  EXPECT_EQ(Answer(request, current, At(100, 8), &response).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yokoten::gate
