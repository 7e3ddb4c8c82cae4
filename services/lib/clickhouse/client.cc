// ClickHouse's HTTP interface over libcurl: handles are pooled, one per statement under way.
#include "clickhouse/client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include <curl/curl.h>

#include "clickhouse/native.h"

namespace yokoten::clickhouse {
namespace {

constexpr char kCodePayload[] = "yokoten/clickhouse-code";
constexpr char kRetryPayload[] = "yokoten/clickhouse-retryable";
// Enough of an answer to say what went wrong.
constexpr size_t kErrorBytesMax = 4096;

// Codes of failures that are the server's or its surroundings', not the statement's.
constexpr std::array kRetryableCodes = {
    3,     // UNEXPECTED_END_OF_FILE: the body was cut on its way
    23,    // CANNOT_READ_FROM_ISTREAM
    74,    // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,    // CANNOT_WRITE_TO_FILE_DESCRIPTOR: disk full
    76,    // CANNOT_OPEN_FILE
    88,    // CANNOT_FSYNC
    95,    // CANNOT_READ_FROM_SOCKET
    96,    // CANNOT_WRITE_TO_SOCKET
    159,   // TIMEOUT_EXCEEDED
    160,   // TOO_SLOW
    164,   // READONLY: a wrong user, mended without us
    192,   // UNKNOWN_USER
    193,   // WRONG_PASSWORD
    194,   // REQUIRED_PASSWORD
    201,   // QUOTA_EXCEEDED
    202,   // TOO_MANY_SIMULTANEOUS_QUERIES
    203,   // NO_FREE_CONNECTION
    209,   // SOCKET_TIMEOUT
    210,   // NETWORK_ERROR
    225,   // NO_ZOOKEEPER
    236,   // ABORTED
    241,   // MEMORY_LIMIT_EXCEEDED
    242,   // TABLE_IS_READ_ONLY
    243,   // NOT_ENOUGH_SPACE
    252,   // TOO_MANY_PARTS (see below)
    254,   // NO_ACTIVE_REPLICAS
    265,   // REPLICA_STATUS_CHANGED
    279,   // ALL_CONNECTION_TRIES_FAILED
    285,   // TOO_FEW_LIVE_REPLICAS
    286,   // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    289,   // REPLICA_IS_NOT_IN_QUORUM
    319,   // UNKNOWN_STATUS_OF_INSERT
    373,   // SESSION_IS_LOCKED
    394,   // QUERY_WAS_CANCELLED
    439,   // CANNOT_SCHEDULE_TASK
    473,   // DEADLOCK_AVOIDED
    497,   // ACCESS_DENIED
    516,   // AUTHENTICATION_FAILED
    999,   // KEEPER_EXCEPTION
    1000,  // POCO_EXCEPTION
    1001,  // STD_EXCEPTION
    1002,  // UNKNOWN_EXCEPTION
};

bool CodeIsRetryable(int code, std::string_view text) {
  // One code for two things: too many parts of a table pass, too many partitions of one block do not.
  if (code == 252 && text.find("Too many partitions") != std::string_view::npos) return false;
  return std::find(kRetryableCodes.begin(), kRetryableCodes.end(), code) != kRetryableCodes.end();
}

Status MakeError(StatusCode status_code, std::string_view message, int code, bool retryable) {
  Status status = MakeStatus(status_code, message);
  status.SetPayload(kCodePayload, absl::Cord(std::to_string(code)));
  status.SetPayload(kRetryPayload, absl::Cord(retryable ? "1" : "0"));
  return status;
}

// "Code: 60. DB::Exception: ..." -> 60
int CodeOfText(std::string_view text) {
  const size_t at = text.find("Code: ");
  if (at == std::string_view::npos) return 0;
  return std::atoi(std::string(text.substr(at + 6, 8)).c_str());
}

std::string UrlEncode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

void AppendUnescaped(std::string_view cell, std::string& out) {
  for (size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\' || i + 1 == cell.size()) {
      out += cell[i];
      continue;
    }
    switch (cell[++i]) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case '0':
        out += '\0';
        break;
      default:
        out += cell[i];
    }
  }
}

