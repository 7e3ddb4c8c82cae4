// A lexer with ClickHouse's rules for quotes and comments, and a reading of the few clauses that matter here.
#include "warehouse/sql.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace yokoten::warehouse {
namespace {

bool IsWordStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}
bool IsWord(char c) { return IsWordStart(c) || (c >= '0' && c <= '9') || c == '$'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool Same(std::string_view text, std::string_view keyword) {
  if (text.size() != keyword.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (Upper(text[i]) != keyword[i]) return false;
  }
  return true;
}

// Walks tokens while keeping the depth of brackets.
class Walker {
 public:
  Walker(std::string_view sql, size_t at) : sql_(sql), lexer_(sql, at) { Advance(); }
  const Token& token() const { return token_; }
  std::string_view text() const { return sql_.substr(token_.begin, token_.end - token_.begin); }
  bool Is(std::string_view keyword) const { return token_.kind == TokenKind::kWord && Same(text(), keyword); }
  bool IsPunctuation(char c) const { return token_.kind == TokenKind::kPunctuation && text()[0] == c; }
  bool AtEnd() const { return token_.kind == TokenKind::kEnd || token_.kind == TokenKind::kUnfinished; }
  int depth() const { return depth_; }
  void Advance() {
    token_ = lexer_.Next();
    if (token_.kind != TokenKind::kPunctuation) return;
    const char c = text()[0];
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if (c == ')' || c == ']' || c == '}') --depth_;
  }

 private:
  std::string_view sql_;
  Lexer lexer_;
  Token token_;
  int depth_ = 0;
};

// Behind FORMAT <name> the data begins after blanks and at most one line break.
size_t SkipToData(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\f')) ++at;
  if (at < text.size() && text[at] == '\r') ++at;
  if (at < text.size() && text[at] == '\n') ++at;
  return at;
}

std::optional<Statement> ClassifyInsert(std::string_view text, size_t at, bool complete) {
  Statement statement;
  Walker walk(text, at);
  walk.Advance();  // INSERT
  if (walk.Is("INTO")) walk.Advance();
  if (walk.Is("TABLE")) walk.Advance();
  const bool function = walk.Is("FUNCTION");
  if (function) walk.Advance();
  // The table's name is skipped, so that tables named "values" or "format" are no riddle.
  if (walk.token().kind == TokenKind::kWord || walk.token().kind == TokenKind::kQuotedName) {
    walk.Advance();
    while (walk.IsPunctuation('.')) {
      walk.Advance();
      if (!walk.AtEnd()) walk.Advance();
    }
  }
  bool settings_seen = false;
  bool select = false;
  while (!walk.AtEnd()) {
    if (walk.depth() == 0 && walk.token().kind == TokenKind::kWord) {
      if (!settings_seen && walk.Is("SETTINGS")) {
        settings_seen = true;
        statement.clause_at = walk.token().begin;
      } else if (walk.Is("INFILE")) {
        statement.has_outfile = true;
      } else if (!select && walk.Is("VALUES")) {
        statement.kind = StatementKind::kInsertWithData;
        statement.format = "Values";
        statement.format_at = walk.token().begin;
        if (!settings_seen) statement.clause_at = statement.format_at;
        statement.data_begin = walk.token().end;
        if (!complete && statement.data_begin == text.size()) return std::nullopt;
        return statement;
      } else if (walk.Is("FORMAT")) {
        const size_t format_at = walk.token().begin;
        Walker next(text, walk.token().end);
        if (next.token().kind == TokenKind::kWord) {
          if (!select || statement.uses_input) {
            statement.kind = StatementKind::kInsertWithData;
            statement.format = next.text();
            statement.format_at = format_at;
            if (!settings_seen || select) statement.clause_at = format_at;
            statement.data_begin = SkipToData(text, next.token().end);
            // The name, or the blanks behind it, may go on in what has not been read yet.
            if (!complete && statement.data_begin == text.size() &&
                (statement.data_begin == 0 || text[statement.data_begin - 1] != '\n')) {
              return std::nullopt;
            }
            return statement;
          }
        }
      } else if (walk.Is("SELECT") || walk.Is("WITH")) {
        select = true;
      }
    }
    if (select && !statement.uses_input && walk.Is("INPUT")) {
      Walker call(text, walk.token().end);
      if (call.IsPunctuation('(')) {
        call.Advance();
        const Token argument = call.token();
        const std::string structure(call.text());
        call.Advance();
        if (argument.kind == TokenKind::kString && call.IsPunctuation(')')) {
          statement.uses_input = true;
          statement.input_begin = walk.token().begin;
          statement.input_end = call.token().end;
          statement.input_structure = structure;
        }
      }
    }
    // INSERT INTO t (SELECT ..): a bracket whose first word is SELECT or WITH.
    if (walk.IsPunctuation('(')) {
      Walker inner(text, walk.token().end);
      while (inner.IsPunctuation('(')) inner.Advance();
      if (inner.Is("SELECT") || inner.Is("WITH")) select = true;
    }
    walk.Advance();
  }
  if (!complete) return std::nullopt;
  statement.kind = StatementKind::kInsertSelect;
  return statement;
}

// Words after which the word FORMAT is a name and not the output clause.
bool ExpectsExpression(std::string_view text, const Token& token) {
  if (token.kind == TokenKind::kPunctuation) {
    const char c = text[token.begin];
    return c != ')' && c != ']' && c != '}' && c != '*';
  }
  if (token.kind != TokenKind::kWord) return false;
  static constexpr std::array kBefore = {
      "SELECT",  "DISTINCT", "AS",   "BY",    "WHERE",  "PREWHERE", "HAVING", "AND",     "OR",
      "NOT",     "CASE",     "WHEN", "THEN",  "ELSE",   "ON",       "USING",  "FROM",    "JOIN",
      "BETWEEN", "LIKE",     "IN",   "LIMIT", "OFFSET", "IS",       "WITH",   "INTERVAL"};
  const std::string_view word = text.substr(token.begin, token.end - token.begin);
  for (const char* before : kBefore) {
    if (Same(word, before)) return true;
  }
  return false;
}

Statement ClassifySelect(std::string_view text, const std::vector<Token>& tokens) {
  Statement statement;
  statement.kind = StatementKind::kSelect;
  const auto word = [&](size_t i) { return text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin); };
  size_t end = tokens.size();
  while (end > 0 && tokens[end - 1].kind == TokenKind::kPunctuation && word(end - 1) == ";") --end;
  statement.output_at = statement.settings_at = statement.settings_end = end > 0 ? tokens[end - 1].end : 0;
  int depth = 0;
  for (size_t i = 0; i < end; ++i) {
    if (tokens[i].kind == TokenKind::kPunctuation) {
      const char c = text[tokens[i].begin];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
    }
    if (depth != 0 || tokens[i].kind != TokenKind::kWord || i == 0) continue;
    if (Same(word(i), "OUTFILE") && Same(word(i - 1), "INTO")) statement.has_outfile = true;
    if (!Same(word(i), "FORMAT") || i + 1 >= end || tokens[i + 1].kind != TokenKind::kWord) continue;
    if (i + 2 < end && !Same(word(i + 2), "SETTINGS") && !Same(word(i + 2), "INTO")) continue;
    if (ExpectsExpression(text, tokens[i - 1])) continue;
    statement.format = word(i + 1);
    statement.output_at = tokens[i - 1].end;
    statement.settings_at = tokens[i + 1].end;
    for (size_t j = i + 2; j < end; ++j) statement.has_outfile |= Same(word(j), "OUTFILE");
    break;
  }
  return statement;
}

}  // namespace

