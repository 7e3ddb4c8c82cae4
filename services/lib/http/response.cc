// The request's and the response's side of a connection: heads, chunk framing, and who may still say what.
#include <cstdio>
#include <ctime>

#include "http/link.h"

namespace yokoten::http::internal {
namespace {

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  const size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, length);
}

// A line break inside a value would let its author write headers of his own.
void AppendHeader(std::string* out, std::string_view name, std::string_view value) {
  const auto append = [out](std::string_view text) {
    for (const char c : text) out->push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
  };
  append(name);
  out->append(": ");
  append(value);
  out->append("\r\n");
}

}  // namespace

Result<size_t> RequestImpl::Read(char* buffer, size_t size) {
  if (size == 0) return InvalidArgument("The read buffer must hold at least one byte.");
  return link_->ReadBody(buffer, size);
}

ResponseImpl::ResponseImpl(std::shared_ptr<Link> link, bool head_only, bool http10, bool keep_alive)
    : link_(std::move(link)), head_only_(head_only), http10_(http10), keep_alive_(keep_alive) {}

ResponseImpl::~ResponseImpl() {
  bool begun = false;
  {
    std::lock_guard lock(link_->mutex_);
    if (ended_) return;
    begun = begun_;
  }
  if (begun) {
    Abort();
  } else {
    (void)Send(500, Headers{{"Content-Type", "text/plain; charset=UTF-8"}},
               "The request was dropped without an answer.\n");
  }
}

Status ResponseImpl::Send(int status, const Headers& headers, std::string body) {
  std::string head;
  bool close = false;
  {
    std::lock_guard lock(link_->mutex_);
    if (begun_) return FailedPrecondition("This response was already begun.");
    begun_ = ended_ = true;
    link_->gone_callback_ = nullptr;
    const bool bodiless = status == 204 || status == 304 || (status >= 100 && status < 200);
    head = Head(status, headers, bodiless ? -1 : static_cast<int64_t>(body.size()));
    if (head_only_ || bodiless) body.clear();
    close = !keep_alive_;
  }
  return link_->Append(head, body, {}, Link::WhenFull::kGrow, true, close);
}

Status ResponseImpl::Begin(int status, const Headers& headers) {
  std::string head;
  {
    std::lock_guard lock(link_->mutex_);
    if (begun_) return FailedPrecondition("This response was already begun.");
    begun_ = true;
    const bool sized = headers.Has("Content-Length");
    chunked_ = !sized && !http10_;
    if (!sized && http10_) keep_alive_ = false;
    head = Head(status, headers, -1);
  }
  return link_->Append(head, {}, {}, Link::WhenFull::kGrow, false, false);
}

Status ResponseImpl::Finish(bool whole) {
  std::string_view tail;
  bool close = false;
  {
    std::lock_guard lock(link_->mutex_);
    if (!begun_ || ended_) return FailedPrecondition("Only a begun response can be ended, and only once.");
    ended_ = true;
    link_->gone_callback_ = nullptr;
    if (chunked_ && !head_only_ && whole) tail = "0\r\n\r\n";
    close = !keep_alive_ || !whole;
  }
  return link_->Append({}, {}, tail, Link::WhenFull::kGrow, true, close);
}

void ResponseImpl::Abort() {
  {
    std::lock_guard lock(link_->mutex_);
    if (ended_) return;
    begun_ = ended_ = true;
    link_->gone_callback_ = nullptr;
  }
  link_->BreakLink();
}

bool ResponseImpl::started() const {
  std::lock_guard lock(link_->mutex_);
  return begun_;
}

bool ResponseImpl::client_gone() const {
  std::lock_guard lock(link_->mutex_);
  return link_->gone_;
}

void ResponseImpl::OnClientGone(std::function<void()> callback) {
  {
    std::lock_guard lock(link_->mutex_);
    if (ended_) return;
    if (!link_->gone_) {
      link_->gone_callback_ = std::move(callback);
      return;
    }
  }
  if (callback) callback();
}

Status ResponseImpl::Body(std::string_view bytes, Link::WhenFull when_full) {
  bool chunked = false;
  {
    std::lock_guard lock(link_->mutex_);
    if (!begun_ || ended_) return FailedPrecondition("Only a begun response can be written to.");
    if (link_->gone_) return Cancelled("The client left.");
    chunked = chunked_;
  }
  if (bytes.empty() || head_only_) return OkStatus();
  if (!chunked) return link_->Append({}, bytes, {}, when_full, false, false);
  char size[24];
  const int length = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return link_->Append({size, static_cast<size_t>(length)}, bytes, "\r\n", when_full, false, false);
}

std::string ResponseImpl::Head(int status, const Headers& headers, int64_t length) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(ReasonPhrase(status));
  head.append("\r\n");
  const std::string& server = link_->options().server_name;
  if (!server.empty() && !headers.Has("Server")) AppendHeader(&head, "Server", server);
  if (!headers.Has("Date")) AppendHeader(&head, "Date", HttpDate());
  for (const auto& [name, value] : headers.fields()) {
    if (EqualsIgnoreCase(name, "Connection") || EqualsIgnoreCase(name, "Transfer-Encoding")) continue;
    if (length >= 0 && EqualsIgnoreCase(name, "Content-Length")) continue;
    AppendHeader(&head, name, value);
  }
  if (length >= 0) AppendHeader(&head, "Content-Length", std::to_string(length));
  if (chunked_) AppendHeader(&head, "Transfer-Encoding", "chunked");
  if (headers.HasToken("Connection", "close") || link_->stopping()) keep_alive_ = false;
  AppendHeader(&head, "Connection", keep_alive_ ? "keep-alive" : "close");
  head.append("\r\n");
  return head;
}

}  // namespace yokoten::http::internal
