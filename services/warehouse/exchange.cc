// The course of one request: who, what, with which settings; then the statement itself (execute.cc).
#include "warehouse/exchange.h"

#include <array>
#include <charconv>
#include <random>

#include "warehouse/errors.h"

namespace yokoten::warehouse {
namespace {

// Parameters of the HTTP interface itself; all others are settings or param_<name>.
bool IsReserved(std::string_view name) {
  static constexpr std::array kNames = {"query",
                                        "database",
                                        "default_format",
                                        "user",
                                        "password",
                                        "quota_key",
                                        "query_id",
                                        "session_id",
                                        "session_timeout",
                                        "session_check",
                                        "close_session",
                                        "compress",
                                        "decompress",
                                        "stacktrace",
                                        "buffer_size",
                                        "wait_end_of_query",
                                        "client_protocol_version",
                                        "role"};
  for (const char* reserved : kNames) {
    if (name == reserved) return true;
  }
  return name.empty();
}

// Setting names are words; anything else could end the SET statement they are put into.
bool IsSettingName(std::string_view name) {
  for (const char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.') return false;
  }
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9');
}

bool IsUse(std::string_view sql) {
  const Token first = Lexer(sql).Next();
  return http::EqualsIgnoreCase(sql.substr(first.begin, first.end - first.begin), "USE");
}

std::string NewQueryId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const uint64_t high = (random() & ~0xF000ULL) | 0x4000ULL;
  const uint64_t low = (random() & ~(3ULL << 62)) | (2ULL << 62);
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>((high >> 16) & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

EngineError RunningQueries::Enter(const std::string& query_id, const std::string& mark,
                                  std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (!freed_.wait_until(lock, deadline, [this] { return static_cast<int>(marks_.size()) < max_; })) {
    return MakeError(code::kTooManySimultaneousQueries,
                     "Too many simultaneous queries. Maximum: " + std::to_string(max_));
  }
  if (!marks_.emplace(query_id, mark).second) {
    return MakeError(code::kQueryWithSameIdIsAlreadyRunning,
                     "Query with id = " + query_id + " is already running");
  }
  return {};
}

void RunningQueries::Leave(const std::string& query_id) {
  {
    std::lock_guard lock(mutex_);
    marks_.erase(query_id);
  }
  freed_.notify_one();
}

std::string RunningQueries::MarkOf(const std::string& query_id) const {
  std::lock_guard lock(mutex_);
  const auto it = marks_.find(query_id);
  return it == marks_.end() ? std::string() : it->second;
}

int RunningQueries::size() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(marks_.size());
}

Exchange::Exchange(Shared& shared, http::Request& request, std::shared_ptr<http::Response> response)
    : shared_(shared),
      request_(request),
      response_(std::move(response)),
      params_(request.query),
      mark_("/*yokoten:" + RandomTag() + "*/") {}

Exchange::~Exchange() {
  if (entered_) Settle();
}

void Exchange::SendPlain(int status, std::string_view text) {
  http::Headers headers = headers_;
  headers.Set("Content-Type", status == 200 ? "text/html; charset=UTF-8" : "text/plain; charset=UTF-8");
  (void)response_->Send(status, headers, std::string(text));
}

void Exchange::Run() {
  headers_.Set("X-ClickHouse-Server-Display-Name", shared_.display_name);
  headers_.Set("Keep-Alive", "timeout=" + std::to_string(shared_.keep_alive.count()));
  const bool reads = request_.method == "GET" || request_.method == "HEAD";
  if (request_.method == "OPTIONS") {
    (void)response_->Send(204, headers_, "");
    return;
  }
  if (reads && (request_.path == "/ping" || request_.path == "/replicas_status"))
    return SendPlain(200, "Ok.\n");
  if (request_.path != "/" && request_.path != "/query") {
    return SendPlain(
        404, "There is no handle " + request_.target +
                 "\n\nUse / or /ping for health checks.\nOr /replicas_status for more sophisticated "
                 "health checks.\n\nSend queries from your program with POST method or GET /?query=...\n");
  }
  if (reads && !request_.query.Has("query") && !request_.has_body()) return SendPlain(200, "Ok.\n");
  if (!reads && request_.method != "POST" && request_.method != "PUT") {
    return SendPlain(501, "Method " + request_.method + " is not supported; use GET or POST.\n");
  }
  shared_.last_activity_ms = NowMs();
  RunQuery();
  shared_.last_activity_ms = NowMs();
}

void Exchange::RunQuery() {
  query_id_ = std::string(params_.Get("query_id", request_.headers.Get("X-ClickHouse-Query-Id")));
  if (query_id_.empty()) query_id_ = NewQueryId();
  headers_.Set("X-ClickHouse-Query-Id", query_id_);
  headers_.Set("X-ClickHouse-Timezone", shared_.engine->timezone());
  output_ = std::make_unique<Output>(response_, Output::Settings{}, headers_);

  const auto failed = [this](const EngineError& error) {
    if (error.code == 0) return false;
    output_->Fail(error, version());
    return true;
  };
  Authenticated who = Authenticate(request_, shared_.options.users);
  if (failed(who.error)) return;
  user_ = who.user;
  if (failed(CheckBrowser(request_, *user_))) return;
  if (failed(ReadParameters()) || failed(ReadStatement()) || failed(Check())) return;
  if (failed(shared_.running.Enter(query_id_, mark_, shared_.options.queue_timeout))) return;
  entered_ = true;
  QueryStats stats;
  EngineError error = Prepare();
  if (error.code == 0) error = Execute(&stats);
  Settle();
  if (!failed(error)) (void)output_->Finish(Summary(stats));
}

// Before the answer is complete: a client that has it may use the session, or the query id, at once again.
void Exchange::Settle() {
  if (connection_ != nullptr && session_) {
    if (!restore_sql_.empty()) (void)connection_->Query(restore_sql_);
    if (!restore_database_.empty()) (void)connection_->Query("USE " + QuoteName(restore_database_));
    if (Flag("close_session")) session_.CloseAtEnd();
  }
  connection_ = nullptr;
  own_connection_.reset();
  session_ = SessionTable::Lease();
  if (std::exchange(entered_, false)) shared_.running.Leave(query_id_);
}

std::string_view Exchange::Parameter(std::string_view name, std::string_view otherwise) const {
  return params_.Get(name, otherwise);
}

bool Exchange::Flag(std::string_view name) const {
  const std::string_view value = Parameter(name);
  return value == "1" || http::EqualsIgnoreCase(value, "true");
}

EngineError Exchange::ReadParameters() {
  read_only_ = request_.method == "GET" || request_.method == "HEAD" || user_->readonly;
  database_ = std::string(request_.headers.Get("X-ClickHouse-Database", Parameter("database")));
  format_ = std::string(request_.headers.Get("X-ClickHouse-Format", Parameter("default_format")));
  if (format_.empty()) format_ = "TabSeparated";
  if (!IsSettingName(format_)) return MakeError(73, "Unknown format " + format_);
  if (params_.Has("role")) {
    return MakeError(code::kUnknownRole, "There is no role `" + std::string(Parameter("role")) + "` here");
  }
  const auto coding = http::ParseCoding(request_.headers.Get("Content-Encoding"));
  if (!coding.ok()) return MakeError(code::kNotImplemented, Message(coding.status()));
  body_ = std::make_unique<BodySource>(request_, *coding, Flag("decompress"));
  return {};
}

EngineError Exchange::BodyError(const Status& status) const {
  switch (status.code()) {
    case StatusCode::kDataLoss:
      return MakeError(code::kChecksumDoesntMatch, Message(status));
    case StatusCode::kInvalidArgument:
      return MakeError(code::kCannotDecompress, Message(status));
    case StatusCode::kDeadlineExceeded:
      return MakeError(code::kSocketTimeout, Message(status));
    default:
      return MakeError(code::kNetworkError, Message(status));
  }
}

EngineError Exchange::ReadForm() {
  std::string body;
  for (;;) {
    const auto more = body_->Read(&body);
    if (!more.ok()) return BodyError(more.status());
    if (!*more) break;
    if (body.size() > shared_.options.max_statement_bytes) {
      return MakeError(
          code::kQueryIsTooLarge,
          "The form is larger than " + std::to_string(shared_.options.max_statement_bytes) + " bytes");
    }
  }
  for (FormField& field : ParseMultipart(request_.headers.Get("Content-Type"), body)) {
    if (field.name == "query") {
      text_ += field.value;
    } else if (field.is_file) {
      return MakeError(code::kNotImplemented, "External data in a form (" + field.name +
                                                  ") is not supported; insert it into a temporary table");
    } else {
      form_.emplace_back(std::move(field.name), std::move(field.value));
    }
  }
  return {};
}

EngineError Exchange::ReadStatement() {
  text_ = std::string(Parameter("query"));
  // What follows a trailing blank would be taken for the data of an INSERT.
  while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.back()))) text_.pop_back();
  if (!text_.empty()) text_.push_back('\n');
  if (request_.headers.Get("Content-Type").starts_with("multipart/form-data")) {
    if (EngineError error = ReadForm(); error.code != 0) return error;
  }
  for (;;) {
    if (const auto statement = Classify(text_, body_->finished())) {
      statement_ = *statement;
      break;
    }
    if (text_.size() > shared_.options.max_statement_bytes) {
      return MakeError(
          code::kQueryIsTooLarge,
          "The statement is larger than " + std::to_string(shared_.options.max_statement_bytes) + " bytes");
    }
    const auto more = body_->Read(&text_);
    if (!more.ok()) return BodyError(more.status());
  }
  return {};
}

