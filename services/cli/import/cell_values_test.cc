#include "cli/import/cell_values.h"

#include <gmock/gmock.h>

namespace yokoten::cli {
namespace {

namespace im = importing::v1;
using ::testing::HasSubstr;

google::protobuf::RepeatedField<int> Formats(std::initializer_list<int> formats) {
  return {formats.begin(), formats.end()};
}

std::string DateOf(std::string_view text, std::initializer_list<int> formats) {
  auto when = ParseDateTime(text, Formats(formats));
  return when.ok() ? FormatDay(when->day) : Message(when.status());
}

TEST(NumberTest, PointAndCommaFormatsGiveTheSameDecimal) {
  EXPECT_EQ(ParseNumber("1,234.56", im::NUMBER_FORMAT_UNSPECIFIED).value(), "1234.56");
  EXPECT_EQ(ParseNumber("1.234,56", im::NUMBER_FORMAT_COMMA).value(), "1234.56");
  EXPECT_EQ(ParseNumber("-0,50", im::NUMBER_FORMAT_COMMA).value(), "-0.5");
  EXPECT_EQ(ParseNumber(" 52993979352 ", im::NUMBER_FORMAT_UNSPECIFIED).value(), "52993979352");
  EXPECT_EQ(ParseNumber("1 234", im::NUMBER_FORMAT_UNSPECIFIED).value(), "1234");
  EXPECT_EQ(ParseNumber("-0", im::NUMBER_FORMAT_UNSPECIFIED).value(), "0");
}

TEST(NumberTest, CommaReadAsPointIsRefusedInsteadOfGuessed) {
  EXPECT_FALSE(ParseNumber("1234,56", im::NUMBER_FORMAT_UNSPECIFIED).ok());
  EXPECT_FALSE(ParseNumber("1.5", im::NUMBER_FORMAT_COMMA).ok());
  EXPECT_FALSE(ParseNumber("12 kg", im::NUMBER_FORMAT_UNSPECIFIED).ok());
  EXPECT_FALSE(ParseNumber("", im::NUMBER_FORMAT_UNSPECIFIED).ok());
  EXPECT_FALSE(ParseNumber("1e3", im::NUMBER_FORMAT_UNSPECIFIED).ok());
}

TEST(NumberTest, SumsAreExact) {
  EXPECT_EQ(SumDecimals({"0.1", "0.2"}).value(), "0.3");
  EXPECT_EQ(SumDecimals({"618350", NegateDecimal("306540")}).value(), "311810");
  EXPECT_EQ(SumDecimals({"1", "-1.5"}).value(), "-0.5");
  EXPECT_EQ(SumDecimals({"99999999999999999999", "1"}).value(), "100000000000000000000");
  EXPECT_EQ(SumDecimals({}).value(), "0");
}

TEST(DateTest, EachFormatIsRead) {
  EXPECT_EQ(DateOf("2026-03-02", {}), "2026-03-02");
  EXPECT_EQ(DateOf("02.03.2026", {im::DATE_FORMAT_DOTTED}), "2026-03-02");
  EXPECT_EQ(DateOf("2026/3/2", {im::DATE_FORMAT_SLASHED}), "2026-03-02");
  EXPECT_EQ(DateOf("3/2/2026", {im::DATE_FORMAT_US}), "2026-03-02");
  EXPECT_EQ(DateOf("46083", {im::DATE_FORMAT_EXCEL}), "2026-03-02");
  EXPECT_EQ(DateOf("20260302", {im::DATE_FORMAT_COMPACT}), "2026-03-02");
  EXPECT_EQ(DateOf("2026", {im::DATE_FORMAT_YEAR_END}), "2026-12-31");
  EXPECT_EQ(DateOf("2026", {im::DATE_FORMAT_YEAR_START}), "2026-01-01");
  EXPECT_EQ(DateOf("2026-03", {im::DATE_FORMAT_MONTH_START}), "2026-03-01");
}

TEST(DateTest, SeveralFormatsAreTriedInTurn) {
  EXPECT_EQ(DateOf("46083", {im::DATE_FORMAT_ISO, im::DATE_FORMAT_DOTTED, im::DATE_FORMAT_EXCEL}),
            "2026-03-02");
}

TEST(DateTest, ImpossibleDatesAndOtherTextAreRefused) {
  EXPECT_THAT(DateOf("31.02.2026", {im::DATE_FORMAT_DOTTED}), HasSubstr("is no date such as 02.03.2026"));
  EXPECT_THAT(DateOf("2026-13-01", {}), HasSubstr("is no date"));
  EXPECT_THAT(DateOf("2026-03-02x", {}), HasSubstr("is no date"));
}

TEST(TimeTest, OffsetDecidesTheInstant) {
  auto east = ParseDateTime("2026-03-02T02:15:00+08:00", {});
  auto utc = ParseDateTime("2026-03-01T18:15:00Z", {});
  EXPECT_EQ(ToInstant(*east, std::nullopt).value(), ToInstant(*utc, std::nullopt).value());
  auto half = ParseDateTime("2026-03-02 02:15:00.250-03:30", {});
  EXPECT_EQ(ToMicros(ToInstant(*half, std::nullopt).value()) % 1'000'000, 250'000);
}

TEST(TimeTest, TimeWithoutOffsetNeedsTheFilesZone) {
  auto local = ParseDateTime("02.03.2026 08:15", Formats({im::DATE_FORMAT_DOTTED}));
  EXPECT_THAT(Message(ToInstant(*local, std::nullopt).status()), HasSubstr("file.time_zone"));
  TimeZone shanghai = TimeZone::Load("Asia/Shanghai").value();
  auto utc = ParseDateTime("2026-03-02T00:15:00Z", {});
  EXPECT_EQ(ToInstant(*local, shanghai).value(), ToInstant(*utc, std::nullopt).value());
}

TEST(TimeTest, ExcelFractionIsTheTimeOfDay) {
  auto when = ParseDateTime("46083.34375", Formats({im::DATE_FORMAT_EXCEL}));
  EXPECT_EQ(*when->micros, (8 * 3600 + 15 * 60) * 1'000'000LL);
}

TEST(TimeTest, DateAloneIsNoInstant) {
  EXPECT_THAT(Message(ToInstant(*ParseDateTime("2026-03-02", {}), std::nullopt).status()),
              HasSubstr("occurred_on"));
}

TEST(TruthTest, CommonSpellingsAreKnownAndOthersRefused) {
  EXPECT_TRUE(ParseTruth("Yes").value());
  EXPECT_TRUE(ParseTruth("是").value());
  EXPECT_FALSE(ParseTruth("0").value());
  EXPECT_FALSE(ParseTruth("maybe").ok());
}

TEST(TrimTest, IdeographicAndNoBreakBlanksAreBlanks) { EXPECT_EQ(Trimmed("\u3000 a b\u00a0\r\n"), "a b"); }

}  // namespace
}  // namespace yokoten::cli
