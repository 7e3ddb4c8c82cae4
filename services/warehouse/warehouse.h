// The warehouse: the ClickHouse engine as a library behind ClickHouse's own HTTP interface, for clients that
// know nothing of us.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "http/server.h"
#include "warehouse/access.h"
#include "warehouse/engine.h"

namespace yokoten::warehouse {

struct Options {
  std::string listen_address = "127.0.0.1";  // numeric
  uint16_t port = 0;                         // 0: any free one
  http::TlsOptions tls;
  EngineOptions engine;
  // Empty: one user "default" without a password who may do everything.
  std::vector<User> users;
  // Memory one query may use unless it asks for another limit; 0: no limit but the engine's.
  uint64_t query_memory_bytes = 0;
  int max_queries = 32;                             // statements that run at once; others wait
  std::chrono::milliseconds queue_timeout{10'000};  // how long they wait before they are refused
  size_t max_sessions = 1000;
  size_t max_statement_bytes = 16 << 20;   // a statement without the data of an INSERT
  size_t response_buffer_bytes = 1 << 20;  // a failure within these first bytes still gets its status
  std::chrono::seconds default_session_timeout{60};
  std::chrono::seconds max_session_timeout{3600};
  std::chrono::seconds idle_before_release{5};  // after which freed memory goes back to the system
  std::string display_name;                     // X-ClickHouse-Server-Display-Name; empty: the host's name
};

class Server {
 public:
  // Opens the engine and listens. One per process and data path.
  static Result<std::unique_ptr<Server>> Start(const Options& options);
  // As Stop(0).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;
  std::string Url() const;
  // Statements that run now.
  int active_queries() const;
  // Stops accepting, lets running statements finish for up to `drain`, cancels the rest, closes all
  // connections of the engine and the engine. Idempotent.
  void Stop(std::chrono::milliseconds drain);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::warehouse
