// What the tests of the server share: a raw client socket, a flag to wait for, and handlers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"

namespace yokoten::http::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A blocking client socket with a deadline of ten seconds on every read.
class Client {
 public:
  explicit Client(const Server& server) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.BoundPort());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ADD_FAILURE() << "connect";
  }
  ~Client() { Close(); }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  bool Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  // Reads until `marker` has been seen; everything read so far is given and forgotten up to the marker's end.
  std::string ReadUntil(std::string_view marker) {
    for (;;) {
      const size_t at = in_.find(marker);
      if (at != std::string::npos) {
        std::string out = in_.substr(0, at + marker.size());
        in_.erase(0, at + marker.size());
        return out;
      }
      if (!More()) return std::exchange(in_, {}) + "<end>";
    }
  }
  std::string ReadBytes(size_t count) {
    while (in_.size() < count && More()) {
    }
    std::string out = in_.substr(0, count);
    in_.erase(0, out.size());
    return out;
  }
  std::string ReadToEnd() {
    while (More()) {
    }
    return std::exchange(in_, {});
  }
  bool More() {
    pollfd p{fd_, POLLIN, 0};
    if (poll(&p, 1, 10'000) <= 0) {
      ADD_FAILURE() << "nothing came for ten seconds";
      return false;
    }
    char buffer[65536];
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    in_.append(buffer, static_cast<size_t>(n));
    return true;
  }

 private:
  int fd_;
  std::string in_;
};

// One flag that a test waits for.
class Event {
 public:
  void Set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool Wait(milliseconds timeout = seconds(10)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

using Answer = std::shared_ptr<Response>;

inline std::unique_ptr<Server> StartServer(Handler handler, ServerOptions options = {}) {
  auto server = Server::Start(options, std::move(handler));
  EXPECT_TRUE(server.ok()) << Message(server.status());
  return std::move(server).value();
}

inline void Echo(Request& request, const Answer& response) {
  auto body = request.ReadAll(10'000);
  if (!body.ok()) return (void)response->Send(413, {}, Message(body.status()));
  (void)response->Send(200, {{"X-Path", request.path}}, request.method + " " + *body);
}

}  // namespace yokoten::http::test
