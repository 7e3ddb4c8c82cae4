// Reads CSV as RFC 4180 describes it and spreadsheets write it: quoted fields with doubled quotes and line
// breaks, LF or CRLF, any one-character delimiter, empty lines skipped.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"

namespace yokoten::cli {

// One row. `number` counts data rows from 1, `line` is the line of the file it begins on, from 1.
struct CsvRow {
  int64_t number = 0;
  int64_t line = 0;
  std::vector<std::string> cells;
};

// Walks over text that must outlive it. Not thread-safe.
class CsvReader {
 public:
  // Reads the line of column names. InvalidArgument when there is none, a name comes twice or is empty in the
  // middle.
  static Result<CsvReader> Open(std::string_view text, char delimiter, int skip_lines);

  const std::vector<std::string>& columns() const { return columns_; }
  // Index of a column, -1 when there is none.
  int Find(std::string_view column) const;

  // The next row; false at the end. A row with too few cells is filled up with empty ones; one with too many,
  // or a quote that never closes, is InvalidArgument, and reading can go on after the first kind only.
  Result<bool> Next(CsvRow& row);

  // Share of the text read, 0 to 1.
  double progress() const;

 private:
  CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}
  Status ReadCells(std::vector<std::string>& cells);
  bool SkipEmptyLines();

  std::string_view text_;
  char delimiter_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int64_t number_ = 0;
  std::vector<std::string> columns_;
  std::unordered_map<std::string, int> index_;
};

}  // namespace yokoten::cli
