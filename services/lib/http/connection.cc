// One connection: parse a request, hand it to a worker, write the answer, begin again.
//
// Two sides meet here. The socket and the parser belong to the connection's strand; workers and response
// holders reach them only by posting, and wait on `changed_` for what they need. What both sides touch is
// guarded by `mutex_`.
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/core.h"
#include "http/link.h"

namespace yokoten::http::internal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kReadChunk = 65536;
constexpr size_t kWatchChunk = 4096;
constexpr auto kLingerTime = std::chrono::seconds(2);

std::string_view Std(beast::string_view text) { return {text.data(), text.size()}; }

// An expired timer's completion may be on its way already when it is cancelled; its expiry tells.
void Disarm(asio::steady_timer* timer) { timer->expires_at(asio::steady_timer::time_point::max()); }
bool Expired(const asio::steady_timer& timer) {
  return timer.expiry() <= asio::steady_timer::clock_type::now();
}

template <class Stream>
class ConnectionImpl : public Connection,
                       public Link,
                       public std::enable_shared_from_this<ConnectionImpl<Stream>> {
  static constexpr bool kTls = !std::is_same_v<Stream, tcp::socket>;

 public:
  ConnectionImpl(std::shared_ptr<Core> core, Stream stream)
      : core_(std::move(core)),
        stream_(std::move(stream)),
        read_deadline_(stream_.get_executor()),
        write_deadline_(stream_.get_executor()),
        buffer_(core_->options.max_header_bytes + kReadChunk) {}

  // Connection
  void Run() override {
    Post([](ConnectionImpl& self) { self.Handshake(); });
  }
  void CloseIfIdle() override {
    Post([](ConnectionImpl& self) {
      if (self.idle_) self.Close();
    });
  }
  void Break() override {
    {
      std::lock_guard lock(mutex_);
      if (gone_) return;
    }
    Post([](ConnectionImpl& self) { self.Broken(); });
  }

  // Link
  Result<size_t> ReadBody(char* buffer, size_t size) override;
  Status Append(std::string_view prefix, std::string_view body, std::string_view suffix, WhenFull when_full,
                bool last, bool close) override;
  void BreakLink() override { Break(); }
  const ServerOptions& options() const override { return core_->options; }
  bool stopping() const override { return core_->Stopping(); }

 private:
  using Parser = bhttp::request_parser<bhttp::buffer_body>;

  template <class F>
  void Post(F work) {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), work] { work(*self); });
  }
  tcp::socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void Handshake();
  void AwaitRequest();
  void Watch();
  void ReadHeader();
  void RefuseHeader(ErrorCode ec);
  void Dispatch();
  void ReadBodySome(char* buffer, size_t size);
  void FinishBodyRead(Result<size_t> result);
  void HandlerDone();
  void NextRequest();
  void DrainBody(size_t drained);
  void EndRequest();
  void StartWrite();
  void WriteRest(size_t offset);
  void Linger();
  void Discard();
  void MarkGone();
  void Broken();
  void Close();
  void ArmRead(std::chrono::milliseconds timeout, void (ConnectionImpl::*on_expiry)());
  void BodyTimedOut();

  const std::shared_ptr<Core> core_;
  Stream stream_;

  // Of the strand.
  asio::steady_timer read_deadline_;
  asio::steady_timer write_deadline_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::vector<char> scratch_;
  std::string in_flight_;
  bool idle_ = false;      // no byte of a next request seen
  bool watching_ = false;  // a read for the end of the connection, or the next request, is under way
  bool active_ = false;    // a request is under way
  bool handler_done_ = false;
  bool answered_ = false;
  bool close_after_ = false;
  bool expects_continue_ = false;
  bool body_timed_out_ = false;
  bool closed_ = false;
  std::string client_subject_;

  // Guarded by mutex_.
  std::string pending_;
  size_t in_flight_bytes_ = 0;
  bool writing_ = false;
  bool last_queued_ = false;
  bool close_queued_ = false;
  bool body_read_done_ = false;
  Result<size_t> body_read_{size_t{0}};
};

