// Applies migrations in order and records each with the checksum of its text.
#include "clickhouse/migrate.h"

#include <map>

namespace yokoten::clickhouse {
namespace {

// FNV-1a: enough to notice an edit, and the same in every build.
std::string Checksum(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, hash >>= 4) out[i] = kHex[hash & 15];
  return out;
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::vector<std::string> Statements(const Migration& migration, const std::string& database) {
  std::vector<std::string> statements(1);
  std::string_view rest = migration.sql;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.starts_with("--")) continue;
    const bool last = line.ends_with(';');
    if (last) line.pop_back();
    if (line.find_first_not_of(' ') != std::string::npos) statements.back() += line + "\n";
    if (last) statements.emplace_back();
  }
  std::erase_if(statements, [](const std::string& s) { return s.empty(); });
  for (auto& statement : statements) ReplaceAll(statement, "{database}", QuoteIdentifier(database));
  return statements;
}

Status Migrate(Client& client) {
  const std::string& database = client.options().database;
  if (database.empty() || database == "default") {
    return InvalidArgument("clickhouse.database must name a database of its own, not \"" + database + "\"");
  }
  YK_RETURN_IF_ERROR(
      client.Execute("CREATE DATABASE IF NOT EXISTS " + QuoteIdentifier(database) + " ENGINE = Atomic",
                     {.no_database = true}));
  YK_RETURN_IF_ERROR(client.Execute(
      "CREATE TABLE IF NOT EXISTS schema_migration (name String, checksum String, applied_at DateTime64(3, "
      "'UTC')) "
      "ENGINE = ReplacingMergeTree ORDER BY name SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"));
  YK_ASSIGN_OR_RETURN(
      const Rows applied,
      client.Select("SELECT name, any(checksum) AS checksum FROM schema_migration GROUP BY name"));
  std::map<std::string, std::string> checksums;
  for (size_t i = 0; i < applied.size(); ++i)
    checksums[applied.Text(i, "name")] = applied.Text(i, "checksum");
  for (const Migration& migration : Migrations()) {
    const std::string checksum = Checksum(migration.sql);
    if (const auto known = checksums.find(migration.name); known != checksums.end()) {
      if (known->second == checksum) continue;
      return FailedPrecondition("migration " + migration.name +
                                " was changed after it was applied to database " + database +
                                "; restore its text and put the change into a new file");
    }
    for (const std::string& statement : Statements(migration, database)) {
      if (Status status = client.Execute(statement); !status.ok()) {
        return MakeStatus(status.code(), "migration " + migration.name + ": " + Message(status));
      }
    }
    YK_RETURN_IF_ERROR(
        client.Execute("INSERT INTO schema_migration VALUES ({name:String}, {checksum:String}, now64(3))",
                       {.settings = {{"async_insert", "0"}},
                        .parameters = {{"name", migration.name}, {"checksum", checksum}}}));
  }
  return OkStatus();
}

}  // namespace yokoten::clickhouse
