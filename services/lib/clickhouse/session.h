// An HTTP session of its own: temporary tables and settings that go when it ends.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"

namespace yokoten::clickhouse {

// An id that no other session has: "asks-1234…" for the name "asks".
std::string NewSessionId(std::string_view name);

// One statement at a time: not thread-safe. A session that the server has forgotten (time-out, restart) makes
// statements fail with SESSION_NOT_FOUND; they never read the stored tables instead of temporary ones.
class Session final : public Database {
 public:
  // `name` shows in the server's logs. `settings` as SET takes them: "max_memory_usage = 1500000000, ...";
  // they are told once, as those of single requests would be set and undone with every statement. The
  // client's database is used; the client must outlive the session.
  static Result<std::unique_ptr<Session>> Begin(Client& client, std::string_view name,
                                                const std::string& settings);
  // Ends it.
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status Execute(std::string_view sql, const Params& params = {}) override;
  Result<Rows> Select(std::string_view sql, const Params& params = {}) override;
  Status Insert(std::string_view table, const NativeBlock& block, const Params& params = {}) override;
  // See Client::InsertRaw.
  Status InsertRaw(std::string_view insert_sql, std::string_view body, const Params& params = {});
  // Executes a statement, or inserts `body` where there is one.
  Status Run(std::string_view sql, std::string_view body);
  // A whole column of what a SELECT gives, as text.
  Result<std::vector<std::string>> SelectTexts(std::string_view sql, std::string_view column);

 private:
  Session(Client& client, std::string_view name) : client_(client), id_(NewSessionId(name)) {}
  Params Within(const Params& params) const;

  Client& client_;
  const std::string id_;
  bool begun_ = false;
};

}  // namespace yokoten::clickhouse
