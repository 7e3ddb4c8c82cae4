#include "operate.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "aggregator/epochs.h"
#include "app/config.h"
#include "app/neighbours.h"
#include "cli/output.h"
#include "clickhouse/generations.h"
#include "clickhouse/migrate.h"
#include "events/columns.h"
#include "rebuild/backup.h"
#include "rebuild/rebuild.h"
#include "rollup_worker/epochs.h"
#include "telemetry/log.h"

namespace yokoten {
namespace {

struct Arguments {
  std::string config_file;
  std::vector<std::string> sets;
  bool print = false;
  std::string topic;
  bool dirty = false;
  bool from_kafka = false;
  bool verify = false;
  bool keep = false;
  bool list = false;
  bool accept = false;
  uint64_t use = 0;
  uint64_t drop = 0;
  rebuild::CompareScope scope;
  std::string folder;
};

constexpr int kDifferent = 1;

void Say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int ExitCode(const Status& status) { return status.ok() ? 0 : cli::Fail(status); }

Status PrintNextMigration() {
  std::string sql;
  for (const auto& migration : clickhouse::Migrations()) sql += migration.sql;
  const std::string next = events::NextMigration(events::Registry::Linked(), events::FactsOfMigration(sql));
  std::fputs(
      next.empty() ? "-- Nothing is missing: the migrations make what the protos declare.\n" : next.c_str(),
      stdout);
  return OkStatus();
}

Status Migrate(const Arguments& arguments) {
  if (arguments.print) return PrintNextMigration();
  YK_ASSIGN_OR_RETURN(const auto config, app::LoadConfig(arguments.config_file, arguments.sets));
  clickhouse::Client client(app::ClickHouseOptionsOf(config));
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client));
  YK_ASSIGN_OR_RETURN(const auto generation,
                      clickhouse::CurrentGeneration(client, config.clickhouse().database()));
  if (generation.number != 1) {
    auto options = app::ClickHouseOptionsOf(config);
    options.database = generation.database;
    clickhouse::Client current(options);
    YK_RETURN_IF_ERROR(clickhouse::Migrate(current));
  }
  std::printf("database %s is up to date (%zu migrations)\n", config.clickhouse().database().c_str(),
              clickhouse::Migrations().size());
  return OkStatus();
}

Status NewEpoch(const Arguments& arguments, config::v1::Config config) {
  if (!arguments.topic.empty() && arguments.dirty)
    return InvalidArgument("name either --new-epoch=TOPIC or --new-dirty-epoch");
  const std::string& brokers = config.kafka().bootstrap_servers();
  const std::string& prefix = config.deployment().topic_prefix();
  clickhouse::Client base(app::ClickHouseOptionsOf(config));
  YK_ASSIGN_OR_RETURN(const auto generation,
                      clickhouse::CurrentGeneration(base, config.clickhouse().database()));
  config.mutable_clickhouse()->set_database(generation.database);
  clickhouse::Client client(app::ClickHouseOptionsOf(config));
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client));
  if (!arguments.dirty) {
    YK_RETURN_IF_ERROR(aggregator::BeginEpoch(client, brokers, prefix, arguments.topic));
    std::printf("%s has a new epoch; start the aggregators: they read it from its beginning\n",
                arguments.topic.c_str());
    return OkStatus();
  }
  YK_ASSIGN_OR_RETURN(const uint32_t epoch, rollup_worker::BeginEpoch(client, brokers, prefix,
                                                                      clickhouse::GroupSuffix(generation)));
  std::printf("the dirty topic is at epoch %u; start the rollups: they compute all cells anew\n", epoch);
  return OkStatus();
}

