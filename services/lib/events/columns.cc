// Derivation of fact tables from descriptors.
#include "events/columns.h"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace yokoten::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kTimestamp[] = "google.protobuf.Timestamp";

// Short codes and identifiers repeat; what people write and person references do not.
bool RepeatsOften(const options::v1::FieldOptions& rules) {
  switch (rules.format()) {
    case options::v1::FORMAT_ID:
      return rules.max_length() != 0 && rules.max_length() <= 64;
    case options::v1::FORMAT_CURRENCY:
    case options::v1::FORMAT_PLANT:
    case options::v1::FORMAT_TIME_ZONE:
    case options::v1::FORMAT_TIME_OF_DAY:
      return true;
    default:
      return false;
  }
}

struct Leaf {
  CellKind kind;
  const char* type;
  // Types whose default cannot be told from "absent".
  bool ambiguous;
};

Leaf LeafOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {CellKind::kInt32, "Int32", false};
    case FieldDescriptor::CPPTYPE_INT64:
      return {CellKind::kInt64, "Int64", false};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {CellKind::kUInt32, "UInt32", false};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {CellKind::kUInt64, "UInt64", false};
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {CellKind::kDouble, "Decimal(38, 6)", false};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {CellKind::kBool, "Bool", false};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {CellKind::kEnum, "LowCardinality(String)", false};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return {CellKind::kTimestamp, "DateTime64(6, 'UTC')", true};
    case FieldDescriptor::CPPTYPE_STRING:
      break;
  }
  const auto& rules = OptionsOf(field);
  if (rules.format() == options::v1::FORMAT_DATE) return {CellKind::kDate, "Date32", true};
  if (rules.format() == options::v1::FORMAT_DECIMAL) return {CellKind::kDecimal, "Decimal(38, 6)", true};
  return {CellKind::kString, RepeatsOften(rules) ? "LowCardinality(String)" : "String", false};
}

// `absent` says that some message on the way may be missing, so that a number needs NULL to say so.
void Descend(const Descriptor& message, std::vector<const FieldDescriptor*>& path, const std::string& prefix,
             int arrays, bool absent, std::vector<OwnColumn>& out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string name = prefix + std::string(field.name());
    const int depth = arrays + (field.is_repeated() ? 1 : 0);
    path.push_back(&field);
    if (field.message_type() != nullptr && field.message_type()->full_name() != kTimestamp) {
      // An item of a list is there by itself; only a single message may be missing.
      const bool may_miss = field.is_repeated() ? false : absent || !OptionsOf(field).required();
      Descend(*field.message_type(), path, name + "_", depth, may_miss, out);
    } else {
      const Leaf leaf = LeafOf(field);
      const bool text = leaf.kind == CellKind::kString || leaf.kind == CellKind::kEnum;
      const bool required = OptionsOf(field).required();
      const bool optional = field.has_optional_keyword() || leaf.ambiguous;
      const bool nullable = !field.is_repeated() && !text && (absent || (optional && !required));
      std::string type = nullable ? "Nullable(" + std::string(leaf.type) + ")" : leaf.type;
      for (int d = 0; d < depth; ++d) type = "Array(" + type + ")";
      out.push_back({.name = name, .type = type, .kind = leaf.kind, .nullable = nullable, .path = path});
    }
    path.pop_back();
  }
}

std::string AddColumn(const std::string& table, const std::string& name, const std::string& type) {
  return "ALTER TABLE {database}." + table + " ADD COLUMN IF NOT EXISTS `" + name + "` " + type;
}

}  // namespace

const std::vector<CommonColumn>& CommonColumns() {
  static const std::vector<CommonColumn> kColumns = {
      {"plant", "LowCardinality(String)"},
      {"entity", "String"},
      {"fact_key", "UUID"},
      {"root_key", "UUID"},
      {"is_correction", "UInt8"},
      {"rank", "UInt128"},
      {"source", "LowCardinality(String)"},
      {"event_id", "String"},
      {"workshop", "LowCardinality(String)"},
      {"line", "LowCardinality(String)"},
      {"station", "LowCardinality(String)"},
      {"occurred_at", "DateTime64(6, 'UTC')"},
      {"occurred_on", "Nullable(Date32)"},
      {"reported_at", "Nullable(DateTime64(6, 'UTC'))"},
      {"recorded_at", "DateTime64(3, 'UTC')"},
      {"actor", "String"},
      {"correlation_id", "String"},
      {"causation_id", "String"},
      {"correction_reason", "LowCardinality(String)"},
      {"content_hash", "FixedString(16)"},
      {"bkey", "UUID"},
      {"src_partition", "UInt32"},
      {"src_offset", "UInt64"},
      {"src_epoch", "UInt32"},
      {"target_plant", "LowCardinality(String)"},
      {"target_entity", "String"},
  };
  return kColumns;
}