Token Lexer::Next() {
  const size_t size = sql_.size();
  for (;;) {  // blanks and comments
    while (at_ < size && (IsBlank(sql_[at_]) || sql_[at_] == '\0')) ++at_;
    const std::string_view rest = sql_.substr(std::min(at_, size));
    if (rest.substr(0, 2) == "--" || rest.substr(0, 2) == "# " || rest.substr(0, 2) == "#!") {
      const size_t end = sql_.find('\n', at_);
      at_ = end == std::string_view::npos ? size : end + 1;
    } else if (rest.substr(0, 2) == "/*") {
      const size_t end = sql_.find("*/", at_ + 2);
      if (end == std::string_view::npos) {
        const size_t begin = std::exchange(at_, size);
        return {TokenKind::kUnfinished, begin, size};
      }
      at_ = end + 2;
    } else {
      break;
    }
  }
  if (at_ >= size) return {TokenKind::kEnd, size, size};
  const size_t begin = at_;
  const char c = sql_[at_];
  const auto token = [&](TokenKind kind) { return Token{kind, begin, at_}; };
  if (c == '\'' || c == '"' || c == '`') {
    for (++at_; at_ < size; ++at_) {
      if (sql_[at_] == '\\') {
        ++at_;
      } else if (sql_[at_] == c) {
        if (at_ + 1 < size && sql_[at_ + 1] == c) {
          ++at_;
        } else {
          ++at_;
          return token(c == '\'' ? TokenKind::kString : TokenKind::kQuotedName);
        }
      }
    }
    at_ = size;
    return token(TokenKind::kUnfinished);
  }
  // Typographic quotes, which the engine takes as well: ‘..’ is a string, “..” a name.
  const std::string_view rest = sql_.substr(at_);
  if (const bool string = rest.substr(0, 3) == "\xE2\x80\x98";
      string || rest.substr(0, 3) == "\xE2\x80\x9C") {
    const size_t end = sql_.find(string ? "\xE2\x80\x99" : "\xE2\x80\x9D", at_ + 3);
    at_ = end == std::string_view::npos ? size : end + 3;
    if (end == std::string_view::npos) return token(TokenKind::kUnfinished);
    return token(string ? TokenKind::kString : TokenKind::kQuotedName);
  }
  if (c == '$') {  // heredoc: $tag$ .. $tag$
    size_t end = at_ + 1;
    while (end < size && (IsWord(sql_[end]) && sql_[end] != '$')) ++end;
    if (end < size && sql_[end] == '$') {
      const std::string_view tag = sql_.substr(at_, end + 1 - at_);
      const size_t close = sql_.find(tag, end + 1);
      at_ = close == std::string_view::npos ? size : close + tag.size();
      return token(close == std::string_view::npos ? TokenKind::kUnfinished : TokenKind::kString);
    }
  }
  if (IsWordStart(c)) {
    while (at_ < size && IsWord(sql_[at_])) ++at_;
    return token(TokenKind::kWord);
  }
  if (c >= '0' && c <= '9') {
    while (at_ < size && (IsWord(sql_[at_]) || sql_[at_] == '.')) ++at_;
    return token(TokenKind::kNumber);
  }
  ++at_;
  return token(TokenKind::kPunctuation);
}