Status PrintGenerations(rebuild::Rebuilder& rebuilder) {
  YK_ASSIGN_OR_RETURN(const auto listed, rebuilder.List());
  cli::Table table({"generation", "database", "current", "records", "MiB"});
  for (const rebuild::Listed& one : listed) {
    table.Add({std::to_string(one.generation.number), one.generation.database, one.current ? "yes" : "",
               std::to_string(one.records), std::to_string(one.bytes >> 20)});
  }
  std::fputs(table.ToText().c_str(), stdout);
  return OkStatus();
}

void PrintComparison(const rebuild::Comparison& told) {
  if (!told.equal()) {
    cli::Table table({"table", "plant", "what", "current", "rebuilt"});
    for (const rebuild::Difference& one : told.differences)
      table.Add({one.table, one.plant, one.what, one.current.empty() ? "-" : one.current,
                 one.rebuilt.empty() ? "-" : one.rebuilt});
    std::fputs(table.ToText().c_str(), stdout);
  }
  for (const std::string& kpi : told.changed_definitions)
    Say(kpi + ": the current generation has figures of another definition");
  Say(std::to_string(told.records) + " records, " + std::to_string(told.facts) + " facts and " +
      std::to_string(told.figures) + " figures compared: " +
      (told.equal() ? "equal"
                    : std::to_string(told.differences.size()) + " differ (at most " +
                          std::to_string(rebuild::kDifferencesMax) + " told of a table or KPI)") +
      (told.moving == 0 ? ""
                        : "; " + std::to_string(told.moving) + " change all the time and were not judged"));
}

// Also --verify: compares alone, and drops what it made unless it is to be kept.
Status BuildAndCompare(const Arguments& arguments, rebuild::Rebuilder& rebuilder, int& exit_code) {
  YK_ASSIGN_OR_RETURN(const clickhouse::Generation generation, rebuilder.Begin());
  const auto run = [&]() -> Status {
    YK_RETURN_IF_ERROR(rebuilder.BringLevel(generation, arguments.from_kafka));
    YK_ASSIGN_OR_RETURN(const rebuild::Comparison told, rebuilder.CompareWithCurrent(arguments.scope));
    PrintComparison(told);
    if (!told.equal()) exit_code = kDifferent;
    return OkStatus();
  };
  const Status status = run();
  const std::string number = std::to_string(generation.number);
  if (arguments.verify && !arguments.keep) {
    YK_RETURN_IF_ERROR(rebuilder.Drop(generation));
    if (status.ok()) Say("generation " + number + " is dropped");
  } else {
    Say("`yokoten rebuild --switch=" + number + "` goes on with it and makes it current, `--drop=" + number +
        "` takes it away");
  }
  return status;
}

Status SwitchGeneration(const Arguments& arguments, rebuild::Rebuilder& rebuilder, int& exit_code) {
  YK_ASSIGN_OR_RETURN(const clickhouse::Generation generation, rebuilder.Find(arguments.use));
  YK_RETURN_IF_ERROR(rebuilder.BringLevel(generation, arguments.from_kafka));
  const auto told = rebuilder.CompareWithCurrent({});
  if (told.ok()) PrintComparison(*told);
  if (!arguments.accept) {
    YK_RETURN_IF_ERROR(told.status());
    if (!told->equal()) {
      exit_code = kDifferent;
      Say("not switched: they differ; --accept-differences switches all the same");
      return OkStatus();
    }
  } else if (!told.ok()) {
    Say("not compared: " + std::string(Message(told.status())));
  }
  return rebuilder.Switch();
}

Status Rebuild(const Arguments& arguments, int& exit_code) {
  YK_ASSIGN_OR_RETURN(const auto config, app::LoadConfig(arguments.config_file, arguments.sets));
  if (!arguments.topic.empty() || arguments.dirty) return NewEpoch(arguments, config);
  YK_RETURN_IF_ERROR(log::Setup("warn"));
  YK_ASSIGN_OR_RETURN(const auto rebuilder, rebuild::Rebuilder::Open(config, Say));
  if (arguments.list) return PrintGenerations(*rebuilder);
  if (arguments.use > 0) return SwitchGeneration(arguments, *rebuilder, exit_code);
  if (arguments.drop > 0) {
    YK_ASSIGN_OR_RETURN(const auto generation, rebuilder->Find(arguments.drop));
    return rebuilder->Drop(generation);
  }
  return BuildAndCompare(arguments, *rebuilder, exit_code);
}

