// The one way to ClickHouse: its HTTP interface. The embedded warehouse and a cluster differ by the URL
// alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace yokoten::clickhouse {

class NativeBlock;

struct ClientOptions {
  // Base URL without a path, such as "http://127.0.0.1:8123".
  std::string url = "http://127.0.0.1:8123";
  // Default database of every statement; empty = the server's.
  std::string database;
  std::string user = "default";
  std::string password;
  // Longest time of one statement, connecting included.
  std::chrono::milliseconds timeout{120000};
  std::chrono::milliseconds connect_timeout{5000};
  // Idle connections kept open. More are opened when more threads ask at once.
  size_t idle_connections_max = 8;
};

// What goes with one statement.
struct Params {
  // ClickHouse settings ("max_threads" -> "2").
  std::map<std::string, std::string> settings;
  // Values of {name:Type} in the statement, as ClickHouse writes them in a TSV cell; escape text with
  // EscapeParameter.
  std::map<std::string, std::string> parameters;
  // Keeps temporary tables and settings between statements. One statement at a time per session.
  std::string session_id;
  std::chrono::seconds session_timeout{60};
  // Output format of a statement without FORMAT clause; empty = TabSeparated.
  std::string format;
  // Empty = the server chooses.
  std::string query_id;
  // Overrides ClientOptions::timeout.
  std::optional<std::chrono::milliseconds> timeout;
  // Sends the statement without a default database (to create it).
  bool no_database = false;
};

// A result read whole: column names, then rows of cells as text (numbers in decimal, DateTime64 as ClickHouse
// prints it, arrays as "['a','b']"). A cell that is NULL is empty optional.
class Rows {
 public:
  using Cell = std::optional<std::string>;

  std::vector<std::string> names;
  std::vector<std::vector<Cell>> rows;

  size_t size() const { return rows.size(); }
  bool empty() const { return rows.empty(); }
  // Position of a column; aborts on a name the statement did not select (a programming error).
  size_t Column(std::string_view name) const;
  // The cell as text; "" for NULL.
  const std::string& Text(size_t row, std::string_view name) const;
  bool IsNull(size_t row, std::string_view name) const;
  // The cell as a number; 0 for NULL or what is none.
  int64_t Int(size_t row, std::string_view name) const;
  uint64_t UInt(size_t row, std::string_view name) const;
  double Double(size_t row, std::string_view name) const;
  // A whole column as text, in the order of the rows.
  std::vector<std::string> Texts(std::string_view name) const;
};

// What most users of a database need; tests put a fake here. Thread-safe, see Client.
class Database {
 public:
  virtual ~Database() = default;
  virtual Status Execute(std::string_view sql, const Params& params = {}) = 0;
  virtual Result<Rows> Select(std::string_view sql, const Params& params = {}) = 0;
  virtual Status Insert(std::string_view table, const NativeBlock& block, const Params& params = {}) = 0;
};

// Thread-safe: every method may be called from any thread; each call blocks until the server answered or the
// time is over. Errors carry ClickHouse's exception code (ExceptionCode) and whether the same statement may
// succeed later (Retryable).
class Client final : public Database {
 public:
  explicit Client(ClientOptions options);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Runs a statement and returns its whole output. An error in the middle of the output is an error, never a
  // short result (the server is asked to finish before it answers).
  Result<std::string> Query(std::string_view sql, const Params& params = {});
  // Runs a statement whose output is of no interest.
  Status Execute(std::string_view sql, const Params& params = {}) override;
  // Runs a SELECT (without FORMAT clause) and returns its rows.
  Result<Rows> Select(std::string_view sql, const Params& params = {}) override;
  // Runs a statement and hands its output on in pieces; `sink` returns false to stop (the statement is then
  // cancelled and CANCELLED is returned). An error of the server after its first bytes is seen by the
  // trailing exception text.
  Status Stream(std::string_view sql, const Params& params,
                const std::function<bool(std::string_view)>& sink);
  // Sends one block to a table as one INSERT, synchronously (async_insert=0): OK means stored. A block
  // without rows is not sent.
  Status Insert(std::string_view table, const NativeBlock& block, const Params& params = {}) override;
  // Sends `body` as the data of `INSERT INTO ... FORMAT <x>`; the statement must name the format.
  Status InsertRaw(std::string_view insert_sql, std::string_view body, const Params& params = {});
  // OK when the server answers /ping.
  Status Ping();

  const ClientOptions& options() const { return options_; }

 private:
  struct Impl;
  struct Request;
  Status Run(const Request& request);

  ClientOptions options_;
  std::unique_ptr<Impl> impl_;
};

// ClickHouse's exception code behind an error; 0 when the server was not reached or gave none.
int ExceptionCode(const Status& status);
// True when the same statement may succeed later without anyone changing it: no connection, time-out, memory
// or parts limits, replicas or disk in trouble, no access. False for what the statement or its data cause.
bool Retryable(const Status& status);

// Text as ClickHouse expects it in a statement: 'it\'s' with the quotes.
std::string Quote(std::string_view text);
// `name` with back quotes.
std::string QuoteIdentifier(std::string_view name);
// Text as a parameter's value wants it (TSV escaping).
std::string EscapeParameter(std::string_view text);
// The value of an Array(String) parameter: ['a','b'].
std::string ArrayParameter(const std::vector<std::string>& items);

}  // namespace yokoten::clickhouse
