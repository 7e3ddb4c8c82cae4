// ClickHouse's block framing: both ways, in pieces, damaged.
#include "warehouse/native_block.h"

#include <random>

#include <gtest/gtest.h>

namespace yokoten::warehouse {
namespace {

std::string Random(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random() % 7 == 0 ? random() : 'a'));
  return bytes;
}

std::string Pack(std::string_view bytes) {
  NativeCompressor compressor;
  std::string out;
  EXPECT_TRUE(compressor.Push(bytes, &out).ok());
  EXPECT_TRUE(compressor.Finish(&out).ok());
  return out;
}

TEST(NativeBlockTest, AnyLengthInAnyPiecesComesBack) {
  for (const size_t size : {0ul, 1ul, 100ul, (1ul << 20) - 1, 1ul << 20, (3ul << 20) + 5}) {
    const std::string bytes = Random(size, 1);
    const std::string packed = Pack(bytes);
    for (const size_t piece : {1000ul, 65536ul, packed.size() + 1}) {
      NativeDecompressor decompressor;
      std::string out;
      for (size_t at = 0; at < packed.size(); at += piece) {
        ASSERT_TRUE(decompressor.Push(std::string_view(packed).substr(at, piece), &out).ok());
      }
      ASSERT_TRUE(decompressor.Finish(&out).ok());
      EXPECT_TRUE(out == bytes) << size << " in " << piece;
    }
  }
}

TEST(NativeBlockTest, EveryDamagedByteIsNoticed) {
  const std::string packed = Pack(Random(200, 2));
  for (size_t i = 0; i < packed.size(); ++i) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    NativeDecompressor decompressor;
    std::string out;
    const bool ok = decompressor.Push(damaged, &out).ok() && decompressor.Finish(&out).ok();
    EXPECT_FALSE(ok) << "byte " << i;
  }
}

TEST(NativeBlockTest, ACutOffStreamAndARidiculousSizeAreRefused) {
  const std::string packed = Pack(Random(200, 3));
  NativeDecompressor cut;
  std::string out;
  EXPECT_TRUE(cut.Push(packed.substr(0, packed.size() - 1), &out).ok());
  EXPECT_EQ(cut.Finish(&out).code(), StatusCode::kInvalidArgument);
  NativeDecompressor text;
  EXPECT_EQ(text.Push("this is just text, and no block of anything", &out).code(),
            StatusCode::kInvalidArgument);
}

// That the values are ClickHouse's own is tested against blocks the engine wrote
// (warehouse_clickhouse_test.cc).
TEST(CityHashTest, DependsOnEveryByteAtEveryLength) {
  for (size_t size = 1; size < 300; ++size) {
    std::string bytes = Random(size, 4);
    const Hash128 hash = CityHash128(bytes);
    EXPECT_EQ(hash, CityHash128(bytes));
    bytes[size / 2] = static_cast<char>(bytes[size / 2] + 1);
    EXPECT_NE(hash, CityHash128(bytes)) << size;
  }
}

}  // namespace
}  // namespace yokoten::warehouse
