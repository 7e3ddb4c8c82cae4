#include "cli/import/text_decoding.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <iconv.h>

namespace yokoten::cli {

using importing::v1::Encoding;

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad())
    return DataLoss("reading " + path + " broke off; copy the file to a local disk and try again");
  return std::move(text).str();
}

size_t FindBrokenUtf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    unsigned char c = s[i];
    size_t length = c < 0x80 ? 1 : (c >> 5) == 6 ? 2 : (c >> 4) == 14 ? 3 : (c >> 3) == 30 ? 4 : 0;
    if (length == 0 || i + length > s.size()) return i;
    uint32_t code = length == 1 ? c : c & (0x7f >> length);
    for (size_t k = 1; k < length; ++k) {
      unsigned char next = s[i + k];
      if ((next & 0xc0) != 0x80) return i;
      code = code << 6 | (next & 0x3f);
    }
    bool overlong =
        (length == 2 && code < 0x80) || (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return i;
    i += length;
  }
  return std::string_view::npos;
}

namespace {

Result<std::string> Iconv(std::string_view from, std::string_view bytes) {
  iconv_t converter = iconv_open("UTF-8", std::string(from).c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return Unimplemented("this system cannot read the encoding " + std::string(from));
  }
  std::string out;
  std::string buffer(1 << 16, '\0');
  char* in = const_cast<char*>(bytes.data());
  size_t left = bytes.size();
  Status status = OkStatus();
  while (true) {
    char* to = buffer.data();
    size_t room = buffer.size();
    size_t done = iconv(converter, left > 0 ? &in : nullptr, left > 0 ? &left : nullptr, &to, &room);
    out.append(buffer.data(), buffer.size() - room);
    if (done == static_cast<size_t>(-1) && errno != E2BIG) {
      status = InvalidArgument("byte " + std::to_string(in - bytes.data()) + " of the file is no " +
                               std::string(from) +
                               "; set file.encoding in the mapping to what the file is written in");
      break;
    }
    if (done != static_cast<size_t>(-1) && left == 0) break;
  }
  iconv_close(converter);
  if (!status.ok()) return status;
  return out;
}

}  // namespace

Result<std::string> DecodeText(std::string bytes, Encoding encoding) {
  std::string_view text = bytes;
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
    encoding = importing::v1::ENCODING_UTF8;
  } else if (text.starts_with("\xff\xfe")) {
    return Iconv("UTF-16LE", text.substr(2));
  } else if (text.starts_with("\xfe\xff")) {
    return Iconv("UTF-16BE", text.substr(2));
  }
  switch (encoding) {
    case importing::v1::ENCODING_GB18030:
      return Iconv("GB18030", text);
    case importing::v1::ENCODING_UTF16LE:
      return Iconv("UTF-16LE", text);
    case importing::v1::ENCODING_UTF16BE:
      return Iconv("UTF-16BE", text);
    case importing::v1::ENCODING_WINDOWS1252:
      return Iconv("WINDOWS-1252", text);
    default:
      break;
  }
  if (size_t at = FindBrokenUtf8(text); at != std::string_view::npos) {
    return InvalidArgument(
        "byte " + std::to_string(at) + " of the file is no UTF-8; set file.encoding in the mapping (" +
        "ENCODING_GB18030 for most Chinese Windows exports, ENCODING_WINDOWS1252 for European ones)");
  }
  if (text.size() == bytes.size()) return bytes;
  return std::string(text);
}

}  // namespace yokoten::cli
