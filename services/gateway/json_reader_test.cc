// What is JSON is read, what is not is refused with its place.
#include "gateway/json_reader.h"

#include <random>

#include <gtest/gtest.h>

namespace yokoten::gateway {
namespace {

bool IsJson(std::string_view text) {
  JsonReader reader(text);
  return reader.SkipValue() && reader.AtEnd();
}

TEST(JsonReader, TakesEveryKindOfValue) {
  for (const char* text :
       {"null", "true", " false ", "0", "-0.5e+10", "1E3", "\"\"", "[]", "{}", "[1,[2,{\"a\":[]}]]",
        "{\"a\":1,\"b\":{\"c\":null}}", "\"\\u4e2d\\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"中文\""}) {
    EXPECT_TRUE(IsJson(text)) << text;
  }
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "tru",
                           "nulll",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "--1",
                           "1.2.3",
                           "\"",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\x01\"",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "]",
                           "}",
                           "[}",
                           "{]",
                           "1 2",
                           "'a'",
                           "NaN",
                           "// c\n1"}) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
}

TEST(JsonReader, RefusesBytesThatAreNotUtf8AndSaysWhere) {
  for (const char* bytes : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
                            "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE4\xB8", "\xFF"}) {
    const std::string text = std::string("\"ab") + bytes + "\"";
    JsonReader reader(text);
    std::string out;
    EXPECT_FALSE(reader.ReadString(&out));
    EXPECT_TRUE(reader.error_is_utf8());
    EXPECT_EQ(reader.offset(), 3u);
    EXPECT_FALSE(IsUtf8(bytes));
  }
  EXPECT_TRUE(IsUtf8("a\xC2\x80\xE4\xB8\xAD\xF0\x9F\x98\x80"));
}

TEST(JsonReader, ResolvesEscapes) {
  JsonReader reader(R"("\u4e2d\ud83d\ude00\n")");
  std::string out;
  ASSERT_TRUE(reader.ReadString(&out));
  EXPECT_EQ(out, "中😀\n");
}

TEST(JsonReader, RefusesNestingWithoutEnd) {
  EXPECT_TRUE(IsJson(std::string(60, '[') + std::string(60, ']')));
  const std::string deep(100'000, '[');
  EXPECT_FALSE(IsJson(deep));
}

TEST(JsonReader, SlicingFindsTheEndOfAValueThatIsItselfBroken) {
  JsonReader reader("[{\"a\":tru,\"b\":\"x]}\\\"\"} , \"\xFF\", 3]");
  ASSERT_TRUE(reader.BeginArray());
  std::string_view raw;
  ASSERT_TRUE(reader.NextElement());
  ASSERT_TRUE(reader.SliceValue(&raw));
  EXPECT_EQ(raw, "{\"a\":tru,\"b\":\"x]}\\\"\"}");
  ASSERT_TRUE(reader.NextElement());
  ASSERT_TRUE(reader.SliceValue(&raw));
  EXPECT_EQ(raw, "\"\xFF\"");
  ASSERT_TRUE(reader.NextElement());
  ASSERT_TRUE(reader.SliceValue(&raw));
  EXPECT_EQ(raw, "3");
  EXPECT_FALSE(reader.NextElement());
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.AtEnd());
}

TEST(JsonReader, SlicingRefusesBracketsThatDoNotMatch) {
  for (const char* text : {"{\"a\":]}", "[{", "\"abc", "{\"a\":\"\\\""}) {
    JsonReader reader(text);
    std::string_view raw;
    EXPECT_FALSE(reader.SliceValue(&raw)) << text;
  }
}

TEST(JsonReader, SurvivesRandomBytes) {
  std::mt19937 random(7);
  constexpr std::string_view kAlphabet = "{}[]\",:\\u0123eE+-.tfn \x80\xE4\xB8\xAD";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (size_t length = random() % 40; length > 0; --length)
      text.push_back(kAlphabet[random() % kAlphabet.size()]);
    JsonReader strict(text);
    const bool whole = strict.SkipValue();
    EXPECT_EQ(strict.ok(), whole);
    EXPECT_EQ(strict.error().empty(), whole);
    EXPECT_LE(strict.offset(), text.size());
    JsonReader loose(text);
    std::string_view raw;
    const bool sliced = loose.SliceValue(&raw);
    EXPECT_TRUE(sliced || !whole || !strict.AtEnd()) << text;
  }
}

}  // namespace
}  // namespace yokoten::gateway