// Calls fn for each piece of `text` between separators.
template <typename Fn>
void Split(std::string_view text, char separator, Fn fn) {
  for (;;) {
    const size_t at = text.find(separator);
    fn(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

struct Client::Impl {
  std::mutex mutex;
  std::vector<CURL*> idle;
};

struct Client::Request {
  std::string url;
  std::string_view body;
  std::chrono::milliseconds timeout{};
  bool get = false;
  std::function<bool(std::string_view)> sink;
};

namespace {

struct Transfer {
  const std::function<bool(std::string_view)>* sink = nullptr;
  CURL* curl = nullptr;
  int exception_code = 0;
  std::string error;
  bool stopped = false;
};

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  constexpr std::string_view kName = "x-clickhouse-exception-code:";
  if (line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(),
                                               [](char a, char b) { return a == std::tolower(b); })) {
    transfer->exception_code = std::atoi(std::string(line.substr(kName.size())).c_str());
  }
  return size * count;
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  long http = 0;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &http);
  if (http >= 300 || transfer->exception_code != 0) {
    transfer->error.append(
        data, std::min(bytes, kErrorBytesMax - std::min(kErrorBytesMax, transfer->error.size())));
    return bytes;
  }
  if (transfer->sink != nullptr && *transfer->sink && !(*transfer->sink)(std::string_view(data, bytes))) {
    transfer->stopped = true;
    return 0;
  }
  return bytes;
}

}  // namespace

Client::Client(ClientOptions options) : options_(std::move(options)), impl_(std::make_unique<Impl>()) {
  static const CURLcode kInit = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kInit;
  while (!options_.url.empty() && options_.url.back() == '/') options_.url.pop_back();
}

Client::~Client() {
  for (CURL* curl : impl_->idle) curl_easy_cleanup(curl);
}

Status Client::Run(const Request& request) {
  CURL* curl = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->idle.empty()) {
      curl = impl_->idle.back();
      impl_->idle.pop_back();
    }
  }
  if (curl == nullptr) curl = curl_easy_init();
  if (curl == nullptr)
    return MakeError(StatusCode::kUnavailable, "libcurl gives no handle; is memory short?", 0, true);

  Transfer transfer{.sink = &request.sink, .curl = curl};
  curl_easy_reset(curl);
  curl_slist* headers = nullptr;
  headers = curl_slist_append(headers, ("X-ClickHouse-User: " + options_.user).c_str());
  if (!options_.password.empty())
    headers = curl_slist_append(headers, ("X-ClickHouse-Key: " + options_.password).c_str());
  headers = curl_slist_append(headers, "Expect:");  // no round trip before the body
  headers = curl_slist_append(headers, "Content-Type: application/octet-stream");
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 524288L);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 262144L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (!request.get) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);

  const CURLcode code = curl_easy_perform(curl);
  long http = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
  curl_slist_free_all(headers);
  {
    const std::lock_guard lock(impl_->mutex);
    if (code == CURLE_OK && impl_->idle.size() < options_.idle_connections_max) {
      impl_->idle.push_back(curl);
      curl = nullptr;
    }
  }
  if (curl != nullptr) curl_easy_cleanup(curl);

  if (transfer.stopped) return Cancelled("the reader of the result stopped");
  if (transfer.exception_code == 0 && http >= 300) transfer.exception_code = CodeOfText(transfer.error);
  if (transfer.exception_code != 0 || http >= 300) {
    const int exception = transfer.exception_code;
    const bool retryable = exception != 0
                               ? CodeIsRetryable(exception, transfer.error)
                               : (http == 401 || http == 403 || http == 408 || http == 429 || http >= 500);
    while (!transfer.error.empty() && std::isspace(static_cast<unsigned char>(transfer.error.back())))
      transfer.error.pop_back();
    return MakeError(retryable ? StatusCode::kUnavailable : StatusCode::kInvalidArgument,
                     "ClickHouse answered HTTP " + std::to_string(http) + ": " + transfer.error, exception,
                     retryable);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return MakeError(StatusCode::kDeadlineExceeded,
                     "ClickHouse at " + options_.url + " did not answer within " +
                         std::to_string(request.timeout.count()) + " ms (clickhouse.timeout_ms)",
                     0, true);
  }
  if (code != CURLE_OK) {
    return MakeError(StatusCode::kUnavailable,
                     "no answer from ClickHouse at " + options_.url + ": " + curl_easy_strerror(code) +
                         "; check that it runs and clickhouse.url",
                     0, true);
  }
  return OkStatus();
}

namespace {

std::string MakeUrl(const ClientOptions& options, const Params& params, std::string_view query,
                    bool wait_end) {
  std::string url = options.url + "/?";
  const auto add = [&url](std::string_view name, std::string_view value) {
    if (url.back() != '?') url += '&';
    url += name;
    url += '=';
    url += UrlEncode(value);
  };
  if (!params.no_database && !options.database.empty()) add("database", options.database);
  add("default_format", params.format.empty() ? "TabSeparated" : params.format);
  if (wait_end) add("wait_end_of_query", "1");
  if (!params.session_id.empty()) {
    add("session_id", params.session_id);
    add("session_timeout", std::to_string(params.session_timeout.count()));
  }
  if (!params.query_id.empty()) add("query_id", params.query_id);
  for (const auto& [name, value] : params.settings) add(name, value);
  for (const auto& [name, value] : params.parameters) add("param_" + name, value);
  if (!query.empty()) add("query", query);
  return url;
}

}  // namespace

