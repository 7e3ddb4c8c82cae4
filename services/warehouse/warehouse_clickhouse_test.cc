// The warehouse with its real engine: ClickHouse's HTTP interface as clients see it.
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "http/compression.h"
#include "warehouse/errors.h"
#include "warehouse/native_block.h"
#include "warehouse/test_client.h"
#include "warehouse/warehouse.h"

namespace yokoten::warehouse {
namespace {

using http::Headers;
using http::PercentEncode;

// One engine can be open in a process, so all tests share a server; each works in a database of its own.
class WarehouseTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string library = LibchdbPath();
    if (library.empty()) return;
    directory_ = new TempDir();
    Options options;
    options.engine.library_path = library;
    options.engine.data_path = directory_->path() + "/data";
    options.users = {{"default", "", false, {}, true},
                     {"reader", "secret", true, {"open"}, false},
                     {"writer", "secret", false, {"open"}, false}};
    options.default_session_timeout = std::chrono::seconds(60);
    auto server = Server::Start(options);
    ASSERT_TRUE(server.ok()) << Message(server.status());
    server_ = std::move(server).value().release();
    TestClient client(server_->port());
    for (const char* sql : {"CREATE DATABASE open ENGINE = Atomic", "CREATE DATABASE closed ENGINE = Atomic",
                            "CREATE TABLE open.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a",
                            "CREATE TABLE closed.t (a UInt64) ENGINE = MergeTree ORDER BY a"}) {
      EXPECT_EQ(client.Call("/", sql).status, 200) << sql;
    }
  }
  static void TearDownTestSuite() {
    if (server_ != nullptr) server_->Stop(std::chrono::seconds(5));
    delete std::exchange(server_, nullptr);
    delete std::exchange(directory_, nullptr);
  }
  void SetUp() override {
    if (server_ == nullptr) GTEST_FAIL() << "no warehouse";
    database_ = testing::UnitTest::GetInstance()->current_test_info()->name();
    Ask("CREATE DATABASE " + database_ + " ENGINE = Atomic");
  }
  void TearDown() override {
    if (server_ != nullptr) Ask("DROP DATABASE " + database_);
  }

  Reply Call(const std::string& target, std::string_view body, Headers headers = {},
             std::string_view method = "POST") {
    TestClient client(server_->port());
    return client.Call(target, body, std::move(headers), method);
  }
  std::string Target(std::string_view query, const std::string& more = {}) const {
    return "/?database=" + database_ + (query.empty() ? "" : "&query=" + PercentEncode(query)) + more;
  }
  // The result of a statement that must work.
  std::string Ask(std::string_view sql, const std::string& more = {}) {
    const Reply reply = Call(
        sql.starts_with("CREATE DATABASE") || sql.starts_with("DROP DATABASE") ? "/" : Target("", more), sql);
    EXPECT_EQ(reply.status, 200) << sql << "\n" << reply.body;
    return reply.body;
  }

  static TempDir* directory_;
  static Server* server_;
  std::string database_;
};
TempDir* WarehouseTest::directory_ = nullptr;
Server* WarehouseTest::server_ = nullptr;

TEST_F(WarehouseTest, HealthChecksAndUnknownPaths) {
  EXPECT_EQ(Call("/ping", "", {}, "GET").body, "Ok.\n");
  EXPECT_EQ(Call("/replicas_status", "", {}, "GET").body, "Ok.\n");
  EXPECT_EQ(Call("/", "", {}, "GET").body, "Ok.\n");
  EXPECT_EQ(Call("/nothing", "", {}, "GET").status, 404);
  EXPECT_EQ(Call("/", "", {}, "HEAD").status, 200);
}

