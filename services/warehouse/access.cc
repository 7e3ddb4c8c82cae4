// Authentication and access checks.
#include "warehouse/access.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "warehouse/errors.h"

namespace yokoten::warehouse {
namespace {

// Takes as long for a wrong first letter as for a wrong last one.
bool SamePassword(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  }
  return difference == 0;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// Table functions and engines that read or write files of the host, or run its programs, or speak to its
// network.
bool ReachesOut(std::string_view word) {
  static constexpr std::array kNames = {"file",
                                        "filecluster",
                                        "executable",
                                        "executablepool",
                                        "url",
                                        "urlcluster",
                                        "s3",
                                        "s3cluster",
                                        "hdfs",
                                        "hdfscluster",
                                        "gcs",
                                        "azureblobstorage",
                                        "azureblobstoragecluster",
                                        "mysql",
                                        "postgresql",
                                        "mongodb",
                                        "redis",
                                        "sqlite",
                                        "odbc",
                                        "jdbc",
                                        "remote",
                                        "remotesecure",
                                        "cluster",
                                        "clusterallreplicas",
                                        "iceberg",
                                        "iceberglocal",
                                        "icebergs3",
                                        "deltalake",
                                        "deltalakelocal",
                                        "hudi",
                                        "paimon",
                                        "filesystem",
                                        "python",
                                        "arrowflight",
                                        "ytsaurus",
                                        "backup"};
  const std::string lower = Lower(word);
  return std::find(kNames.begin(), kNames.end(), lower) != kNames.end();
}

bool ContainsName(std::string_view text, std::string_view name) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool left = at == 0 || !is_word(text[at - 1]);
    const bool right = at + name.size() == text.size() || !is_word(text[at + name.size()]);
    if (left && right) return true;
  }
  return false;
}

}  // namespace

Authenticated Authenticate(const http::Request& request, const std::vector<User>& users) {
  std::string name(request.headers.Get("X-ClickHouse-User"));
  std::string password(request.headers.Get("X-ClickHouse-Key"));
  const std::string_view authorization = request.headers.Get("Authorization");
  const bool in_headers = !name.empty() || !password.empty();
  const bool in_params = request.query.Has("user") || request.query.Has("password");
  bool given = in_headers || in_params;
  if ((in_headers && !authorization.empty()) || (in_headers && in_params) ||
      (!authorization.empty() && in_params)) {
    return {nullptr,
            MakeError(code::kAuthenticationFailed,
                      "Invalid authentication: it is not allowed to use X-ClickHouse HTTP headers, the "
                      "Authorization HTTP header and URL parameters for authentication simultaneously")};
  }
  if (!authorization.empty()) {
    const size_t blank = authorization.find(' ');
    const std::string_view scheme = authorization.substr(0, blank);
    const auto decoded = http::EqualsIgnoreCase(scheme, "Basic") && blank != std::string_view::npos
                             ? http::Base64Decode(authorization.substr(blank + 1))
                             : std::nullopt;
    const size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) {
      return {nullptr,
              MakeError(code::kAuthenticationFailed,
                        "Invalid authentication: the Authorization HTTP header must be 'Basic' with a "
                        "base64 of user:password")};
    }
    name = decoded->substr(0, colon);
    password = decoded->substr(colon + 1);
    given = true;
  } else if (in_params) {
    name = request.query.Get("user", "default");
    password = request.query.Get("password");
  }
  if (name.empty()) name = "default";
  for (const User& user : users) {
    if (user.name != name) continue;
    if (SamePassword(password, user.password)) return {&user, {}};
    break;
  }
  if (!given) {
    return {nullptr, MakeError(code::kRequiredPassword,
                               name + ": Authentication failed: password is required. Send the "
                                      "user and password in X-ClickHouse-User and "
                                      "X-ClickHouse-Key, by basic authentication, or as URL "
                                      "parameters")};
  }
  return {
      nullptr,
      MakeError(code::kAuthenticationFailed,
                name + ": Authentication failed: password is incorrect, or there is no user with such name")};
}

EngineError CheckBrowser(const http::Request& request, const User& user) {
  if (!user.password.empty()) return {};
  std::string_view host = request.headers.Get("Host");
  const bool v6 = host.starts_with('[');
  host = host.substr(0, v6 ? host.size() : host.rfind(':'));
  const bool address = v6 || host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!request.headers.Has("Origin") && (address || http::EqualsIgnoreCase(host, "localhost"))) return {};
  return MakeError(code::kAccessDenied,
                   user.name +
                       ": Not enough privileges. Web pages, and host names other than localhost, are refused "
                       "while this user has no password");
}

EngineError CheckAccess(const User& user, std::string_view sql, const Statement& statement,
                        const std::vector<std::string>& databases, const std::vector<std::string>& values) {
  if (user.readonly && statement.kind != StatementKind::kSelect &&
      statement.kind != StatementKind::kReadOther && statement.kind != StatementKind::kSet &&
      statement.kind != StatementKind::kEmpty) {
    return MakeError(code::kReadonly, user.name + ": Cannot execute query in readonly mode");
  }
  if (user.host_files && user.databases.empty()) return {};

  std::vector<std::string> forbidden;
  if (!user.databases.empty()) {
    for (const std::string& database : databases) {
      const bool allowed =
          std::find(user.databases.begin(), user.databases.end(), database) != user.databases.end() ||
          database == "system" || Lower(database) == "information_schema";
      if (!allowed) forbidden.push_back(database);
    }
    for (const std::string& value : values) {
      for (const std::string& database : forbidden) {
        if (ContainsName(value, database)) {
          return MakeError(code::kAccessDenied,
                           user.name + ": Not enough privileges on database " + database);
        }
      }
    }
  }
  const size_t end = statement.kind == StatementKind::kInsertWithData ? statement.data_begin : sql.size();
  const std::vector<Token> tokens = Tokenize(sql.substr(0, end));
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const std::string_view raw = sql.substr(token.begin, token.end - token.begin);
    const bool name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName;
    if (!name && token.kind != TokenKind::kString) continue;
    const std::string text = Unquote(raw);
    if (!user.host_files && name) {
      const bool call = i + 1 < tokens.size() && sql[tokens[i + 1].begin] == '(';
      const bool engine =
          i >= 1 &&
          (Lower(Unquote(sql.substr(tokens[i - 1].begin, tokens[i - 1].end - tokens[i - 1].begin))) ==
               "engine" ||
           (sql[tokens[i - 1].begin] == '=' && i >= 2));
      const bool denied = (call || engine) && ReachesOut(text);
      // The engine takes an unknown table name for a file's.
      const bool path = token.kind == TokenKind::kQuotedName && text.find('/') != std::string::npos;
      if (denied || path) {
        return MakeError(code::kAccessDenied,
                         user.name + ": Not enough privileges to reach files or other hosts (" + text + ")");
      }
    }
    if (!user.databases.empty() && name && (Lower(text) == "processes" || Lower(text) == "processlist")) {
      return MakeError(code::kAccessDenied,
                       user.name + ": Not enough privileges to see other users' statements");
    }
    if (!user.databases.empty() && name && Lower(text) == "merge" && i + 1 < tokens.size() &&
        sql[tokens[i + 1].begin] == '(') {
      return MakeError(code::kAccessDenied, user.name + ": Not enough privileges to use merge()");
    }
    for (const std::string& database : forbidden) {
      if (name ? text == database : ContainsName(text, database)) {
        return MakeError(code::kAccessDenied, user.name + ": Not enough privileges on database " + database);
      }
    }
  }
  return {};
}

}  // namespace yokoten::warehouse
