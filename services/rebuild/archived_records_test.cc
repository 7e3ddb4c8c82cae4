#include "rebuild/archived_records.h"

#include <gtest/gtest.h>

namespace yokoten::rebuild {
namespace {

using std::string_literals::operator""s;

// Two rows as ClickHouse writes them, by hand: little-endian numbers, lengths before texts and lists.
const std::string kTwo =
    "\x07\0\0\0\0\0\0\0"s    // offset 7
    "\xe8\x03\0\0\0\0\0\0"s  // 1,000 ms
    "\x01\0\0\0\0\0\0\x80"s  // checksum 2^63 + 1
    "\x04"
    "fact"
    "\x02"
    "k1"
    "\x03"
    "a\0b"s
    "\x02"
    "\x02"
    "h1"
    "\x00"s  // one header with an empty value
    "\x08\0\0\0\0\0\0\0"s
    "\0\0\0\0\0\0\0\0"s
    "\0\0\0\0\0\0\0\0"s
    "\x03"
    "gap"
    "\0\0\0"s;

TEST(ArchivedRecords, AreReadAsTheirBytes) {
  const auto records = ParseRecords(kTwo);
  ASSERT_TRUE(records.ok()) << Message(records.status());
  ASSERT_EQ(records->size(), 2u);
  const ArchivedRecord& first = records->front();
  EXPECT_EQ(first.offset, 7u);
  EXPECT_EQ(first.recorded_ms, 1000);
  EXPECT_EQ(first.checksum, (uint64_t{1} << 63) + 1);
  EXPECT_EQ(first.verdict, "fact");
  EXPECT_EQ(first.key, "k1");
  EXPECT_EQ(first.value, "a\0b"s);
  EXPECT_EQ(first.headers, (std::vector<std::string>{"h1", ""}));
  EXPECT_EQ(records->back().verdict, "gap");
  EXPECT_TRUE(records->back().headers.empty());
}

TEST(ArchivedRecords, LongTextsHaveLengthsOfSeveralBytes) {
  std::string row(24, '\0');
  row +=
      "\x04"
      "fact"
      "\0"s
      "\xac\x02" +
      std::string(300, 'v') + "\0"s;
  const auto records = ParseRecords(row);
  ASSERT_TRUE(records.ok()) << Message(records.status());
  EXPECT_EQ(records->front().value, std::string(300, 'v'));
}

TEST(ArchivedRecords, AnAnswerCutAnywhereIsAnError) {
  ASSERT_TRUE(ParseRecords("")->empty());
  const size_t first = 8 * 3 + 5 + 3 + 4 + 1 + 3 + 1;  // where the second row begins
  for (size_t end = 1; end < kTwo.size(); ++end) {
    if (end == first) continue;
    EXPECT_EQ(ParseRecords(kTwo.substr(0, end)).status().code(), StatusCode::kDataLoss) << end;
  }
}

}  // namespace
}  // namespace yokoten::rebuild