EngineError Exchange::Check() {
  if (statement_.kind == StatementKind::kEmpty) {
    return MakeError(code::kSyntaxError, "Syntax error: failed at position 1 (end of query): Empty query");
  }
  if (statement_.kind != StatementKind::kInsertWithData && HasSecondStatement(text_)) {
    return MakeError(code::kSyntaxError, "Syntax error (Multi-statements are not allowed)");
  }
  if (statement_.has_outfile) {
    return MakeError(code::kIntoOutfileNotAllowed, "INTO OUTFILE and FROM INFILE are not allowed over HTTP");
  }
  const StatementKind kind = statement_.kind;
  if (read_only_ && kind != StatementKind::kSelect && kind != StatementKind::kReadOther &&
      kind != StatementKind::kSet) {
    return MakeError(
        code::kReadonly,
        user_->name + ": Cannot execute query in readonly mode." +
            (user_->readonly ? ""
                             : " For queries over HTTP, method GET implies readonly. You should use "
                               "method POST for modifying queries"));
  }
  std::vector<std::string> databases, values;
  if (!user_->databases.empty()) {
    const auto connection = shared_.engine->Connect();
    if (!connection.ok()) return MakeError(code::kNetworkError, Message(connection.status()));
    std::string names = (*connection)->Query("SELECT name FROM system.databases", "TSVRaw").data;
    for (size_t at = 0; at < names.size();) {
      const size_t end = names.find('\n', at);
      databases.push_back(names.substr(at, end - at));
      at = end == std::string::npos ? names.size() : end + 1;
    }
    if (database_.empty()) database_ = user_->databases.front();
    values.push_back(database_);
    for (const auto& [name, value] : params_.all()) {
      if (name.starts_with("param_")) values.push_back(value);
    }
    for (const auto& [name, value] : form_) values.push_back(value);
  }
  return CheckAccess(*user_, text_, statement_, databases, values);
}

