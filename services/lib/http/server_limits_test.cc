// What the server bears: slow readers, large bodies, idle and too many clients, stopping with work under way.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "http/server.h"
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

TEST(ServerLimitsTest, WriteWaitsForASlowReaderAndOfferRefuses) {
  ServerOptions options;
  options.write_buffer_bytes = 100'000;
  std::atomic<size_t> written = 0;
  std::atomic<bool> refused = false;
  Event full, drain;
  const auto server = StartServer(
      [&](Request&, const Answer& response) {
        const std::string piece(10'000, 'x');
        (void)response->Begin(200, {});
        while (!refused) {
          const Status status = response->Offer(piece);
          if (status.ok()) written += piece.size();
          refused = status.code() == StatusCode::kResourceExhausted;
        }
        full.Set();
        for (int i = 0; i < 2000; ++i) {
          ASSERT_TRUE(response->Write(piece).ok());
          written += piece.size();
        }
        (void)response->End();
      },
      options);
  Client client(*server);
  client.Send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(full.Wait());
  EXPECT_LT(written.load(), 15'000'000u);  // what fits the buffers of the system and ours
  const std::string all = client.ReadToEnd();
  size_t payload = 0;
  for (const char c : all) payload += c == 'x';
  EXPECT_EQ(payload, written.load());
  EXPECT_EQ(all.substr(all.size() - 5), "0\r\n\r\n");
}

TEST(ServerLimitsTest, AReaderThatStallsIsGivenUp) {
  ServerOptions options;
  options.write_timeout = milliseconds(200);
  options.write_buffer_bytes = 10'000;
  Event gone;
  const auto server = StartServer(
      [&](Request&, const Answer& response) {
        (void)response->Begin(200, {});
        const std::string piece(1'000'000, 'x');
        while (response->Write(piece).ok()) {
        }
        gone.Set();
      },
      options);
  Client client(*server);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(gone.Wait());
}

TEST(ServerLimitsTest, ALargeUploadNeedsLittleMemoryAndArrivesWhole) {
  const auto server = StartServer([&](Request& request, const Answer& response) {
    std::string buffer(100'000, 0);
    uint64_t total = 0, sum = 0;
    for (;;) {
      const auto count = request.Read(buffer.data(), buffer.size());
      ASSERT_TRUE(count.ok());
      if (*count == 0) break;
      total += *count;
      for (size_t i = 0; i < *count; ++i) sum += static_cast<unsigned char>(buffer[i]);
    }
    (void)response->Send(200, {}, std::to_string(total) + " " + std::to_string(sum) + ";");
  });
  Client client(*server);
  std::string piece;
  for (int i = 0; i < 100'000; ++i) piece.push_back(static_cast<char>(i % 251));
  uint64_t sum = 0;
  for (const char c : piece) sum += static_cast<unsigned char>(c);
  client.Send("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(piece.size() * 300) + "\r\n\r\n");
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(client.Send(piece));
  EXPECT_NE(client.ReadUntil(";").find("30000000 " + std::to_string(sum * 300)), std::string::npos);
}

TEST(ServerLimitsTest, AnUnreadSmallBodyKeepsTheConnectionAndALargeOneEndsIt) {
  ServerOptions options;
  options.max_drain_bytes = 200'000;
  const auto server =
      StartServer([](Request&, const Answer& response) { (void)response->Send(200, {}, "ok"); }, options);
  Client small(*server);
  for (int i = 0; i < 2; ++i) {
    small.Send("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'));
    EXPECT_NE(small.ReadUntil("\r\n\r\nok").find("200 OK"), std::string::npos);
  }
  Client large(*server);
  large.Send("POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n" + std::string(1'000'000, 'x'));
  EXPECT_NE(large.ReadToEnd().find("200 OK"), std::string::npos);
}

TEST(ServerLimitsTest, IdleAndSlowClientsAreClosed) {
  ServerOptions options;
  options.idle_timeout = options.header_timeout = options.body_timeout = milliseconds(100);
  const auto server = StartServer(Echo, options);
  Client idle(*server);
  EXPECT_EQ(idle.ReadToEnd(), "");
  Client slow(*server);
  slow.Send("GET / HT");
  EXPECT_EQ(slow.ReadToEnd(), "");
  Client stalled(*server);
  stalled.Send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(stalled.ReadToEnd(), "");
}

TEST(ServerLimitsTest, TooManyWaitingRequestsAreTurnedAwayAndTooManyConnectionsClosed) {
  ServerOptions options;
  options.worker_threads = 1;
  options.max_queued_requests = 1;
  options.max_connections = 3;
  Event release, entered;
  const auto server = StartServer(
      [&](Request&, const Answer& response) {
        entered.Set();
        release.Wait();
        (void)response->Send(200, {}, "ok");
      },
      options);
  Client one(*server);
  one.Send("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(entered.Wait());
  Client two(*server), three(*server);
  two.Send("GET / HTTP/1.1\r\n\r\n");
  while (server->active_requests() < 2) std::this_thread::yield();
  three.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(three.ReadUntil("\r\n\r\n").find("503 Service Unavailable"), std::string::npos);
  Client four(*server);
  EXPECT_EQ(four.ReadToEnd(), "");
  release.Set();
  EXPECT_NE(one.ReadUntil("ok").find("200"), std::string::npos);
  EXPECT_NE(two.ReadUntil("ok").find("200"), std::string::npos);
}

TEST(ServerLimitsTest, StopLetsRunningRequestsFinishAndRefusesNewOnes) {
  Event entered, release;
  auto server = StartServer([&](Request&, const Answer& response) {
    entered.Set();
    release.Wait();
    (void)response->Send(200, {}, "finished");
  });
  Client busy(*server), idle(*server);
  busy.Send("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(entered.Wait());
  std::thread stopper([&] { server->Stop(seconds(20)); });
  EXPECT_EQ(idle.ReadToEnd(), "");  // closed at once
  release.Set();
  EXPECT_NE(busy.ReadToEnd().find("finished"), std::string::npos);
  stopper.join();
}

TEST(ServerLimitsTest, StopBreaksWhatDoesNotFinishInTime) {
  Event entered;
  Answer kept;
  auto server = StartServer([&](Request& request, const Answer& response) {
    if (request.path == "/kept") {
      (void)response->Begin(200, {});
      kept = response;
      return entered.Set();
    }
  });
  Client client(*server);
  client.Send("GET /kept HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(entered.Wait());
  Event gone;
  kept->OnClientGone([&] { gone.Set(); });
  server->Stop(milliseconds(10));
  EXPECT_TRUE(gone.Wait());
  EXPECT_EQ(kept->Write("x").code(), StatusCode::kCancelled);
  server.reset();
  kept.reset();  // safe after the server is gone
}

}  // namespace
}  // namespace yokoten::http
