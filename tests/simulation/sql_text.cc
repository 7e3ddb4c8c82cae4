#include "sql_text.h"

#include <cstdint>
#include <cstdlib>

#include "events/identity.h"

namespace yokoten::simulation {

std::string Between(std::string_view text, std::string_view from, std::string_view to) {
  size_t at = text.find(from);
  if (at == std::string_view::npos) return {};
  at += from.size();
  return std::string(text.substr(at, text.find(to, at) - at));
}

std::vector<std::string> QuotedIn(std::string_view list) {
  std::vector<std::string> items;
  for (size_t at = list.find('\''); at != std::string_view::npos; at = list.find('\'', at)) {
    const size_t end = list.find('\'', at + 1);
    items.emplace_back(list.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return items;
}

std::set<std::string> KeysIn(std::string_view sql) {
  constexpr std::string_view kBefore = "toUUID('";
  std::set<std::string> keys;
  for (size_t at = sql.find(kBefore); at != std::string_view::npos; at = sql.find(kBefore, at + 36)) {
    const auto uuid = events::ParseUuid(sql.substr(at + kBefore.size(), 36));
    if (uuid) keys.emplace(reinterpret_cast<const char*>(uuid->data()), uuid->size());
  }
  return keys;
}

std::string UuidText(std::string_view bytes) {
  events::Uuid uuid{};
  for (size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<uint8_t>(bytes[i]);
  return events::FormatUuid(uuid);
}

namespace {

std::vector<std::string> SplitBy(std::string_view text, char by) {
  std::vector<std::string> parts;
  for (size_t at = 0;;) {
    const size_t next = text.find(by, at);
    parts.emplace_back(text.substr(at, next - at));
    if (next == std::string_view::npos) return parts;
    at = next + 1;
  }
}

}  // namespace

std::vector<std::string> Lines(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text.empty() ? std::vector<std::string>() : SplitBy(text, '\n');
}

std::vector<std::string> Tabs(std::string_view line) { return SplitBy(line, '\t'); }

std::string Joined(const std::set<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

std::map<std::string, std::string> QueryOf(std::string_view url) {
  std::map<std::string, std::string> query;
  url.remove_prefix(url.find('?') + 1);
  const auto decode = [](std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        out += text[i];
        continue;
      }
      const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
      out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
      i += 2;
    }
    return out;
  };
  while (!url.empty()) {
    const std::string_view pair = url.substr(0, url.find('&'));
    url.remove_prefix(std::min(url.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    query[std::string(pair.substr(0, equals))] = decode(pair.substr(equals + 1));
  }
  return query;
}

std::map<std::string, uint64_t> VersionsIn(std::string_view sql) {
  std::map<std::string, uint64_t> versions;
  const size_t at = sql.find("[toUInt64(");
  if (at == std::string_view::npos) return versions;
  const size_t open = sql.rfind('[', at - 1);
  const auto plants = QuotedIn(sql.substr(open, at - open));
  std::string_view list = sql.substr(at, sql.find(']', at) - at);
  for (const std::string& plant : plants) {
    list.remove_prefix(list.find("toUInt64(") + 9);
    versions[plant] = std::strtoull(std::string(list.substr(0, list.find(')'))).c_str(), nullptr, 10);
  }
  return versions;
}

}  // namespace yokoten::simulation
