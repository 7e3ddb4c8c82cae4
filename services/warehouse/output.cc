// Results on their way out.
#include "warehouse/output.h"

#include <cerrno>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "warehouse/errors.h"
#include "warehouse/native_block.h"

namespace yokoten::warehouse {

std::string RandomTag() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string tag;
  for (int i = 0; i < 16; ++i) tag.push_back(static_cast<char>('a' + random() % 26));
  return tag;
}

Output::Output(std::shared_ptr<http::Response> response, Settings settings, http::Headers headers)
    : response_(std::move(response)),
      settings_(std::move(settings)),
      headers_(std::move(headers)),
      coding_(http::MakeCompressor(settings_.coding, settings_.level)),
      tag_(RandomTag()) {
  if (settings_.native) native_ = std::make_unique<NativeCompressor>();
}

Output::~Output() {
  if (spill_fd_ >= 0) close(spill_fd_);
}

Status Output::Encode(std::string_view bytes, bool last, std::string* out) {
  std::string middle;
  if (native_) {
    YK_RETURN_IF_ERROR(native_->Push(bytes, &middle));
    if (last) YK_RETURN_IF_ERROR(native_->Finish(&middle));
    bytes = middle;
  }
  YK_RETURN_IF_ERROR(coding_->Push(bytes, out));
  return last ? coding_->Finish(out) : OkStatus();
}

Status Output::Begin() {
  begun_ = true;
  headers_.Set("X-ClickHouse-Exception-Tag", tag_);
  if (settings_.coding != http::Coding::kIdentity) {
    headers_.Set("Content-Encoding", http::CodingName(settings_.coding));
  }
  return response_->Begin(200, headers_);
}

Status Output::Send(std::string_view bytes) {
  std::string encoded;
  YK_RETURN_IF_ERROR(Encode(bytes, false, &encoded));
  return encoded.empty() ? OkStatus() : response_->Write(encoded);
}

Status Output::Spill(std::string_view bytes) {
  if (spill_fd_ < 0) {
    spill_fd_ = open(settings_.spill_directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spill_fd_ < 0) {
      return ResourceExhausted("Cannot make a temporary file in " + settings_.spill_directory + ": " +
                               std::strerror(errno));
    }
  }
  while (!bytes.empty()) {
    const ssize_t count = write(spill_fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return ResourceExhausted(std::string("Cannot write a temporary file: ") + std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return OkStatus();
}

Status Output::Write(std::string_view bytes) {
  if (begun_) return Send(bytes);
  held_.append(bytes);
  if (held_.size() <= settings_.hold_back_bytes) return OkStatus();
  if (settings_.hold_back_all) {
    YK_RETURN_IF_ERROR(Spill(held_));
  } else {
    YK_RETURN_IF_ERROR(Begin());
    YK_RETURN_IF_ERROR(Send(held_));
  }
  held_.clear();
  return OkStatus();
}

Status Output::Finish(std::string_view summary) {
  if (!begun_) headers_.Set("X-ClickHouse-Summary", summary);
  if (!begun_ && spill_fd_ < 0) {
    std::string body;
    YK_RETURN_IF_ERROR(Encode(held_, true, &body));
    headers_.Set("X-ClickHouse-Exception-Tag", tag_);
    if (settings_.coding != http::Coding::kIdentity) {
      headers_.Set("Content-Encoding", http::CodingName(settings_.coding));
    }
    begun_ = true;
    return response_->Send(200, headers_, std::move(body));
  }
  if (spill_fd_ >= 0) {
    YK_RETURN_IF_ERROR(Begin());
    std::string piece(1 << 18, '\0');
    for (off_t at = 0;;) {
      const ssize_t count = pread(spill_fd_, piece.data(), piece.size(), at);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        response_->Abort();
        return Internal(std::string("Cannot read a temporary file: ") + std::strerror(errno));
      }
      if (count == 0) break;
      at += count;
      YK_RETURN_IF_ERROR(Send({piece.data(), static_cast<size_t>(count)}));
    }
    YK_RETURN_IF_ERROR(Send(held_));
  }
  std::string tail;
  YK_RETURN_IF_ERROR(Encode({}, true, &tail));
  if (!tail.empty()) YK_RETURN_IF_ERROR(response_->Write(tail));
  return response_->End();
}

void Output::Fail(const EngineError& error, std::string_view version) {
  std::string text = error.text + " (version " + std::string(version) + " (official build))\n";
  if (!begun_) {
    begun_ = true;
    http::Headers headers;
    for (const auto& [name, value] : headers_.fields()) {
      if (!http::EqualsIgnoreCase(name, "Content-Type") &&
          !http::EqualsIgnoreCase(name, "X-ClickHouse-Format")) {
        headers.Add(name, value);
      }
    }
    headers.Set("Content-Type", "text/plain; charset=UTF-8");
    headers.Set("X-ClickHouse-Exception-Code", std::to_string(error.code));
    const int status = HttpStatus(error.code);
    if (status == 401) headers.Set("WWW-Authenticate", "Basic realm=\"ClickHouse server HTTP API\"");
    (void)response_->Send(status, headers, std::move(text));
    return;
  }
  text.pop_back();
  const std::string frame = "\r\n__exception__\r\n" + tag_ + "\r\n" + text + "\n" +
                            std::to_string(text.size() + 1) + " " + tag_ + "\r\n__exception__\r\n";
  std::string encoded;
  if (Encode(frame, true, &encoded).ok()) (void)response_->Write(encoded);
  (void)response_->EndIncomplete();
}

}  // namespace yokoten::warehouse
