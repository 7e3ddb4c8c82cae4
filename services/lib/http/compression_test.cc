// Content codings: every coding both ways, in pieces, damaged, cut off and as a bomb.
#include "http/compression.h"

#include <random>

#include <gtest/gtest.h>

namespace yokoten::http {
namespace {

std::string Text(size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += "line " + std::to_string(random() % 1000) + "\n";
  text.resize(size);
  return text;
}

class CodingTest : public testing::TestWithParam<Coding> {};

TEST_P(CodingTest, RoundTripInPiecesOfAnySize) {
  const std::string text = Text(300'000);
  for (const size_t piece : {1ul, 7ul, 4096ul, 1'000'000ul}) {
    const auto compressor = MakeCompressor(GetParam());
    std::string packed;
    const size_t limit = piece == 1 ? 20'000 : text.size();
    for (size_t i = 0; i < limit; i += piece) {
      ASSERT_TRUE(
          compressor->Push(std::string_view(text).substr(i, std::min(piece, limit - i)), &packed).ok());
    }
    ASSERT_TRUE(compressor->Finish(&packed).ok());
    const auto decompressor = MakeDecompressor(GetParam());
    std::string unpacked;
    for (size_t i = 0; i < packed.size(); i += piece) {
      ASSERT_TRUE(decompressor->Push(std::string_view(packed).substr(i, piece), &unpacked).ok());
    }
    ASSERT_TRUE(decompressor->Finish(&unpacked).ok());
    EXPECT_TRUE(unpacked == text.substr(0, limit)) << piece;
  }
}

TEST_P(CodingTest, WhatIsFlushedCanBeReadAtOnce) {
  const auto compressor = MakeCompressor(GetParam());
  const auto decompressor = MakeDecompressor(GetParam());
  for (int i = 0; i < 3; ++i) {
    std::string packed, unpacked;
    ASSERT_TRUE(compressor->Push("event\n", &packed).ok());
    ASSERT_TRUE(compressor->Flush(&packed).ok());
    ASSERT_TRUE(decompressor->Push(packed, &unpacked).ok());
    EXPECT_EQ(unpacked, "event\n");
  }
}

TEST_P(CodingTest, DamagedAndCutOffDataIsRefused) {
  if (GetParam() == Coding::kIdentity) return;  // carries no mark of its own to check
  const std::string text = Text(100'000);
  const std::string packed = Compress(GetParam(), text).value();
  EXPECT_EQ(Decompress(GetParam(), packed.substr(0, packed.size() / 2), 1 << 20).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_FALSE(Decompress(GetParam(), "this is not compressed at all, not one bit", 1 << 20).ok());
}

TEST_P(CodingTest, ABodyThatUnpacksToTooMuchIsRefused) {
  const std::string bomb = Compress(GetParam(), std::string(5'000'000, 'a')).value();
  EXPECT_EQ(Decompress(GetParam(), bomb, 1'000'000).status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(Decompress(GetParam(), bomb, 5'000'000).ok());
}

TEST_P(CodingTest, EmptyInputGivesEmptyOutput) {
  EXPECT_EQ(Decompress(GetParam(), Compress(GetParam(), "").value(), 10).value(), "");
}

INSTANTIATE_TEST_SUITE_P(All, CodingTest,
                         testing::Values(Coding::kIdentity, Coding::kGzip, Coding::kDeflate, Coding::kZstd,
                                         Coding::kLz4),
                         [](const auto& info) {
                           return info.param == Coding::kIdentity ? std::string("identity")
                                                                  : std::string(CodingName(info.param));
                         });

TEST(GzipTest, MembersThatFollowOneAnotherAreOneBody) {
  const std::string two = Compress(Coding::kGzip, "one ").value() + Compress(Coding::kGzip, "two").value();
  EXPECT_EQ(Decompress(Coding::kGzip, two, 100).value(), "one two");
}

TEST(ChooseCodingTest, TheBestAllowedIsTaken) {
  EXPECT_EQ(ChooseCoding("gzip, deflate"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("gzip, deflate, br, zstd"), Coding::kZstd);
  EXPECT_EQ(ChooseBrowserCoding("gzip, deflate, br, zstd"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("lz4"), Coding::kLz4);
  EXPECT_EQ(ChooseCoding("zstd;q=0, gzip;q=0.5"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("br"), Coding::kIdentity);
  EXPECT_EQ(ChooseCoding(""), Coding::kIdentity);
}

}  // namespace
}  // namespace yokoten::http
