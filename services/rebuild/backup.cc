#include "rebuild/backup.h"

#include <vector>

#include "app/neighbours.h"
#include "clickhouse/client.h"
#include "clickhouse/generations.h"
#include "clickhouse/migrate.h"
#include "rebuild/follower.h"

namespace yokoten::rebuild {
namespace {

constexpr std::chrono::hours kLong{6};
constexpr int kBackupAlreadyExists = 598;
constexpr std::chrono::milliseconds kAnswer{10000};

// The parts of a backup, in the order in which they are made. Figures first: newer touches are answered
// again, newer facts touched again. Then the archive, whose rows are the proof that the facts, made last, are
// there.
constexpr char kBasePart[] = "base", kFigurePart[] = "figures", kArchivePart[] = "archive",
               kFactPart[] = "facts";

constexpr char kPositionTable[] =
    "CREATE TABLE IF NOT EXISTS backup_position (topic String, partition Int32, next Int64) ENGINE = "
    "MergeTree ORDER BY "
    "(topic, partition)";

std::string Where(const std::string& folder, const char* part) {
  return "File(" + clickhouse::Quote(folder + "/" + part) + ")";
}

clickhouse::ClientOptions OptionsOf(const config::v1::Config& config, const std::string& database) {
  clickhouse::ClientOptions options = app::ClickHouseOptionsOf(config);
  options.database = database;
  options.timeout = kLong;
  return options;
}

Status CheckFolder(const std::string& folder) {
  if (folder.starts_with('/')) return OkStatus();
  return InvalidArgument("'" + folder +
                         "' is no absolute path; name a folder on ClickHouse's machine, such as "
                         "/var/backups/yokoten/2026-03-01");
}

class Parts {
 public:
  void Add(const std::string& database, const std::string& table) {
    sql_ += (sql_.empty() ? "TABLE " : ", TABLE ") + clickhouse::QuoteIdentifier(database) + "." +
            clickhouse::QuoteIdentifier(table);
  }
  const std::string& sql() const { return sql_; }

 private:
  std::string sql_;
};

}  // namespace

Status Backup(const config::v1::Config& config, const std::string& folder, const Say& say) {
  YK_RETURN_IF_ERROR(CheckFolder(folder));
  const std::string& base = config.clickhouse().database();
  clickhouse::Client client(OptionsOf(config, base));
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client));
  YK_ASSIGN_OR_RETURN(const clickhouse::Generation current, clickhouse::CurrentGeneration(client, base));

  // Touches answered later are not in the figures for certain.
  YK_ASSIGN_OR_RETURN(const auto positions, Positions::Create(config, current));
  YK_ASSIGN_OR_RETURN(kafka::Offsets answered, positions->DirtyAnswered());
  YK_ASSIGN_OR_RETURN(const kafka::Offsets ends, positions->DirtyEnds());
  for (const auto& [partition, end] : ends) answered.emplace(partition, 0);
  YK_RETURN_IF_ERROR(client.Execute(kPositionTable));
  YK_RETURN_IF_ERROR(client.Execute("TRUNCATE TABLE backup_position"));
  std::string rows;
  for (const auto& [partition, next] : answered) {
    rows += (rows.empty() ? "(" : ", (") + clickhouse::Quote(partition.first) + ", " +
            std::to_string(partition.second) + ", " + std::to_string(next) + ")";
  }
  if (!rows.empty()) YK_RETURN_IF_ERROR(client.Execute("INSERT INTO backup_position VALUES " + rows));

  Parts base_part, figures, archive, facts;
  for (const char* table : {"current_generation", "person_directory", "backup_position", "schema_migration"})
    base_part.Add(base, table);
  figures.Add(current.database, "kpi_cell");
  archive.Add(current.database, "archive");
  archive.Add(current.database, "topic_epoch");
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows tables,
      client.Select(
          "SELECT name FROM system.tables WHERE database = {database:String} AND name NOT IN ('kpi_cell', "
          "'archive', 'topic_epoch', 'current_generation', 'person_directory', 'backup_position', "
          "'schema_migration') ORDER BY name",
          {.parameters = {{"database", clickhouse::EscapeParameter(current.database)}}}));
  for (const std::string& name : tables.Texts("name")) facts.Add(current.database, name);
  if (current.number != 1) facts.Add(current.database, "schema_migration");

  for (const auto& [part, list] : {std::pair(kBasePart, &base_part), std::pair(kFigurePart, &figures),
                                   std::pair(kArchivePart, &archive), std::pair(kFactPart, &facts)}) {
    const Status made = client.Execute("BACKUP " + list->sql() + " TO " + Where(folder, part));
    if (clickhouse::ExceptionCode(made) == kBackupAlreadyExists)
      return FailedPrecondition("there is a backup in " + folder + " already; name a new folder");
    YK_RETURN_IF_ERROR(made);
    say(std::string(part) + " is in " + folder + "/" + part);
  }
  return OkStatus();
}