TEST_F(WarehouseTest, QueriesComeByUrlByBodyOrInTwoParts) {
  EXPECT_EQ(Call(Target("SELECT 1"), "", {}, "GET").body, "1\n");
  EXPECT_EQ(Call(Target(""), "SELECT 2").body, "2\n");
  EXPECT_EQ(Call(Target("SELECT"), "3").body, "3\n");
  EXPECT_EQ(Call(Target("SELECT {a:UInt8} + {b:UInt8}", "&param_a=1&param_b=3"), "").body, "4\n");
}

TEST_F(WarehouseTest, AnswersCarryClickHousesHeaders) {
  const Reply reply = Call(Target("SELECT 1", "&query_id=my-id"), "");
  EXPECT_EQ(reply.Header("X-ClickHouse-Query-Id"), "my-id");
  EXPECT_EQ(reply.Header("X-ClickHouse-Format"), "TabSeparated");
  EXPECT_EQ(reply.Header("Content-Type"), "text/tab-separated-values; charset=UTF-8");
  EXPECT_FALSE(reply.Header("X-ClickHouse-Server-Display-Name").empty());
  EXPECT_FALSE(reply.Header("X-ClickHouse-Timezone").empty());
  EXPECT_NE(reply.Header("X-ClickHouse-Summary").find("\"read_rows\":\"1\""), std::string::npos);
  EXPECT_EQ(Call(Target("SELECT 1 FORMAT JSON"), "").Header("Content-Type"),
            "application/json; charset=UTF-8");
  EXPECT_EQ(Call(Target("SELECT 1", "&default_format=JSONEachRow"), "").body, "{\"1\":1}\n");
  EXPECT_EQ(Call(Target("SELECT 1"), "", {{"X-ClickHouse-Format", "CSV"}}).Header("X-ClickHouse-Format"),
            "CSV");
  EXPECT_EQ(Call("/?query=SELECT+currentDatabase()", "", {{"X-ClickHouse-Database", database_}}).body,
            database_ + "\n");
}

TEST_F(WarehouseTest, ErrorsHaveTheirCodeStatusAndText) {
  const auto expect = [this](const std::string& target, std::string_view sql, int error, int status) {
    const Reply reply = Call(target, sql);
    EXPECT_EQ(reply.code(), error) << sql << reply.body;
    EXPECT_EQ(reply.status, status) << sql;
    EXPECT_TRUE(reply.body.starts_with("Code: " + std::to_string(error) + ". DB::Exception: ")) << reply.body;
    EXPECT_NE(reply.body.find("(version "), std::string::npos);
    EXPECT_EQ(reply.body.find("yokoten:"), std::string::npos) << reply.body;
  };
  expect(Target(""), "SELECT * FROM nothing", 60, 404);
  expect(Target(""), "SELEC 1", 62, 400);
  expect(Target(""), "", 62, 400);
  expect(Target(""), "SELECT nothing", 47, 404);
  expect(Target(""), "SELECT no_such_function(1)", 46, 404);
  expect(Target(""), "SELECT 1 FORMAT Nothing", 73, 404);
  expect(Target("", "&nothing=1"), "SELECT 1", 115, 404);
  expect("/?database=nothing", "SELECT 1", 81, 404);
  expect(Target(""), "SELECT toUInt8('x')", 6, 400);
  expect(Target(""), "SELECT 1; SELECT 2", 62, 400);
  expect(Target(""), "SELECT 1 INTO OUTFILE '/tmp/x'", 358, 500);
  expect(Target("", "&max_execution_time=1"), "SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1",
         159, 408);
  expect(Target("", "&max_memory_usage=10000000"), "SELECT groupArray(number) FROM numbers(100000000)", 241,
         500);
  expect(Target("", "&role=admin"), "SELECT 1", 511, 404);
}

// On a full disk the engine acknowledges what it could not write; tests/chaos fills one.
TEST_F(WarehouseTest, TheEngineStopsWritingBeforeItsDiskIsFull) {
  EXPECT_EQ(Ask("SELECT keep_free_space FROM system.disks WHERE name = 'default'"),
            std::to_string(EngineOptions().keep_free_bytes) + "\n");
}

