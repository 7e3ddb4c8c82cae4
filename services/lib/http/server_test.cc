// The server against raw sockets: framing, keep-alive, bodies and answers, clients that leave.
#include "http/server.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "http/test_client.h"

namespace yokoten::http {
namespace {

using test::Answer;
using test::Client;
using test::Echo;
using test::Event;
using test::milliseconds;
using test::seconds;
using test::StartServer;

TEST(ServerTest, AnswersAndKeepsTheConnection) {
  const auto server = StartServer(Echo);
  Client client(*server);
  for (int i = 0; i < 3; ++i) {
    client.Send("POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
    const std::string head = client.ReadUntil("\r\n\r\n");
    EXPECT_NE(head.find("HTTP/1.1 200 OK\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("X-Path: /a b\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Content-Length: 10\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Connection: keep-alive\r\n"), std::string::npos) << head;
    EXPECT_EQ(client.ReadBytes(10), "POST hello");
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST(ServerTest, RequestsSentAheadAreAnsweredInOrder) {
  const auto server = StartServer(Echo);
  Client client(*server);
  client.Send(
      "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n1POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n2"
      "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string all = client.ReadToEnd();
  const size_t one = all.find("POST 1"), two = all.find("POST 2"), three = all.find("GET ");
  EXPECT_NE(three, std::string::npos) << all;
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
}

TEST(ServerTest, ChunkedBodiesAreReadAndBrokenOnesReported) {
  const auto server = StartServer([](Request& request, const Answer& response) {
    EXPECT_EQ(request.content_length, -1);
    const auto body = request.ReadAll(1000);
    (void)response->Send(body.ok() ? 200 : 400, {}, body.ok() ? *body : Message(body.status()));
  });
  Client client(*server);
  client.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  client.ReadUntil("\r\n\r\n");
  EXPECT_EQ(client.ReadBytes(5), "abcde");
  client.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n");
  EXPECT_NE(client.ReadToEnd().find("400 Bad Request"), std::string::npos);
}

TEST(ServerTest, ThousandsOfSmallChunksAreTakenTogether) {
  std::atomic<int> reads = 0;
  const auto server = StartServer([&](Request& request, const Answer& response) {
    std::string buffer(1 << 20, 0);
    std::string body;
    for (;;) {
      const auto count = request.Read(buffer.data(), buffer.size());
      ASSERT_TRUE(count.ok());
      if (*count == 0) break;
      body.append(buffer.data(), *count);
      ++reads;
    }
    (void)response->Send(200, {},
                         std::to_string(body.size()) + (body == std::string(body.size(), 'y') ? "!" : "?"));
  });
  Client client(*server);
  std::string text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) text += "3\r\nyyy\r\n";
  client.Send(text + "0\r\n\r\n");
  EXPECT_NE(client.ReadUntil("!").find("60000!"), std::string::npos);
  EXPECT_LT(reads, 2000);
}

TEST(ServerTest, ABodyOverTheLimitIsRefusedEvenWhenChunked) {
  const auto server = StartServer(Echo);
  Client client(*server);
  client.Send("POST / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + std::string(20000, 'x'));
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("413"), std::string::npos);
  Client chunked(*server);
  chunked.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + std::string(20000, 'x') +
               "\r\n0\r\n\r\n");
  EXPECT_NE(chunked.ReadUntil("\r\n\r\n").find("413"), std::string::npos);
}

TEST(ServerTest, ContinueIsSentOnlyWhenTheBodyIsWanted) {
  const auto server = StartServer([](Request& request, const Answer& response) {
    if (request.path == "/no") return (void)response->Send(403, {}, "no");
    Echo(request, response);
  });
  Client wanted(*server);
  wanted.Send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(wanted.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wanted.Send("hi");
  EXPECT_NE(wanted.ReadUntil("POST hi").find("200 OK"), std::string::npos);
  Client refused(*server);
  refused.Send("POST /no HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const std::string all = refused.ReadToEnd();
  EXPECT_EQ(all.find("100 Continue"), std::string::npos);
  EXPECT_NE(all.find("403 Forbidden"), std::string::npos);
}

TEST(ServerTest, HeadHasTheLengthButNoBody) {
  const auto server = StartServer(Echo);
  Client client(*server);
  client.Send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("Content-Length: 5"), std::string::npos);
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(client.ReadBytes(4), "GET ");
}

TEST(ServerTest, OldClientsGetAnUnchunkedStream) {
  const auto server = StartServer([](Request&, const Answer& response) {
    (void)response->Begin(200, {});
    (void)response->Write("one");
    (void)response->Write("two");
    (void)response->End();
  });
  Client client(*server);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  const std::string all = client.ReadToEnd();
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_EQ(all.substr(all.size() - 10), "\r\n\r\nonetwo");
}

TEST(ServerTest, AStreamMayOutliveItsHandlerAndBeWrittenFromAnotherThread) {
  std::mutex mutex;
  Answer kept;
  Event begun;
  const auto server = StartServer([&](Request&, const Answer& response) {
    (void)response->Begin(200, {{"Content-Type", "text/event-stream"}});
    std::lock_guard lock(mutex);
    kept = response;
    begun.Set();
  });
  Client client(*server);
  client.Send("GET /live HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(begun.Wait());
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(kept->Write("data").ok());
    EXPECT_EQ(client.ReadBytes(9), "4\r\ndata\r\n");
  }
  EXPECT_EQ(server->active_requests(), 1);
  EXPECT_TRUE(kept->End().ok());
  EXPECT_EQ(client.ReadBytes(5), "0\r\n\r\n");
  EXPECT_FALSE(kept->Write("late").ok());
  client.Send("GET /live HTTP/1.1\r\n\r\n");
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("200 OK"), std::string::npos);
  std::lock_guard lock(mutex);
  kept = nullptr;
}

TEST(ServerTest, ADroppedAnswerIsNeverMistakenForAWholeOne) {
  const auto server = StartServer([&](Request& request, const Answer& response) {
    if (request.path == "/begun") {
      (void)response->Begin(200, {});
      (void)response->Write("half");
    }
    if (request.path == "/throw") throw std::runtime_error("boom");
  });
  Client none(*server);
  none.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(none.ReadUntil("\r\n\r\n").find("500"), std::string::npos);
  Client begun(*server);
  begun.Send("GET /begun HTTP/1.1\r\n\r\n");
  EXPECT_EQ(begun.ReadToEnd().find("\r\n0\r\n\r\n"), std::string::npos);
  Client thrown(*server);
  thrown.Send("GET /throw HTTP/1.1\r\n\r\n");
  EXPECT_NE(thrown.ReadUntil("boom").find("500"), std::string::npos);
}

TEST(ServerTest, AnIncompleteAnswerArrivesAsFarAsItGoesWithoutItsEnd) {
  const auto server = StartServer([&](Request&, const Answer& response) {
    (void)response->Begin(200, {});
    (void)response->Write(std::string(500'000, 'x'));
    (void)response->Write("error text");
    EXPECT_TRUE(response->EndIncomplete().ok());
  });
  Client client(*server);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  const std::string all = client.ReadToEnd();
  EXPECT_EQ(all.substr(all.size() - 12), "error text\r\n");
}

TEST(ServerTest, AClientThatLeavesIsNoticedWhileTheHandlerWorks) {
  Event called, done, entered;
  const auto server = StartServer([&](Request& request, const Answer& response) {
    EXPECT_EQ(request.ReadAll(100).value(), "body");
    response->OnClientGone([&] { called.Set(); });
    entered.Set();
    EXPECT_TRUE(called.Wait());
    EXPECT_TRUE(response->client_gone());
    EXPECT_EQ(response->Send(200, {}, "x").code(), StatusCode::kCancelled);
    done.Set();
  });
  Client client(*server);
  client.Send("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
  ASSERT_TRUE(entered.Wait());
  client.Close();
  EXPECT_TRUE(called.Wait());
  EXPECT_TRUE(done.Wait());
}

TEST(ServerTest, AClientThatLeavesDuringItsBodyEndsTheRead) {
  Event done;
  const auto server = StartServer([&](Request& request, const Answer&) {
    EXPECT_EQ(request.ReadAll(10'000).status().code(), StatusCode::kCancelled);
    done.Set();
  });
  Client client(*server);
  client.Send("POST / HTTP/1.1\r\nContent-Length: 4000\r\n\r\nbody");
  client.Close();
  EXPECT_TRUE(done.Wait());
}

TEST(ServerTest, AFinishedAnswerCallsNobody) {
  std::atomic<int> calls = 0;
  auto server = StartServer([&](Request&, const Answer& response) {
    response->OnClientGone([&] { ++calls; });
    (void)response->Send(200, {}, "ok");
  });
  {
    Client client(*server);
    client.Send("GET / HTTP/1.1\r\n\r\n");
    client.ReadUntil("ok");
  }
  server->Stop(seconds(1));
  EXPECT_EQ(calls, 0);
}

TEST(ServerTest, BadAndTooLargeRequestsGetTheirStatus) {
  ServerOptions options;
  options.max_header_bytes = 2000;
  const auto server = StartServer(Echo, options);
  Client bad(*server);
  bad.Send("this is not http\r\n\r\n");
  EXPECT_NE(bad.ReadToEnd().find("HTTP/1.1 400"), std::string::npos);
  Client large(*server);
  large.Send("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_NE(large.ReadToEnd().find("HTTP/1.1 431"), std::string::npos);
}

TEST(ServerTest, LineBreaksInHeaderValuesCannotMakeHeaders) {
  const auto server = StartServer([](Request&, const Answer& response) {
    (void)response->Send(200, {{"X-Error", "one\r\nX-Evil: two"}}, "");
  });
  Client client(*server);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n").find("\r\nX-Evil"), std::string::npos);
}

TEST(ServerTest, ManyClientsAtOnce) {
  const auto server = StartServer(Echo);
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      Client client(*server);
      for (int i = 0; i < 100; ++i) {
        const std::string body = std::to_string(t * 1000 + i + 100'000);
        client.Send("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n" + body);
        client.ReadUntil("\r\n\r\n");
        good += client.ReadBytes(11) == "POST " + body;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 1600);
}

TEST(ServerTest, ATakenPortAndABadAddressAreReportedWithWhatToDo) {
  const auto server = StartServer(Echo);
  ServerOptions taken;
  taken.port = server->BoundPort();
  const auto second = Server::Start(taken, Echo);
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(Message(second.status()).find(std::to_string(taken.port)), std::string::npos);
  ServerOptions bad;
  bad.address = "localhost.example";
  EXPECT_EQ(Server::Start(bad, Echo).status().code(), StatusCode::kInvalidArgument);
  ServerOptions tls;
  tls.tls.certificate_chain_file = "/nonexistent.pem";
  EXPECT_EQ(Server::Start(tls, Echo).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yokoten::http
