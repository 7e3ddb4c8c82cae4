// Internal to the room: what the server, its connections and its workers share.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/server.h"

namespace yokoten::http::internal {

// One client connection as the server sees it.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void Run() = 0;
  // Closes if no request is under way (any thread).
  virtual void CloseIfIdle() = 0;
  // Breaks whatever is under way (any thread).
  virtual void Break() = 0;
};

// Outlives the server through the connections that responses still hold.
struct Core {
  ServerOptions options;
  Handler handler;
  boost::asio::io_context io;
  std::optional<boost::asio::ssl::context> tls;

  std::mutex mutex;
  std::condition_variable changed;                                  // open, active_requests
  std::condition_variable jobs_ready;                               // jobs, workers_stop
  bool stopping = false;                                            // guarded by mutex, as all below
  std::unordered_map<Connection*, std::weak_ptr<Connection>> open;  //
  int active_requests = 0;                                          // begun and not yet complete
  std::deque<std::function<void()>> jobs;                           // for the workers
  bool workers_stop = false;

  // False if the queue is full or the server is stopping.
  bool Enqueue(std::function<void()> job);
  void Register(const std::shared_ptr<Connection>& connection);
  void Forget(Connection* connection);
  void RequestBegan();
  void RequestEnded();
  bool Stopping();
};

// Plain or TLS, as the core's options say.
std::shared_ptr<Connection> MakeConnection(std::shared_ptr<Core> core, boost::asio::ip::tcp::socket socket);

}  // namespace yokoten::http::internal
