// A small HTTP/1.1 server: handlers on a bounded pool of threads, streamed bodies in both directions with
// back-pressure, responses that may outlive their handler.
//
// What it guards against by itself: too large headers, too many connections, clients that stall while sending
// or reading, unread bodies. What it leaves to the handler: routing, authentication, compression
// (compression.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/message.h"

namespace yokoten::http {

// TLS for every connection when `certificate_chain_file` is set.
struct TlsOptions {
  std::string certificate_chain_file;  // PEM, leaf first
  std::string private_key_file;        // PEM
  std::string client_ca_file;          // PEM; if set, clients must show a certificate signed by one of these
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6 address to bind
  uint16_t port = 0;                  // 0: the system picks one, see Server::BoundPort
  TlsOptions tls;

  int worker_threads = 8;         // handlers that run at once, 1..1024
  int max_queued_requests = 256;  // requests waiting for a worker; one more is answered 503 with Retry-After
  int max_connections = 1024;     // one more is closed at once
  size_t max_header_bytes = 65536;  // request line and headers; more is answered 431
  size_t max_body_bytes = 0;        // 0: no limit (handlers limit for themselves); more fails the Read
  // Bytes a response may hold in memory before Write blocks and Offer refuses.
  size_t write_buffer_bytes = 1 << 20;
  // An unread request body up to this size is read and dropped to keep the connection; more closes it.
  size_t max_drain_bytes = 1 << 20;

  std::chrono::milliseconds idle_timeout{std::chrono::seconds(75)};  // between requests
  std::chrono::milliseconds header_timeout{
      std::chrono::seconds(20)};  // from the first byte to the last header
  std::chrono::milliseconds body_timeout{std::chrono::seconds(120)};   // without one byte of an awaited body
  std::chrono::milliseconds write_timeout{std::chrono::seconds(120)};  // without one byte taken by the client

  std::string server_name = "yokoten";  // value of the Server header; empty: none
};

// What a handler gets. Valid only until the handler returns, and used by the handler's thread alone.
class Request {
 public:
  virtual ~Request() = default;

  std::string method;          // as sent, e.g. "GET"
  std::string target;          // as sent: path and query
  std::string path;            // decoded, without the query
  QueryParams query;           // decoded
  Headers headers;             //
  std::string remote_address;  // "192.0.2.7:53211"
  std::string client_subject;  // subject of the verified client certificate, empty without one

  // Bytes announced by Content-Length; -1 if the body is chunked; 0 if there is none.
  int64_t content_length = 0;
  bool has_body() const { return content_length != 0; }

  // Reads the next bytes of the body into `buffer` (at least one byte, at most `size`), blocking. 0 at the
  // end. Cancelled: the client left. DeadlineExceeded: it sent nothing for `body_timeout`. ResourceExhausted:
  // over `max_body_bytes`. InvalidArgument: broken chunking. Any error is final. Sends "100 Continue" when
  // asked for.
  virtual Result<size_t> Read(char* buffer, size_t size) = 0;

  // The rest of the body; ResourceExhausted (answer 413) as soon as it is known to be over `max_bytes`.
  Result<std::string> ReadAll(size_t max_bytes);
};

// The answer to one request. Thread-safe; may be kept and used after the handler returned (streams to
// browsers). If the last reference goes without the answer being complete, the client gets a 500, or, when
// the headers were already sent, a broken connection.
class Response {
 public:
  virtual ~Response() = default;

  // Sends a whole answer with Content-Length. FailedPrecondition if something was sent already; Cancelled if
  // the client left. Does not wait for the client to read it.
  virtual Status Send(int status, const Headers& headers, std::string body) = 0;

  // Starts a streamed answer: chunked, or of the length given by a Content-Length header.
  virtual Status Begin(int status, const Headers& headers) = 0;
  // Appends to a begun answer. Blocks while more than `write_buffer_bytes` wait for the client; never call it
  // on a client-gone callback. Cancelled: the client left or stalled, nothing more needs to be written.
  virtual Status Write(std::string_view bytes) = 0;
  // The same without blocking: ResourceExhausted, and nothing appended, while the client is behind.
  virtual Status Offer(std::string_view bytes) = 0;
  // Completes a begun answer; the connection may be used again.
  virtual Status End() = 0;
  // Sends what was written to a begun answer and then ends the connection in such a way that the client sees
  // that the answer is not whole.
  virtual Status EndIncomplete() = 0;
  // Breaks the connection at once, so that the client sees that a begun answer is not whole.
  virtual void Abort() = 0;

  // Whether the headers are on their way (Send, Begin).
  virtual bool started() const = 0;
  // Whether the client is known to have left (noticed as soon as its request body has been read).
  virtual bool client_gone() const = 0;
  // Calls `callback` once, on a thread of the server, when the client leaves before the answer is complete;
  // at once if it has left. Replaces an earlier callback. It must not block. Not called after a complete
  // answer.
  virtual void OnClientGone(std::function<void()> callback) = 0;
};

// Runs on a worker thread. An exception that escapes is answered as 500.
using Handler = std::function<void(Request& request, const std::shared_ptr<Response>& response)>;

class Server {
 public:
  // Binds and starts to serve. Unavailable: the address cannot be bound. InvalidArgument: bad options or
  // files.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Handler handler);
  // As Stop(0).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t BoundPort() const;
  // "http://127.0.0.1:8123" (https with TLS)
  std::string Url() const;
  // Open connections, and requests whose answer is not complete.
  int connections() const;
  int active_requests() const;

  // Stops accepting and closes idle connections, waits up to `drain` for running requests, then breaks what
  // is left (client-gone callbacks fire) and joins all threads. Blocks until the last handler returned.
  // Idempotent.
  void Stop(std::chrono::milliseconds drain);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::http