template <class Stream>
void ConnectionImpl<Stream>::Handshake() {
  if constexpr (kTls) {
    ArmRead(core_->options.header_timeout, &ConnectionImpl::Broken);
    stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](ErrorCode ec) {
      Disarm(&self->read_deadline_);
      if (ec) return self->Close();
      if (X509* certificate = SSL_get_peer_certificate(self->stream_.native_handle())) {
        char subject[512] = {};
        X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject - 1);
        self->client_subject_ = subject;
        X509_free(certificate);
      }
      self->AwaitRequest();
    });
  } else {
    AwaitRequest();
  }
}

template <class Stream>
void ConnectionImpl<Stream>::AwaitRequest() {
  if (closed_) return;
  if (buffer_.size() > 0) return ReadHeader();
  if (core_->Stopping()) return Close();
  idle_ = true;
  ArmRead(core_->options.idle_timeout, &ConnectionImpl::Broken);
  if (!watching_) Watch();
}

// Waits for the next byte, whoever needs it: between requests it begins the next one, during one it is how
// the client's leaving is noticed.
template <class Stream>
void ConnectionImpl<Stream>::Watch() {
  watching_ = true;
  stream_.async_read_some(buffer_.prepare(kWatchChunk),
                          [self = this->shared_from_this()](ErrorCode ec, size_t count) {
                            self->watching_ = false;
                            if (ec) return self->Broken();
                            self->buffer_.commit(count);
                            if (self->idle_) self->ReadHeader();
                          });
}

template <class Stream>
void ConnectionImpl<Stream>::ReadHeader() {
  idle_ = false;
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_->options.max_header_bytes));
  if (core_->options.max_body_bytes > 0) {
    parser_->body_limit(core_->options.max_body_bytes);
  } else {
    parser_->body_limit(boost::none);
  }
  ArmRead(core_->options.header_timeout, &ConnectionImpl::Broken);
  bhttp::async_read_header(
      stream_, buffer_, *parser_, [self = this->shared_from_this()](ErrorCode ec, size_t) {
        Disarm(&self->read_deadline_);
        if (self->closed_) return;
        if (!ec) return self->Dispatch();
        if (ec.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
            ec != bhttp::error::end_of_stream && ec != bhttp::error::partial_message) {
          return self->RefuseHeader(ec);
        }
        self->Close();
      });
}

template <class Stream>
void ConnectionImpl<Stream>::RefuseHeader(ErrorCode ec) {
  int status = 400;
  std::string text = "The request is not valid HTTP/1.1: " + ec.message() + ".\n";
  if (ec == bhttp::error::header_limit || ec == bhttp::error::buffer_overflow) {
    status = 431;
    text = "The request headers are larger than " + std::to_string(core_->options.max_header_bytes) +
           " bytes.\n";
  } else if (ec == bhttp::error::body_limit) {
    status = 413;
    text = "The request body is larger than " + std::to_string(core_->options.max_body_bytes) + " bytes.\n";
  }
  active_ = handler_done_ = true;
  answered_ = false;
  core_->RequestBegan();
  ResponseImpl(this->shared_from_this(), false, false, false)
      .Send(status, Headers{{"Content-Type", "text/plain; charset=UTF-8"}}, std::move(text))
      .IgnoreError();
}