EngineError Exchange::Prepare() {
  if (params_.Has("session_id")) {
    std::chrono::seconds timeout = shared_.options.default_session_timeout;
    if (params_.Has("session_timeout")) {
      const std::string_view text = Parameter("session_timeout");
      int64_t seconds = -1;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
      if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || seconds < 0) {
        return MakeError(code::kInvalidSessionTimeout,
                         "Invalid session timeout: '" + std::string(text) + "'");
      }
      timeout = std::chrono::seconds(seconds);
      if (timeout > shared_.options.max_session_timeout) {
        return MakeError(code::kInvalidSessionTimeout,
                         "Session timeout '" + std::string(text) + "' is larger than max_session_timeout: " +
                             std::to_string(shared_.options.max_session_timeout.count()));
      }
    }
    auto acquired = shared_.sessions.Acquire(
        *shared_.engine, user_->name, std::string(Parameter("session_id")), timeout, Flag("session_check"));
    if (acquired.error.code != 0) return acquired.error;
    session_ = std::move(acquired.lease);
    connection_ = session_.connection();
  } else {
    auto connection = shared_.engine->Connect();
    if (!connection.ok()) return MakeError(code::kNetworkError, Message(connection.status()));
    own_connection_ = std::move(connection).value();
    connection_ = own_connection_.get();
  }

  std::string set;
  const auto add = [&set](std::string_view name, std::string_view value) {
    set += set.empty() ? "SET " : ", ";
    set.append(name).append("=").append(QuoteString(value));
  };
  if (!session_ || session_.fresh()) {
    // Where the library's defaults differ from a server's.
    add("implicit_select", "0");
    add("allow_introspection_functions", "0");
    add("storage_file_read_method", "pread");
    if (shared_.options.query_memory_bytes > 0) {
      add("max_memory_usage", std::to_string(shared_.options.query_memory_bytes));
    }
    if (session_) {
      // At once, so that what the request sets can be told from it afterwards.
      if (QueryOutcome outcome = connection_->Query(set); !outcome.ok()) return outcome.error;
      set.clear();
    }
  }
  std::vector<std::string> names;
  const auto add_parameter = [&](const std::string& name, const std::string& value) -> EngineError {
    if (IsReserved(name)) return {};
    if (!IsSettingName(name)) return MakeError(115, "Unknown setting '" + name + "'");
    add(name, value);
    if (!name.starts_with("param_")) names.push_back(name);
    return {};
  };
  for (const auto& [name, value] : params_.all()) {
    if (EngineError error = add_parameter(name, value); error.code != 0) return error;
  }
  for (const auto& [name, value] : form_) {
    if (EngineError error = add_parameter(name, value); error.code != 0) return error;
  }
  if (session_) {
    // SET and USE are meant to last, and must not be undone with what came beside them.
    if (statement_.kind == StatementKind::kSet) names.clear();
    if (EngineError error = RestoreLater(names); error.code != 0) return error;
    if (statement_.kind == StatementKind::kSet && IsUse(text_)) restore_database_.clear();
  }
  // In a session this would last for good, and the statement's kind has been checked already.
  const bool lock = user_->readonly ? (!session_ || session_.fresh()) : (read_only_ && !session_);
  const std::string_view asked = Parameter("readonly", "0");
  if (user_->readonly && params_.Has("readonly") && asked != "1" && asked != "2") {
    return MakeError(code::kReadonly, "Cannot modify 'readonly' setting in readonly mode");
  }
  if (lock && asked != "1" && asked != "2") add("readonly", "2");
  if (!set.empty()) {
    if (QueryOutcome outcome = connection_->Query(set); !outcome.ok()) return outcome.error;
  }
  if (!database_.empty()) {
    if (QueryOutcome outcome = connection_->Query("USE " + QuoteName(database_)); !outcome.ok())
      return outcome.error;
  }
  return {};
}

