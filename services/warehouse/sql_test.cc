// Tokens, kinds of statements, and where data begins.
#include "warehouse/sql.h"

#include <random>

#include <gtest/gtest.h>

namespace yokoten::warehouse {
namespace {

std::vector<std::string> Texts(std::string_view sql) {
  std::vector<std::string> texts;
  for (const Token& token : Tokenize(sql))
    texts.emplace_back(sql.substr(token.begin, token.end - token.begin));
  return texts;
}

Statement Whole(std::string_view sql) {
  const auto statement = Classify(sql, true);
  EXPECT_TRUE(statement.has_value()) << sql;
  return statement.value_or(Statement{});
}

StatementKind Kind(std::string_view sql) { return Whole(sql).kind; }

// Head of the statement as the engine gets it, and its data.
std::pair<std::string, std::string> Insert(std::string_view sql) {
  const Statement statement = Whole(sql);
  EXPECT_EQ(statement.kind, StatementKind::kInsertWithData) << sql;
  return {BuildInsert(sql, statement, "/p", "/*m*/"), std::string(sql.substr(statement.data_begin))};
}

std::string Select(std::string_view sql) {
  const Statement statement = Whole(sql);
  EXPECT_EQ(statement.kind, StatementKind::kSelect) << sql;
  return BuildSelect(sql, statement, "/p", "TSV", "/*m*/");
}

TEST(LexerTest, QuotesCommentsAndHeredocsAreSingleTokens) {
  EXPECT_EQ(Texts("a 'b;c' -- d\n \"e\"\"f\" `g\\`h` /* i ' */ $x$ j ' $x$ 1.5e3,"),
            (std::vector<std::string>{"a", "'b;c'", "\"e\"\"f\"", "`g\\`h`", "$x$ j ' $x$", "1.5e3", ","}));
  EXPECT_EQ(Texts("'it''s' '\\'' ‘typographic’"),
            (std::vector<std::string>{"'it''s'", "'\\''", "‘typographic’"}));
  EXPECT_EQ(Tokenize("select 'open").back().kind, TokenKind::kUnfinished);
  EXPECT_EQ(Tokenize("select /* open").back().kind, TokenKind::kUnfinished);
}

TEST(QuotingTest, WhatIsQuotedComesBack) {
  for (const std::string text : {"", "plain", "it's", "back\\slash", "`tick`", "line\nbreak", "tab\t中文"}) {
    EXPECT_EQ(Unquote(QuoteString(text)), text);
    EXPECT_EQ(Unquote(QuoteName(text)), text);
    EXPECT_EQ(Tokenize(QuoteString(text)).size(), 1u) << text;
  }
  EXPECT_EQ(Unquote("'a''b\\x41\\n'"), "a'bA\n");
  EXPECT_EQ(Unquote("$t$it's$t$"), "it's");
}

TEST(ClassifyTest, KindsOfStatements) {
  EXPECT_EQ(Kind(""), StatementKind::kEmpty);
  EXPECT_EQ(Kind(" -- nothing\n ; "), StatementKind::kEmpty);
  EXPECT_EQ(Kind("select 1"), StatementKind::kSelect);
  EXPECT_EQ(Kind("/* x */ (SELECT 1) UNION ALL (SELECT 2)"), StatementKind::kSelect);
  EXPECT_EQ(Kind("WITH 1 AS x SELECT x"), StatementKind::kSelect);
  EXPECT_EQ(Kind("FROM t SELECT a"), StatementKind::kSelect);
  EXPECT_EQ(Kind("WITH 1 AS x INSERT INTO t SELECT x"), StatementKind::kInsertSelect);
  EXPECT_EQ(Kind("insert into t select * from u"), StatementKind::kInsertSelect);
  EXPECT_EQ(Kind("INSERT INTO t (a) WITH 1 AS x SELECT x"), StatementKind::kInsertSelect);
  EXPECT_EQ(Kind("INSERT INTO t (SELECT 1)"), StatementKind::kInsertSelect);
  EXPECT_EQ(Kind("INSERT INTO t SELECT 1 FORMAT Null"), StatementKind::kInsertSelect);
  EXPECT_EQ(Kind("SHOW TABLES"), StatementKind::kReadOther);
  EXPECT_EQ(Kind("EXPLAIN SELECT 1"), StatementKind::kReadOther);
  EXPECT_EQ(Kind("SET a = 1"), StatementKind::kSet);
  EXPECT_EQ(Kind("KILL QUERY WHERE 1"), StatementKind::kKill);
  EXPECT_EQ(Kind("CREATE TABLE t (format String) ENGINE = Memory"), StatementKind::kOther);
}

TEST(ClassifyTest, TheDataOfAnInsertBeginsBehindItsFormatAndOneLineBreak) {
  EXPECT_EQ(
      Insert("INSERT INTO t FORMAT TSV\n1\t2\n"),
      std::pair(std::string("INSERT INTO t  /*m*/ FROM INFILE '/p'  FORMAT TSV"), std::string("1\t2\n")));
  EXPECT_EQ(Insert("INSERT INTO t FORMAT RowBinary \r\n\n\x01").second, "\n\x01");
  EXPECT_EQ(Insert("INSERT INTO t FORMAT JSONEachRow {\"a\":1}").second, "{\"a\":1}");
  EXPECT_EQ(Insert("insert into db.t (a, `b c`) values (1, 'x;y')").first,
            "insert into db.t (a, `b c`)  /*m*/ FROM INFILE '/p'  FORMAT Values");
  EXPECT_EQ(Insert("INSERT INTO t VALUES(1)").second, "(1)");
}

TEST(ClassifyTest, SettingsOfAnInsertStandBehindItsFile) {
  EXPECT_EQ(Insert("INSERT INTO t (a) SETTINGS async_insert=0, x='SELECT' FORMAT CSV\n1").first,
            "INSERT INTO t (a)  /*m*/ FROM INFILE '/p' SETTINGS async_insert=0, x='SELECT'  FORMAT CSV");
}

TEST(ClassifyTest, AwkwardNamesOfTablesAndColumnsAreNoKeywords) {
  EXPECT_EQ(Insert("INSERT INTO values VALUES (1)").second, " (1)");
  EXPECT_EQ(Insert("INSERT INTO db.format (values, select) FORMAT TSV\n1").second, "1");
  EXPECT_EQ(Insert("INSERT INTO TABLE FUNCTION remote('h', 'values') (a) VALUES (1)").second, " (1)");
  EXPECT_EQ(Insert("INSERT INTO {tbl:Identifier} FORMAT TSV\n1").second, "1");
  EXPECT_EQ(Insert("INSERT INTO \"select\" (\"values\") VALUES (1)").second, " (1)");
}

TEST(ClassifyTest, InputReadsTheDataThatFollows) {
  EXPECT_EQ(Insert("INSERT INTO t SELECT a + 1 FROM input('a Int32') FORMAT CSV\n1\n"),
            std::pair(std::string("INSERT INTO t SELECT a + 1 FROM file('/p', 'CSV', 'a Int32')  /*m*/"),
                      std::string("1\n")));
}

TEST(ClassifyTest, ABeginningIsClassifiedAsSoonAsItIsCertainAndNoSooner) {
  const std::string sql = "/* c */ INSERT INTO t (a, b) SETTINGS x = 1 FORMAT TSV\n1\t2\n";
  const size_t certain = sql.find("1\t2");
  for (size_t size = 0; size < sql.size(); ++size) {
    const auto statement = Classify(std::string_view(sql).substr(0, size), false);
    if (size < certain) {
      EXPECT_FALSE(statement.has_value()) << sql.substr(0, size);
    } else {
      ASSERT_TRUE(statement.has_value()) << sql.substr(0, size);
      EXPECT_EQ(statement->data_begin, certain);
    }
  }
  EXPECT_FALSE(Classify("SELECT 1", false).has_value());
  EXPECT_FALSE(Classify("INSERT INTO t VALUES", false).has_value());
  EXPECT_TRUE(Classify("INSERT INTO t VALUES (", false).has_value());
}

TEST(BuildSelectTest, TheFormatOfTheStatementWinsAndOtherClausesStay) {
  EXPECT_EQ(Select("SELECT 1"), "SELECT 1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT TSV");
  EXPECT_EQ(Select("SELECT 1 ; -- end"), "SELECT 1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT TSV");
  EXPECT_EQ(Select("SELECT 1 FORMAT JSON"), "SELECT 1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT JSON");
  EXPECT_EQ(Select("SELECT 1 SETTINGS a=1 FORMAT JSON;"),
            "SELECT 1 SETTINGS a=1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT JSON");
  EXPECT_EQ(Select("SELECT 1 FORMAT JSON SETTINGS a=1"),
            "SELECT 1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT JSON SETTINGS a=1");
  EXPECT_EQ(Select("SELECT 1 -- FORMAT CSV"), "SELECT 1 /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT TSV");
}

TEST(BuildSelectTest, TheWordFormatAsANameIsNoClause) {
  for (const std::string sql :
       {"SELECT format FROM t", "SELECT a AS format FROM t", "SELECT format('{}', a) FROM t",
        "SELECT (SELECT 1 FORMAT JSON) FROM t", "SELECT 'x FORMAT JSON'",
        "SELECT a FROM t ORDER BY format DESC", "SELECT t.format FROM t", "SELECT a, format x FROM t"}) {
    EXPECT_EQ(Select(sql), sql + " /*m*/ INTO OUTFILE '/p' TRUNCATE FORMAT TSV");
  }
}

TEST(ClassifyTest, FilesOfTheHostAreNoticed) {
  EXPECT_TRUE(Whole("SELECT 1 INTO OUTFILE '/x' FORMAT TSV").has_outfile);
  EXPECT_TRUE(Whole("SELECT 1 FORMAT TSV INTO OUTFILE '/x'").has_outfile);
  EXPECT_TRUE(Whole("INSERT INTO t FROM INFILE '/x' FORMAT TSV").has_outfile);
  EXPECT_FALSE(Whole("SELECT 'INTO OUTFILE'").has_outfile);
}

TEST(ClassifyTest, NoTextIsTooOddAndAllPositionsLieWithinIt) {
  const std::vector<std::string> pieces = {
      "INSERT", "INTO", "t",  "(",  ")",    "FORMAT",   "VALUES", "SELECT", "'",  "\"",
      "`",      "--",   "/*", "*/", ";",    "SETTINGS", "input",  "WITH",   "\n", "$x$",
      "\\",     "‘",    "{",  "}",  "FROM", "INFILE",   "JSON",   ",",      "=",  std::string(1, '\0')};
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 == 0 ? "INSERT INTO " : "";
    for (unsigned i = random() % 12; i > 0; --i)
      text += pieces[random() % pieces.size()] + (random() % 2 ? " " : "");
    for (const bool complete : {false, true}) {
      const auto statement = Classify(text, complete);
      ASSERT_TRUE(statement.has_value() || !complete) << text;
      if (!statement) continue;
      ASSERT_LE(statement->data_begin, text.size());
      ASSERT_LE(statement->clause_at, text.size());
      ASSERT_LE(statement->settings_end, text.size());
      if (statement->kind == StatementKind::kInsertWithData)
        (void)BuildInsert(text, *statement, "/p", "/*m*/");
      if (statement->kind == StatementKind::kSelect)
        (void)BuildSelect(text, *statement, "/p", "TSV", "/*m*/");
    }
    for (const Token& token : Tokenize(text))
      (void)Unquote(std::string_view(text).substr(token.begin, token.end - token.begin));
    (void)HasSecondStatement(text);
  }
}

TEST(SecondStatementTest, OnlyRealStatementsCount) {
  EXPECT_TRUE(HasSecondStatement("SELECT 1; SELECT 2"));
  EXPECT_TRUE(HasSecondStatement("SELECT 1; /* */ drop table t"));
  EXPECT_TRUE(HasSecondStatement("SELECT 1; 'unfinished"));
  EXPECT_FALSE(HasSecondStatement("SELECT 1;"));
  EXPECT_FALSE(HasSecondStatement(";; SELECT ';'; -- x"));
}

}  // namespace
}  // namespace yokoten::warehouse
