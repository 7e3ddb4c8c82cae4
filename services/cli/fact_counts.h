// Counts by groups, and what a person asks of them: filter, sum over, top, first and last.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace yokoten::cli {

// Not thread-safe.
class FactCounts {
 public:
  // Names of the groups' keys, in order; empty: one total.
  explicit FactCounts(std::vector<std::string> by) : by_(std::move(by)) {}

  // Adds to the group's count.
  void Add(std::vector<std::string> keys, int64_t count);
  // "field=a,b": drops groups whose field is none of these, then sums over the field. InvalidArgument when
  // the field is none of the groups' keys.
  Status Keep(std::string_view condition);
  // Only the n groups with the greatest counts, greatest first.
  void Top(size_t n);

  // total, groups (their number), max, first or last (key) as JSON.
  std::string Show(std::string_view what) const;
  // {"key": count}, several keys joined by "|"; one number without groups; [["key", count]] after Top.
  std::string ToJsonMap() const;
  std::string ToJsonRows() const;
  std::string ToText() const;

 private:
  std::vector<std::string> by_;
  std::map<std::vector<std::string>, int64_t> counts_;
  std::vector<std::pair<std::vector<std::string>, int64_t>> top_;
  bool topped_ = false;

  std::vector<std::pair<std::vector<std::string>, int64_t>> Rows() const;
};

}  // namespace yokoten::cli