template <class Stream>
void ConnectionImpl<Stream>::Dispatch() {
  auto self = this->shared_from_this();
  const auto& message = parser_->get();
  auto request = std::make_shared<RequestImpl>(self);
  request->method = Std(message.method_string());
  request->target = Std(message.target());
  const size_t question = request->target.find('?');
  const std::string_view target = request->target;
  request->path = PercentDecode(target.substr(0, question));
  if (question != std::string::npos) request->query = QueryParams::Parse(target.substr(question + 1));
  for (const auto& field : message) request->headers.Add(Std(field.name_string()), Std(field.value()));
  ErrorCode ec;
  const tcp::endpoint remote = socket().remote_endpoint(ec);
  if (!ec) {
    const std::string host = remote.address().to_string(ec);
    request->remote_address =
        (remote.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(remote.port());
  }
  request->client_subject = client_subject_;
  if (parser_->chunked()) {
    request->content_length = -1;
  } else if (const auto length = parser_->content_length()) {
    request->content_length = static_cast<int64_t>(*length);
  }
  expects_continue_ = request->headers.HasToken("Expect", "100-continue");
  active_ = true;
  handler_done_ = answered_ = close_after_ = body_timed_out_ = false;
  core_->RequestBegan();
  auto response = std::make_shared<ResponseImpl>(self, message.method() == bhttp::verb::head,
                                                 message.version() < 11, message.keep_alive());
  if (parser_->is_done() && !watching_ && buffer_.size() == 0) Watch();

  auto shared = std::make_shared<std::pair<std::shared_ptr<RequestImpl>, std::shared_ptr<ResponseImpl>>>(
      request, response);
  const bool queued = core_->Enqueue([self, shared]() mutable {
    try {
      self->core_->handler(*shared->first, shared->second);
    } catch (const std::exception& e) {
      if (shared->second->started()) {
        shared->second->Abort();
      } else {
        (void)shared->second->Send(500, Headers{{"Content-Type", "text/plain; charset=UTF-8"}},
                                   std::string("Internal error: ") + e.what() + "\n");
      }
    }
    shared.reset();
    self->Post([](ConnectionImpl& me) { me.HandlerDone(); });
  });
  if (!queued) {
    (void)response->Send(503, Headers{{"Content-Type", "text/plain; charset=UTF-8"}, {"Retry-After", "1"}},
                         "Too many requests are waiting; try again in a second.\n");
    HandlerDone();
  }
}

template <class Stream>
Result<size_t> ConnectionImpl<Stream>::ReadBody(char* buffer, size_t size) {
  {
    std::lock_guard lock(mutex_);
    body_read_done_ = false;
  }
  Post([buffer, size](ConnectionImpl& self) { self.ReadBodySome(buffer, size); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return body_read_done_; });
  return body_read_;
}

template <class Stream>
void ConnectionImpl<Stream>::FinishBodyRead(Result<size_t> result) {
  {
    std::lock_guard lock(mutex_);
    body_read_ = std::move(result);
    body_read_done_ = true;
  }
  changed_.notify_all();
}

template <class Stream>
void ConnectionImpl<Stream>::ReadBodySome(char* buffer, size_t size) {
  if (body_timed_out_) {
    return FinishBodyRead(DeadlineExceeded("The client stopped sending its request body."));
  }
  if (parser_->is_done()) return FinishBodyRead(size_t{0});
  if (closed_) return FinishBodyRead(Cancelled("The client left before its request body was complete."));
  if (expects_continue_) {
    expects_continue_ = false;
    bool start = false;
    {
      std::lock_guard lock(mutex_);
      pending_.append("HTTP/1.1 100 Continue\r\n\r\n");
      start = !std::exchange(writing_, true);
    }
    if (start) StartWrite();
  }
  auto& body = parser_->get().body();
  body.data = buffer;
  body.size = size;
  body.more = true;
  ArmRead(core_->options.body_timeout, &ConnectionImpl::BodyTimedOut);
  bhttp::async_read_some(
      stream_, buffer_, *parser_, [self = this->shared_from_this(), buffer, size](ErrorCode ec, size_t) {
        Disarm(&self->read_deadline_);
        if (ec == bhttp::error::need_buffer) ec = {};
        // A client may send its rows as thousands of small chunks: take all that have arrived, not one a
        // turn.
        while (!ec && !self->parser_->is_done() && self->buffer_.size() > 0 &&
               self->parser_->get().body().size > 0) {
          const size_t parsed = self->parser_->put(self->buffer_.data(), ec);
          self->buffer_.consume(parsed);
          if (ec == bhttp::error::need_buffer) ec = {};
          if (ec == bhttp::error::need_more) ec = {};
          if (parsed == 0) break;
        }
        const size_t count = size - self->parser_->get().body().size;
        if (!ec && count == 0 && !self->parser_->is_done()) return self->ReadBodySome(buffer, size);
        if (!ec) {
          if (self->parser_->is_done() && !self->watching_ && self->buffer_.size() == 0 && !self->closed_) {
            self->Watch();
          }
          return self->FinishBodyRead(count);
        }
        if (self->body_timed_out_) {
          self->FinishBodyRead(DeadlineExceeded("The client stopped sending its request body."));
        } else if (ec == bhttp::error::body_limit) {
          self->close_after_ = true;
          self->FinishBodyRead(ResourceExhausted("The request body is larger than " +
                                                 std::to_string(self->core_->options.max_body_bytes) +
                                                 " bytes."));
        } else if (ec == bhttp::error::bad_chunk || ec == bhttp::error::bad_chunk_extension) {
          self->close_after_ = true;
          self->FinishBodyRead(
              InvalidArgument("The request body's chunks are malformed: " + ec.message() + "."));
        } else {
          self->FinishBodyRead(Cancelled("The client left before its request body was complete."));
          self->Broken();
        }
      });
}

template <class Stream>
void ConnectionImpl<Stream>::BodyTimedOut() {
  body_timed_out_ = true;
  Broken();
}

template <class Stream>
Status ConnectionImpl<Stream>::Append(std::string_view prefix, std::string_view body, std::string_view suffix,
                                      WhenFull when_full, bool last, bool close) {
  bool start = false;
  {
    std::unique_lock lock(mutex_);
    const size_t limit = core_->options.write_buffer_bytes;
    const auto full = [&] { return pending_.size() + in_flight_bytes_ > limit; };
    if (when_full == WhenFull::kBlock) changed_.wait(lock, [&] { return gone_ || !full(); });
    if (gone_) return Cancelled("The client left.");
    if (when_full == WhenFull::kRefuse && full()) {
      return ResourceExhausted("The client does not read as fast as it is written to.");
    }
    pending_.append(prefix);
    pending_.append(body);
    pending_.append(suffix);
    last_queued_ = last_queued_ || last;
    close_queued_ = close_queued_ || close;
    start = !std::exchange(writing_, true);
  }
  if (start) Post([](ConnectionImpl& self) { self.StartWrite(); });
  return OkStatus();
}

template <class Stream>
void ConnectionImpl<Stream>::StartWrite() {
  bool answered = false;
  {
    std::lock_guard lock(mutex_);
    in_flight_.clear();
    if (pending_.empty()) {
      writing_ = false;
      in_flight_bytes_ = 0;
      answered = std::exchange(last_queued_, false);
      close_after_ = close_after_ || (answered && std::exchange(close_queued_, false));
    } else {
      in_flight_.swap(pending_);
      in_flight_bytes_ = in_flight_.size();
    }
  }
  changed_.notify_all();
  if (answered) {
    answered_ = true;
    if (handler_done_) NextRequest();
    return;
  }
  if (in_flight_.empty() || closed_) return;
  WriteRest(0);
}

// Not one big write: the deadline is for progress, and a slow client may take minutes for a whole buffer.
template <class Stream>
void ConnectionImpl<Stream>::WriteRest(size_t offset) {
  write_deadline_.expires_after(core_->options.write_timeout);
  write_deadline_.async_wait([self = this->shared_from_this()](ErrorCode ec) {
    if (!ec && Expired(self->write_deadline_)) self->Broken();
  });
  stream_.async_write_some(asio::buffer(in_flight_.data() + offset, in_flight_.size() - offset),
                           [self = this->shared_from_this(), offset](ErrorCode ec, size_t count) {
                             Disarm(&self->write_deadline_);
                             if (ec) return self->Broken();
                             if (offset + count < self->in_flight_.size())
                               return self->WriteRest(offset + count);
                             self->StartWrite();
                           });
}

template <class Stream>
void ConnectionImpl<Stream>::HandlerDone() {
  handler_done_ = true;
  if (closed_) return EndRequest();
  if (answered_) NextRequest();
}

template <class Stream>
void ConnectionImpl<Stream>::EndRequest() {
  if (!std::exchange(active_, false)) return;
  core_->RequestEnded();
}

template <class Stream>
void ConnectionImpl<Stream>::NextRequest() {
  if (closed_ || !active_) return;
  const bool body_unread = parser_.has_value() && !parser_->is_done();
  if (close_after_ || (body_unread && expects_continue_)) {
    EndRequest();
    return Linger();
  }
  if (body_unread) return DrainBody(0);
  EndRequest();
  AwaitRequest();
}

template <class Stream>
void ConnectionImpl<Stream>::DrainBody(size_t drained) {
  if (drained > core_->options.max_drain_bytes || closed_) {
    EndRequest();
    return Linger();
  }
  scratch_.resize(kReadChunk);
  auto& body = parser_->get().body();
  body.data = scratch_.data();
  body.size = scratch_.size();
  body.more = true;
  ArmRead(core_->options.header_timeout, &ConnectionImpl::Broken);
  bhttp::async_read_some(stream_, buffer_, *parser_,
                         [self = this->shared_from_this(), drained](ErrorCode ec, size_t) {
                           Disarm(&self->read_deadline_);
                           if (ec && ec != bhttp::error::need_buffer) return self->Broken();
                           if (!self->parser_->is_done())
                             return self->DrainBody(drained + kReadChunk - self->parser_->get().body().size);
                           self->EndRequest();
                           self->AwaitRequest();
                         });
}

// Closing a socket with unread bytes resets it, and the reset can overtake the answer: so first say that
// nothing more comes, then read the rest for a while.
template <class Stream>
void ConnectionImpl<Stream>::Linger() {
  if (closed_) return;
  ErrorCode ignored;
  socket().shutdown(tcp::socket::shutdown_send, ignored);
  // With the watch under way it is the watch that sees the client's end, or drops what still comes.
  ArmRead(kLingerTime, &ConnectionImpl::Close);
  if (!watching_) Discard();
}

template <class Stream>
void ConnectionImpl<Stream>::Discard() {
  scratch_.resize(kReadChunk);
  socket().async_read_some(asio::buffer(scratch_), [self = this->shared_from_this()](ErrorCode ec, size_t) {
    if (ec) return self->Close();
    self->Discard();
  });
}

template <class Stream>
void ConnectionImpl<Stream>::MarkGone() {
  std::function<void()> callback;
  {
    std::lock_guard lock(mutex_);
    gone_ = true;
    callback.swap(gone_callback_);
  }
  changed_.notify_all();
  if (callback) callback();
}

template <class Stream>
void ConnectionImpl<Stream>::Broken() {
  if (closed_) return;
  Close();
  if (handler_done_) EndRequest();
}

template <class Stream>
void ConnectionImpl<Stream>::Close() {
  if (std::exchange(closed_, true)) return;
  idle_ = false;
  ErrorCode ignored;
  socket().close(ignored);
  Disarm(&read_deadline_);
  Disarm(&write_deadline_);
  MarkGone();
  core_->Forget(this);
}

template <class Stream>
void ConnectionImpl<Stream>::ArmRead(std::chrono::milliseconds timeout, void (ConnectionImpl::*on_expiry)()) {
  read_deadline_.expires_after(timeout);
  read_deadline_.async_wait([self = this->shared_from_this(), on_expiry](ErrorCode ec) {
    if (!ec && Expired(self->read_deadline_)) (self.get()->*on_expiry)();
  });
}

}  // namespace

std::shared_ptr<Connection> MakeConnection(std::shared_ptr<Core> core, tcp::socket socket) {
  if (core->tls) {
    asio::ssl::context& context = *core->tls;
    return std::make_shared<ConnectionImpl<asio::ssl::stream<tcp::socket>>>(
        std::move(core), asio::ssl::stream<tcp::socket>(std::move(socket), context));
  }
  return std::make_shared<ConnectionImpl<tcp::socket>>(std::move(core), std::move(socket));
}

}  // namespace yokoten::http::internal
