// Blocks of ClickHouse's Native format read back, as the client writes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yokoten::simulation {

class NativeReader {
 public:
  // Stops the program at what it does not know.
  explicit NativeReader(std::string_view block);

  size_t rows() const { return rows_; }
  bool Has(std::string_view column) const { return columns_.contains(column); }
  // A cell's bytes; UUIDs in the order of their text. Nothing for NULL.
  const std::optional<std::string>& Cell(std::string_view column, size_t row) const;
  const std::string& Text(std::string_view column, size_t row) const { return *Cell(column, row); }
  template <typename T>
  T Number(std::string_view column, size_t row) const {
    T value{};
    std::memcpy(&value, Text(column, row).data(), sizeof(T));
    return value;
  }

 private:
  using Cells = std::vector<std::optional<std::string>>;
  uint64_t VarUInt();
  std::string_view Bytes(size_t size);
  Cells Read(std::string_view type, size_t rows);

  std::string_view rest_;
  size_t rows_ = 0;
  std::map<std::string, Cells, std::less<>> columns_;
};

}  // namespace yokoten::simulation