std::vector<Token> Tokenize(std::string_view sql) {
  std::vector<Token> tokens;
  Lexer lexer(sql);
  for (Token token = lexer.Next(); token.kind != TokenKind::kEnd; token = lexer.Next())
    tokens.push_back(token);
  return tokens;
}

std::string Unquote(std::string_view text) {
  if (text.size() >= 6 && (text.substr(0, 3) == "\xE2\x80\x98" || text.substr(0, 3) == "\xE2\x80\x9C")) {
    return std::string(text.substr(3, text.size() - 6));
  }
  if (text.size() >= 2 && text[0] == '$') {
    const size_t tag = text.find('$', 1);
    if (tag != std::string_view::npos && text.size() >= 2 * (tag + 1)) {
      return std::string(text.substr(tag + 1, text.size() - 2 * (tag + 1)));
    }
  }
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"' && text[0] != '`')) return std::string(text);
  const char quote = text[0];
  const std::string_view inner = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == quote) {
      ++i;
      out.push_back(quote);
    } else if (inner[i] == '\\' && i + 1 < inner.size()) {
      const char c = inner[++i];
      switch (c) {
        case 'n':
          out.push_back('\n');
          break;
        case 't':
          out.push_back('\t');
          break;
        case 'r':
          out.push_back('\r');
          break;
        case 'b':
          out.push_back('\b');
          break;
        case 'f':
          out.push_back('\f');
          break;
        case '0':
          out.push_back('\0');
          break;
        case 'x': {
          const std::string hex(inner.substr(i + 1, 2));
          if (hex.size() == 2 && std::isxdigit(static_cast<unsigned char>(hex[0])) &&
              std::isxdigit(static_cast<unsigned char>(hex[1]))) {
            out.push_back(static_cast<char>(std::stoi(hex, nullptr, 16)));
            i += 2;
          } else {
            out.push_back('x');
          }
          break;
        }
        default:
          out.push_back(c);
      }
    } else {
      out.push_back(inner[i]);
    }
  }
  return out;
}

