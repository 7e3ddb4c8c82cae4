// Content codings over zlib, libzstd and liblz4.
#include "http/compression.h"

#include <cstdlib>
#include <limits>
#include <vector>

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "http/message.h"

namespace yokoten::http {
namespace {

constexpr size_t kChunk = 65536;

class Identity : public StreamCodec {
 public:
  Status Push(std::string_view in, std::string* out) override {
    out->append(in);
    return OkStatus();
  }
  Status Flush(std::string*) override { return OkStatus(); }
  Status Finish(std::string*) override { return OkStatus(); }
};

class ZlibCompressor : public StreamCodec {
 public:
  ZlibCompressor(bool gzip, int level) {
    deflateInit2(&stream_, level == 0 ? 3 : level, Z_DEFLATED, gzip ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY);
  }
  ~ZlibCompressor() override { deflateEnd(&stream_); }
  Status Push(std::string_view in, std::string* out) override { return Run(in, Z_NO_FLUSH, out); }
  Status Flush(std::string* out) override { return Run({}, Z_SYNC_FLUSH, out); }
  Status Finish(std::string* out) override { return Run({}, Z_FINISH, out); }

 private:
  Status Run(std::string_view in, int flush, std::string* out) {
    do {
      const size_t part = std::min<size_t>(in.size(), 1u << 30);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = static_cast<uInt>(part);
      in.remove_prefix(part);
      do {
        const size_t old = out->size();
        out->resize(old + kChunk);
        stream_.next_out = reinterpret_cast<Bytef*>(out->data() + old);
        stream_.avail_out = kChunk;
        deflate(&stream_, flush);
        out->resize(old + kChunk - stream_.avail_out);
      } while (stream_.avail_out == 0);
    } while (!in.empty());
    return OkStatus();
  }
  z_stream stream_{};
};

class ZlibDecompressor : public StreamCodec {
 public:
  explicit ZlibDecompressor(bool gzip) : gzip_(gzip) { inflateInit2(&stream_, gzip ? 15 + 16 : 15); }
  ~ZlibDecompressor() override { inflateEnd(&stream_); }

  Status Push(std::string_view in, std::string* out) override {
    while (!in.empty()) {
      if (ended_) {  // gzip members may follow one another
        inflateReset(&stream_);
        ended_ = false;
      }
      const size_t part = std::min<size_t>(in.size(), 1u << 30);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = static_cast<uInt>(part);
      do {
        const size_t old = out->size();
        out->resize(old + kChunk);
        stream_.next_out = reinterpret_cast<Bytef*>(out->data() + old);
        stream_.avail_out = kChunk;
        int rc = inflate(&stream_, Z_NO_FLUSH);
        out->resize(old + kChunk - stream_.avail_out);
        if (rc == Z_DATA_ERROR && !gzip_ && !begun_) {
          // Some senders of "deflate" leave the zlib header out.
          inflateReset2(&stream_, -15);
          stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
          stream_.avail_in = static_cast<uInt>(part);
          begun_ = true;
          continue;
        }
        begun_ = true;
        if (rc == Z_STREAM_END) {
          ended_ = true;
          break;
        }
        if (rc == Z_BUF_ERROR) break;
        if (rc != Z_OK) return InvalidArgument("The compressed data is damaged: inflate failed.");
      } while (stream_.avail_in > 0 || stream_.avail_out == 0);
      in.remove_prefix(part - stream_.avail_in);
      if (!ended_ && stream_.avail_in > 0 && stream_.avail_in == part) {
        return InvalidArgument("The compressed data is damaged: inflate makes no progress.");
      }
    }
    return OkStatus();
  }
  Status Flush(std::string*) override { return OkStatus(); }
  Status Finish(std::string*) override {
    return ended_ || !begun_ ? OkStatus() : InvalidArgument("The compressed data is cut off before its end.");
  }

 private:
  const bool gzip_;
  z_stream stream_{};
  bool begun_ = false;
  bool ended_ = false;
};

class ZstdCompressor : public StreamCodec {
 public:
  explicit ZstdCompressor(int level) : context_(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level == 0 ? 1 : level);
  }
  ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }
  Status Push(std::string_view in, std::string* out) override { return Run(in, ZSTD_e_continue, out); }
  Status Flush(std::string* out) override { return Run({}, ZSTD_e_flush, out); }
  Status Finish(std::string* out) override { return Run({}, ZSTD_e_end, out); }

