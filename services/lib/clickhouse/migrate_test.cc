#include "clickhouse/migrate.h"

#include <set>

#include <gtest/gtest.h>

namespace yokoten::clickhouse {
namespace {

TEST(Statements, AreSplitAtSemicolonsAtLineEndsWithoutComments) {
  const Migration migration{
      "0001_x", "-- said; nothing\nCREATE TABLE {database}.t\n(a String DEFAULT ';' );\n\nSELECT 1;\n"};
  EXPECT_EQ(Statements(migration, "db"),
            (std::vector<std::string>{"CREATE TABLE `db`.t\n(a String DEFAULT ';' )\n", "SELECT 1\n"}));
}

TEST(Migrations, AreNumberedOnceAndMayRunTwice) {
  std::set<std::string> numbers;
  ASSERT_FALSE(Migrations().empty());
  for (const auto& migration : Migrations()) {
    EXPECT_TRUE(numbers.insert(migration.name.substr(0, 4)).second) << migration.name;
    for (const auto& statement : Statements(migration, "db")) {
      if (!statement.starts_with("CREATE TABLE")) continue;
      EXPECT_TRUE(statement.starts_with("CREATE TABLE IF NOT EXISTS ")) << statement;
    }
  }
}

TEST(Migrate, RefusesTheDefaultDatabase) {
  Client client({.url = "http://127.0.0.1:1", .database = "default"});
  EXPECT_EQ(Migrate(client).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace yokoten::clickhouse