TEST_F(WarehouseTest, GetOnlyReads) {
  Ask("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a");
  EXPECT_EQ(Call(Target("INSERT INTO t VALUES (1)"), "", {}, "GET").code(), 164);
  EXPECT_EQ(Call(Target("DROP TABLE t"), "", {}, "GET").code(), 164);
  EXPECT_EQ(Call(Target("SHOW TABLES"), "", {}, "GET").body, "t\n");
}

TEST_F(WarehouseTest, DataOfAnInsertComesInEveryWayAndFormat) {
  Ask("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a");
  Ask("INSERT INTO t VALUES (1, 'it''s; \\n FORMAT TSV'), (2, concat('x', 'y'))");
  EXPECT_EQ(Call(Target("INSERT INTO t FORMAT TSV"), "3\tthree\n").status, 200);
  EXPECT_EQ(Call(Target("INSERT INTO t (s, a) FORMAT JSONEachRow"), "{\"a\":4,\"s\":\"four\"}").status, 200);
  EXPECT_EQ(Call(Target("INSERT INTO t VALUES"), "(5,'five')").status, 200);
  EXPECT_EQ(Call(Target("INSERT INTO t SETTINGS async_insert=0 FORMAT CSV"), "6,six\n").status, 200);
  // Bytes that a lexer would stumble over.
  const std::string binary("\x07\0\0\0\0\0\0\0\x06';/*\0\n", 15);
  EXPECT_EQ(Call(Target("INSERT INTO t FORMAT RowBinary"), binary).status, 200);
  EXPECT_EQ(Call(Target(""), "INSERT INTO t FORMAT RowBinary\n" + binary).status, 200);
  EXPECT_EQ(
      Call(Target("INSERT INTO {tbl:Identifier} SELECT a + 1, s FROM input('a UInt64, s String') FORMAT CSV",
                  "&param_tbl=t"),
           "7,eight\n")
          .status,
      200);
  EXPECT_EQ(Ask("SELECT a, count(), any(s) FROM t GROUP BY a ORDER BY a"),
            "1\t1\tit\\'s; \\n FORMAT TSV\n2\t1\txy\n3\t1\tthree\n4\t1\tfour\n5\t1\tfive\n6\t1\tsix\n"
            "7\t2\t\\';/*\\0\\n\n8\t1\teight\n");
  const Reply reply = Call(Target("INSERT INTO t FORMAT TSV"), "9\tnine\n10\tten\n");
  EXPECT_NE(reply.Header("X-ClickHouse-Summary").find("\"written_rows\":\"2\""), std::string::npos);
}

TEST_F(WarehouseTest, ABadRowFailsTheInsertWithItsPlace) {
  Ask("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a");
  const Reply reply = Call(Target("INSERT INTO t FORMAT TSV"), "1\n2\nthree\n");
  EXPECT_EQ(reply.code(), 27);
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("row 3"), std::string::npos) << reply.body;
  EXPECT_EQ(Ask("SELECT count() FROM t"), "0\n");
  // The connection stays usable though most of a large body was never wanted.
  TestClient client(server_->port());
  EXPECT_EQ(client.Call(Target("INSERT INTO nothing FORMAT TSV"), std::string(20'000'000, '1')).code(), 60);
  EXPECT_EQ(client.Call(Target(""), "SELECT 1").body, "1\n");
}

