#include "aggregator/fact_writer.h"

#include <cmath>
#include <optional>

#include <google/protobuf/message.h>

namespace yokoten::aggregator {
namespace {

using clickhouse::Column;
using clickhouse::Int128;
using events::CellKind;
using events::OwnColumn;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int64_t kMicrosPerDay = 86400LL * 1000000;
constexpr double kDoubleMax = 1e30;

bool TimeFits(int64_t micros) {
  return micros >= kFirstDay.value * kMicrosPerDay && micros < (kLastDay.value + 1) * kMicrosPerDay;
}

// Seconds far outside the range would overflow as microseconds.
std::optional<int64_t> MicrosOf(const google::protobuf::Timestamp& timestamp) {
  if (std::abs(timestamp.seconds()) > 20000000000LL) return std::nullopt;
  const int64_t micros = ToMicros(events::FromTimestamp(timestamp));
  if (!TimeFits(micros)) return std::nullopt;
  return micros;
}

// The leaf of a path within the message that holds it; `index` < 0 for a single field.
struct Leaf {
  const Message& message;
  const FieldDescriptor& field;
  int index;

  const Reflection& reflection() const { return *message.GetReflection(); }
  const std::string& Text(std::string& scratch) const {
    return index < 0 ? reflection().GetStringReference(message, &field, &scratch)
                     : reflection().GetRepeatedStringReference(message, &field, index, &scratch);
  }
  double Double() const {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      return index < 0 ? reflection().GetFloat(message, &field)
                       : reflection().GetRepeatedFloat(message, &field, index);
    }
    return index < 0 ? reflection().GetDouble(message, &field)
                     : reflection().GetRepeatedDouble(message, &field, index);
  }
  google::protobuf::Timestamp Time() const {
    const Message& value = index < 0 ? reflection().GetMessage(message, &field)
                                     : reflection().GetRepeatedMessage(message, &field, index);
    return static_cast<const google::protobuf::Timestamp&>(value);
  }
  bool Absent() const { return index < 0 && field.has_presence() && !reflection().HasField(message, &field); }
};

bool Fallible(CellKind kind) {
  return kind == CellKind::kDate || kind == CellKind::kDecimal || kind == CellKind::kDouble ||
         kind == CellKind::kTimestamp;
}

// False when the value does not fit its column.
bool LeafFits(const Leaf& leaf, const OwnColumn& column) {
  std::string scratch;
  switch (column.kind) {
    case CellKind::kDate: {
      const std::string& text = leaf.Text(scratch);
      return text.empty() ? column.nullable : ParseDay(text).has_value();
    }
    case CellKind::kDecimal: {
      const std::string& text = leaf.Text(scratch);
      return text.empty() ? column.nullable : ParseDecimal(text).has_value();
    }
    case CellKind::kDouble:
      return std::abs(leaf.Double()) <= kDoubleMax;  // false for NaN too
    case CellKind::kTimestamp:
      return leaf.Absent() ? column.nullable : MicrosOf(leaf.Time()).has_value();
    default:
      return true;
  }
}

void AppendLeaf(const Leaf& leaf, const OwnColumn& column, Column& to) {
  if (column.nullable && leaf.Absent()) return to.AppendDefault();
  std::string scratch;
  const Reflection& reflection = leaf.reflection();
  const bool single = leaf.index < 0;
  switch (column.kind) {
    case CellKind::kString:
      return to.AppendString(leaf.Text(scratch));
    case CellKind::kDate: {
      const auto day = ParseDay(leaf.Text(scratch));
      return day.has_value() ? to.Append<int32_t>(day->value) : to.AppendDefault();
    }
    case CellKind::kDecimal: {
      const auto decimal = ParseDecimal(leaf.Text(scratch));
      return decimal.has_value() ? to.Append<Int128>(*decimal) : to.AppendDefault();
    }
    case CellKind::kDouble:
      return to.Append<Int128>(
          static_cast<Int128>(std::round(static_cast<long double>(leaf.Double()) * 1000000)));
    case CellKind::kInt32:
      return to.Append<int32_t>(single ? reflection.GetInt32(leaf.message, &leaf.field)
                                       : reflection.GetRepeatedInt32(leaf.message, &leaf.field, leaf.index));
    case CellKind::kInt64:
      return to.Append<int64_t>(single ? reflection.GetInt64(leaf.message, &leaf.field)
                                       : reflection.GetRepeatedInt64(leaf.message, &leaf.field, leaf.index));
    case CellKind::kUInt32:
      return to.Append<uint32_t>(single
                                     ? reflection.GetUInt32(leaf.message, &leaf.field)
                                     : reflection.GetRepeatedUInt32(leaf.message, &leaf.field, leaf.index));
    case CellKind::kUInt64:
      return to.Append<uint64_t>(single
                                     ? reflection.GetUInt64(leaf.message, &leaf.field)
                                     : reflection.GetRepeatedUInt64(leaf.message, &leaf.field, leaf.index));
    case CellKind::kBool:
      return to.Append<uint8_t>(single ? reflection.GetBool(leaf.message, &leaf.field)
                                       : reflection.GetRepeatedBool(leaf.message, &leaf.field, leaf.index));
    case CellKind::kEnum:
      return to.AppendString(
          events::EnumText(*leaf.field.enum_type(),
                           single ? reflection.GetEnumValue(leaf.message, &leaf.field)
                                  : reflection.GetRepeatedEnumValue(leaf.message, &leaf.field, leaf.index)));
    case CellKind::kTimestamp:
      return to.Append<int64_t>(MicrosOf(leaf.Time()).value_or(0));
  }
}

void AppendCell(const Message& message, const OwnColumn& column, size_t step, Column& to) {
  const FieldDescriptor& field = *column.path[step];
  const Reflection& reflection = *message.GetReflection();
  const bool last = step + 1 == column.path.size();
  if (field.is_repeated()) {
    const int size = reflection.FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
      if (last) {
        AppendLeaf({message, field, i}, column, to.items());
      } else {
        AppendCell(reflection.GetRepeatedMessage(message, &field, i), column, step + 1, to.items());
      }
    }
    to.EndArray();
  } else if (last) {
    AppendLeaf({message, field, -1}, column, to);
  } else if (reflection.HasField(message, &field)) {
    AppendCell(reflection.GetMessage(message, &field), column, step + 1, to);
  } else {
    to.AppendDefault();
  }
}

