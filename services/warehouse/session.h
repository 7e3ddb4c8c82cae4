// Sessions by `session_id`: an engine connection that stays between requests, with its settings and temporary
// tables.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "warehouse/engine.h"

namespace yokoten::warehouse {

// Thread-safe. A session belongs to the user that began it and to one request at a time.
class SessionTable {
 public:
  using Clock = std::chrono::steady_clock;
  explicit SessionTable(size_t max_sessions) : max_sessions_(max_sessions) {}

  // A request's hold on a session; gives it back when it goes.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept { *this = std::move(other); }
    // Gives back what it held.
    Lease& operator=(Lease&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(key_, other.key_);
      std::swap(connection_, other.connection_);
      std::swap(fresh_, other.fresh_);
      std::swap(close_, other.close_);
      return *this;
    }
    ~Lease();
    explicit operator bool() const { return table_ != nullptr; }
    Connection* connection() const { return connection_; }
    // Whether the session began with this request.
    bool fresh() const { return fresh_; }
    // Ends the session when the lease goes.
    void CloseAtEnd() { close_ = true; }

   private:
    friend class SessionTable;
    SessionTable* table_ = nullptr;
    std::pair<std::string, std::string> key_;
    Connection* connection_ = nullptr;
    bool fresh_ = false;
    bool close_ = false;
  };

  struct Acquired {
    Lease lease;
    EngineError error;  // SESSION_IS_LOCKED, SESSION_NOT_FOUND (with `must_exist`), TOO_MANY..
  };
  // `timeout`: how long the session lives after its last request.
  Acquired Acquire(Engine& engine, const std::string& user, const std::string& id,
                   std::chrono::seconds timeout, bool must_exist);

  // Closes sessions whose time is over at `now`.
  void Expire(Clock::time_point now);
  // Closes all; only when no lease is out.
  void Clear();
  size_t size() const;

 private:
  struct Session {
    std::unique_ptr<Connection> connection;
    std::chrono::seconds timeout{60};
    Clock::time_point last_used;
    bool in_use = true;
  };
  void Release(Lease& lease);

  const size_t max_sessions_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Session> sessions_;
};

}  // namespace yokoten::warehouse