 private:
  Status Run(std::string_view in, ZSTD_EndDirective mode, std::string* out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    for (;;) {
      const size_t old = out->size();
      out->resize(old + kChunk);
      ZSTD_outBuffer output{out->data() + old, kChunk, 0};
      const size_t rc = ZSTD_compressStream2(context_, &output, &input, mode);
      out->resize(old + output.pos);
      if (ZSTD_isError(rc)) return Internal(std::string("zstd failed: ") + ZSTD_getErrorName(rc));
      if (mode == ZSTD_e_continue ? input.pos == input.size : rc == 0) return OkStatus();
    }
  }
  ZSTD_CCtx* context_;
};

class ZstdDecompressor : public StreamCodec {
 public:
  ZstdDecompressor() : context_(ZSTD_createDCtx()) {}
  ~ZstdDecompressor() override { ZSTD_freeDCtx(context_); }
  Status Push(std::string_view in, std::string* out) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    bool more = input.size > 0;
    while (more) {
      const size_t old = out->size();
      out->resize(old + kChunk);
      ZSTD_outBuffer output{out->data() + old, kChunk, 0};
      const size_t rc = ZSTD_decompressStream(context_, &output, &input);
      out->resize(old + output.pos);
      if (ZSTD_isError(rc)) {
        return InvalidArgument(std::string("The compressed data is damaged: ") + ZSTD_getErrorName(rc) + ".");
      }
      open_frame_ = rc != 0;
      more = input.pos < input.size || output.pos == kChunk;
    }
    return OkStatus();
  }
  Status Flush(std::string*) override { return OkStatus(); }
  Status Finish(std::string*) override {
    return open_frame_ ? InvalidArgument("The compressed data is cut off before its end.") : OkStatus();
  }

 private:
  ZSTD_DCtx* context_;
  bool open_frame_ = false;
};

class Lz4Compressor : public StreamCodec {
 public:
  explicit Lz4Compressor(int level) {
    preferences_.compressionLevel = level;
    LZ4F_createCompressionContext(&context_, LZ4F_VERSION);
  }
  ~Lz4Compressor() override { LZ4F_freeCompressionContext(context_); }
  Status Push(std::string_view in, std::string* out) override {
    YK_RETURN_IF_ERROR(Begin(out));
    while (!in.empty()) {
      const std::string_view part = in.substr(0, kChunk);
      in.remove_prefix(part.size());
      YK_RETURN_IF_ERROR(Put(out, LZ4F_compressBound(part.size(), &preferences_), [&](char* to, size_t room) {
        return LZ4F_compressUpdate(context_, to, room, part.data(), part.size(), nullptr);
      }));
    }
    return OkStatus();
  }
  Status Flush(std::string* out) override {
    YK_RETURN_IF_ERROR(Begin(out));
    return Put(out, LZ4F_compressBound(0, &preferences_),
               [&](char* to, size_t room) { return LZ4F_flush(context_, to, room, nullptr); });
  }
  Status Finish(std::string* out) override {
    YK_RETURN_IF_ERROR(Begin(out));
    return Put(out, LZ4F_compressBound(0, &preferences_),
               [&](char* to, size_t room) { return LZ4F_compressEnd(context_, to, room, nullptr); });
  }

 private:
  Status Begin(std::string* out) {
    if (std::exchange(begun_, true)) return OkStatus();
    return Put(out, LZ4F_HEADER_SIZE_MAX,
               [&](char* to, size_t room) { return LZ4F_compressBegin(context_, to, room, &preferences_); });
  }
  template <class F>
  Status Put(std::string* out, size_t room, F write) {
    const size_t old = out->size();
    out->resize(old + room);
    const size_t count = write(out->data() + old, room);
    if (LZ4F_isError(count)) {
      out->resize(old);
      return Internal(std::string("lz4 failed: ") + LZ4F_getErrorName(count));
    }
    out->resize(old + count);
    return OkStatus();
  }
  LZ4F_preferences_t preferences_{};
  LZ4F_cctx* context_ = nullptr;
  bool begun_ = false;
};

class Lz4Decompressor : public StreamCodec {
 public:
  Lz4Decompressor() { LZ4F_createDecompressionContext(&context_, LZ4F_VERSION); }
  ~Lz4Decompressor() override { LZ4F_freeDecompressionContext(context_); }
  Status Push(std::string_view in, std::string* out) override {
    bool more = !in.empty();
    while (more) {
      const size_t old = out->size();
      out->resize(old + kChunk);
      size_t produced = kChunk;
      size_t consumed = in.size();
      const size_t rc =
          LZ4F_decompress(context_, out->data() + old, &produced, in.data(), &consumed, nullptr);
      out->resize(old + (LZ4F_isError(rc) ? 0 : produced));
      if (LZ4F_isError(rc)) {
        return InvalidArgument(std::string("The compressed data is damaged: ") + LZ4F_getErrorName(rc) + ".");
      }
      in.remove_prefix(consumed);
      open_frame_ = rc != 0;
      more = !in.empty() || produced == kChunk;
    }
    return OkStatus();
  }
  Status Flush(std::string*) override { return OkStatus(); }
  Status Finish(std::string*) override {
    return open_frame_ ? InvalidArgument("The compressed data is cut off before its end.") : OkStatus();
  }

