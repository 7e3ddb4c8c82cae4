// The warehouse as a process: killed in the middle of inserts, stopped in good order, bounded in memory.
#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>

#include "warehouse/test_client.h"

namespace yokoten::warehouse {
namespace {

std::string Ask(uint16_t port, std::string_view sql) {
  TestClient client(port);
  const Reply reply = client.Call("/", sql);
  EXPECT_EQ(reply.status, 200) << sql << "\n" << reply.body;
  return reply.body;
}

constexpr std::string_view kCreate =
    "CREATE TABLE IF NOT EXISTS w.t (batch UInt32, i UInt32, s String) ENGINE = MergeTree ORDER BY (batch, "
    "i) "
    "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";

// A writer inserts batches until its warehouse dies, and notes which were acknowledged. Whatever was
// acknowledged is there after the restart, whole; the one that was under way is there whole or not at all.
TEST(WarehouseKillTest, WhatWasAcknowledgedSurvivesKillsAndNothingIsTorn) {
  if (LibchdbPath().empty()) return;
  TempDir directory;
  constexpr int kRows = 20'000;
  std::mt19937 random(20260302);
  int next = 0;
  int acknowledged = 0;
  for (int round = 0; round < 4; ++round) {
    WarehouseProcess warehouse(directory.path() + "/data");
    ASSERT_TRUE(warehouse.running());
    Ask(warehouse.port(), "CREATE DATABASE IF NOT EXISTS w ENGINE = Atomic");
    Ask(warehouse.port(), kCreate);
    if (round > 0) {
      EXPECT_EQ(Ask(warehouse.port(),
                    "SELECT count() FROM (SELECT batch, count() AS n FROM w.t GROUP BY batch HAVING n != " +
                        std::to_string(kRows) + ")"),
                "0\n");
      EXPECT_GE(std::atoi(Ask(warehouse.port(), "SELECT uniqExact(batch) FROM w.t").c_str()), acknowledged);
    }
    std::atomic<bool> begun = false;
    std::thread writer([&] {
      for (;;) {
        const int batch = next++;
        TestClient client(warehouse.port());
        if (!client.connected() || !client.SendHead("POST", "/?query=INSERT+INTO+w.t+FORMAT+TSV",
                                                    {{"Transfer-Encoding", "chunked"}})) {
          return;
        }
        std::string piece;
        for (int i = 0; i < kRows; ++i) {
          piece += std::to_string(batch) + "\t" + std::to_string(i) + "\tsome text of a row\n";
          if (piece.size() < 65536 && i + 1 < kRows) continue;
          if (!client.SendChunk(piece)) return;
          piece.clear();
        }
        if (!client.Send("0\r\n\r\n")) return;
        const Reply reply = client.Read();
        if (reply.status != 200) return;
        ++acknowledged;
        begun = true;
      }
    });
    while (!begun) std::this_thread::yield();
    // A moment at random in the middle of what follows; not a wait for a condition.
    poll(nullptr, 0, static_cast<int>(random() % 300));
    warehouse.Kill();
    writer.join();
  }
  WarehouseProcess warehouse(directory.path() + "/data");
  ASSERT_TRUE(warehouse.running());
  EXPECT_EQ(Ask(warehouse.port(),
                "SELECT count() FROM (SELECT batch, count() AS n FROM w.t GROUP BY batch HAVING n != " +
                    std::to_string(kRows) + ")"),
            "0\n");
  const int found = std::atoi(Ask(warehouse.port(), "SELECT uniqExact(batch) FROM w.t").c_str());
  EXPECT_GE(found, acknowledged);
  EXPECT_LE(found, next);
  EXPECT_GE(acknowledged, 4);  // one a round at least
  EXPECT_EQ(Ask(warehouse.port(), "CHECK TABLE w.t SETTINGS check_query_single_value_result = 1"), "1\n");
}

TEST(WarehouseProcessTest, StopsInGoodOrderWithWorkUnderWay) {
  if (LibchdbPath().empty()) return;
  TempDir directory;
  WarehouseProcess warehouse(directory.path() + "/data");
  ASSERT_TRUE(warehouse.running());
  Ask(warehouse.port(), "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
  TestClient session(warehouse.port()), idle(warehouse.port()), running(warehouse.port());
  EXPECT_EQ(session.Call("/?session_id=s", "CREATE TEMPORARY TABLE x (a UInt8)").status, 200);
  const std::string sql =
      "INSERT INTO t SELECT number + sleepEachRow(0.01) FROM numbers(50) SETTINGS max_block_size = 1";
  running.SendHead("POST", "/", {{"Content-Length", std::to_string(sql.size())}});
  running.Send(sql);
  while (Ask(warehouse.port(),
             "SELECT count() FROM system.processes WHERE query LIKE '%sleepEach%' AND query NOT LIKE "
             "'%processes%'") == "0\n") {
  }
  const int status = warehouse.Terminate();
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(running.Read().status, 200);  // it was let finish
  WarehouseProcess again(directory.path() + "/data");
  ASSERT_TRUE(again.running());
  EXPECT_EQ(Ask(again.port(), "SELECT count() FROM t"), "50\n");
}

TEST(WarehouseProcessTest, ALargeInsertStreamsThroughLittleMemory) {
  if (LibchdbPath().empty()) return;
  TempDir directory;
  WarehouseProcess warehouse(directory.path() + "/data");
  ASSERT_TRUE(warehouse.running());
  Ask(warehouse.port(), "CREATE TABLE t (a UInt64, b UInt64) ENGINE = MergeTree ORDER BY tuple()");
  const long before = warehouse.MemoryKib("VmHWM");
  constexpr int kPieces = 400;
  std::string piece;
  for (uint64_t i = 0; i < 65536; ++i) piece.append(reinterpret_cast<const char*>(&i), 8).append("12345678");
  TestClient client(warehouse.port());
  client.SendHead("POST", "/?query=INSERT+INTO+t+FORMAT+RowBinary", {{"Transfer-Encoding", "chunked"}});
  for (int i = 0; i < kPieces; ++i) ASSERT_TRUE(client.SendChunk(piece));
  client.Send("0\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(Ask(warehouse.port(), "SELECT count() FROM t"), std::to_string(kPieces * 65536ull) + "\n");
  const long grown = warehouse.MemoryKib("VmHWM") - before;
  const long sent = static_cast<long>(piece.size()) * kPieces / 1024;
  std::printf("a body of %ld MiB took at most %ld MiB\n", sent >> 10, grown >> 10);
  EXPECT_LT(grown, sent * 2 / 3);
}

TEST(WarehouseProcessTest, ASecondProcessOnTheSameDataIsRefused) {
  if (LibchdbPath().empty()) return;
  TempDir directory;
  WarehouseProcess first(directory.path() + "/data");
  ASSERT_TRUE(first.running());
  const std::string program =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "warehouse_process").string();
  const std::string command =
      program + " --library " + LibchdbPath() + " --data " + directory.path() + "/data 2>&1";
  FILE* second = popen(command.c_str(), "r");
  char text[1000] = {};
  const size_t size = fread(text, 1, sizeof text - 1, second);
  EXPECT_NE(pclose(second), 0);
  EXPECT_NE(std::string_view(text, size).find("Another warehouse process"), std::string_view::npos) << text;
  EXPECT_EQ(Ask(first.port(), "SELECT 1"), "1\n");
}

}  // namespace
}  // namespace yokoten::warehouse
