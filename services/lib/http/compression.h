// Streaming content codings: gzip, deflate, zstd and lz4 (frame format), both ways, with bounded memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace yokoten::http {

enum class Coding { kIdentity, kGzip, kDeflate, kZstd, kLz4 };

// Token of Content-Encoding, e.g. "gzip"; empty for identity.
std::string_view CodingName(Coding coding);
// "gzip", "x-gzip", "deflate", "zstd", "lz4", "identity" or empty; InvalidArgument for anything else.
Result<Coding> ParseCoding(std::string_view name);
// The best coding the value of Accept-Encoding allows (zstd, lz4, gzip, deflate in this order of preference,
// q=0 excluded); identity if none.
Coding ChooseCoding(std::string_view accept_encoding);
// The same with gzip before all others: what a browser-facing server prefers for its reach.
Coding ChooseBrowserCoding(std::string_view accept_encoding);

// One direction of one stream. Not thread-safe.
class StreamCodec {
 public:
  virtual ~StreamCodec() = default;
  // Takes all of `in` and appends what comes out to `out`. InvalidArgument: the input is not valid.
  virtual Status Push(std::string_view in, std::string* out) = 0;
  // Makes what was pushed readable at the other end now (compressors; a decompressor does nothing).
  virtual Status Flush(std::string* out) = 0;
  // Ends the stream. InvalidArgument: a decompressor's input was cut off.
  virtual Status Finish(std::string* out) = 0;
};

// `level` 0 takes the coding's fast default.
std::unique_ptr<StreamCodec> MakeCompressor(Coding coding, int level = 0);
std::unique_ptr<StreamCodec> MakeDecompressor(Coding coding);

// Whole strings at once. `max_bytes` bounds the result (ResourceExhausted): a small body may unpack to a huge
// one.
Result<std::string> Compress(Coding coding, std::string_view in, int level = 0);
Result<std::string> Decompress(Coding coding, std::string_view in, size_t max_bytes);

}  // namespace yokoten::http