namespace {
std::string Quote(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\0') {
      out.append("\\0");
    } else if (c == '\n') {
      out.append("\\n");
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
  return out;
}
}  // namespace

std::string QuoteString(std::string_view text) { return Quote(text, '\''); }
std::string QuoteName(std::string_view text) { return Quote(text, '`'); }

std::optional<Statement> Classify(std::string_view text, bool complete) {
  Walker walk(text, 0);
  while (walk.IsPunctuation(';')) walk.Advance();
  Statement statement;
  if (walk.AtEnd()) {
    if (!complete) return std::nullopt;
    statement.kind =
        walk.token().kind == TokenKind::kUnfinished ? StatementKind::kOther : StatementKind::kEmpty;
    return statement;
  }
  if (walk.Is("INSERT")) return ClassifyInsert(text, walk.token().begin, complete);
  if (!complete) return std::nullopt;

  const bool with = walk.Is("WITH");
  if (with || walk.Is("SELECT") || walk.Is("FROM") || walk.IsPunctuation('(')) {
    const std::vector<Token> tokens = Tokenize(text);
    if (with) {  // WITH .. INSERT INTO .. is a write
      int depth = 0;
      for (size_t i = 0; i + 1 < tokens.size(); ++i) {
        const std::string_view word = text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
        if (word == "(") ++depth;
        if (word == ")") --depth;
        const std::string_view next =
            text.substr(tokens[i + 1].begin, tokens[i + 1].end - tokens[i + 1].begin);
        if (depth == 0 && tokens[i].kind == TokenKind::kWord && Same(word, "INSERT") && Same(next, "INTO")) {
          statement.kind = StatementKind::kInsertSelect;
          return statement;
        }
      }
    }
    return ClassifySelect(text, tokens);
  }
  static constexpr std::array kReads = {"SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK"};
  for (const char* read : kReads) {
    if (!walk.Is(read)) continue;
    statement = ClassifySelect(text, Tokenize(text));
    statement.kind = StatementKind::kReadOther;
    return statement;
  }
  statement.kind = StatementKind::kOther;
  if (walk.Is("SET") || walk.Is("USE")) statement.kind = StatementKind::kSet;
  if (walk.Is("KILL")) statement.kind = StatementKind::kKill;
  for (Walker rest(text, 0); !rest.AtEnd(); rest.Advance()) {
    if (rest.Is("OUTFILE") || rest.Is("INFILE")) statement.has_outfile = true;
  }
  return statement;
}

bool HasSecondStatement(std::string_view text) {
  bool begun = false;
  bool ended = false;
  for (Walker walk(text, 0); walk.token().kind != TokenKind::kEnd; walk.Advance()) {
    if (walk.IsPunctuation(';')) {
      ended = begun;
    } else {
      if (ended) return true;
      begun = true;
    }
  }
  return false;
}

std::string BuildInsert(std::string_view text, const Statement& statement, std::string_view path,
                        std::string_view mark) {
  std::string sql;
  if (statement.uses_input) {
    sql.append(text.substr(0, statement.input_begin));
    sql.append("file(" + QuoteString(path) + ", " + QuoteString(statement.format) + ", " +
               statement.input_structure + ")");
    sql.append(text.substr(statement.input_end, statement.format_at - statement.input_end));
    sql.append(" ").append(mark);
    return sql;
  }
  sql.append(text.substr(0, statement.clause_at));
  sql.append(" ").append(mark).append(" FROM INFILE ").append(QuoteString(path)).append(" ");
  sql.append(text.substr(statement.clause_at, statement.format_at - statement.clause_at));
  sql.append(" FORMAT ").append(statement.format);
  return sql;
}

std::string BuildSelect(std::string_view text, const Statement& statement, std::string_view path,
                        std::string_view default_format, std::string_view mark) {
  std::string sql(text.substr(0, statement.output_at));
  sql.append(" ").append(mark).append(" INTO OUTFILE ").append(QuoteString(path)).append(" TRUNCATE FORMAT ");
  sql.append(statement.format.empty() ? default_format : std::string_view(statement.format));
  sql.append(text.substr(statement.settings_at, statement.settings_end - statement.settings_at));
  return sql;
}

}  // namespace yokoten::warehouse
