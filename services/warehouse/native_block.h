// ClickHouse's own compressed framing (URL parameters compress=1 and decompress=1): blocks of a CityHash128
// checksum, a method byte, two sizes and the compressed bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/compression.h"

namespace yokoten::warehouse {

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// CityHash128 of version 1.0.2, the one ClickHouse has frozen for its checksums (later versions differ).
Hash128 CityHash128(std::string_view bytes);

// Cuts what is pushed into LZ4 blocks of at most 1 MiB. Flush closes the block begun.
class NativeCompressor : public http::StreamCodec {
 public:
  Status Push(std::string_view in, std::string* out) override;
  Status Flush(std::string* out) override;
  Status Finish(std::string* out) override { return Flush(out); }

 private:
  void Block(std::string_view bytes, std::string* out);
  std::string pending_;
};

// Takes blocks of LZ4, ZSTD or stored bytes. InvalidArgument: damaged or cut off; DataLoss: a checksum that
// does not fit. A block may not claim more than 1 GiB.
class NativeDecompressor : public http::StreamCodec {
 public:
  Status Push(std::string_view in, std::string* out) override;
  Status Flush(std::string*) override { return OkStatus(); }
  Status Finish(std::string* out) override;

 private:
  std::string pending_;
};

}  // namespace yokoten::warehouse
