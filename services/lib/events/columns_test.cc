#include "events/columns.h"

#include <gtest/gtest.h>

namespace yokoten::events {
namespace {

std::map<std::string, std::string> ColumnsOf(const char* type) {
  std::map<std::string, std::string> out;
  for (const auto& column : OwnColumns(*Registry::Linked().Find(type))) out[column.name] = column.type;
  return out;
}

TEST(OwnColumns, AreNullableOnlyWhereAbsentDiffersFromTheDefault) {
  const auto columns = ColumnsOf("operations.ShiftOutputReported");
  EXPECT_EQ(columns.at("product"), "String");
  EXPECT_EQ(columns.at("shift_code"), "LowCardinality(String)");
  EXPECT_EQ(columns.at("production_day"), "Date32");
  EXPECT_EQ(columns.at("produced_qty"), "Int64") << "optional and required";
  EXPECT_EQ(columns.at("inspected_qty"), "Nullable(Int64)");
  EXPECT_EQ(columns.at("snapshot_version"), "Int32");
  EXPECT_EQ(columns.at("cycle_n"), "Nullable(Int64)") << "the message may be missing";
  EXPECT_EQ(columns.at("cycle_mean_s"), "Nullable(Decimal(38, 6))");
  EXPECT_FALSE(columns.contains("context_source"));
}

TEST(OwnColumns, FlattenListsOfMessagesToParallelArrays) {
  const auto columns = ColumnsOf("operations.RosterPublished");
  EXPECT_EQ(columns.at("rows_person_ref"), "Array(String)");
  EXPECT_EQ(columns.at("rows_role"), "Array(LowCardinality(String))");
  EXPECT_EQ(columns.at("rows_leave_from"), "Array(Nullable(Date32))");
  EXPECT_EQ(columns.at("rows_fte"), "Array(Nullable(Decimal(38, 6)))");
  EXPECT_EQ(columns.at("rows_assignments_job_id"), "Array(Array(LowCardinality(String)))");
  EXPECT_EQ(columns.at("rows_assignments_to_date"), "Array(Array(Nullable(Date32)))");
}

TEST(OwnColumns, KeepEnumsAsWordsAndRequiredBooleansPlain) {
  const auto columns = ColumnsOf("operations.OperationErrorRecorded");
  EXPECT_EQ(columns.at("error_class"), "LowCardinality(String)");
  EXPECT_EQ(columns.at("method_related"), "Bool");
  EXPECT_EQ(columns.at("revision_no_seen"), "Nullable(Int32)");
}

TEST(NextMigration, IsReadBackAsTheDeclaredSchema) {
  const auto& registry = Registry::Linked();
  EXPECT_EQ(FactsOfMigration(NextMigration(registry, {})), DeclaredFacts(registry));
}

TEST(NextMigration, AddsWhatIsMissingAndNamesWhatDiffers) {
  const auto& registry = Registry::Linked();
  Schema existing = DeclaredFacts(registry);
  EXPECT_EQ(NextMigration(registry, existing), "");
  auto& table = existing.at("fact_operations_shift_output_reported");
  table.erase("product");
  table["scrap_qty"] = "Int32";
  table["gone"] = "String";
  const std::string sql = NextMigration(registry, existing);
  EXPECT_NE(sql.find("ALTER TABLE {database}.fact_operations_shift_output_reported ADD COLUMN IF NOT EXISTS "
                     "`product` String;\n"),
            std::string::npos)
      << sql;
  EXPECT_NE(sql.find("-- fact_operations_shift_output_reported.scrap_qty is Int32, the proto wants Int64"),
            std::string::npos)
      << sql;
  EXPECT_NE(sql.find("-- fact_operations_shift_output_reported.gone belongs to no field"), std::string::npos)
      << sql;
  EXPECT_EQ(FactsOfMigration(sql).at("fact_operations_shift_output_reported").at("product"), "String");
}

}  // namespace
}  // namespace yokoten::events
