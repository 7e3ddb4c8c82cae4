// Internal to the room: what all requests share, and the course of one request.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.h"
#include "warehouse/access.h"
#include "warehouse/body.h"
#include "warehouse/engine.h"
#include "warehouse/output.h"
#include "warehouse/session.h"
#include "warehouse/sql.h"
#include "warehouse/warehouse.h"

namespace yokoten::warehouse {

// The running statements, by the query id the client knows and the mark by which the engine's is found.
// Thread-safe.
class RunningQueries {
 public:
  explicit RunningQueries(int max) : max_(max) {}

  // Waits up to `timeout` for a free place. Empty error: registered.
  EngineError Enter(const std::string& query_id, const std::string& mark, std::chrono::milliseconds timeout);
  void Leave(const std::string& query_id);
  // Mark of a running statement; empty if there is none of that id.
  std::string MarkOf(const std::string& query_id) const;
  int size() const;

 private:
  const int max_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, std::string> marks_;
};

struct Shared {
  explicit Shared(const Options& given)
      : options(given), sessions(given.max_sessions), running(given.max_queries) {}
  const Options options;
  std::string display_name;
  std::string spill_directory;
  std::unique_ptr<Engine> engine;
  SessionTable sessions;
  RunningQueries running;
  std::atomic<int64_t> last_activity_ms{0};  // steady clock
  std::atomic<bool> stopping{false};
  static constexpr std::chrono::seconds keep_alive{30};  // how long an idle connection stays open
};

// Serves one request to its end.
class Exchange {
 public:
  Exchange(Shared& shared, http::Request& request, std::shared_ptr<http::Response> response);
  ~Exchange();
  void Run();

 private:
  // Each step gives an error with code 0 if it went well.
  void RunQuery();
  EngineError ReadParameters();
  EngineError ReadStatement();
  EngineError ReadForm();
  EngineError Check();
  EngineError Prepare();
  EngineError RestoreLater(const std::vector<std::string>& names);
  void Settle();
  // Move the data and give the statement's error or its figures; the response is completed afterwards.
  EngineError Execute(QueryStats* stats);
  EngineError ExecuteInsert(QueryStats* stats);
  EngineError ExecuteSelect(QueryStats* stats);
  EngineError ExecuteWhole(QueryStats* stats);
  std::string RewriteKill() const;
  EngineError WithoutMark(EngineError error) const;
  EngineError BodyError(const Status& status) const;
  void SendPlain(int status, std::string_view text);
  std::string Summary(const QueryStats& stats) const;
  std::string_view Parameter(std::string_view name, std::string_view otherwise = {}) const;
  bool Flag(std::string_view name) const;
  const std::string& version() const { return shared_.engine->version(); }

  Shared& shared_;
  http::Request& request_;
  const std::shared_ptr<http::Response> response_;
  http::QueryParams params_;
  std::vector<http::QueryParams::Param> form_;  // fields of a multipart body
  http::Headers headers_;
  const User* user_ = nullptr;
  std::string query_id_;
  const std::string mark_;
  bool entered_ = false;  // counted among the running statements
  bool read_only_ = false;
  std::string database_;
  std::string format_;

  std::unique_ptr<BodySource> body_;
  std::string text_;  // of the statement, and the first of the data
  Statement statement_;

  SessionTable::Lease session_;
  std::unique_ptr<Connection> own_connection_;
  Connection* connection_ = nullptr;
  std::string restore_sql_;
  std::string restore_database_;
  std::unique_ptr<Output> output_;
};

}  // namespace yokoten::warehouse
