#include "native_reader.h"

#include <cstdio>
#include <cstdlib>

namespace yokoten::simulation {
namespace {

[[noreturn]] void Stop(std::string_view what) {
  std::fprintf(stderr, "native block: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

size_t WidthOf(std::string_view type) {
  if (type == "UInt8" || type == "Bool") return 1;
  if (type == "UInt32" || type == "Int32" || type == "Date32") return 4;
  if (type == "UInt64" || type == "Int64" || type.starts_with("DateTime64(")) return 8;
  if (type == "UInt128" || type == "FixedString(16)" || type.starts_with("Decimal(38")) return 16;
  return 0;
}

std::string_view Inside(std::string_view type, std::string_view wrapper) {
  if (!type.starts_with(wrapper) || type.size() < wrapper.size() + 2 || type[wrapper.size()] != '(')
    return {};
  return type.substr(wrapper.size() + 1, type.size() - wrapper.size() - 2);
}

}  // namespace

NativeReader::NativeReader(std::string_view block) : rest_(block) {
  const uint64_t columns = VarUInt();
  rows_ = VarUInt();
  for (uint64_t i = 0; i < columns; ++i) {
    std::string name(Bytes(VarUInt()));
    const std::string type(Bytes(VarUInt()));
    columns_[std::move(name)] = Read(type, rows_);
  }
  if (!rest_.empty()) Stop("bytes are left");
}

const std::optional<std::string>& NativeReader::Cell(std::string_view column, size_t row) const {
  const auto found = columns_.find(column);
  if (found == columns_.end()) Stop(column);
  return found->second[row];
}

uint64_t NativeReader::VarUInt() {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(Bytes(1)[0]);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

std::string_view NativeReader::Bytes(size_t size) {
  if (size > rest_.size()) Stop("it ends too soon");
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

NativeReader::Cells NativeReader::Read(std::string_view type, size_t rows) {
  Cells cells(rows);
  if (type == "String") {
    for (auto& cell : cells) cell = std::string(Bytes(VarUInt()));
  } else if (type == "UUID") {
    for (auto& cell : cells) {
      const std::string_view raw = Bytes(16);
      cell = std::string(raw.rbegin() + 8, raw.rend()) + std::string(raw.rbegin(), raw.rbegin() + 8);
    }
  } else if (const auto nullable = Inside(type, "Nullable"); !nullable.empty()) {
    const std::string_view nulls = Bytes(rows);
    cells = Read(nullable, rows);
    for (size_t i = 0; i < rows; ++i) {
      if (nulls[i] != 0) cells[i].reset();
    }
  } else if (const auto items = Inside(type, "Array"); !items.empty()) {
    const std::string_view ends = Bytes(8 * rows);
    uint64_t last = 0;
    if (rows > 0) std::memcpy(&last, ends.data() + 8 * (rows - 1), sizeof(last));
    const Cells all = Read(items, last);
    uint64_t from = 0;
    for (size_t i = 0; i < rows; ++i) {
      uint64_t to = 0;
      std::memcpy(&to, ends.data() + 8 * i, sizeof(to));
      cells[i].emplace();
      for (; from < to; ++from) *cells[i] += all[from].value_or("") + '\0';
    }
  } else if (const size_t width = WidthOf(type); width > 0) {
    for (auto& cell : cells) cell = std::string(Bytes(width));
  } else {
    Stop(type);
  }
  return cells;
}

}  // namespace yokoten::simulation
