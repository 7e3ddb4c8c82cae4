// As much of ClickHouse's SQL as a server must understand before its engine does: tokens, what kind of
// statement it is, where the data of an INSERT begins, where an output format goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yokoten::warehouse {

enum class TokenKind { kWord, kQuotedName, kString, kNumber, kPunctuation, kEnd, kUnfinished };

// A piece of SQL text. Comments and blanks are no tokens.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t begin = 0;  // byte offsets into the text, end exclusive
  size_t end = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view sql, size_t at = 0) : sql_(sql), at_(at) {}
  // kUnfinished: a quote or comment that does not end; then kEnd for ever.
  Token Next();

 private:
  std::string_view sql_;
  size_t at_;
};

// All tokens, without the closing kEnd.
std::vector<Token> Tokenize(std::string_view sql);

// The value of a kQuotedName or kString token's text: quotes removed, escapes resolved. Words as they are.
std::string Unquote(std::string_view text);
// 'text' with quotes, backslashes and control characters escaped.
std::string QuoteString(std::string_view text);
// `name` likewise.
std::string QuoteName(std::string_view text);

enum class StatementKind {
  kEmpty,
  kSelect,          // SELECT, WITH .. SELECT, (SELECT ..): rows that may be many
  kReadOther,       // SHOW, DESCRIBE, EXISTS, EXPLAIN, CHECK ..: reads, few rows
  kInsertWithData,  // data follows the statement
  kInsertSelect,    // INSERT .. SELECT without data
  kSet,             // SET, USE: changes the session alone
  kKill,            // KILL QUERY
  kOther,           // DDL and the rest
};

struct Statement {
  StatementKind kind = StatementKind::kEmpty;
  // INSERT with data: the statement is head + " FROM INFILE '..' " + middle + " FORMAT " + format, and the
  // data begins at data_begin. With uses_input the data is read by input('..') instead, see BuildInsert.
  size_t clause_at = 0;  // where FROM INFILE goes
  size_t format_at = 0;  // where VALUES or FORMAT stood
  size_t data_begin = 0;
  bool uses_input = false;
  size_t input_begin = 0;  // the call input(..), from its name to behind its bracket
  size_t input_end = 0;
  std::string input_structure;  // SQL text of its argument
  std::string format;  // named in the statement: input format of an INSERT, output format of a SELECT
  // SELECT: output clauses go between text[0, output_at) and text[settings_at, settings_end).
  size_t output_at = 0;
  size_t settings_at = 0;
  size_t settings_end = 0;
  bool has_outfile = false;  // INTO OUTFILE or FROM INFILE written by the client
};

// Understands `text`, which may be only the beginning of a statement (`complete` false) whose data still
// comes. Nothing: more of the text is needed to tell. Never more than that if `complete`.
std::optional<Statement> Classify(std::string_view text, bool complete);

// Whether another statement follows a semicolon (which ClickHouse's HTTP interface refuses).
bool HasSecondStatement(std::string_view text);

// The INSERT that reads its data from `path`. `mark` is a comment by which it can be found and killed.
std::string BuildInsert(std::string_view text, const Statement& statement, std::string_view path,
                        std::string_view mark);
// The SELECT that writes its result to `path`, in its own format or else in `default_format`.
std::string BuildSelect(std::string_view text, const Statement& statement, std::string_view path,
                        std::string_view default_format, std::string_view mark);

}  // namespace yokoten::warehouse
