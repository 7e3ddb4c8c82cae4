#include "cli/import/csv_reader.h"

#include <algorithm>

namespace yokoten::cli {

Result<CsvReader> CsvReader::Open(std::string_view text, char delimiter, int skip_lines) {
  CsvReader reader(text, delimiter);
  for (int i = 0; i < skip_lines && reader.at_ < text.size(); ++i) {
    size_t end = text.find('\n', reader.at_);
    reader.at_ = end == std::string_view::npos ? text.size() : end + 1;
    ++reader.line_;
  }
  if (!reader.SkipEmptyLines()) {
    return InvalidArgument("the file has no line of column names; check file.skip_lines in the mapping");
  }
  YK_RETURN_IF_ERROR(reader.ReadCells(reader.columns_));
  while (!reader.columns_.empty() && reader.columns_.back().empty()) reader.columns_.pop_back();
  for (size_t i = 0; i < reader.columns_.size(); ++i) {
    std::string& name = reader.columns_[i];
    size_t begin = name.find_first_not_of(' ');
    name = begin == std::string::npos ? "" : name.substr(begin, name.find_last_not_of(' ') - begin + 1);
    if (name.empty()) {
      return InvalidArgument("column " + std::to_string(i + 1) +
                             " has no name; check file.skip_lines and file.delimiter");
    }
    if (!reader.index_.emplace(name, static_cast<int>(i)).second) {
      return InvalidArgument("two columns are called \"" + name + "\"; rename one in the file");
    }
  }
  return reader;
}

int CsvReader::Find(std::string_view column) const {
  auto it = index_.find(std::string(column));
  return it == index_.end() ? -1 : it->second;
}

double CsvReader::progress() const {
  return text_.empty() ? 1.0 : static_cast<double>(at_) / static_cast<double>(text_.size());
}

bool CsvReader::SkipEmptyLines() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  return at_ < text_.size();
}

Status CsvReader::ReadCells(std::vector<std::string>& cells) {
  cells.clear();
  const int64_t first_line = line_;
  while (true) {
    std::string cell;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      while (true) {
        size_t quote = text_.find('"', at_);
        if (quote == std::string_view::npos) {
          at_ = text_.size();
          return InvalidArgument("the quote opened on line " + std::to_string(first_line) +
                                 " never closes; everything after it is lost");
        }
        line_ += std::count(text_.begin() + at_, text_.begin() + quote, '\n');
        cell.append(text_.substr(at_, quote - at_));
        at_ = quote + 1;
        if (at_ >= text_.size() || text_[at_] != '"') break;
        cell.push_back('"');
        ++at_;
      }
    }
    // What stands outside quotes is taken as it is, also after a closing quote: spreadsheets do write that.
    size_t end = at_;
    while (end < text_.size() && text_[end] != delimiter_ && text_[end] != '\n') ++end;
    std::string_view rest = text_.substr(at_, end - at_);
    if (rest.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) rest.remove_suffix(1);
    cell.append(rest);
    cells.push_back(std::move(cell));
    at_ = end;
    if (at_ >= text_.size()) return OkStatus();
    ++at_;
    if (text_[at_ - 1] == '\n') {
      ++line_;
      return OkStatus();
    }
  }
}

Result<bool> CsvReader::Next(CsvRow& row) {
  if (!SkipEmptyLines()) return false;
  row.line = line_;
  row.number = ++number_;
  YK_RETURN_IF_ERROR(ReadCells(row.cells));
  while (row.cells.size() > columns_.size() && row.cells.back().empty()) row.cells.pop_back();
  if (row.cells.size() > columns_.size()) {
    return InvalidArgument("the row has " + std::to_string(row.cells.size()) + " cells, the file has " +
                           std::to_string(columns_.size()) + " columns; quote cells that hold the delimiter");
  }
  row.cells.resize(columns_.size());
  return true;
}

}  // namespace yokoten::cli