Status BackUp(const Arguments& arguments, bool back) {
  YK_ASSIGN_OR_RETURN(const auto config, app::LoadConfig(arguments.config_file, arguments.sets));
  if (!back) return rebuild::Backup(config, arguments.folder, Say);
  YK_RETURN_IF_ERROR(rebuild::Restore(config, arguments.folder, Say));
  Say("restored; start the services: what Kafka has and the backup has not is taken in again");
  return OkStatus();
}

std::shared_ptr<Arguments> WithConfig(CLI::App& verb) {
  auto arguments = std::make_shared<Arguments>();
  verb.add_option("--config", arguments->config_file, "Configuration file, as serve takes it");
  verb.add_option("--set", arguments->sets,
                  "Setting as path=value, after the file; may be given more than once");
  return arguments;
}

}  // namespace

void AddOperatorVerbs(CLI::App& root, int& exit_code) {
  auto* migrate = root.add_subcommand("migrate", "Bring the database's schema up to this program");
  const auto migration = WithConfig(*migrate);
  migrate->add_flag("--print", migration->print,
                    "Print the statements the migrations lack for the protos, change nothing");
  migrate->callback([migration, &exit_code] { exit_code = ExitCode(Migrate(*migration)); });

  auto* rebuild = root.add_subcommand(
      "rebuild", "Facts and figures anew, beside those in use; compared, switched to, dropped");
  const auto epoch = WithConfig(*rebuild);
  rebuild->add_flag("--from-kafka", epoch->from_kafka, "From what Kafka has, not from the archive");
  rebuild->add_flag("--verify", epoch->verify, "Compare alone, then drop what was made");
  rebuild->add_flag("--keep", epoch->keep, "With --verify: do not drop it");
  rebuild->add_option("--plant", epoch->scope.plant, "Compare the figures of this plant alone");
  rebuild->add_option("--from", epoch->scope.from_day, "Compare figures from this day on (2026-03-01)");
  rebuild->add_option("--to", epoch->scope.to_day, "Compare figures up to this day");
  rebuild->add_flag("--list", epoch->list, "List the generations");
  rebuild->add_option("--switch", epoch->use, "Bring this generation level, compare it and make it current");
  rebuild->add_flag("--accept-differences", epoch->accept, "With --switch: switch also when they differ");
  rebuild->add_option("--drop", epoch->drop, "Take this generation away");
  rebuild->add_option("--new-epoch", epoch->topic,
                      "Domain topic without prefix, such as yokoten.training.v1; stop the aggregators first");
  rebuild->add_flag("--new-dirty-epoch", epoch->dirty,
                    "The dirty topic: all cells are computed anew; stop the rollups first");
  rebuild->callback([epoch, &exit_code] {
    const Status status = Rebuild(*epoch, exit_code);
    if (!status.ok()) exit_code = cli::Fail(status);
  });

  auto* backup =
      root.add_subcommand("backup", "Write facts and figures into a folder of ClickHouse's machine");
  auto* restore =
      root.add_subcommand("restore", "Bring a backup back into an empty warehouse; stop the services first");
  const auto out = WithConfig(*backup), in = WithConfig(*restore);
  backup->add_option("folder", out->folder, "Absolute path; no backup in it yet")->required();
  restore->add_option("folder", in->folder, "Absolute path of a backup")->required();
  backup->callback([out, &exit_code] { exit_code = ExitCode(BackUp(*out, false)); });
  restore->callback([in, &exit_code] { exit_code = ExitCode(BackUp(*in, true)); });
}

}  // namespace yokoten
