#include "events/text.h"

#include <string>

#include <gtest/gtest.h>

namespace yokoten::events {
namespace {

TEST(TextTest, TakesWhatRfc3629Takes) {
  for (const std::string text :
       {"", "a", "中文", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const std::string text : {"\xff", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                 "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xe4\xb8", "\xc3"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
  EXPECT_EQ(FirstBrokenByte("ab\xff"
                            "c"),
            2u);
}

TEST(TextTest, LengthIsInCodePoints) {
  EXPECT_EQ(CodePoints("作业标准"), 4u);
  EXPECT_EQ(CodePoints("a\xf0\x9f\x98\x80"), 2u);
}

TEST(TextTest, ControlCharactersAreSeenButLineBreaksAreFine) {
  EXPECT_FALSE(HasControlCharacter("a\tb\r\nc 中"));
  EXPECT_TRUE(HasControlCharacter(std::string("a\0b", 3)));
  EXPECT_TRUE(HasControlCharacter("\x1b[0m"));
  EXPECT_TRUE(HasControlCharacter("a\xc2\x85"));
  EXPECT_FALSE(HasControlCharacter("a\xc2\xa0"));
}

// 11010519491231002X is the example of GB 11643 itself.
TEST(TextTest, IdentityNumbersAreFoundByTheirCheckCharacter) {
  EXPECT_EQ(FindPersonalNumber("张三 11010519491231002X 反馈"), PersonalNumber::kIdentityNumber);
  EXPECT_EQ(FindPersonalNumber("id:11010519491231002x."), PersonalNumber::kIdentityNumber);
  EXPECT_EQ(FindPersonalNumber("１１０１０５１９４９１２３１００２Ｘ"), PersonalNumber::kIdentityNumber);
  EXPECT_EQ(FindPersonalNumber("110105194912310021"), PersonalNumber::kNone);   // wrong check digit
  EXPECT_EQ(FindPersonalNumber("911010519491231002X"), PersonalNumber::kNone);  // part of a longer number
}

TEST(TextTest, MobileNumbersAreFoundInTheirUsualForms) {
  for (const char* text : {"13812345678", "打13812345678。", "+8613812345678", "86 13812345678",
                           "138 1234 5678", "138-1234-5678", "+86138 1234 5678", "１３８１２３４５６７８"}) {
    EXPECT_EQ(FindPersonalNumber(text), PersonalNumber::kMobileNumber) << text;
  }
  for (const char* text :
       {"12812345678", "138123456789", "1381234567", "lot 20260302138", "M6x1 12345678", "138 1234 567"}) {
    EXPECT_EQ(FindPersonalNumber(text), PersonalNumber::kNone) << text;
  }
}

}  // namespace
}  // namespace yokoten::events
