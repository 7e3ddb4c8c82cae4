#include "cli/output.h"

#include <gmock/gmock.h>

#include "cli/connection.h"
#include "cli/fact_counts.h"
#include "cli/progress.h"

namespace yokoten::cli {
namespace {

TEST(TableTest, ChineseCharactersCountTwoColumnsAndNumbersStandRight) {
  Table table({"name", "n"});
  table.Add({"焊装车间", "7"});
  table.Add({"W1", "1,234"});
  EXPECT_EQ(table.ToText(), "name          n\n--------  -----\n焊装车间      7\nW1        1,234\n");
}

TEST(JsonTest, TextIsEscapedAndNumbersReadBackTheSame) {
  EXPECT_EQ(JsonString("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(JsonNumber(3.921219), "3.921219");
  EXPECT_EQ(JsonObject({{"n", "1"}, {"s", "null"}}), "{\"n\": 1, \"s\": null}");
}

TEST(FailTest, ExitCodeTellsWrongInputFromServicesThatDoNotAnswer) {
  EXPECT_EQ(Fail(InvalidArgument("no date")), 2);
  EXPECT_EQ(Fail(NotFound("no such file")), 2);
  EXPECT_EQ(Fail(Unavailable("nobody there")), 3);
  EXPECT_EQ(Fail(DeadlineExceeded("too slow")), 3);
  EXPECT_EQ(Fail(Internal("broken")), 1);
  EXPECT_EQ(Fail(FailedPrecondition("rows were refused")), 1);
}

TEST(GroupedTest, DigitsAreGroupedInThrees) {
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-1000), "-1,000");
  EXPECT_EQ(Grouped(999), "999");
}

FactCounts Sample() {
  FactCounts counts({"site", "level"});
  counts.Add({"A", "I"}, 5);
  counts.Add({"A", "IV"}, 2);
  counts.Add({"B", "V"}, 9);
  return counts;
}

TEST(FactCountsTest, KeepFiltersAndSumsOverTheField) {
  FactCounts counts = Sample();
  ASSERT_TRUE(counts.Keep("level=IV,V").ok());
  EXPECT_EQ(counts.ToJsonMap(), "{\"A\": 2, \"B\": 9}");
  EXPECT_EQ(counts.Show("total"), "11");
  EXPECT_FALSE(counts.Keep("country=X").ok());
}

TEST(FactCountsTest, TopIsOrderedByCount) {
  FactCounts counts = Sample();
  counts.Top(2);
  EXPECT_EQ(counts.ToJsonMap(), "[[\"B|V\", 9], [\"A|I\", 5]]");
}

TEST(FactCountsTest, ShowAnswersOneNumber) {
  FactCounts counts = Sample();
  EXPECT_EQ(counts.Show("groups"), "3");
  EXPECT_EQ(counts.Show("max"), "9");
  EXPECT_EQ(counts.Show("first"), "\"A|I\"");
  EXPECT_EQ(counts.Show("last"), "\"B|V\"");
  FactCounts total({});
  EXPECT_EQ(total.ToJsonMap(), "0");
  EXPECT_EQ(total.Show("total"), "0");
}

TEST(ConnectionTest, OneAddressServesAllAndATargetMayHaveItsOwn) {
  auto connection = Connection::Make({{"10.0.0.1:9", "training=10.0.0.2:9"}});
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ((*connection)->AddressOf("safety"), "10.0.0.1:9");
  EXPECT_EQ((*connection)->AddressOf("training"), "10.0.0.2:9");
  EXPECT_FALSE(Connection::Make({{"trainning=10.0.0.2:9"}}).ok());
  EXPECT_FALSE(Connection::Make({{"nowhere"}}).ok());
}

}  // namespace
}  // namespace yokoten::cli
