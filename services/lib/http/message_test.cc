// Headers, query parameters and percent-coding.
#include "http/message.h"

#include <gtest/gtest.h>

namespace yokoten::http {
namespace {

TEST(HeadersTest, NamesCompareWithoutRegardToCase) {
  Headers headers{{"Content-Type", "text/plain"}, {"X-A", "1"}};
  headers.Add("x-a", "2");
  EXPECT_EQ(headers.Get("content-type"), "text/plain");
  EXPECT_EQ(headers.Get("X-a"), "1");
  headers.Set("X-A", "3");
  EXPECT_EQ(headers.fields().size(), 2u);
  EXPECT_EQ(headers.Get("x-A"), "3");
  EXPECT_FALSE(headers.Has("X-B"));
  EXPECT_EQ(headers.Get("X-B", "none"), "none");
}

TEST(HeadersTest, TokensOfAListAreFoundWholeOnly) {
  const Headers headers{{"Connection", "Upgrade, keep-Alive"}};
  EXPECT_TRUE(headers.HasToken("connection", "keep-alive"));
  EXPECT_TRUE(headers.HasToken("connection", "upgrade"));
  EXPECT_FALSE(headers.HasToken("connection", "keep"));
}

TEST(QueryParamsTest, ValuesAreDecodedAndKeptInOrder) {
  const auto params = QueryParams::Parse("a=1&b=x%20y+z&&c&a=2&%E4%B8%AD=%e6%96%87&d=100%");
  EXPECT_EQ(params.Get("a"), "1");
  EXPECT_EQ(params.Get("b"), "x y z");
  EXPECT_TRUE(params.Has("c"));
  EXPECT_EQ(params.Get("c", "?"), "");
  EXPECT_EQ(params.Get("中"), "文");
  EXPECT_EQ(params.Get("d"), "100%");
  EXPECT_EQ(params.all().size(), 6u);
}

TEST(PercentCodingTest, EveryByteSurvivesTheRoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
  EXPECT_EQ(PercentDecode("%zz%4"), "%zz%4");
  EXPECT_EQ(PercentDecode("%41"), "A");
}

TEST(Base64Test, DecodesWithAndWithoutPaddingAndRefusesRubbish) {
  EXPECT_EQ(Base64Decode("dXNlcjpwYXNz"), "user:pass");
  EXPECT_EQ(Base64Decode("YQ=="), "a");
  EXPECT_EQ(Base64Decode("YQ"), "a");
  EXPECT_EQ(Base64Decode("YQ!"), std::nullopt);
  EXPECT_EQ(Base64Decode("Y"), std::nullopt);
}

}  // namespace
}  // namespace yokoten::http
