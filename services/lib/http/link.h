// Internal to the room: the thread-crossing border between a connection and the requests and responses on it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/server.h"

namespace yokoten::http::internal {

struct Core;

// What a Request and a Response need of their connection, whatever its stream is made of. Thread-safe.
class Link {
 public:
  enum class WhenFull { kBlock, kRefuse, kGrow };

  virtual ~Link() = default;
  virtual Result<size_t> ReadBody(char* buffer, size_t size) = 0;
  // Queues prefix, body and suffix as one piece. `last` completes the answer, `close` ends the connection
  // after it.
  virtual Status Append(std::string_view prefix, std::string_view body, std::string_view suffix,
                        WhenFull when_full, bool last, bool close) = 0;
  virtual void BreakLink() = 0;
  virtual const ServerOptions& options() const = 0;
  virtual bool stopping() const = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool gone_ = false;                    // guarded by mutex_
  std::function<void()> gone_callback_;  // guarded by mutex_
};

class RequestImpl : public Request {
 public:
  explicit RequestImpl(std::shared_ptr<Link> link) : link_(std::move(link)) {}
  Result<size_t> Read(char* buffer, size_t size) override;

 private:
  const std::shared_ptr<Link> link_;
};

class ResponseImpl : public Response {
 public:
  // `head_only`: the answer to HEAD. `http10`: no chunked coding.
  ResponseImpl(std::shared_ptr<Link> link, bool head_only, bool http10, bool keep_alive);
  ~ResponseImpl() override;

  Status Send(int status, const Headers& headers, std::string body) override;
  Status Begin(int status, const Headers& headers) override;
  Status Write(std::string_view bytes) override { return Body(bytes, Link::WhenFull::kBlock); }
  Status Offer(std::string_view bytes) override { return Body(bytes, Link::WhenFull::kRefuse); }
  Status End() override { return Finish(true); }
  Status EndIncomplete() override { return Finish(false); }
  void Abort() override;
  bool started() const override;
  bool client_gone() const override;
  void OnClientGone(std::function<void()> callback) override;

 private:
  Status Body(std::string_view bytes, Link::WhenFull when_full);
  Status Finish(bool whole);
  // Called with link_->mutex_ held. `length` < 0: no Content-Length of our own.
  std::string Head(int status, const Headers& headers, int64_t length);

  const std::shared_ptr<Link> link_;
  const bool head_only_;
  const bool http10_;
  bool keep_alive_;  // guarded by link_->mutex_, as all below
  bool begun_ = false;
  bool ended_ = false;
  bool chunked_ = false;
};

}  // namespace yokoten::http::internal
