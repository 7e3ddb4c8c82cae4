#include "facts/identity_rules.h"

#include <gtest/gtest.h>

namespace yokoten::facts {
namespace {

using events::Uuid;

Uuid Key(uint8_t n) {
  Uuid key{};
  key[15] = n;
  return key;
}

// A fact recorded at `time`, of plant PL1 unless moved.
KeyRow Fact(uint8_t key, int64_t time, uint8_t bkey = 0) {
  return {.fact_key = Key(key),
          .place = {"PL1", "t.T", "e" + std::to_string(key)},
          .rank = ~clickhouse::UInt128{static_cast<uint64_t>(time)},
          .root_key = Key(key),
          .kind = "fact",
          .bkey = Key(bkey),
          .content_hash = "h"};
}

KeyRow Correction(uint8_t key, int64_t time, const KeyRow& root, uint8_t bkey) {
  KeyRow row = Fact(key, time, bkey);
  row.kind = "correct";
  row.root_key = root.fact_key;
  row.target_plant = root.place.plant;
  row.target_entity = root.place.entity;
  return row;
}

KeyRow Void(uint8_t key, int64_t time, const KeyRow& target) {
  KeyRow row = Correction(key, time, target, 0);
  row.kind = "void";
  row.place.event_type = "event.Voided";
  return row;
}

Judgement JudgeAll(const std::vector<KeyRow>& rows) {
  std::vector<Uuid> keys;
  std::vector<Uuid> bkeys;
  for (const auto& row : rows) {
    keys.push_back(row.fact_key);
    if (row.bkey != events::kNoUuid) bkeys.push_back(row.bkey);
  }
  return Judge(rows, keys, bkeys);
}

std::string ReasonOf(const Judgement& judgement, const KeyRow& row) {
  const auto found = judgement.facts.find({row.place, row.fact_key});
  if (found == judgement.facts.end()) return "not judged";
  return found->second.has_value() ? found->second->reason : "counts";
}

TEST(Judge, LetsTheEarliestCopyOfAnIdCountWhateverTheOrderOfRows) {
  const KeyRow first = Fact(1, 10);
  KeyRow moved = Fact(1, 20);
  moved.place.plant = "PL2";
  for (const auto& rows : {std::vector{first, moved}, std::vector{moved, first}}) {
    const Judgement judgement = JudgeAll(rows);
    EXPECT_EQ(ReasonOf(judgement, first), "counts");
    EXPECT_EQ(ReasonOf(judgement, moved), "id_conflict");
    ASSERT_EQ(judgement.findings.size(), 1u);
    EXPECT_EQ(judgement.findings[0].place.plant, "PL2");
    EXPECT_EQ(judgement.findings[0].other.plant, "PL1");
  }
}

TEST(Judge, ShowsAnIdThatWasSentAgainWithOtherContent) {
  const KeyRow first = Fact(1, 10);
  KeyRow changed = Fact(1, 20);
  changed.content_hash = "other";
  const Judgement judgement = JudgeAll({changed, first});
  EXPECT_EQ(ReasonOf(judgement, first), "counts");
  ASSERT_EQ(judgement.findings.size(), 1u);
  EXPECT_EQ(judgement.findings[0].kind, "id_conflict");
}

TEST(Judge, FindsNothingInAnIdThatWasSentTwiceAlike) {
  EXPECT_TRUE(JudgeAll({Fact(1, 10), Fact(1, 20)}).findings.empty());
}

TEST(Judge, LetsTheEarliestOfABusinessKeyCount) {
  const KeyRow late = Fact(1, 20, 9);
  const KeyRow early = Fact(2, 10, 9);
  const Judgement judgement = JudgeAll({late, early});
  EXPECT_EQ(ReasonOf(judgement, early), "counts");
  EXPECT_EQ(ReasonOf(judgement, late), "business_key");
}

TEST(Judge, RevivesTheSecondWhenTheFirstIsVoided) {
  const KeyRow first = Fact(1, 10, 9);
  const KeyRow second = Fact(2, 20, 9);
  const Judgement judgement = JudgeAll({first, second, Void(3, 30, first)});
  EXPECT_EQ(ReasonOf(judgement, second), "counts");
}

TEST(Judge, IgnoresAVoidThatNamesAnotherPlace) {
  const KeyRow first = Fact(1, 10, 9);
  const KeyRow second = Fact(2, 20, 9);
  KeyRow wrong = Void(3, 30, first);
  wrong.target_plant = "PL7";
  const Judgement judgement = JudgeAll({first, second, wrong});
  EXPECT_EQ(ReasonOf(judgement, second), "business_key");
  EXPECT_EQ(judgement.findings.back().kind, "business_key");
  EXPECT_EQ(judgement.findings.front().kind, "no_target");
}

TEST(Judge, TakesTheBusinessKeyOfTheLatestCorrection) {
  const KeyRow first = Fact(1, 10, 9);
  const KeyRow second = Fact(2, 20, 9);
  const KeyRow older = Correction(3, 30, first, 9);
  const KeyRow latest = Correction(4, 40, first, 8);
  EXPECT_EQ(ReasonOf(JudgeAll({first, second, older, latest}), second), "counts")
      << "the first has moved to another key";
  EXPECT_EQ(ReasonOf(JudgeAll({first, second, older, latest, Void(5, 50, latest)}), second), "business_key")
      << "a voided correction is as if never sent";
}

TEST(Judge, TakesCorrectionsAlongWithTheirRoot) {
  const KeyRow first = Fact(1, 10, 9);
  const KeyRow second = Fact(2, 20, 9);
  const KeyRow correction = Correction(3, 30, second, 9);
  EXPECT_EQ(ReasonOf(JudgeAll({first, second, correction}), correction), "business_key");
}

TEST(Judge, ShowsReferencesThatFitNothingUntilTheyDo) {
  const KeyRow root = Fact(1, 10);
  const KeyRow correction = Correction(3, 5, root, 0);
  const auto alone = JudgeAll({correction});
  ASSERT_EQ(alone.findings.size(), 1u);
  EXPECT_EQ(alone.findings[0].kind, "no_target");
  EXPECT_TRUE(JudgeAll({correction, root}).findings.empty());
}

TEST(Judge, LetsNothingCountThatNamesTheRightIdAtTheWrongPlace) {
  const KeyRow fact = Fact(1, 10, 9);
  KeyRow correction = Correction(2, 20, fact, 9);
  correction.target_entity = "another";
  KeyRow no_void = Void(3, 30, fact);
  no_void.target_plant = "PL9";
  const KeyRow good = Correction(4, 15, fact, 9);
  const Judgement judgement = JudgeAll({fact, correction, no_void, good});
  EXPECT_EQ(ReasonOf(judgement, fact), "counts");
  EXPECT_EQ(ReasonOf(judgement, good), "counts");
  EXPECT_EQ(ReasonOf(judgement, correction), "no_target");
  EXPECT_EQ(ReasonOf(judgement, no_void), "no_target");
}

TEST(Judge, LeavesRootsOfOtherBusinessKeysAlone) {
  const KeyRow other = Fact(1, 10, 7);
  const KeyRow mine = Fact(2, 20, 9);
  const Judgement judgement = Judge({other, mine}, {mine.fact_key}, {mine.bkey});
  EXPECT_EQ(ReasonOf(judgement, other), "not judged");
}

}  // namespace
}  // namespace yokoten::facts
