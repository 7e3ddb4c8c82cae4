#include "rebuild/archived_records.h"

#include <cstring>
#include <string_view>

namespace yokoten::rebuild {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

  template <typename T>
  T Number() {
    T number{};
    if (rest_.size() < sizeof number) return Fail(), number;
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return number;
  }
  uint64_t Length() {
    uint64_t length = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = Number<uint8_t>();
      length |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return length;
    }
    return Fail(), 0;
  }
  std::string Text() {
    const uint64_t length = Length();
    if (rest_.size() < length) return Fail(), std::string();
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }

 private:
  void Fail() {
    failed_ = true;
    rest_ = {};
  }
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

Result<std::vector<ArchivedRecord>> ParseRecords(const std::string& row_binary) {
  std::vector<ArchivedRecord> records;
  Reader reader(row_binary);
  while (!reader.at_end()) {
    ArchivedRecord record;
    record.offset = reader.Number<uint64_t>();
    record.recorded_ms = reader.Number<int64_t>();
    record.checksum = reader.Number<uint64_t>();
    record.verdict = reader.Text();
    record.key = reader.Text();
    record.value = reader.Text();
    for (uint64_t n = reader.Length(); n > 0 && !reader.failed(); --n)
      record.headers.push_back(reader.Text());
    if (reader.failed()) return DataLoss("the archive's answer ends in the middle of a record");
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace yokoten::rebuild