Result<std::string> Client::Query(std::string_view sql, const Params& params) {
  std::string out;
  Request request{.url = MakeUrl(options_, params, "", true),
                  .body = sql,
                  .timeout = params.timeout.value_or(options_.timeout)};
  request.sink = [&out](std::string_view piece) {
    out += piece;
    return true;
  };
  YK_RETURN_IF_ERROR(Run(request));
  return out;
}

Status Client::Execute(std::string_view sql, const Params& params) { return Query(sql, params).status(); }

Status Client::Stream(std::string_view sql, const Params& params,
                      const std::function<bool(std::string_view)>& sink) {
  return Run({.url = MakeUrl(options_, params, "", false),
              .body = sql,
              .timeout = params.timeout.value_or(options_.timeout),
              .sink = sink});
}

Result<Rows> Client::Select(std::string_view sql, const Params& params) {
  Params with_names = params;
  with_names.format = "TabSeparatedWithNames";
  YK_ASSIGN_OR_RETURN(const std::string text, Query(sql, with_names));
  Rows result;
  std::string_view rest = text;
  if (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
  if (text.empty()) return result;
  bool first = true;
  Split(rest, '\n', [&](std::string_view line) {
    if (first) {
      Split(line, '\t', [&](std::string_view cell) { AppendUnescaped(cell, result.names.emplace_back()); });
      first = false;
      return;
    }
    auto& row = result.rows.emplace_back();
    row.reserve(result.names.size());
    Split(line, '\t', [&](std::string_view cell) {
      if (cell == "\\N") {
        row.emplace_back();
      } else {
        AppendUnescaped(cell, row.emplace_back(std::string()).value());
      }
    });
  });
  for (const auto& row : result.rows) {
    if (row.size() != result.names.size())
      return Internal(
          "ClickHouse sent a row of another width than its header; is `sql` free of a FORMAT clause?");
  }
  return result;
}

Status Client::Insert(std::string_view table, const NativeBlock& block, const Params& params) {
  if (block.rows() == 0) return OkStatus();
  std::string sql = "INSERT INTO ";
  sql += table;
  sql += " (";
  sql += block.ColumnList();
  sql += ") FORMAT Native";
  return InsertRaw(sql, block.Encode(), params);
}

Status Client::InsertRaw(std::string_view insert_sql, std::string_view body, const Params& params) {
  Params synchronous = params;
  synchronous.settings.emplace("async_insert", "0");
  return Run({.url = MakeUrl(options_, synchronous, insert_sql, true),
              .body = body,
              .timeout = params.timeout.value_or(options_.timeout)});
}

Status Client::Ping() {
  return Run({.url = options_.url + "/ping",
              .timeout = std::min(options_.timeout, options_.connect_timeout),
              .get = true});
}

int ExceptionCode(const Status& status) {
  const auto payload = status.GetPayload(kCodePayload);
  return payload.has_value() ? std::atoi(std::string(*payload).c_str()) : 0;
}

bool Retryable(const Status& status) {
  const auto payload = status.GetPayload(kRetryPayload);
  return payload.has_value() && *payload == "1";
}

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string QuoteIdentifier(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`' || c == '\\') out += '\\';
    out += c;
  }
  return out + "`";
}

std::string EscapeParameter(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string ArrayParameter(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += Quote(item);
  }
  // The whole array is again one TSV cell.
  return EscapeParameter(out + "]");
}

size_t Rows::Column(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  std::abort();
}

const std::string& Rows::Text(size_t row, std::string_view name) const {
  static const std::string kEmpty;
  const Cell& cell = rows[row][Column(name)];
  return cell.has_value() ? *cell : kEmpty;
}

bool Rows::IsNull(size_t row, std::string_view name) const { return !rows[row][Column(name)].has_value(); }

int64_t Rows::Int(size_t row, std::string_view name) const {
  return std::strtoll(Text(row, name).c_str(), nullptr, 10);
}

uint64_t Rows::UInt(size_t row, std::string_view name) const {
  return std::strtoull(Text(row, name).c_str(), nullptr, 10);
}

double Rows::Double(size_t row, std::string_view name) const {
  return std::strtod(Text(row, name).c_str(), nullptr);
}

std::vector<std::string> Rows::Texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (size_t row = 0; row < size(); ++row) texts.push_back(Text(row, name));
  return texts;
}

}  // namespace yokoten::clickhouse
