// Runs the targets chosen from the table, and prints the table.
#include <algorithm>
#include <optional>

#include "app/app.h"
#include "app/config.h"
#include "app/generation.h"
#include "app/neighbours.h"
#include "clickhouse/migrate.h"
#include "telemetry/log.h"

namespace yokoten::app {
namespace {

Result<std::vector<const Target*>> Choose(const std::vector<Target>& table,
                                          const std::vector<std::string>& names) {
  std::vector<const Target*> chosen;
  for (const Target& target : table) {
    const bool named = std::find(names.begin(), names.end(), target.name) != names.end();
    const bool all = target.in_all && std::find(names.begin(), names.end(), "all") != names.end();
    if (named || all) chosen.push_back(&target);
  }
  for (const std::string& name : names) {
    const bool known = name == "all" || std::any_of(table.begin(), table.end(),
                                                    [&](const Target& t) { return t.name == name; });
    if (!known)
      return InvalidArgument("there is no target '" + name +
                             "'; `yokoten serve --list-targets` names them all");
  }
  if (chosen.empty())
    return InvalidArgument("no target given; use --target=all or one of `yokoten serve --list-targets`");
  return chosen;
}

// The configured database's own tables are looked after by whoever works on another.
Status MigrateBase(const config::v1::Config& config) {
  clickhouse::Client base(ClickHouseOptionsOf(config));
  return clickhouse::Migrate(base);
}

// Runs until it is told to stop; `again` is set when it is to be wired anew, for another generation.
Status Run(const std::vector<Target>& table, const std::vector<std::string>& names, config::v1::Config config,
           bool* again) {
  *again = false;
  YK_ASSIGN_OR_RETURN(const auto chosen, Choose(table, names));
  const config::v1::Config base = config;
  const bool reads_facts =
      std::any_of(chosen.begin(), chosen.end(), [](const Target* target) { return target->reads_facts; });
  clickhouse::Generation generation = clickhouse::GenerationOf(base.clickhouse().database(), 1);
  if (reads_facts) {
    YK_ASSIGN_OR_RETURN(generation, AwaitGeneration(base));
    if (generation.number != 1) {
      YK_RETURN_IF_ERROR(MigrateBase(base));
      log::Info("app", "works on generation {}, database {}", generation.number, generation.database);
    }
    config.mutable_clickhouse()->set_database(generation.database);
  }
  std::vector<std::string> target_names;
  for (const Target* target : chosen) target_names.emplace_back(target->name);
  App app(config, target_names);
  app.SetGeneration(generation, base.clickhouse().database());
  for (const Target* target : chosen) {
    if (const Status status = target->wire(config, app); !status.ok()) {
      return MakeStatus(status.code(), std::string(target->name) + ": " + Message(status));
    }
  }
  YK_RETURN_IF_ERROR(app.Start());
  log::Info("app", "ready");
  Status status;
  {
    std::optional<GenerationWatch> watch;
    if (reads_facts) {
      watch.emplace(base, generation, [&app](const clickhouse::Generation& next) {
        log::Info(
            "app",
            "generation {} (database {}) is current now: work under way is finished, then it goes on there",
            next.number, next.database);
        app.Rewire();
      });
    }
    status = app.WaitForStop();
  }
  app.Stop();
  *again = reads_facts && app.rewire();
  return status;
}

}  // namespace

int Serve(const std::vector<Target>& table, const std::vector<std::string>& chosen,
          const config::v1::Config& config) {
  if (const Status status = log::Setup(config.log().level()); !status.ok()) {
    log::Error("app", "{}", Message(status));
    return 2;
  }
  log::Info("app", "yokoten {} starts; effective configuration {}:\n{}", YOKOTEN_VERSION, ConfigHash(config),
            EffectiveConfigText(config));
  bool again = true;
  Status status;
  while (again && status.ok()) status = Run(table, chosen, config, &again);
  if (status.code() == StatusCode::kCancelled) status = OkStatus();
  if (!status.ok()) {
    log::Error("app", "{}", Message(status));
    return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
  }
  log::Info("app", "stopped");
  return 0;
}

std::string TargetTable(const std::vector<Target>& table) {
  std::string text;
  for (const Target& target : table) {
    std::string line(target.name);
    line.resize(std::max<size_t>(line.size(), 14), ' ');
    line += ' ';
    line += target.kind;
    line.resize(std::max<size_t>(line.size(), 28), ' ');
    line += ' ';
    line += target.job;
    text += line + (target.in_all ? "\n" : " (not in --target=all)\n");
  }
  return text;
}

}  // namespace yokoten::app
