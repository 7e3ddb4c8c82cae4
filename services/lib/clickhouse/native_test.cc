#include "clickhouse/native.h"

#include <gtest/gtest.h>

namespace yokoten::clickhouse {
namespace {

using std::string_literals::operator""s;

std::string Encoded(const Column& column) {
  std::string out;
  column.EncodeTo(out);
  return out;
}

TEST(Column, WritesStringsWithTheirLengthAsVarint) {
  Column column("s", "LowCardinality(String)");
  column.AppendString("ab");
  column.AppendString(std::string(200, 'x'));
  EXPECT_EQ(Encoded(column),
            "\x01s\x06String\x02"
            "ab\xC8\x01"s +
                std::string(200, 'x'));
}

TEST(Column, WritesUuidsAsTwoLittleEndianNumbersHighFirst) {
  Column column("u", "UUID");
  std::array<uint8_t, 16> uuid;
  for (uint8_t i = 0; i < 16; ++i) uuid[i] = i;
  column.AppendUuid(uuid);
  EXPECT_EQ(Encoded(column),
            "\x01u\x04UUID\x07\x06\x05\x04\x03\x02\x01\x00\x0F\x0E\x0D\x0C\x0B\x0A\x09\x08"s);
}

TEST(Column, WritesNullMapBeforeValues) {
  Column column("n", "Nullable(Int32)");
  column.Append<int32_t>(7);
  column.AppendDefault();
  EXPECT_EQ(Encoded(column), "\x01n\x0FNullable(Int32)\x00\x01\x07\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(Column, WritesArrayOffsetsThenItemsAlsoNested) {
  Column column("a", "Array(Array(UInt8))");
  column.items().items().Append<uint8_t>(1);
  column.items().items().Append<uint8_t>(2);
  column.items().EndArray();
  column.items().EndArray();
  column.EndArray();
  column.AppendDefault();
  EXPECT_EQ(Encoded(column),
            "\x01"
            "a\x13"
            "Array(Array(UInt8))"s +
                "\x02\0\0\0\0\0\0\0"s
                "\x02\0\0\0\0\0\0\0"s  // outer offsets: 2, 2
                "\x02\0\0\0\0\0\0\0"s
                "\x02\0\0\0\0\0\0\0"s  // inner offsets: 2, 2
                "\x01\x02"s);
}

TEST(Column, SendsDecimalsOf38DigitsIn16Bytes) {
  Column column("d", "Nullable(Decimal(38, 6))");
  column.Append<Int128>(-1);
  EXPECT_EQ(Encoded(column),
            "\x01"
            "d\x18Nullable(Decimal(38, 6))\0"s +
                std::string(16, '\xFF'));
}

TEST(ColumnDeathTest, AbortsOnAValueOfAnotherWidth) {
  Column column("n", "Int64");
  EXPECT_DEATH(column.Append<int32_t>(1), "another width");
}

TEST(NativeBlock, StartsWithColumnsAndRows) {
  NativeBlock block;
  block.Add("a", "UInt8").Append<uint8_t>(5);
  block.Add("b c", "String").AppendString("x");
  EXPECT_EQ(block.Encode(),
            "\x02\x01\x01"
            "a\x05UInt8\x05\x03"
            "b c\x06String\x01x"s);
  EXPECT_EQ(block.ColumnList(), "`a`,`b c`");
}

TEST(NativeBlockDeathTest, AbortsWhenColumnsDifferInLength) {
  NativeBlock block;
  block.Add("a", "UInt8").Append<uint8_t>(5);
  block.Add("b", "UInt8");
  EXPECT_DEATH(block.Encode(), "another number of rows");
}

}  // namespace
}  // namespace yokoten::clickhouse
