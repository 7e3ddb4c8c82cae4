// For tests: a plain HTTP client over sockets that can stop in the middle, and a warehouse as a process that
// can be killed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/message.h"

namespace yokoten::warehouse {

// Path of the engine; fails the test with what to do if it is not set.
inline std::string LibchdbPath() {
  const auto environment = [](const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::string(value);
  };
  const std::string tools = environment("YOKOTEN_TOOLS", environment("HOME", "") + "/.yokoten/tools");
  const std::string path = environment("YOKOTEN_LIBCHDB", tools + "/chdb/libchdb.so");
  if (!std::filesystem::exists(path)) {
    ADD_FAILURE() << "These tests need the ClickHouse engine, and " << path
                  << " is not there: run deploy/install-deps, or set YOKOTEN_LIBCHDB.";
    return {};
  }
  return path;
}

// A directory that goes with the object.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "yokoten-warehouse-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;
  bool whole = false;  // the body ended as it should
  std::string Header(std::string_view name) const { return std::string(headers.Get(name)); }
  int code() const { return std::atoi(Header("X-ClickHouse-Exception-Code").c_str()); }
};

// One connection; every read has a deadline of 60 seconds.
class TestClient {
 public:
  explicit TestClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { Close(); }
  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  bool SendHead(std::string_view method, std::string_view target, const http::Headers& headers) {
    std::string head = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers.fields()) head += name + ": " + value + "\r\n";
    return Send(head + "\r\n");
  }
  bool SendChunk(std::string_view bytes) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return Send(size) && Send(bytes) && Send("\r\n");
  }

  // Reads headers and, unless told otherwise, the body.
  Reply Read(bool body = true) {
    Reply reply;
    size_t end;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!More()) return reply;
    }
    const std::string head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    reply.status = std::atoi(head.c_str() + 9);
    for (size_t at = head.find("\r\n") + 2; at < head.size();) {
      const size_t line_end = head.find("\r\n", at);
      const std::string line = head.substr(at, line_end - at);
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) reply.headers.Add(line.substr(0, colon), line.substr(colon + 2));
      at = line_end + 2;
    }
    if (!body) return reply;
    if (reply.headers.HasToken("Transfer-Encoding", "chunked")) {
      for (;;) {
        size_t line;
        while ((line = in_.find("\r\n")) == std::string::npos) {
          if (!More()) return reply;
        }
        const size_t size = std::strtoull(in_.c_str(), nullptr, 16);
        while (in_.size() < line + 2 + size + 2) {
          if (!More()) {
            reply.body.append(in_.substr(std::min(in_.size(), line + 2)));
            return reply;
          }
        }
        reply.body.append(in_, line + 2, size);
        in_.erase(0, line + 2 + size + 2);
        if (size == 0) break;
      }
    } else {
      const size_t size = std::strtoull(reply.Header("Content-Length").c_str(), nullptr, 10);
      while (in_.size() < size) {
        if (!More()) return reply;
      }
      reply.body = in_.substr(0, size);
      in_.erase(0, size);
    }
    reply.whole = true;
    return reply;
  }

  // One POST (or GET without a body).
  Reply Call(std::string_view target, std::string_view body, http::Headers headers = {},
             std::string_view method = "POST") {
    if (method == "POST") headers.Set("Content-Length", std::to_string(body.size()));
    SendHead(method, target, headers);
    Send(body);
    return Read(method != "HEAD");
  }

 private:
  bool More() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 60'000) <= 0) {
      ADD_FAILURE() << "nothing came for 60 seconds";
      return false;
    }
    char buffer[262144];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    in_.append(buffer, static_cast<size_t>(count));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string in_;
};

// The executable warehouse_process beside this test.
class WarehouseProcess {
 public:
  explicit WarehouseProcess(const std::string& data_path) { Start(data_path); }
  ~WarehouseProcess() { Kill(); }

  bool running() const { return pid_ > 0; }
  uint16_t port() const { return port_; }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  // SIGTERM; gives the exit status as waitpid does.
  int Terminate() {
    ::kill(pid_, SIGTERM);
    int status = -1;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  // A line of /proc/PID/status in KiB, e.g. "VmHWM".
  long MemoryKib(std::string_view key) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key)) return std::atol(line.c_str() + line.find_first_of("0123456789"));
    }
    return 0;
  }

 private:
  void Start(const std::string& data_path) {
    const std::string program =
        (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "warehouse_process").string();
    const std::string library = LibchdbPath();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], 1);
      execl(program.c_str(), program.c_str(), "--library", library.c_str(), "--data", data_path.c_str(),
            nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string line;
    for (char c; read(ends[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
    close(ends[0]);
    const size_t colon = line.rfind(':');
    if (colon == std::string::npos) {
      ADD_FAILURE() << "warehouse_process did not start";
      waitpid(std::exchange(pid_, -1), nullptr, 0);
      return;
    }
    port_ = static_cast<uint16_t>(std::atoi(line.c_str() + colon + 1));
  }

  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

}  // namespace yokoten::warehouse