TEST_F(WarehouseTest, RequestsAndResponsesAreCompressedInEveryCoding) {
  Ask("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
  std::string rows;
  for (int i = 0; i < 100'000; ++i) rows += std::to_string(i) + "\n";
  for (const http::Coding coding :
       {http::Coding::kGzip, http::Coding::kDeflate, http::Coding::kZstd, http::Coding::kLz4}) {
    const std::string name(http::CodingName(coding));
    Ask("TRUNCATE TABLE t");
    const Reply insert = Call(Target("INSERT INTO t FORMAT TSV"), http::Compress(coding, rows).value(),
                              {{"Content-Encoding", name}});
    EXPECT_EQ(insert.status, 200) << insert.body;
    const Reply select = Call(Target("SELECT a FROM t ORDER BY a", "&enable_http_compression=1"), "",
                              {{"Accept-Encoding", name}});
    EXPECT_EQ(select.Header("Content-Encoding"), name);
    EXPECT_TRUE(http::Decompress(coding, select.body, 1 << 24).value() == rows) << name;
    EXPECT_EQ(Call(Target("SELECT 1"), "", {{"Accept-Encoding", name}}).Header("Content-Encoding"), "");
    EXPECT_EQ(Call(Target("INSERT INTO t FORMAT TSV"), "not compressed at all", {{"Content-Encoding", name}})
                  .code(),
              code::kCannotDecompress);
  }
  EXPECT_EQ(Call(Target("INSERT INTO t FORMAT TSV"), "x", {{"Content-Encoding", "br"}}).code(), 48);
  NativeCompressor compressor;
  std::string packed;
  ASSERT_TRUE(compressor.Push(rows, &packed).ok() && compressor.Finish(&packed).ok());
  Ask("TRUNCATE TABLE t");
  EXPECT_EQ(Call(Target("INSERT INTO t FORMAT TSV", "&decompress=1"), packed).status, 200);
  const Reply native = Call(Target("SELECT a FROM t ORDER BY a", "&compress=1"), "");
  NativeDecompressor decompressor;
  std::string out;
  EXPECT_TRUE(decompressor.Push(native.body, &out).ok() && decompressor.Finish(&out).ok());
  EXPECT_TRUE(out == rows);
  packed[40] ^= 1;
  EXPECT_EQ(Call(Target("INSERT INTO t FORMAT TSV", "&decompress=1"), packed).code(),
            code::kChecksumDoesntMatch);
  EXPECT_EQ(Ask("SELECT count() FROM t"), "100000\n");
}

TEST_F(WarehouseTest, BlocksTheEngineWroteFitOurChecksums) {
  Ask("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS min_bytes_for_wide_part = "
      "0");
  Ask("INSERT INTO t SELECT number, repeat('x', number % 500) FROM numbers(20000)");
  const std::string part =
      Ask("SELECT path FROM system.parts WHERE database = '" + database_ + "' AND active");
  for (const char* column : {"a.bin", "s.bin"}) {
    std::ifstream file(part.substr(0, part.find('\n')) + column, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    ASSERT_FALSE(bytes.empty()) << column;
    NativeDecompressor decompressor;
    std::string out;
    EXPECT_TRUE(decompressor.Push(bytes, &out).ok() && decompressor.Finish(&out).ok()) << column;
    EXPECT_GT(out.size(), 20000u);
  }
}

TEST_F(WarehouseTest, LargeResultsAreStreamedAndWhole) {
  const Reply reply = Call(Target("SELECT number FROM numbers(3000000) FORMAT RowBinary"), "");
  EXPECT_EQ(reply.Header("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(reply.whole);
  EXPECT_EQ(reply.body.size(), 24'000'000u);
  const Reply json = Call(Target("SELECT number FROM numbers(1000000) FORMAT JSON"), "");
  EXPECT_TRUE(json.whole);
  EXPECT_TRUE(json.body.starts_with("{\n") && json.body.ends_with("}\n"));
  EXPECT_NE(json.body.find("\"rows\": 1000000,"), std::string::npos);
}

TEST_F(WarehouseTest, WaitEndOfQueryGivesTheStatusOfAQueryThatFailsLate) {
  const std::string sql = "SELECT throwIf(number = 4000000) FROM numbers(5000000)";
  const Reply streamed = Call(Target(sql), "");
  EXPECT_EQ(streamed.status, 200);
  EXPECT_FALSE(streamed.whole);  // no one can take it for all
  const std::string tag = streamed.Header("X-ClickHouse-Exception-Tag");
  ASSERT_EQ(tag.size(), 16u);
  EXPECT_NE(streamed.body.find("\r\n__exception__\r\n" + tag + "\r\nCode: 395. DB::Exception: "),
            std::string::npos);
  EXPECT_TRUE(streamed.body.ends_with(" " + tag + "\r\n__exception__\r\n"));
  const Reply waited = Call(Target(sql, "&wait_end_of_query=1"), "");
  EXPECT_EQ(waited.status, 500);
  EXPECT_EQ(waited.code(), 395);
  const Reply good =
      Call(Target("SELECT number FROM numbers(2000000) FORMAT RowBinary", "&wait_end_of_query=1"), "");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.body.size(), 16'000'000u);
  EXPECT_NE(good.Header("X-ClickHouse-Summary").find("\"result_rows\":\"2000000\""), std::string::npos);
}

TEST_F(WarehouseTest, SessionsKeepTemporaryTablesAndSettings) {
  const std::string session = "&session_id=" + database_;
  EXPECT_EQ(Call(Target("", session + "&session_check=1"), "SELECT 1").code(), 372);
  Ask("CREATE TEMPORARY TABLE kept (a UInt8)", session);
  EXPECT_EQ(Call(Target("INSERT INTO kept FORMAT TSV", session), "7\n").status, 200);
  Ask("SET max_threads = 1", session);
  EXPECT_EQ(Ask("SELECT a, getSetting('max_threads') FROM kept", session + "&session_check=1"), "7\t1\n");
  // What one request sets for itself ends with it.
  EXPECT_EQ(Ask("SELECT getSetting('max_threads')", session + "&max_threads=2"), "2\n");
  EXPECT_EQ(Ask("SELECT getSetting('max_threads'), currentDatabase()", session), "1\t" + database_ + "\n");
  EXPECT_EQ(Call("/?query=SELECT+currentDatabase()" + session, "").body, "default\n");
  EXPECT_EQ(Call(Target("", ""), "SELECT * FROM kept").code(), 60);
  Ask("USE open", session);
  EXPECT_EQ(Call("/?query=SELECT+currentDatabase()" + session, "").body, "open\n");
  EXPECT_EQ(Ask("SELECT 1", session + "&close_session=1"), "1\n");
  EXPECT_EQ(Call(Target("", session + "&session_check=1"), "SELECT 1").code(), 372);
  EXPECT_EQ(Call(Target("", session + "&session_timeout=x"), "SELECT 1").code(), 374);
  EXPECT_EQ(Call(Target("", session + "&session_timeout=100000"), "SELECT 1").code(), 374);
}

TEST_F(WarehouseTest, ASessionEndsWhenItsTimeIsOver) {
  const std::string session = "&session_timeout=0&session_id=" + database_;
  Ask("CREATE TEMPORARY TABLE kept (a UInt8)", session);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Call(Target("", session + "&session_check=1"), "SELECT 1").code() != 372) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    // A session that is asked for all the time is never over: look only now and then.
    for (int i = 0; i < 50; ++i) Ask("SELECT 1");
  }
}

TEST_F(WarehouseTest, AVeryLongUrlIsAQueryLikeAnyOther) {
  std::string list = "0";
  for (int i = 1; i < 20'000; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(Call(Target("SELECT count() FROM numbers(100000) WHERE number IN (" + list + ")"), "").body,
            "20000\n");
}

TEST_F(WarehouseTest, ASessionServesOneRequestAtATime) {
  const std::string session = "&session_id=" + database_;
  TestClient busy(server_->port());
  busy.SendHead("POST", Target("INSERT INTO FUNCTION null('a UInt8') FORMAT TSV", session),
                {{"Transfer-Encoding", "chunked"}});
  busy.SendChunk("1\n");
  int code = 0;
  while (code == 0) code = Call(Target("", session), "SELECT 1").code();
  EXPECT_EQ(code, 373);
  EXPECT_EQ(Call(Target("", ""), "SELECT 1").status, 200);
  busy.Send("0\r\n\r\n");
  EXPECT_EQ(busy.Read().status, 200);
  EXPECT_EQ(Call(Target("", session), "SELECT 1").body, "1\n");
}

TEST_F(WarehouseTest, ASessionOfAnotherUserIsNotReached) {
  Ask("CREATE TEMPORARY TABLE kept (a UInt8)", "&session_id=shared");
  const Reply reply =
      Call("/?session_id=shared&database=open&user=writer&password=secret", "SELECT * FROM kept");
  EXPECT_EQ(reply.code(), 60) << reply.body;
}

// Waits until a statement with this text runs, or no longer runs.
void WaitRunning(uint16_t port, const std::string& text, bool running) {
  TestClient client(port);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const std::string sql = "SELECT count() FROM system.processes WHERE position(query, concat('" +
                          text.substr(0, 3) + "','" + text.substr(3) + "')) > 0";
  while ((client.Call("/", sql).body != "0\n") != running) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << text;
  }
}

TEST_F(WarehouseTest, AQueryIsCancelledWhenItsClientLeaves) {
  for (const std::string sql :
       {"SELECT 'leaver', count() FROM numbers(1e12) WHERE sipHash64(number) = 1",
        "INSERT INTO FUNCTION null('a UInt64') SELECT 'leaver' = '' OR sleepEachRow(1) FROM numbers(1000) "
        "SETTINGS max_block_size = 1"}) {
    TestClient client(server_->port());
    client.SendHead("POST", Target(""), {{"Content-Length", std::to_string(sql.size())}});
    client.Send(sql);
    WaitRunning(server_->port(), "leaver", true);
    client.Close();
    WaitRunning(server_->port(), "leaver", false);
  }
}

TEST_F(WarehouseTest, AClientThatLeavesWhileReadingEndsItsQuery) {
  TestClient client(server_->port());
  const std::string sql = "SELECT 'reader', number FROM numbers(1e12)";
  client.SendHead("POST", Target(""), {{"Content-Length", std::to_string(sql.size())}});
  client.Send(sql);
  EXPECT_EQ(client.Read(false).status, 200);
  client.Close();
  WaitRunning(server_->port(), "reader", false);
}

TEST_F(WarehouseTest, HalfAnInsertIsNoInsert) {
  Ask("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a");
  for (const int rows : {0, 1, 1000, 50'000}) {
    TestClient client(server_->port());
    client.SendHead("POST", Target("INSERT INTO t FORMAT TSV"), {{"Transfer-Encoding", "chunked"}});
    std::string text;
    for (int i = 0; i < rows; ++i) text += std::to_string(i) + "\thalf\n";
    if (!text.empty()) client.SendChunk(text);
    WaitRunning(server_->port(), "INSERT INTO t ", true);
    client.Close();
    WaitRunning(server_->port(), "INSERT INTO t ", false);
    EXPECT_EQ(Ask("SELECT count() FROM t"), "0\n") << rows;
  }
}

TEST_F(WarehouseTest, ARunningQueryIsKilledByTheIdItsClientGaveIt) {
  TestClient client(server_->port());
  const std::string sql = "SELECT 'victim', count() FROM numbers(1e12) WHERE sipHash64(number) = 1";
  client.SendHead("POST", Target("", "&query_id=victim-1"), {{"Content-Length", std::to_string(sql.size())}});
  client.Send(sql);
  WaitRunning(server_->port(), "victim", true);
  EXPECT_EQ(Call(Target("", "&query_id=victim-1"), "SELECT 1").code(), 216);
  const Reply kill = Call(Target(""), "KILL QUERY WHERE query_id = 'victim-1' ASYNC");
  EXPECT_EQ(kill.status, 200);
  EXPECT_NE(kill.body.find("waiting"), std::string::npos);
  EXPECT_EQ(client.Read().code(), 394);
}

TEST_F(WarehouseTest, QueriesRunSideBySide) {
  Ask("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      TestClient client(server_->port());
      for (int i = 0; i < 20; ++i) {
        const int value = t * 100 + i;
        good += client.Call(Target("INSERT INTO t FORMAT TSV"), std::to_string(value) + "\n").status == 200;
        good +=
            client.Call(Target(""), "SELECT count() FROM t WHERE a = " + std::to_string(value)).body == "1\n";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 320);
  EXPECT_EQ(Ask("SELECT count(), uniqExact(a) FROM t"), "160\t160\n");
}

TEST_F(WarehouseTest, UsersAreAuthenticatedAndKeptToTheirDatabases) {
  const auto code = [this](const std::string& login, std::string_view sql) {
    return Call("/?" + login, sql).code();
  };
  const std::string reader = "user=reader&password=secret", writer = "user=writer&password=secret";
  EXPECT_EQ(code("user=reader&password=wrong", "SELECT 1"), 516);
  EXPECT_EQ(Call("/", "SELECT 1", {{"Authorization", "Basic cmVhZGVyOnNlY3JldA=="}}).body, "1\n");
  EXPECT_EQ(
      Call("/", "SELECT currentDatabase()", {{"X-ClickHouse-User", "reader"}, {"X-ClickHouse-Key", "secret"}})
          .body,
      "open\n");
  EXPECT_EQ(code(writer, "INSERT INTO open.t VALUES (1, 'x')"), 0);
  EXPECT_EQ(code(writer, "INSERT INTO closed.t VALUES (1)"), 497);
  EXPECT_EQ(code(reader, "SELECT * FROM t"), 0);
  EXPECT_EQ(code(reader, "INSERT INTO t VALUES (1, 'x')"), 164);
  EXPECT_EQ(code(reader, "SELECT * FROM closed.t"), 497);
  EXPECT_EQ(code(reader + "&param_d=closed", "SELECT * FROM {d:Identifier}.t"), 497);
  EXPECT_EQ(code(reader + "&database=closed", "SELECT * FROM t"), 497);
  EXPECT_EQ(code(reader, "SELECT * FROM file('/etc/hostname', 'LineAsString')"), 497);
  EXPECT_EQ(code(reader, "SELECT * FROM `/etc/hostname`"), 497);
  EXPECT_EQ(code(reader + "&readonly=0", "SELECT 1"), 164);
  EXPECT_EQ(code(reader + "&readonly=1", "SELECT 1"), 0);
  EXPECT_EQ(code(reader + "&session_id=r", "SET readonly = 0"), 164);
  EXPECT_EQ(Ask("SELECT count() FROM open.t"), "1\n");
}

TEST_F(WarehouseTest, FormsCarryTheQueryAndItsParameters) {
  const std::string body =
      "--xx\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:String}\r\n"
      "--xx\r\nContent-Disposition: form-data; name=\"param_a\"\r\n\r\nin a form\r\n--xx--\r\n";
  EXPECT_EQ(Call(Target(""), body, {{"Content-Type", "multipart/form-data; boundary=xx"}}).body,
            "in a form\n");
}

TEST_F(WarehouseTest, ParametersArriveAsTheyWere) {
  const auto echo = [this](std::string_view value) {
    return Call(Target("SELECT {v:String} FORMAT RawBLOB", "&param_v=" + PercentEncode(value)), "").body;
  };
  for (const std::string value :
       {"", "plain", "it's", "\"quoted\"", "`tick`", "中文", "a=b&c", "SET x = 1; --"}) {
    EXPECT_EQ(echo(value), value);
  }
  EXPECT_EQ(echo("tab\\tand\\nline\\\\"), "tab\tand\nline\\");  // escaped as in TabSeparated
}

}  // namespace
}  // namespace yokoten::warehouse