Status Restore(const config::v1::Config& config, const std::string& folder, const Say& say) {
  YK_RETURN_IF_ERROR(CheckFolder(folder));
  const std::string& base = config.clickhouse().database();
  clickhouse::Client client(OptionsOf(config, base));
  YK_ASSIGN_OR_RETURN(const auto generations, clickhouse::Generations(client, base));
  for (const clickhouse::Generation& generation : generations) {
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        client.Select(
            "SELECT sum(rows) AS n FROM system.parts WHERE active AND database = {database:String} AND table "
            "NOT IN ('schema_migration', 'topic_epoch')",
            {.parameters = {{"database", clickhouse::EscapeParameter(generation.database)}},
             .no_database = true}));
    if (rows.UInt(0, "n") == 0) continue;
    return FailedPrecondition("database " + generation.database + " holds " + rows.Text(0, "n") +
                              " rows: restore into a warehouse that holds nothing of this deployment");
  }
  // Kafka first: what is found out late is found out too late.
  YK_ASSIGN_OR_RETURN(const auto kafka, Positions::Create(config, clickhouse::GenerationOf(base, 1)));
  YK_ASSIGN_OR_RETURN(const kafka::Offsets ends, kafka->DirtyEnds());
  const auto make = [&](const std::string& database) -> Status {
    const std::string name = clickhouse::QuoteIdentifier(database);
    YK_RETURN_IF_ERROR(client.Execute("DROP DATABASE IF EXISTS " + name, {.no_database = true}));
    return client.Execute("CREATE DATABASE " + name + " ENGINE = Atomic", {.no_database = true});
  };
  const auto bring = [&](const char* part) -> Status {
    YK_RETURN_IF_ERROR(client.Execute("RESTORE ALL FROM " + Where(folder, part), {.no_database = true}));
    say(std::string(part) + " is back");
    return OkStatus();
  };
  YK_RETURN_IF_ERROR(make(base));
  YK_RETURN_IF_ERROR(bring(kBasePart));
  YK_ASSIGN_OR_RETURN(const clickhouse::Generation current, clickhouse::CurrentGeneration(client, base));
  YK_ASSIGN_OR_RETURN(const auto positions, Positions::Create(config, current));
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows,
                      client.Select("SELECT topic, partition, next FROM backup_position"));
  kafka::Offsets answered;
  for (size_t i = 0; i < rows.size(); ++i) {
    const kafka::TopicPartition partition{rows.Text(i, "topic"),
                                          static_cast<int32_t>(rows.Int(i, "partition"))};
    // A Kafka that was lost too has none; the rollups then say what to do.
    if (ends.contains(partition)) answered[partition] = rows.Int(i, "next");
  }
  const Status set =
      kafka::SetOffsets(config.kafka().bootstrap_servers(), positions->rollup_group(), answered, kAnswer);
  if (!set.ok()) {
    (void)client.Execute("DROP DATABASE " + clickhouse::QuoteIdentifier(base), {.no_database = true});
    return set;
  }
  if (current.number != 1) YK_RETURN_IF_ERROR(make(current.database));
  for (const char* part : {kFactPart, kArchivePart, kFigurePart}) YK_RETURN_IF_ERROR(bring(part));
  return OkStatus();
}

}  // namespace yokoten::rebuild
