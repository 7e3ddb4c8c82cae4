#include "clickhouse/session.h"

#include <cstdint>
#include <random>

namespace yokoten::clickhouse {

std::string NewSessionId(std::string_view name) {
  std::random_device device;
  const uint64_t number = (static_cast<uint64_t>(device()) << 32) | device();
  return std::string(name) + "-" + std::to_string(number);
}

Result<std::unique_ptr<Session>> Session::Begin(Client& client, std::string_view name,
                                                const std::string& settings) {
  std::unique_ptr<Session> session(new Session(client, name));
  YK_RETURN_IF_ERROR(session->Execute("SET " + settings));
  session->begun_ = true;
  if (const std::string& database = client.options().database; !database.empty())
    YK_RETURN_IF_ERROR(session->Execute("USE " + QuoteIdentifier(database)));
  return session;
}

Session::~Session() {
  if (!begun_) return;
  // Without it the session's time-out frees what it holds.
  (void)Execute("SELECT 1", {.settings = {{"close_session", "1"}}});
}

Params Session::Within(const Params& params) const {
  Params own = params;
  own.session_id = id_;
  own.no_database = true;  // named once, by USE
  if (begun_) own.settings["session_check"] = "1";
  return own;
}

Status Session::Execute(std::string_view sql, const Params& params) {
  return client_.Execute(sql, Within(params));
}

Result<Rows> Session::Select(std::string_view sql, const Params& params) {
  return client_.Select(sql, Within(params));
}

Status Session::Insert(std::string_view table, const NativeBlock& block, const Params& params) {
  return client_.Insert(table, block, Within(params));
}

Status Session::InsertRaw(std::string_view insert_sql, std::string_view body, const Params& params) {
  return client_.InsertRaw(insert_sql, body, Within(params));
}

Status Session::Run(std::string_view sql, std::string_view body) {
  return body.empty() ? Execute(sql) : InsertRaw(sql, body);
}

Result<std::vector<std::string>> Session::SelectTexts(std::string_view sql, std::string_view column) {
  YK_ASSIGN_OR_RETURN(const Rows rows, Select(sql));
  return rows.Texts(column);
}

}  // namespace yokoten::clickhouse
