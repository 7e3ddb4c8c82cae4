// The process's gRPC server: health, reflection, limits and a graceful end for every service of every target
// in it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"

namespace grpc {
class Service;
class ServerContextBase;
}  // namespace grpc

namespace yokoten::rpc {

struct ServerOptions {
  // "host:port"; port 0 takes a free one. Only loopback: without TLS and authentication anything else is
  // refused.
  std::string listen_address = "127.0.0.1:8090";
  // Longest time a call may take, whatever deadline its caller gives.
  std::chrono::milliseconds max_deadline{60000};
  // Largest message the transport lets in. Services check their own, smaller limits, so that callers are told
  // which.
  size_t receive_bytes_max = 64u << 20;
  // How long Stop lets running calls go on.
  std::chrono::milliseconds drain{5000};
};

// Register, Start and Stop belong to one thread; the rest is thread-safe.
class Server {
 public:
  // INVALID_ARGUMENT when the address is none, or is not loopback.
  static Result<std::unique_ptr<Server>> Create(ServerOptions options);
  ~Server();

  // Before Start. The service is not owned and must live until Stop has returned. It is listed by reflection
  // and, from Start to Stop, SERVING in grpc.health.v1 under its full name.
  void Register(grpc::Service* service);
  // Called when Stop begins, before running calls are waited for: the place to end streams.
  void OnDrain(std::function<void()> hook);

  // UNAVAILABLE when the address is taken.
  Status Start();
  // Health turns NOT_SERVING, new calls are refused, running ones have `drain` to end and are then cancelled.
  // Idempotent.
  void Stop();

  // 0 before Start.
  int BoundPort() const;
  // "127.0.0.1:8090" with the port really bound.
  std::string BoundAddress() const;

  // When the call must end: the caller's deadline or max_deadline after now, whichever comes first.
  std::chrono::system_clock::time_point DeadlineOf(const grpc::ServerContextBase& context) const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// True for 127.0.0.0/8, ::1, localhost and unix sockets.
bool IsLoopback(const std::string& address);

}  // namespace yokoten::rpc
