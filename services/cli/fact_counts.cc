#include "cli/fact_counts.h"

#include <algorithm>
#include <set>

#include "cli/output.h"
#include "cli/progress.h"

namespace yokoten::cli {

namespace {

std::string Joined(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : "|") + key;
  return text;
}

}  // namespace

void FactCounts::Add(std::vector<std::string> keys, int64_t count) { counts_[std::move(keys)] += count; }

Status FactCounts::Keep(std::string_view condition) {
  size_t equals = condition.find('=');
  std::string field(condition.substr(0, equals));
  auto place = std::find(by_.begin(), by_.end(), field);
  if (equals == std::string_view::npos || place == by_.end()) {
    return InvalidArgument("--keep " + std::string(condition) +
                           ": write field=value,value with a field named in --by");
  }
  std::set<std::string> values;
  std::string_view rest = condition.substr(equals + 1);
  while (true) {
    size_t comma = rest.find(',');
    values.emplace(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  auto index = place - by_.begin();
  std::map<std::vector<std::string>, int64_t> kept;
  for (const auto& [keys, count] : counts_) {
    if (!values.contains(keys[index])) continue;
    std::vector<std::string> others = keys;
    others.erase(others.begin() + index);
    kept[others] += count;
  }
  by_.erase(place);
  counts_ = std::move(kept);
  return OkStatus();
}

std::vector<std::pair<std::vector<std::string>, int64_t>> FactCounts::Rows() const {
  if (topped_) return top_;
  return {counts_.begin(), counts_.end()};
}

void FactCounts::Top(size_t n) {
  top_ = Rows();
  std::stable_sort(top_.begin(), top_.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (top_.size() > n) top_.resize(n);
  topped_ = true;
}

std::string FactCounts::Show(std::string_view what) const {
  auto rows = Rows();
  int64_t total = 0, most = 0;
  for (const auto& [keys, count] : rows) {
    total += count;
    most = std::max(most, count);
  }
  if (what == "total") return std::to_string(total);
  if (what == "groups") return std::to_string(rows.size());
  if (what == "max") return std::to_string(most);
  if (rows.empty()) return "null";
  return JsonString(Joined(what == "first" ? rows.front().first : rows.back().first));
}

std::string FactCounts::ToJsonMap() const {
  auto rows = Rows();
  if (by_.empty()) return rows.empty() ? "0" : std::to_string(rows.front().second);
  if (topped_) {
    std::string text;
    for (const auto& [keys, count] : rows) {
      text += (text.empty() ? "[" : ", [") + JsonString(Joined(keys)) + ", " + std::to_string(count) + "]";
    }
    return "[" + text + "]";
  }
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [keys, count] : rows) members.emplace_back(Joined(keys), std::to_string(count));
  return JsonObject(members);
}

std::string FactCounts::ToJsonRows() const {
  std::string text;
  for (const auto& [keys, count] : Rows()) {
    std::vector<std::pair<std::string, std::string>> members;
    for (size_t i = 0; i < by_.size(); ++i) members.emplace_back(by_[i], JsonString(keys[i]));
    members.emplace_back("count", std::to_string(count));
    text += (text.empty() ? "" : ", ") + JsonObject(members);
  }
  return "[" + text + "]";
}

std::string FactCounts::ToText() const {
  std::vector<std::string> header = by_;
  header.push_back("count");
  Table table(header);
  for (const auto& [keys, count] : Rows()) {
    std::vector<std::string> row = keys;
    row.resize(by_.size());
    row.push_back(Grouped(count));
    table.Add(std::move(row));
  }
  return table.ToText();
}

}  // namespace yokoten::cli
