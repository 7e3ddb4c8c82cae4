// Events of one type to rows of its fact table.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "clickhouse/native.h"
#include "events/columns.h"
#include "events/identity.h"

namespace yokoten::aggregator {

// Where a record stands in the log and when the broker took it.
struct Position {
  uint32_t epoch = 1;
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t recorded_ms = 0;  // since 1970-01-01 UTC
};

// Everything about a fact besides its own fields.
struct FactKeys {
  events::Uuid fact_key{};
  events::Uuid root_key{};
  events::Uuid bkey{};  // zero = none
  std::array<uint8_t, 16> content_hash{};
  clickhouse::UInt128 rank = 0;
  std::string entity;
  // Of the reference in a correction or void; empty otherwise.
  std::string target_plant;
  std::string target_entity;
  bool is_correction = false;
  bool is_void = false;
};

// Bitwise not of (recorded time, partition, offset): the earliest recorded copy has the greatest rank.
clickhouse::UInt128 RankOf(const Position& position);

// Reads one event type's fields by reflection. Immutable; may be used from any thread.
class FactWriter {
 public:
  explicit FactWriter(const events::EventType& type);

  const events::EventType& type() const { return *type_; }
  const std::string& table() const { return table_; }

  // Adds the table's columns to an empty block.
  void Prepare(clickhouse::NativeBlock& block) const;
  // Whether every field fits its column: dates, decimals, timestamps and doubles in range, required ones
  // present. InvalidArgument names the first that does not.
  Status Check(const google::protobuf::Message& event) const;
  // Appends a row; the event must have passed Check.
  void Append(const google::protobuf::Message& event, const FactKeys& keys, const Position& position,
              clickhouse::NativeBlock& block) const;

 private:
  const events::EventType* type_;
  std::string table_;
  std::vector<events::OwnColumn> columns_;
};

// Decimal text to millionths; nothing for anything that does not fit Decimal(38, 6).
std::optional<clickhouse::Int128> ParseDecimal(std::string_view text);

}  // namespace yokoten::aggregator