// Settings and the database given with one request of a session end with it.
EngineError Exchange::RestoreLater(const std::vector<std::string>& names) {
  if (!names.empty()) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteString(name);
    const QueryOutcome changed = connection_->Query(
        "SELECT name, value FROM system.settings WHERE changed AND name IN (" + list + ")", "TSVRaw");
    if (!changed.ok()) return changed.error;
    std::map<std::string, std::string> values;
    for (size_t at = 0; at < changed.data.size();) {
      const size_t end = std::min(changed.data.find('\n', at), changed.data.size());
      const std::string line = changed.data.substr(at, end - at);
      const size_t tab = line.find('\t');
      if (tab != std::string::npos) values[line.substr(0, tab)] = line.substr(tab + 1);
      at = end + 1;
    }
    for (const std::string& name : names) {
      const auto it = values.find(name);
      restore_sql_ += (restore_sql_.empty() ? "SET " : ", ") + name + "=" +
                      (it == values.end() ? "DEFAULT" : QuoteString(it->second));
    }
  }
  if (!database_.empty()) {
    const QueryOutcome current = connection_->Query("SELECT currentDatabase()", "TSVRaw");
    if (!current.ok()) return current.error;
    restore_database_ = current.data.substr(0, current.data.find('\n'));
  }
  return {};
}

}  // namespace yokoten::warehouse
