// Reading what other systems write: encodings and CSV.
#include <gmock/gmock.h>

#include "cli/import/csv_reader.h"
#include "cli/import/text_decoding.h"

namespace yokoten::cli {
namespace {

using importing::v1::Encoding;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::vector<std::string>> ReadAll(std::string_view text, char delimiter = ',') {
  auto reader = CsvReader::Open(text, delimiter, 0);
  EXPECT_TRUE(reader.ok()) << reader.status();
  std::vector<std::vector<std::string>> rows;
  CsvRow row;
  while (true) {
    auto more = reader->Next(row);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return rows;
    rows.push_back(row.cells);
  }
}

TEST(CsvReaderTest, QuotedCellsKeepDelimitersQuotesAndLineBreaks) {
  auto rows = ReadAll("a,b\n\"x,1\",\"he said \"\"no\"\"\"\n\"two\nlines\",z\r\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0], ElementsAre("x,1", "he said \"no\""));
  EXPECT_THAT(rows[1], ElementsAre("two\nlines", "z"));
}

TEST(CsvReaderTest, EndsOfLinesMayBeCrlfAndTheLastOneMissing) {
  auto rows = ReadAll("a,b\r\n1,2\r\n\r\n3,");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0], ElementsAre("1", "2"));
  EXPECT_THAT(rows[1], ElementsAre("3", ""));
}

TEST(CsvReaderTest, LeadingZerosAreKept) { EXPECT_THAT(ReadAll("no\n00042\n")[0], ElementsAre("00042")); }

TEST(CsvReaderTest, SaysOnWhichLineARowBegins) {
  auto reader = CsvReader::Open("a;b\n\"x\ny\";1\nz;2\n", ';', 0);
  CsvRow row;
  ASSERT_TRUE(*reader->Next(row));
  ASSERT_TRUE(*reader->Next(row));
  EXPECT_EQ(row.line, 4);
  EXPECT_EQ(row.number, 2);
}

TEST(CsvReaderTest, RowWithTooManyCellsIsAnErrorAndReadingGoesOn) {
  auto reader = CsvReader::Open("a,b\n1,2,3\n4,5\n", ',', 0);
  CsvRow row;
  EXPECT_THAT(Message(reader->Next(row).status()), HasSubstr("3 cells"));
  ASSERT_TRUE(*reader->Next(row));
  EXPECT_THAT(row.cells, ElementsAre("4", "5"));
}

TEST(CsvReaderTest, TwoColumnsOfOneNameAreRefused) { EXPECT_FALSE(CsvReader::Open("a,a\n", ',', 0).ok()); }

TEST(CsvReaderTest, QuoteThatNeverClosesIsAnError) {
  auto reader = CsvReader::Open("a\n\"never\n", ',', 0);
  CsvRow row;
  EXPECT_FALSE(reader->Next(row).ok());
}

TEST(TextDecodingTest, ByteOrderMarkOfUtf8IsDropped) {
  EXPECT_EQ(DecodeText("\xef\xbb\xbfno,name", Encoding::ENCODING_UNSPECIFIED).value(), "no,name");
}

TEST(TextDecodingTest, Gb18030BecomesUtf8) {
  EXPECT_EQ(DecodeText("\xb3\xb5\xbc\xe4", Encoding::ENCODING_GB18030).value(), "车间");
}

TEST(TextDecodingTest, Utf16IsKnownByItsByteOrderMark) {
  EXPECT_EQ(DecodeText(std::string("\xff\xfe"
                                   "a\0\t\0\x66\x8f",
                                   8),
                       Encoding::ENCODING_UNSPECIFIED)
                .value(),
            "a\t车");
}

TEST(TextDecodingTest, TextThatIsNotUtf8NamesTheByteAndTheSetting) {
  auto text = DecodeText("ab\xb3\xb5", Encoding::ENCODING_UNSPECIFIED);
  ASSERT_FALSE(text.ok());
  EXPECT_THAT(Message(text.status()), HasSubstr("byte 2"));
  EXPECT_THAT(Message(text.status()), HasSubstr("ENCODING_GB18030"));
}

TEST(TextDecodingTest, OverlongFormsAreNoUtf8) { EXPECT_EQ(FindBrokenUtf8("a\xc0\xaf"), 1u); }

}  // namespace
}  // namespace yokoten::cli