 private:
  LZ4F_dctx* context_ = nullptr;
  bool open_frame_ = false;
};

Coding Choose(std::string_view accept, std::initializer_list<Coding> preference) {
  bool allowed[5] = {};
  while (!accept.empty()) {
    const size_t comma = accept.find(',');
    std::string_view item = accept.substr(0, comma);
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
    const size_t semicolon = item.find(';');
    std::string_view name = item.substr(0, semicolon);
    while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    if (semicolon != std::string_view::npos) {
      const std::string parameter(item.substr(semicolon + 1));
      const size_t q = parameter.find("q=");
      if (q != std::string::npos && std::strtod(parameter.c_str() + q + 2, nullptr) <= 0) continue;
    }
    const auto coding = ParseCoding(name);
    if (coding.ok()) allowed[static_cast<int>(*coding)] = true;
  }
  for (const Coding coding : preference) {
    if (allowed[static_cast<int>(coding)]) return coding;
  }
  return Coding::kIdentity;
}

}  // namespace

std::string_view CodingName(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return "gzip";
    case Coding::kDeflate:
      return "deflate";
    case Coding::kZstd:
      return "zstd";
    case Coding::kLz4:
      return "lz4";
    case Coding::kIdentity:
      break;
  }
  return "";
}

Result<Coding> ParseCoding(std::string_view name) {
  if (name.empty() || EqualsIgnoreCase(name, "identity")) return Coding::kIdentity;
  if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) return Coding::kGzip;
  if (EqualsIgnoreCase(name, "deflate")) return Coding::kDeflate;
  if (EqualsIgnoreCase(name, "zstd")) return Coding::kZstd;
  if (EqualsIgnoreCase(name, "lz4")) return Coding::kLz4;
  return InvalidArgument("The content coding '" + std::string(name) +
                         "' is not supported; use gzip, deflate, zstd or lz4.");
}

Coding ChooseCoding(std::string_view accept_encoding) {
  return Choose(accept_encoding, {Coding::kZstd, Coding::kLz4, Coding::kGzip, Coding::kDeflate});
}

Coding ChooseBrowserCoding(std::string_view accept_encoding) {
  return Choose(accept_encoding, {Coding::kGzip, Coding::kZstd, Coding::kDeflate, Coding::kLz4});
}

std::unique_ptr<StreamCodec> MakeCompressor(Coding coding, int level) {
  switch (coding) {
    case Coding::kGzip:
      return std::make_unique<ZlibCompressor>(true, level);
    case Coding::kDeflate:
      return std::make_unique<ZlibCompressor>(false, level);
    case Coding::kZstd:
      return std::make_unique<ZstdCompressor>(level);
    case Coding::kLz4:
      return std::make_unique<Lz4Compressor>(level);
    case Coding::kIdentity:
      break;
  }
  return std::make_unique<Identity>();
}

std::unique_ptr<StreamCodec> MakeDecompressor(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return std::make_unique<ZlibDecompressor>(true);
    case Coding::kDeflate:
      return std::make_unique<ZlibDecompressor>(false);
    case Coding::kZstd:
      return std::make_unique<ZstdDecompressor>();
    case Coding::kLz4:
      return std::make_unique<Lz4Decompressor>();
    case Coding::kIdentity:
      break;
  }
  return std::make_unique<Identity>();
}

Result<std::string> Compress(Coding coding, std::string_view in, int level) {
  const auto codec = MakeCompressor(coding, level);
  std::string out;
  YK_RETURN_IF_ERROR(codec->Push(in, &out));
  YK_RETURN_IF_ERROR(codec->Finish(&out));
  return out;
}

Result<std::string> Decompress(Coding coding, std::string_view in, size_t max_bytes) {
  const auto codec = MakeDecompressor(coding);
  std::string out;
  while (!in.empty()) {
    // In small steps, so that a bomb is noticed before it is unpacked.
    const std::string_view part = in.substr(0, 4096);
    in.remove_prefix(part.size());
    YK_RETURN_IF_ERROR(codec->Push(part, &out));
    if (out.size() > max_bytes) {
      return ResourceExhausted("The compressed body unpacks to more than " + std::to_string(max_bytes) +
                               " bytes; send it in smaller parts.");
    }
  }
  YK_RETURN_IF_ERROR(codec->Finish(&out));
  return out;
}

}  // namespace yokoten::http
