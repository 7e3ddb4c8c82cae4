// The way of a result to the client: held back until its beginning is known to be good, compressed, streamed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/compression.h"
#include "http/server.h"
#include "warehouse/engine.h"

namespace yokoten::warehouse {

// One thread at a time.
class Output {
 public:
  struct Settings {
    size_t hold_back_bytes = 1 << 20;  // sent only once more than this has come, or all
    bool hold_back_all = false;        // wait_end_of_query: beyond the above in an unnamed temporary file
    std::string spill_directory;
    http::Coding coding = http::Coding::kIdentity;
    int level = 0;
    bool native = false;  // compress=1
  };

  Output(std::shared_ptr<http::Response> response, Settings settings, http::Headers headers);
  ~Output();

  // Takes result bytes. Cancelled: the client left. ResourceExhausted: the temporary file cannot be written.
  Status Write(std::string_view bytes);
  // All is there: `summary` is the value of X-ClickHouse-Summary if it can still be sent.
  Status Finish(std::string_view summary);
  // The statement failed. Before the first byte was sent: an error response with its status. After: the error
  // in the stream, framed as ClickHouse does, and a broken end.
  void Fail(const EngineError& error, std::string_view version);

  http::Headers& headers() { return headers_; }
  bool begun() const { return begun_; }

 private:
  Status Begin();
  Status Send(std::string_view bytes);
  Status Encode(std::string_view bytes, bool last, std::string* out);
  Status Spill(std::string_view bytes);

  const std::shared_ptr<http::Response> response_;
  const Settings settings_;
  http::Headers headers_;
  std::unique_ptr<http::StreamCodec> native_;
  std::unique_ptr<http::StreamCodec> coding_;
  const std::string tag_;  // frames an error inside the stream
  std::string held_;
  int spill_fd_ = -1;
  bool begun_ = false;
};

// 16 random letters.
std::string RandomTag();

}  // namespace yokoten::warehouse
