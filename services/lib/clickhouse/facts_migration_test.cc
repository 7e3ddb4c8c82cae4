// The committed migrations and the protos must say the same.
#include <gtest/gtest.h>

#include "clickhouse/migrate.h"
#include "events/columns.h"

namespace yokoten::clickhouse {
namespace {

TEST(Migrations, MakeTheFactTablesTheProtosDeclare) {
  std::string sql;
  for (const auto& migration : Migrations()) sql += migration.sql;
  const auto& registry = events::Registry::Linked();
  const std::string missing = events::NextMigration(registry, events::FactsOfMigration(sql));
  EXPECT_EQ(missing, "")
      << "the protos are ahead of the migrations; put the above into the next file of migrations/";
}

}  // namespace
}  // namespace yokoten::clickhouse
