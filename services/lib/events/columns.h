// Fact tables derived from the protos: one table per event type, one column per field. What is printed here
// is reviewed and committed as a migration; a test compares the live schema with it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/registry.h"

namespace yokoten::events {

// How a field's value becomes a cell.
enum class CellKind {
  kString,
  kDate,
  kDecimal,
  kDouble,
  kInt32,
  kInt64,
  kUInt32,
  kUInt64,
  kBool,
  kEnum,
  kTimestamp
};

// One column of a fact table that holds a field of the event itself.
struct OwnColumn {
  std::string name;  // field names from the message down, joined by "_": "rows_person_ref"
  std::string type;  // as ClickHouse prints it: "Array(Nullable(Date32))"
  CellKind kind = CellKind::kString;
  bool nullable = false;
  // From the event message to the field. Every repeated step is one Array level.
  std::vector<const google::protobuf::FieldDescriptor*> path;
};

// Name and type of a column that every fact table has.
struct CommonColumn {
  const char* name;
  const char* type;
};

// Columns every fact table begins with, in order.
const std::vector<CommonColumn>& CommonColumns();
// The type's own columns, in the order of the proto. Aborts when two columns would share a name (a fault of
// the proto).
std::vector<OwnColumn> OwnColumns(const EventType& type);

// "fact_operations_shift_output_reported".
std::string FactTable(const EventType& type);
// The table's CREATE TABLE statement, without a semicolon.
std::string CreateFactTable(const EventType& type);

// Tables by name, each with its columns: name -> type.
using Schema = std::map<std::string, std::map<std::string, std::string>>;

// Fact tables as the linked protos want them.
Schema DeclaredFacts(const Registry& registry);
// Fact tables as migrations make them (statements this file's functions printed: CREATE TABLE and ADD
// COLUMN).
Schema FactsOfMigration(std::string_view sql);
// Statements that bring `existing` to what the protos want: text of the next migration, empty when nothing is
// missing. A column that is there with another type, or that no field has any more, is not touched; it is
// named in a comment.
std::string NextMigration(const Registry& registry, const Schema& existing);

}  // namespace yokoten::events