bool CellFits(const Message& message, const OwnColumn& column, size_t step) {
  const FieldDescriptor& field = *column.path[step];
  const Reflection& reflection = *message.GetReflection();
  const bool last = step + 1 == column.path.size();
  if (field.is_repeated()) {
    const int size = reflection.FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
      if (!(last ? LeafFits({message, field, i}, column)
                 : CellFits(reflection.GetRepeatedMessage(message, &field, i), column, step + 1))) {
        return false;
      }
    }
    return true;
  }
  if (last) return LeafFits({message, field, -1}, column);
  // A missing message that the proto requires has no place for NULL in its columns.
  if (!reflection.HasField(message, &field)) return column.nullable || !Fallible(column.kind);
  return CellFits(reflection.GetMessage(message, &field), column, step + 1);
}

}  // namespace

clickhouse::UInt128 RankOf(const Position& position) {
  return ~((clickhouse::UInt128{static_cast<uint64_t>(position.recorded_ms)} << 80) |
           (clickhouse::UInt128{static_cast<uint32_t>(position.partition) & 0xffff} << 64) |
           clickhouse::UInt128{static_cast<uint64_t>(position.offset)});
}

std::optional<Int128> ParseDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || whole.size() > 32 || fraction.size() > 6 ||
      (point != std::string_view::npos && fraction.empty())) {
    return std::nullopt;
  }
  Int128 value = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
  }
  for (size_t i = fraction.size(); i < 6; ++i) value *= 10;
  return negative ? -value : value;
}

FactWriter::FactWriter(const events::EventType& type)
    : type_(&type), table_(events::FactTable(type)), columns_(events::OwnColumns(type)) {}

void FactWriter::Prepare(clickhouse::NativeBlock& block) const {
  for (const auto& column : events::CommonColumns()) block.Add(column.name, column.type);
  for (const auto& column : columns_) block.Add(column.name, column.type);
}

Status FactWriter::Check(const Message& event) const {
  for (const auto& column : columns_) {
    if (Fallible(column.kind) && !CellFits(event, column, 0)) {
      return InvalidArgument("field of column " + column.name + " is missing, malformed or out of range");
    }
  }
  return OkStatus();
}

void FactWriter::Append(const Message& event, const FactKeys& keys, const Position& position,
                        clickhouse::NativeBlock& block) const {
  const event::v1::EventContext& context = events::ContextOf(*type_, event);
  const events::When occurred = events::OccurredOf(context);
  size_t at = 0;
  const auto next = [&]() -> Column& { return block.column(at++); };
  // In the order of events::CommonColumns.
  next().AppendString(context.plant_id());
  next().AppendString(keys.entity);
  next().AppendUuid(keys.fact_key);
  next().AppendUuid(keys.root_key);
  next().Append<uint8_t>(keys.is_correction);
  next().Append<clickhouse::UInt128>(keys.rank);
  next().AppendString(context.source());
  next().AppendString(context.id());
  next().AppendString(context.workshop_id());
  next().AppendString(context.line_id());
  next().AppendString(context.station_id());
  next().Append<int64_t>(occurred.micros());
  occurred.on.has_value() ? next().Append<int32_t>(occurred.on->value) : next().AppendDefault();
  context.has_reported_at() ? next().Append<int64_t>(MicrosOf(context.reported_at()).value_or(0))
                            : next().AppendDefault();
  next().Append<int64_t>(position.recorded_ms);
  next().AppendString(context.actor());
  next().AppendString(context.correlation_id());
  next().AppendString(context.causation_id());
  next().AppendString(events::EnumText(*event::v1::CorrectionReason_descriptor(), context.reason_code()));
  next().AppendString({reinterpret_cast<const char*>(keys.content_hash.data()), keys.content_hash.size()});
  next().AppendUuid(keys.bkey);
  next().Append<uint32_t>(static_cast<uint32_t>(position.partition));
  next().Append<uint64_t>(static_cast<uint64_t>(position.offset));
  next().Append<uint32_t>(position.epoch);
  next().AppendString(keys.target_plant);
  next().AppendString(keys.target_entity);
  for (const auto& column : columns_) AppendCell(event, column, 0, next());
}

}  // namespace yokoten::aggregator