std::vector<OwnColumn> OwnColumns(const EventType& type) {
  std::vector<OwnColumn> columns;
  std::vector<const FieldDescriptor*> path;
  Descend(*type.descriptor, path, "", 0, false, columns);
  // The context has columns of its own, common to all tables.
  std::erase_if(columns, [&](const OwnColumn& column) { return column.path.front() == type.context; });
  std::set<std::string> names;
  for (const auto& common : CommonColumns()) names.insert(common.name);
  for (const auto& column : columns) {
    if (!names.insert(column.name).second) {
      std::fprintf(stderr, "%s: column %s is there already; rename the field\n", type.full_name.c_str(),
                   column.name.c_str());
      std::abort();
    }
  }
  return columns;
}

std::string FactTable(const EventType& type) { return "fact_" + type.table; }

std::string CreateFactTable(const EventType& type) {
  std::string sql = "CREATE TABLE IF NOT EXISTS {database}." + FactTable(type) + "\n(\n";
  for (const auto& column : CommonColumns())
    sql += "    `" + std::string(column.name) + "` " + column.type + ",\n";
  for (const auto& column : OwnColumns(type)) sql += "    `" + column.name + "` " + column.type + ",\n";
  sql.erase(sql.size() - 2, 1);
  return sql +
         ")\n"
         "ENGINE = ReplacingMergeTree(rank)\n"
         "PARTITION BY toYear(occurred_at)\n"
         "ORDER BY (plant, entity, fact_key)\n"
         "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";
}

Schema DeclaredFacts(const Registry& registry) {
  Schema schema;
  for (const EventType& type : registry.types()) {
    auto& columns = schema[FactTable(type)];
    for (const auto& column : CommonColumns()) columns[column.name] = column.type;
    for (const auto& column : OwnColumns(type)) columns[column.name] = column.type;
  }
  return schema;
}

Schema FactsOfMigration(std::string_view sql) {
  constexpr std::string_view kCreate = "CREATE TABLE IF NOT EXISTS {database}.fact_";
  constexpr std::string_view kAlter = "ALTER TABLE {database}.fact_";
  Schema schema;
  std::map<std::string, std::string>* table = nullptr;
  const auto add = [](std::map<std::string, std::string>& to, std::string_view rest) {
    // `name` Type[,;]
    const size_t open = rest.find('`');
    const size_t close = rest.find('`', open + 1);
    if (close == std::string_view::npos) return;
    std::string_view type = rest.substr(close + 2);
    while (type.ends_with(',') || type.ends_with(';')) type.remove_suffix(1);
    to[std::string(rest.substr(open + 1, close - open - 1))] = std::string(type);
  };
  while (!sql.empty()) {
    const size_t end = sql.find('\n');
    const std::string_view line = sql.substr(0, end);
    sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 1);
    if (line.starts_with(kCreate)) {
      table = &schema["fact_" + std::string(line.substr(kCreate.size()))];
    } else if (line.starts_with(kAlter)) {
      const std::string_view rest = line.substr(kAlter.size());
      add(schema["fact_" + std::string(rest.substr(0, rest.find(' ')))], rest);
    } else if (line.starts_with("    `") && table != nullptr) {
      add(*table, line);
    } else if (line.starts_with(")")) {
      table = nullptr;
    }
  }
  return schema;
}

std::string NextMigration(const Registry& registry, const Schema& existing) {
  std::string sql;
  for (const EventType& type : registry.types()) {
    const std::string table = FactTable(type);
    const auto found = existing.find(table);
    if (found == existing.end()) {
      sql += CreateFactTable(type) + ";\n\n";
      continue;
    }
    std::set<std::string> wanted;
    const auto compare = [&](const std::string& name, const std::string& column_type) {
      wanted.insert(name);
      const auto there = found->second.find(name);
      if (there == found->second.end()) {
        sql += AddColumn(table, name, column_type) + ";\n";
      } else if (there->second != column_type) {
        sql += "-- " + table + "." + name + " is " + there->second + ", the proto wants " + column_type +
               ": decide by hand.\n";
      }
    };
    for (const auto& column : CommonColumns()) compare(column.name, column.type);
    for (const auto& column : OwnColumns(type)) compare(column.name, column.type);
    for (const auto& [name, column_type] : found->second) {
      if (!wanted.contains(name)) sql += "-- " + table + "." + name + " belongs to no field any more.\n";
    }
  }
  return sql;
}

}  // namespace yokoten::events
