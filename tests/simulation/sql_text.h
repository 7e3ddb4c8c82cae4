// Statements and answers taken apart and put together, as far as the simulated ClickHouse needs it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace yokoten::simulation {

// What stands between the first `from` and the next `to` behind it; to the end where there is none; "" where
// `from` is not there.
std::string Between(std::string_view text, std::string_view from, std::string_view to);
// 'a', 'b' -> a, b.
std::vector<std::string> QuotedIn(std::string_view list);
// All of toUUID('...'), 16 bytes each.
std::set<std::string> KeysIn(std::string_view sql);
std::string UuidText(std::string_view bytes);
std::vector<std::string> Lines(std::string_view text);
std::vector<std::string> Tabs(std::string_view line);
std::string Joined(const std::set<std::string>& lines);
// Names and values behind the "?" of a URL.
std::map<std::string, std::string> QueryOf(std::string_view url);
// transform(<plant>, ['A', ...], [toUInt64(5), ...]: the version of each plant.
std::map<std::string, uint64_t> VersionsIn(std::string_view sql);

}  // namespace yokoten::simulation
