// The client against a server that says one prepared sentence per request.
#include "clickhouse/client.h"

#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clickhouse/native.h"

namespace yokoten::clickhouse {
namespace {

// Answers each request with the next of `answers` (whole HTTP responses) and keeps what it was sent.
class FakeServer {
 public:
  explicit FakeServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 8);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::string request(size_t i) {
    const std::lock_guard lock(mutex_);
    return requests_.at(i);
  }

 private:
  void Serve() {
    for (const std::string& answer : answers_) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::string request;
      char buffer[65536];
      for (size_t need = std::string::npos; request.size() < need;) {
        const ssize_t n = read(peer, buffer, sizeof(buffer));
        if (n <= 0) break;
        request.append(buffer, static_cast<size_t>(n));
        const size_t end = request.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        const size_t at = request.find("Content-Length: ");
        need = end + 4 + (at < end ? std::stoul(request.substr(at + 16)) : 0);
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      if (!answer.empty() && write(peer, answer.data(), answer.size()) < 0) return;
      close(peer);
    }
  }
  std::vector<std::string> answers_;
  int listener_;
  int port_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string Answer(int code, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(code) + " X\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Client, ReadsRowsWithEscapesAndNulls) {
  FakeServer server({Answer(200, "a\tb\n1\tx\\ty\\\\z\n\\N\t\n")});
  Client client({.url = server.url(), .database = "yk", .password = "secret"});
  const auto rows = client.Select(
      "SELECT 1", {.settings = {{"max_threads", "2"}}, .parameters = {{"p", "a b&c"}}, .session_id = "s1"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(rows->Int(0, "a"), 1);
  EXPECT_EQ(rows->Text(0, "b"), "x\ty\\z");
  EXPECT_TRUE(rows->IsNull(1, "a"));
  EXPECT_FALSE(rows->IsNull(1, "b"));
  const std::string request = server.request(0);
  for (const char* part : {"POST /?", "database=yk", "max_threads=2", "param_p=a%20b%26c", "session_id=s1",
                           "default_format=TabSeparatedWithNames", "X-ClickHouse-User: default",
                           "X-ClickHouse-Key: secret", "\r\n\r\nSELECT 1"}) {
    EXPECT_NE(request.find(part), std::string::npos) << part << " in\n" << request;
  }
}

TEST(Client, SendsABlockSynchronously) {
  FakeServer server({Answer(200, "")});
  Client client({.url = server.url()});
  NativeBlock block;
  block.Add("a", "UInt8").Append<uint8_t>('Z');
  ASSERT_TRUE(client.Insert("t", block).ok());
  const std::string request = server.request(0);
  EXPECT_NE(request.find("async_insert=0"), std::string::npos);
  EXPECT_NE(request.find("query=INSERT%20INTO%20t%20%28%60a%60%29%20FORMAT%20Native"), std::string::npos)
      << request;
  EXPECT_TRUE(request.ends_with(block.Encode()));
}

TEST(Client, DoesNotSendABlockWithoutRows) {
  Client client({.url = "http://127.0.0.1:1"});
  NativeBlock block;
  block.Add("a", "UInt8");
  EXPECT_TRUE(client.Insert("t", block).ok());
}

TEST(Client, TellsWhatMaySucceedLaterFromWhatMayNot) {
  FakeServer server({Answer(500, "Code: 241. DB::Exception: memory", "X-ClickHouse-Exception-Code: 241\r\n"),
                     Answer(400, "Code: 62. DB::Exception: syntax error"),
                     Answer(500, "Code: 252. DB::Exception: Too many parts (300)"),
                     Answer(500, "Code: 252. DB::Exception: Too many partitions for single INSERT block"),
                     Answer(503, "busy"), ""});
  Client client({.url = server.url()});
  Status status = client.Execute("x");
  EXPECT_TRUE(Retryable(status));
  EXPECT_EQ(ExceptionCode(status), 241);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  status = client.Execute("x");
  EXPECT_FALSE(Retryable(status));
  EXPECT_EQ(ExceptionCode(status), 62);
  EXPECT_NE(Message(status).find("syntax error"), std::string::npos);
  EXPECT_TRUE(Retryable(client.Execute("x")));
  EXPECT_FALSE(Retryable(client.Execute("x")));
  EXPECT_TRUE(Retryable(client.Execute("x")));
  EXPECT_TRUE(Retryable(client.Execute("x"))) << "a connection that breaks off";
}

TEST(Client, ReportsAnErrorWithCode200AsAnError) {
  FakeServer server({Answer(200, "Code: 159. DB::Exception: late", "X-ClickHouse-Exception-Code: 159\r\n")});
  Client client({.url = server.url()});
  EXPECT_EQ(ExceptionCode(client.Execute("x")), 159);
}

TEST(Client, SaysWhereItCouldNotConnect) {
  Client client({.url = "http://127.0.0.1:1"});
  const Status status = client.Ping();
  EXPECT_TRUE(Retryable(status));
  EXPECT_NE(Message(status).find("http://127.0.0.1:1"), std::string::npos);
}

TEST(Client, StopsAStreamWhenTheReaderHasEnough) {
  FakeServer server({Answer(200, std::string(100000, 'x'))});
  Client client({.url = server.url()});
  EXPECT_EQ(client.Stream("x", {}, [](std::string_view) { return false; }).code(), StatusCode::kCancelled);
}

TEST(Parameters, AreEscapedAsTsvCells) {
  EXPECT_EQ(EscapeParameter("a\tb\\"), "a\\tb\\\\");
  EXPECT_EQ(ArrayParameter({"it's", "b"}), "['it\\\\'s','b']");
  EXPECT_EQ(Quote("it's"), "'it\\'s'");
}

}  // namespace
}  // namespace yokoten::clickhouse
