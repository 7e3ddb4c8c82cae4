#include "aggregator/positions.h"

#include <gtest/gtest.h>

#include "aggregator/dead_letter_rate.h"
#include "base/error_ids.h"

namespace yokoten::aggregator {
namespace {

const Source kSource{"yokoten.training.v1", 2};

TEST(Decide, BeginsAtTheLogsFirstOffsetWhenNothingIsArchived) {
  const Resume resume = Decide(kSource, {}, {.range = {3, 90}});
  EXPECT_EQ(resume.offset, 3);
  EXPECT_FALSE(resume.halt.has_value());
}

TEST(Decide, GoesOnBehindTheArchiveWhenTheRecordThereIsTheSame) {
  const Resume resume =
      Decide(kSource, {.last = 41, .highest = 50, .checksum = 7}, {.range = {0, 90}, .checksum = 7});
  EXPECT_EQ(resume.offset, 42);
  EXPECT_FALSE(resume.halt.has_value());
}

TEST(Decide, BeginsAnewWhenTheFirstRecordsWereNeverArchived) {
  const Archived archived{.last = 41, .highest = 41, .first = 4, .checksum = 7};
  EXPECT_EQ(Decide(kSource, archived, {.range = {3, 90}, .checksum = 7}).offset, 3);
  EXPECT_EQ(Decide(kSource, archived, {.range = {4, 90}, .checksum = 7}).offset, 42);
  EXPECT_EQ(Decide(kSource, archived, {.range = {5, 90}, .checksum = 7}).offset, 42)
      << "records deleted since were archived";
}

TEST(Decide, HaltsWhenTheLogDoesNotReachPastTheArchive) {
  const Resume resume = Decide(kSource, {.last = 41, .checksum = 7}, {.range = {0, 41}});
  ASSERT_TRUE(resume.halt.has_value());
  EXPECT_EQ(resume.halt->error_id, error_id::kLogTruncated);
  EXPECT_NE(resume.halt->message.find("yokoten rebuild --new-epoch=yokoten.training.v1"), std::string::npos)
      << resume.halt->message;
  EXPECT_EQ(resume.halt->message.find('\n'), std::string::npos);
}

TEST(Decide, HaltsWhenTheLogBeginsBehindTheArchive) {
  EXPECT_EQ(Decide(kSource, {.last = 41, .checksum = 7}, {.range = {42, 90}}).halt->error_id,
            error_id::kLogTruncated);
}

TEST(Decide, HaltsWhenTheLogHasAnotherRecordThere) {
  EXPECT_EQ(Decide(kSource, {.last = 41, .checksum = 7}, {.range = {0, 90}, .checksum = 8}).halt->error_id,
            error_id::kLogReplaced);
}

TEST(Decide, CannotCompareWhereTheLogHadNoRecord) {
  EXPECT_EQ(Decide(kSource, {.last = 41, .checksum = 0, .is_gap = true}, {.range = {0, 90}}).offset, 42);
}

TEST(DeadLetterRate, AllowsOnePercentOfTheWindowAndNotOneMore) {
  DeadLetterRate rate(1000, 1);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rate.Take(true));
  EXPECT_FALSE(rate.Take(true));
  EXPECT_TRUE(rate.Take(false)) << "good records go on";
}

TEST(DeadLetterRate, ForgetsWhatLeavesTheWindow) {
  DeadLetterRate rate(100, 1);
  EXPECT_TRUE(rate.Take(true));
  EXPECT_FALSE(rate.Take(true));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rate.Take(false));
  EXPECT_TRUE(rate.Take(true));
}

TEST(DeadLetterRate, RemembersAcrossARestart) {
  DeadLetterRate rate(1000, 1);
  for (int i = 0; i < 10; ++i) rate.Restore(true);
  EXPECT_FALSE(rate.Take(true));
}

}  // namespace
}  // namespace yokoten::aggregator
