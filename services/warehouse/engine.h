// The ClickHouse engine as a library: opened once a process, used through connections.
//
// libchdb is loaded with dlopen from a configured path and comes without a header; this is the only file that
// knows its C interface.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace yokoten::warehouse {

struct EngineOptions {
  std::string library_path;         // libchdb.so
  std::string data_path;            // directory, made if missing; one process at a time
  uint64_t memory_limit_bytes = 0;  // for the whole engine; 0: the engine's own (90 % of the machine)
  uint64_t mark_cache_bytes = 64 << 20;
  uint64_t uncompressed_cache_bytes = 0;
  int merge_threads = 2;
  // What is left of the disk when INSERTs are refused (code 243) and merges wait. Writing on until a disk is
  // full is not safe: the engine (26.5.3) then acknowledges parts of which a file is empty.
  uint64_t keep_free_bytes = 256 << 20;
  std::string backup_path;  // directory that BACKUP and RESTORE may use; empty: none
};

// A failed statement as ClickHouse reports it.
struct EngineError {
  int code = 0;      // ClickHouse's error code, e.g. 60; 0: no error
  std::string text;  // "Code: 60. DB::Exception: ... (UNKNOWN_TABLE)"
};

struct QueryStats {
  uint64_t read_rows = 0;
  uint64_t read_bytes = 0;
  uint64_t result_rows = 0;
  uint64_t result_bytes = 0;
  uint64_t written_rows = 0;
  uint64_t written_bytes = 0;
  double elapsed_seconds = 0;
};

struct QueryOutcome {
  EngineError error;
  QueryStats stats;
  std::string data;  // the result in the wanted format; empty for statements without one
  bool ok() const { return error.code == 0; }
};

class Engine;

// One session of the engine: settings, temporary tables and the current database are its own. Not
// thread-safe: one statement at a time.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one statement to its end, blocking. `format` applies where the statement names none.
  QueryOutcome Query(std::string_view sql, std::string_view format = "TabSeparated");

 private:
  friend class Engine;
  Connection(std::shared_ptr<const struct ChdbApi> api, void** handle)
      : api_(std::move(api)), handle_(handle) {}
  std::shared_ptr<const struct ChdbApi> api_;
  void** handle_;
};

// Thread-safe. Connections must be gone before the engine is.
class Engine {
 public:
  // FailedPrecondition: another process has the data path, or the library cannot be loaded. Internal: the
  // engine refused to start.
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<std::unique_ptr<Connection>> Connect();

  // Cancels the running statement whose text contains `mark`; false if there is none (yet, or any more).
  bool Kill(std::string_view mark);
  // The engine's own id of that statement; empty if there is none.
  std::string FindQueryId(std::string_view mark);
  // Gives freed memory back to the system.
  void ReleaseMemory();

  const std::string& version() const;   // "26.5.1.1"
  const std::string& timezone() const;  // "Etc/UTC"

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yokoten::warehouse
