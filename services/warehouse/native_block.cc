// The framing, and the hash it is checked with.
//
// The hash follows the published CityHash 1.0.2 algorithm (G. Pike, J. Alakuijala), whose results are part of
// ClickHouse's format for good.
#include "warehouse/native_block.h"

#include <cstring>
#include <utility>

#include <lz4.h>
#include <zstd.h>

namespace yokoten::warehouse {
namespace {

constexpr uint64_t kPrime0 = 0xc3a5c85c97cb3127ULL;
constexpr uint64_t kPrime1 = 0xb492b66fbe98f273ULL;
constexpr uint64_t kPrime2 = 0x9ae16a3b2f90404fULL;
constexpr uint64_t kPrime3 = 0xc949d7c7509e6557ULL;

uint64_t Load64(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint64_t Load32(const char* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint64_t RotateRight(uint64_t value, unsigned shift) {
  return shift == 0 ? value : (value >> shift) | (value << (64 - shift));
}

uint64_t FoldHigh(uint64_t value) { return value ^ (value >> 47); }

uint64_t Mix(uint64_t u, uint64_t v) {
  constexpr uint64_t kMul = 0x9ddfea08eb382d69ULL;
  const uint64_t a = FoldHigh((u ^ v) * kMul);
  return FoldHigh((v ^ a) * kMul) * kMul;
}

uint64_t HashUpTo16(const char* s, size_t size) {
  if (size > 8) {
    const uint64_t last = Load64(s + size - 8);
    return Mix(Load64(s), RotateRight(last + size, static_cast<unsigned>(size))) ^ last;
  }
  if (size >= 4) return Mix(size + (Load32(s) << 3), Load32(s + size - 4));
  if (size == 0) return kPrime2;
  const auto byte = [s](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i])); };
  const uint32_t y = byte(0) + (byte(size >> 1) << 8);
  const uint32_t z = static_cast<uint32_t>(size) + (byte(size - 1) << 2);
  return FoldHigh(y * kPrime2 ^ z * kPrime3) * kPrime2;
}

// Folds 32 bytes into a pair.
Hash128 Fold32(const char* s, uint64_t a, uint64_t b) {
  const uint64_t last = Load64(s + 24);
  a += Load64(s);
  b = RotateRight(b + a + last, 21);
  const uint64_t first = a;
  a += Load64(s + 8);
  a += Load64(s + 16);
  b += RotateRight(a, 44);
  return {a + last, b + first};
}

// For fewer than 128 bytes.
Hash128 HashShort(const char* s, size_t size, Hash128 seed) {
  uint64_t a = seed.low, b = seed.high, c = 0, d = 0;
  if (size <= 16) {
    a = FoldHigh(a * kPrime1) * kPrime1;
    c = b * kPrime1 + HashUpTo16(s, size);
    d = FoldHigh(a + (size >= 8 ? Load64(s) : c));
  } else {
    c = Mix(Load64(s + size - 8) + kPrime1, a);
    d = Mix(b + size, c + Load64(s + size - 16));
    a += d;
    for (int64_t left = static_cast<int64_t>(size) - 16; left > 0; left -= 16, s += 16) {
      a = (a ^ (FoldHigh(Load64(s) * kPrime1) * kPrime1)) * kPrime1;
      b ^= a;
      c = (c ^ (FoldHigh(Load64(s + 8) * kPrime1) * kPrime1)) * kPrime1;
      d ^= c;
    }
  }
  a = Mix(a, c);
  b = Mix(d, b);
  return {a ^ b, Mix(b, a)};
}

Hash128 HashSeeded(const char* s, size_t size, Hash128 seed) {
  if (size < 128) return HashShort(s, size, seed);
  uint64_t x = seed.low, y = seed.high, z = size * kPrime1;
  Hash128 v, w;
  v.low = RotateRight(y ^ kPrime1, 49) * kPrime1 + Load64(s);
  v.high = RotateRight(v.low, 42) * kPrime1 + Load64(s + 8);
  w.low = RotateRight(y + z, 35) * kPrime1 + x;
  w.high = RotateRight(x + Load64(s + 88), 53) * kPrime1;
  while (size >= 128) {
    for (int half = 0; half < 2; ++half, s += 64) {
      x = RotateRight(x + y + v.low + Load64(s + 16), 37) * kPrime1;
      y = RotateRight(y + v.high + Load64(s + 48), 42) * kPrime1;
      x ^= w.high;
      y ^= v.low;
      z = RotateRight(z ^ w.low, 33);
      v = Fold32(s, v.high * kPrime1, x + w.low);
      w = Fold32(s + 32, z + w.high, y);
      std::swap(z, x);
    }
    size -= 128;
  }
  y += RotateRight(w.low, 37) * kPrime0 + z;
  x += RotateRight(v.low + z, 49) * kPrime0;
  // The rest in pieces of 32 from the end; the first of them may reach back into what was hashed.
  for (size_t done = 32; done < size + 32; done += 32) {
    const char* piece = s + size - done;
    y = RotateRight(y - x, 42) * kPrime0 + v.high;
    w.low += Load64(piece + 16);
    x = RotateRight(x, 49) * kPrime0 + w.low;
    w.low += v.low;
    v = Fold32(piece, v.low, v.high);
  }
  x = Mix(x, v.low);
  y = Mix(y, w.low);
  return {Mix(x + v.high, w.high) + y, Mix(x + w.high, y + v.high)};
}

constexpr char kStored = '\x02';
constexpr char kLz4 = '\x82';
constexpr char kZstd = '\x90';
constexpr size_t kChecksumBytes = 16;
constexpr size_t kHeaderBytes = 9;  // method, compressed size with this header, size
constexpr size_t kBlockBytes = 1 << 20;
constexpr uint32_t kMaxBlockBytes = 1u << 30;

}  // namespace

