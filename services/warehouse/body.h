// A request's body as the engine wants it: content coding and ClickHouse's own block compression undone, in
// pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/compression.h"
#include "http/server.h"

namespace yokoten::warehouse {

class BodySource {
 public:
  // `native`: the decompress=1 parameter.
  BodySource(http::Request& request, http::Coding coding, bool native);

  // Appends the next decoded bytes to `out`; false at the end. Errors as http::Request::Read, and
  // InvalidArgument or DataLoss for damaged compression.
  Result<bool> Read(std::string* out);
  bool finished() const { return finished_; }
  // Bytes taken from the network so far.
  uint64_t bytes() const { return bytes_; }

 private:
  Status Decode(std::string_view bytes, bool last, std::string* out);

  http::Request& request_;
  std::unique_ptr<http::StreamCodec> coding_;
  std::unique_ptr<http::StreamCodec> native_;
  std::string raw_;
  std::string middle_;
  bool finished_ = false;
  uint64_t bytes_ = 0;
};

// The text fields of a multipart/form-data body by name, in order. Nothing if it is malformed.
struct FormField {
  std::string name;
  std::string value;
  bool is_file = false;
};
std::vector<FormField> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace yokoten::warehouse
