// Statements to requests and answers to rows; transport.cc carries them.
#include "clickhouse/client.h"

#include <algorithm>
#include <cstdlib>

#include "base/tsv.h"
#include "clickhouse/native.h"
#include "clickhouse/transport.h"

namespace yokoten::clickhouse {
namespace {

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

std::string EscapeParameter(std::string_view text) { return TsvText(text); }

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
