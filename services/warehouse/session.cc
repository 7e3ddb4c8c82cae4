// The session table.
#include "warehouse/session.h"

#include <vector>

#include "warehouse/errors.h"

namespace yokoten::warehouse {

SessionTable::Lease::~Lease() {
  if (table_ != nullptr) table_->Release(*this);
}

SessionTable::Acquired SessionTable::Acquire(Engine& engine, const std::string& user, const std::string& id,
                                             std::chrono::seconds timeout, bool must_exist) {
  std::lock_guard lock(mutex_);
  const auto key = std::make_pair(user, id);
  auto it = sessions_.find(key);
  bool fresh = false;
  if (it == sessions_.end()) {
    if (must_exist) return {{}, MakeError(code::kSessionNotFound, "Session " + id + " not found")};
    if (sessions_.size() >= max_sessions_) {
      return {{},
              MakeError(code::kTooManySimultaneousQueries, "Too many sessions are open (" +
                                                               std::to_string(max_sessions_) +
                                                               "); close some or let them expire")};
    }
    auto connection = engine.Connect();
    if (!connection.ok()) return {{}, MakeError(code::kNetworkError, Message(connection.status()))};
    it = sessions_.emplace(key, Session{}).first;
    it->second.connection = std::move(connection).value();
    fresh = true;
  } else if (it->second.in_use) {
    return {{}, MakeError(code::kSessionIsLocked, "Session " + id + " is locked by a concurrent client")};
  }
  Session& session = it->second;
  session.in_use = true;
  session.timeout = timeout;
  Acquired acquired;
  acquired.lease.table_ = this;
  acquired.lease.key_ = key;
  acquired.lease.connection_ = session.connection.get();
  acquired.lease.fresh_ = fresh;
  return acquired;
}

void SessionTable::Release(Lease& lease) {
  std::lock_guard lock(mutex_);
  const auto it = sessions_.find(lease.key_);
  if (it == sessions_.end()) return;
  if (lease.close_) {
    sessions_.erase(it);
    return;
  }
  it->second.in_use = false;
  it->second.last_used = Clock::now();
}

void SessionTable::Expire(Clock::time_point now) {
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [now](const auto& entry) {
    return !entry.second.in_use && entry.second.last_used + entry.second.timeout <= now;
  });
}

void SessionTable::Clear() {
  std::lock_guard lock(mutex_);
  sessions_.clear();
}

size_t SessionTable::size() const {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace yokoten::warehouse
