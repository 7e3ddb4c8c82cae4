// Cursors are read back as they were written, and nothing else is taken for one.
#include "derive/event_log.h"

#include <gtest/gtest.h>

namespace yokoten::derive {
namespace {

TEST(CursorTest, ReadsBackWhatItWrote) {
  const auto cursor = ParseCursor(FormatCursor({1234567, 0xfedcba9876543210}));
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  EXPECT_EQ(cursor->offset, 1234567);
  EXPECT_EQ(cursor->checksum, 0xfedcba9876543210);
}

TEST(CursorTest, AnythingElseIsRefusedByName) {
  for (const char* text :
       {"5", "-", "5-12", "x-0000000000000000", "5-000000000000000g", "5-00000000000000000"}) {
    const auto cursor = ParseCursor(text);
    EXPECT_EQ(cursor.status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(FilterTest, ATypeThatIsNoneIsRefused) {
  google::protobuf::RepeatedPtrField<std::string> types, none;
  *types.Add() = "AuditMissed";
  EXPECT_TRUE(FilterOf(types, none).ok());
  *types.Add() = "Nonsense";
  EXPECT_EQ(FilterOf(types, none).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yokoten::derive
