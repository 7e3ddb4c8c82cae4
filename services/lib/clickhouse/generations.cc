#include "clickhouse/generations.h"

#include <charconv>

namespace yokoten::clickhouse {
namespace {

constexpr int kUnknownTable = 60, kUnknownDatabase = 81;

// The number of a generation's database; 0 when it is none of `base`'s.
uint64_t NumberOf(const std::string& base, const std::string& database) {
  if (database == base) return 1;
  const std::string prefix = base + "_g";
  if (!database.starts_with(prefix)) return 0;
  uint64_t number = 0;
  const char* end = database.data() + database.size();
  const auto [stop, error] = std::from_chars(database.data() + prefix.size(), end, number);
  return error == std::errc() && stop == end && GenerationOf(base, number).database == database ? number : 0;
}

std::string TableOf(const std::string& base) { return QuoteIdentifier(base) + ".current_generation"; }

}  // namespace

Generation GenerationOf(const std::string& base, uint64_t number) {
  return {number, number == 1 ? base : base + "_g" + std::to_string(number)};
}

std::string GroupSuffix(const Generation& generation) {
  return generation.number == 1 ? "" : "-g" + std::to_string(generation.number);
}

Result<Generation> CurrentGeneration(Database& client, const std::string& base) {
  const auto rows = client.Select(
      "SELECT database FROM " + TableOf(base) + " ORDER BY generation DESC, switched_at DESC LIMIT 1",
      {.no_database = true});
  if (!rows.ok()) {
    const int code = ExceptionCode(rows.status());
    if (code == kUnknownTable || code == kUnknownDatabase) return GenerationOf(base, 1);
    return rows.status();
  }
  if (rows->empty()) return GenerationOf(base, 1);
  const std::string& database = rows->Text(0, "database");
  const uint64_t number = NumberOf(base, database);
  if (number == 0)
    return DataLoss(TableOf(base) + " names database '" + database + "', which is no generation of " + base);
  return Generation{number, database};
}

Result<std::vector<Generation>> Generations(Database& client, const std::string& base) {
  YK_ASSIGN_OR_RETURN(const Rows rows,
                      client.Select("SELECT name FROM system.databases WHERE startsWith(name, {base:String})",
                                    {.parameters = {{"base", EscapeParameter(base)}}, .no_database = true}));
  std::map<uint64_t, Generation> found;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string& database = rows.Text(i, "name");
    if (const uint64_t number = NumberOf(base, database); number > 0) found[number] = {number, database};
  }
  std::vector<Generation> generations;
  for (auto& [number, generation] : found) generations.push_back(std::move(generation));
  return generations;
}

Status SwitchTo(Database& client, const std::string& base, const Generation& generation) {
  return client.Execute("INSERT INTO " + TableOf(base) +
                            " SELECT max(generation) + 1, {database:String}, now64(3) FROM " + TableOf(base),
                        {.settings = {{"async_insert", "0"}},
                         .parameters = {{"database", EscapeParameter(generation.database)}},
                         .no_database = true});
}

}  // namespace yokoten::clickhouse