Hash128 CityHash128(std::string_view bytes) {
  const char* s = bytes.data();
  const size_t size = bytes.size();
  if (size >= 16) return HashSeeded(s + 16, size - 16, {Load64(s) ^ kPrime3, Load64(s + 8)});
  if (size >= 8)
    return HashSeeded(nullptr, 0, {Load64(s) ^ (size * kPrime0), Load64(s + size - 8) ^ kPrime1});
  return HashSeeded(s, size, {kPrime0, kPrime1});
}

void NativeCompressor::Block(std::string_view bytes, std::string* out) {
  const size_t begin = out->size();
  const int bound = LZ4_compressBound(static_cast<int>(bytes.size()));
  out->resize(begin + kChecksumBytes + kHeaderBytes + static_cast<size_t>(bound));
  char* header = out->data() + begin + kChecksumBytes;
  const int packed =
      LZ4_compress_default(bytes.data(), header + kHeaderBytes, static_cast<int>(bytes.size()), bound);
  const uint32_t packed_size = static_cast<uint32_t>(packed) + kHeaderBytes;
  const uint32_t size = static_cast<uint32_t>(bytes.size());
  header[0] = kLz4;
  std::memcpy(header + 1, &packed_size, sizeof packed_size);
  std::memcpy(header + 5, &size, sizeof size);
  const Hash128 hash = CityHash128({header, packed_size});
  std::memcpy(header - 16, &hash.low, 8);
  std::memcpy(header - 8, &hash.high, 8);
  out->resize(begin + kChecksumBytes + packed_size);
}

Status NativeCompressor::Push(std::string_view in, std::string* out) {
  while (!in.empty()) {
    if (pending_.empty() && in.size() >= kBlockBytes) {
      Block(in.substr(0, kBlockBytes), out);
      in.remove_prefix(kBlockBytes);
      continue;
    }
    const std::string_view part = in.substr(0, kBlockBytes - pending_.size());
    pending_.append(part);
    in.remove_prefix(part.size());
    if (pending_.size() == kBlockBytes) YK_RETURN_IF_ERROR(Flush(out));
  }
  return OkStatus();
}

Status NativeCompressor::Flush(std::string* out) {
  if (!pending_.empty()) Block(pending_, out);
  pending_.clear();
  return OkStatus();
}

Status NativeDecompressor::Push(std::string_view in, std::string* out) {
  pending_.append(in);
  size_t at = 0;
  while (pending_.size() - at >= kChecksumBytes + kHeaderBytes) {
    const char* header = pending_.data() + at + kChecksumBytes;
    uint32_t packed_size, size;
    std::memcpy(&packed_size, header + 1, sizeof packed_size);
    std::memcpy(&size, header + 5, sizeof size);
    if (packed_size < kHeaderBytes || packed_size > kMaxBlockBytes || size > kMaxBlockBytes ||
        (header[0] != kLz4 && header[0] != kZstd && header[0] != kStored)) {
      return InvalidArgument("The data is not in ClickHouse's compressed block format.");
    }
    if (pending_.size() - at < kChecksumBytes + packed_size) break;
    if (CityHash128({header, packed_size}) != Hash128{Load64(header - 16), Load64(header - 8)}) {
      return DataLoss("Checksum doesn't match: the compressed data was damaged on its way.");
    }
    const size_t old = out->size();
    out->resize(old + size);
    const char* packed = header + kHeaderBytes;
    const size_t packed_bytes = packed_size - kHeaderBytes;
    bool good = false;
    if (header[0] == kLz4) {
      good = LZ4_decompress_safe(packed, out->data() + old, static_cast<int>(packed_bytes),
                                 static_cast<int>(size)) == static_cast<int>(size);
    } else if (header[0] == kZstd) {
      good = ZSTD_decompress(out->data() + old, size, packed, packed_bytes) == size;
    } else if (packed_bytes == size) {
      std::memcpy(out->data() + old, packed, size);
      good = true;
    }
    if (!good) {
      out->resize(old);
      return InvalidArgument("A compressed block cannot be unpacked.");
    }
    at += kChecksumBytes + packed_size;
  }
  pending_.erase(0, at);
  return OkStatus();
}

Status NativeDecompressor::Finish(std::string*) {
  return pending_.empty() ? OkStatus() : InvalidArgument("The compressed data is cut off inside a block.");
}

}  // namespace yokoten::warehouse
