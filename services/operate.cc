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
#include "clickhouse/migrate.h"
#include "events/columns.h"
#include "rollup_worker/epochs.h"

namespace yokoten {
namespace {

struct Arguments {
  std::string config_file;
  std::vector<std::string> sets;
  bool print = false;
  std::string topic;
  bool dirty = false;
};

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
  std::printf("database %s is up to date (%zu migrations)\n", config.clickhouse().database().c_str(),
              clickhouse::Migrations().size());
  return OkStatus();
}

Status Rebuild(const Arguments& arguments) {
  if (arguments.topic.empty() == !arguments.dirty)
    return InvalidArgument("name either --new-epoch=TOPIC or --new-dirty-epoch");
  YK_ASSIGN_OR_RETURN(const auto config, app::LoadConfig(arguments.config_file, arguments.sets));
  const std::string& brokers = config.kafka().bootstrap_servers();
  const std::string& prefix = config.deployment().topic_prefix();
  clickhouse::Client client(app::ClickHouseOptionsOf(config));
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client));
  if (!arguments.dirty) {
    YK_RETURN_IF_ERROR(aggregator::BeginEpoch(client, brokers, prefix, arguments.topic));
    std::printf("%s has a new epoch; start the aggregators: they read it from its beginning\n",
                arguments.topic.c_str());
    return OkStatus();
  }
  YK_ASSIGN_OR_RETURN(const uint32_t epoch, rollup_worker::BeginEpoch(client, brokers, prefix));
  std::printf("the dirty topic is at epoch %u; start the rollups: they compute all cells anew\n", epoch);
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

  auto* rebuild =
      root.add_subcommand("rebuild", "Begin a new epoch of a topic whose old log is gone for good");
  const auto epoch = WithConfig(*rebuild);
  rebuild->add_option("--new-epoch", epoch->topic,
                      "Domain topic without prefix, such as yokoten.training.v1; stop the aggregators first");
  rebuild->add_flag("--new-dirty-epoch", epoch->dirty,
                    "The dirty topic: all cells are computed anew; stop the rollups first");
  rebuild->callback([epoch, &exit_code] { exit_code = ExitCode(Rebuild(*epoch)); });
}

}  // namespace yokoten
