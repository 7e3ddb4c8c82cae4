// Encoder of ClickHouse's Native format, plain revision.
#include "clickhouse/native.h"

#include <cstdio>
#include <cstdlib>

#include "clickhouse/client.h"

namespace yokoten::clickhouse {
namespace {

void AppendVarUInt(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

[[noreturn]] void Misuse(const std::string& column, const std::string& type, const char* what) {
  std::fprintf(stderr, "clickhouse::Column %s %s: %s\n", column.c_str(), type.c_str(), what);
  std::abort();
}

// "Array(String)" with wrapper "Array" -> "String"; empty when the wrapper is another one.
std::string_view Inside(std::string_view type, std::string_view wrapper) {
  if (type.size() > wrapper.size() + 2 && type.substr(0, wrapper.size()) == wrapper &&
      type[wrapper.size()] == '(' && type.back() == ')') {
    return type.substr(wrapper.size() + 1, type.size() - wrapper.size() - 2);
  }
  return {};
}

size_t WidthOf(std::string_view type) {
  const auto starts = [type](std::string_view prefix) { return type.substr(0, prefix.size()) == prefix; };
  if (type == "Bool" || type == "UInt8" || type == "Int8") return 1;
  if (type == "UInt16" || type == "Int16" || type == "Date") return 2;
  if (type == "UInt32" || type == "Int32" || type == "Date32" || type == "Float32" || type == "DateTime" ||
      starts("DateTime("))
    return 4;
  if (type == "UInt64" || type == "Int64" || type == "Float64" || starts("DateTime64(")) return 8;
  if (type == "UInt128" || type == "Int128") return 16;
  if (const auto size = Inside(type, "FixedString"); !size.empty())
    return std::strtoul(std::string(size).c_str(), nullptr, 10);
  if (const auto digits = Inside(type, "Decimal"); !digits.empty()) {
    const unsigned long precision = std::strtoul(std::string(digits).c_str(), nullptr, 10);
    return precision <= 9 ? 4 : precision <= 18 ? 8 : precision <= 38 ? 16 : 32;
  }
  return 0;
}

}  // namespace

Column::Column(std::string name, std::string_view type) : name_(std::move(name)) {
  if (const auto inner = Inside(type, "LowCardinality"); !inner.empty()) type = inner;
  if (const auto inner = Inside(type, "Array"); !inner.empty()) {
    kind_ = Kind::kArray;
    nested_ = std::make_unique<Column>(name_, inner);
    type_ = "Array(" + nested_->type_ + ")";
  } else if (const auto of = Inside(type, "Nullable"); !of.empty()) {
    kind_ = Kind::kNullable;
    nested_ = std::make_unique<Column>(name_, of);
    type_ = "Nullable(" + nested_->type_ + ")";
  } else {
    type_ = std::string(type);
    if (type == "String") {
      kind_ = Kind::kString;
    } else if (type == "UUID") {
      kind_ = Kind::kUuid;
      width_ = 16;
    } else {
      kind_ = Kind::kFixed;
      width_ = WidthOf(type);
      if (width_ == 0) Misuse(name_, type_, "type is not known");
    }
  }
}

void Column::CheckWidth(size_t width) const {
  if (kind_ != Kind::kFixed || width != width_) Misuse(name_, type_, "value of another width");
}

void Column::Count() {
  if (kind_ == Kind::kNullable) {
    data_ += '\0';
    ++nested_->rows_;
  }
  ++rows_;
}

void Column::AppendString(std::string_view value) {
  Column& to = Value();
  if (to.kind_ == Kind::kFixed) {
    to.CheckWidth(value.size());
  } else if (to.kind_ != Kind::kString) {
    Misuse(name_, type_, "is no string");
  } else {
    AppendVarUInt(value.size(), to.data_);
  }
  to.data_ += value;
  Count();
}

void Column::AppendUuid(const std::array<uint8_t, 16>& uuid) {
  Column& to = Value();
  if (to.kind_ != Kind::kUuid) Misuse(name_, type_, "is no UUID");
  // Two little-endian numbers, the high one first.
  for (int i = 7; i >= 0; --i) to.data_ += static_cast<char>(uuid[i]);
  for (int i = 15; i >= 8; --i) to.data_ += static_cast<char>(uuid[i]);
  Count();
}

void Column::AppendDefault() {
  switch (kind_) {
    case Kind::kNullable:
      nested_->AppendDefault();
      data_ += '\1';
      ++rows_;
      return;
    case Kind::kArray:
      EndArray();
      return;
    case Kind::kString:
      AppendString("");
      return;
    case Kind::kFixed:
    case Kind::kUuid:
      data_.append(width_, '\0');
      ++rows_;
  }
}

Column& Column::items() {
  if (kind_ != Kind::kArray) Misuse(name_, type_, "is no array");
  return *nested_;
}

void Column::EndArray() {
  const uint64_t offset = items().rows_;
  data_.append(reinterpret_cast<const char*>(&offset), sizeof(offset));
  ++rows_;
}

void Column::EncodeData(std::string& out) const {
  out += data_;
  if (nested_ != nullptr) nested_->EncodeData(out);
}

void Column::EncodeTo(std::string& out) const {
  AppendVarUInt(name_.size(), out);
  out += name_;
  AppendVarUInt(type_.size(), out);
  out += type_;
  EncodeData(out);
}

size_t Column::bytes() const {
  return name_.size() + type_.size() + 8 + data_.size() + (nested_ == nullptr ? 0 : nested_->bytes());
}

Column& NativeBlock::Add(std::string name, std::string_view type) {
  columns_.push_back(std::make_unique<Column>(std::move(name), type));
  return *columns_.back();
}

size_t NativeBlock::bytes() const {
  size_t sum = 16;
  for (const auto& column : columns_) sum += column->bytes();
  return sum;
}

std::string NativeBlock::ColumnList() const {
  std::string list;
  for (const auto& column : columns_) {
    if (!list.empty()) list += ',';
    list += QuoteIdentifier(column->name());
  }
  return list;
}

std::string NativeBlock::Encode() const {
  std::string out;
  out.reserve(bytes());
  AppendVarUInt(columns_.size(), out);
  AppendVarUInt(rows(), out);
  for (const auto& column : columns_) {
    if (column->rows() != rows())
      Misuse(column->name(), column->type(), "has another number of rows than its block");
    column->EncodeTo(out);
  }
  return out;
}

}  // namespace yokoten::clickhouse
