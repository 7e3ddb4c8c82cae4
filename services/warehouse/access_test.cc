// Users, what they may do, and error codes as HTTP statuses.
#include "warehouse/access.h"

#include <gtest/gtest.h>

#include "warehouse/body.h"
#include "warehouse/errors.h"

namespace yokoten::warehouse {
namespace {

class FakeRequest : public http::Request {
 public:
  Result<size_t> Read(char*, size_t) override { return size_t{0}; }
};

const std::vector<User> kUsers = {{"default", "", false, {}, true},
                                  {"reader", "secret", true, {"plant"}, false},
                                  {"writer", "secret", false, {"plant"}, false}};

int AuthCode(std::initializer_list<http::Headers::Field> headers, std::string_view query) {
  FakeRequest request;
  request.headers = http::Headers(headers);
  request.query = http::QueryParams::Parse(query);
  return Authenticate(request, kUsers).error.code;
}

TEST(AuthenticateTest, ThreeWaysToSayWhoOneIs) {
  EXPECT_EQ(AuthCode({}, ""), 0);  // the default user without a password
  EXPECT_EQ(AuthCode({{"X-ClickHouse-User", "reader"}, {"X-ClickHouse-Key", "secret"}}, ""), 0);
  EXPECT_EQ(AuthCode({{"Authorization", "Basic cmVhZGVyOnNlY3JldA=="}}, ""), 0);
  EXPECT_EQ(AuthCode({}, "user=reader&password=secret"), 0);
}

TEST(AuthenticateTest, WrongAndMixedCredentialsAreRefused) {
  EXPECT_EQ(AuthCode({}, "user=reader&password=secre"), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({}, "user=reader&password=secrets"), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({}, "user=reader"), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({}, "user=nobody&password=secret"), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({}, "user=default&password=x"), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({{"Authorization", "Bearer x"}}, ""), code::kAuthenticationFailed);
  EXPECT_EQ(AuthCode({{"X-ClickHouse-User", "reader"}, {"X-ClickHouse-Key", "secret"}}, "user=reader"),
            code::kAuthenticationFailed);
}

TEST(AuthenticateTest, WithoutCredentialsAPasswordIsAskedFor) {
  FakeRequest request;
  const std::vector<User> users = {{"default", "x", false, {}, true}};
  EXPECT_EQ(Authenticate(request, users).error.code, code::kRequiredPassword);
  EXPECT_EQ(HttpStatus(code::kRequiredPassword), 401);
}

int AccessCode(const User& user, std::string_view sql, std::vector<std::string> values = {}) {
  return CheckAccess(user, sql, *Classify(sql, true), {"plant", "relations", "system", "default"}, values)
      .code;
}

TEST(AccessTest, AReaderReads) {
  const User reader = kUsers[1];
  EXPECT_EQ(AccessCode(reader, "SELECT * FROM plant.t"), 0);
  EXPECT_EQ(AccessCode(reader, "SHOW TABLES"), 0);
  EXPECT_EQ(AccessCode(reader, "INSERT INTO plant.t VALUES (1)"), code::kReadonly);
  EXPECT_EQ(AccessCode(reader, "WITH 1 AS x INSERT INTO plant.t SELECT x"), code::kReadonly);
  EXPECT_EQ(AccessCode(reader, "DROP TABLE plant.t"), code::kReadonly);
  EXPECT_EQ(AccessCode(reader, "KILL QUERY WHERE 1"), code::kReadonly);
  EXPECT_EQ(AccessCode(reader, "SYSTEM SHUTDOWN"), code::kReadonly);
}

TEST(AccessTest, ARestrictedUserCannotNameAnotherDatabaseInAnyWay) {
  const User writer = kUsers[2];
  EXPECT_EQ(AccessCode(writer, "SELECT name FROM system.tables"), 0);
  EXPECT_EQ(AccessCode(writer, "INSERT INTO plant.t SELECT 'relationships'"), 0);
  for (const char* sql :
       {"SELECT * FROM relations.t", "SELECT * FROM `relations`.t", "SELECT * FROM \"relations\".t",
        "SELECT dictGet('relations.d', 'a', 1)", "SELECT * FROM merge(REGEXP('rel.*'), 't')",
        "SELECT * FROM merge('relations', 't')", "CREATE VIEW plant.v AS SELECT * FROM relations.t",
        "SELECT * FROM `rel\\x61tions`.t", "USE relations", "RENAME TABLE relations.t TO plant.t",
        "INSERT INTO relations.t VALUES (1)", "SELECT joinGet($$relations.j$$, 'a', 1)"}) {
    EXPECT_EQ(AccessCode(writer, sql), code::kAccessDenied) << sql;
  }
  EXPECT_EQ(AccessCode(writer, "SELECT * FROM {d:Identifier}.t", {"relations"}), code::kAccessDenied);
  EXPECT_EQ(AccessCode(writer, "INSERT INTO plant.t VALUES ('relations')"), 0);  // data is no statement
}

TEST(AccessTest, ARestrictedUserDoesNotSeeOtherUsersStatements) {
  EXPECT_EQ(AccessCode(kUsers[1], "SELECT query FROM system.processes"), code::kAccessDenied);
  EXPECT_EQ(AccessCode(kUsers[1], "SHOW PROCESSLIST"), code::kAccessDenied);
  EXPECT_EQ(AccessCode(kUsers[0], "SHOW PROCESSLIST"), 0);
}

int BrowserCode(const User& user, std::initializer_list<http::Headers::Field> headers) {
  FakeRequest request;
  request.headers = http::Headers(headers);
  return CheckBrowser(request, user).code;
}

TEST(AccessTest, AWebPageCannotUseAWarehouseWithoutAPassword) {
  const User open = kUsers[0], secret = kUsers[1];
  for (const char* host : {"127.0.0.1:8123", "localhost:8123", "localhost", "[::1]:8123", "10.0.0.7"}) {
    EXPECT_EQ(BrowserCode(open, {{"Host", host}}), 0) << host;
    EXPECT_EQ(BrowserCode(open, {{"Host", host}, {"Origin", "http://page.example"}}), code::kAccessDenied);
  }
  EXPECT_EQ(BrowserCode(open, {{"Host", "page.example:8123"}}),
            code::kAccessDenied);  // a name that was rebound
  EXPECT_EQ(BrowserCode(secret, {{"Host", "warehouse.example"}, {"Origin", "http://page.example"}}), 0);
}

TEST(AccessTest, FilesAndOtherHostsAreOutOfReach) {
  User writer = kUsers[2];
  writer.databases.clear();
  for (const char* sql :
       {"SELECT * FROM file('/etc/passwd')", "SELECT * FROM FILE ('/etc/passwd')",
        "SELECT * FROM `file`('/x')", "SELECT * FROM url('http://h/')", "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM default.`/etc/passwd`", "CREATE TABLE t (a Int8) ENGINE = File(CSV)",
        "CREATE TABLE t (a Int8) ENGINE=URL('http://h/')", "INSERT INTO FUNCTION file('/tmp/x') VALUES (1)",
        "SELECT * FROM executable('x', TSV, 'a Int8')", "SELECT * FROM remote('h', system.one)"}) {
    EXPECT_EQ(AccessCode(writer, sql), code::kAccessDenied) << sql;
  }
  EXPECT_EQ(AccessCode(writer, "SELECT file, url FROM t WHERE path = '/etc/passwd'"), 0);
  EXPECT_EQ(AccessCode(kUsers[0], "SELECT * FROM file('/etc/passwd')"), 0);
}

TEST(ErrorsTest, StatusesAreClickHousesOwn) {
  EXPECT_EQ(HttpStatus(60), 404);   // UNKNOWN_TABLE
  EXPECT_EQ(HttpStatus(62), 400);   // SYNTAX_ERROR
  EXPECT_EQ(HttpStatus(115), 404);  // UNKNOWN_SETTING
  EXPECT_EQ(HttpStatus(516), 403);
  EXPECT_EQ(HttpStatus(497), 403);
  EXPECT_EQ(HttpStatus(48), 501);
  EXPECT_EQ(HttpStatus(159), 408);
  EXPECT_EQ(HttpStatus(241), 500);  // MEMORY_LIMIT_EXCEEDED
  EXPECT_EQ(HttpStatus(164), 500);  // READONLY
}

TEST(ErrorsTest, TextsHaveClickHousesForm) {
  EXPECT_EQ(MakeError(62, "Empty query").text, "Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)");
}

TEST(MultipartTest, FieldsComeInOrderAndFilesAreMarked) {
  const std::string body =
      "--xx\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:String}\r\n"
      "--xx\r\nContent-Disposition: form-data; name=\"param_a\"\r\nContent-Type: "
      "text/plain\r\n\r\nline\r\nbreak\r\n"
      "--xx\r\nContent-Disposition: form-data; name=\"t\"; filename=\"t.tsv\"\r\n\r\n1\r\n--xx--\r\n";
  const auto fields = ParseMultipart("multipart/form-data; boundary=xx", body);
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].name, "query");
  EXPECT_EQ(fields[0].value, "SELECT {a:String}");
  EXPECT_EQ(fields[1].value, "line\r\nbreak");
  EXPECT_FALSE(fields[1].is_file);
  EXPECT_TRUE(fields[2].is_file);
  EXPECT_TRUE(ParseMultipart("multipart/form-data", body).empty());
  EXPECT_TRUE(ParseMultipart("multipart/form-data; boundary=yy", body).empty());
}

}  // namespace
}  // namespace yokoten::warehouse
