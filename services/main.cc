// yokoten: every service of the product as a target of one program, and its command line.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "aggregator/wire.h"
#include "app/app.h"
#include "app/config.h"
#include "audit/wire.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "derive/wire.h"
#include "gate/wire.h"
#include "gateway/wire.h"
#include "improvement/rules.h"
#include "improvement/wire.h"
#include "insight/wire.h"
#include "management/rules.h"
#include "management/wire.h"
#include "operate.h"
#include "operations/rules.h"
#include "operations/wire.h"
#include "relations/rules.h"
#include "relations/wire.h"
#include "rollout/rules.h"
#include "rollout/wire.h"
#include "rollup_worker/wire.h"
#include "safety/rules.h"
#include "safety/wire.h"
#include "standard_work/rules.h"
#include "standard_work/wire.h"
#include "training/rules.h"
#include "training/wire.h"
#include "warehouse/wire.h"

namespace {

using namespace yokoten;  // NOLINT: this file is the list of everything

// The one place targets are named. Sorted by the way of the data; --target=all wires them in this order.
const std::vector<app::Target> kTargets = {
    {"standard-work", "gRPC ingest", "jobs, revisions, release, effectivity, withdrawal",
     standard_work::Wire},
    {"training", "gRPC ingest", "JI sessions, assessments, skill levels, trainers", training::Wire},
    {"improvement", "gRPC ingest", "JM proposals from submitted to standardized and carried over",
     improvement::Wire},
    {"safety", "gRPC ingest", "JS hazards, incidents, classifications, period reports", safety::Wire},
    {"relations", "gRPC ingest", "JR cases, confidential by design", relations::Wire},
    {"management", "gRPC ingest", "MTP courses, tier meetings and actions", management::Wire},
    {"rollout", "gRPC ingest", "rollout plans, arms, diagnosis, gates, layered audits", rollout::Wire},
    {"operations", "gRPC ingest", "org tree, calendars, rosters, hours, output, errors, targets, feeds",
     operations::Wire},
    {"aggregator", "consumer", "Kafka -> fact tables and archive; poison records -> dead letters",
     aggregator::Wire, true, true},
    {"rollup", "consumer", "touches -> replaced KPI cells", rollup_worker::Wire, true, true},
    {"insight", "gRPC query", "KPI series and snapshots, facts, findings, freshness; administration",
     insight::Wire, true, true},
    {"derive", "gRPC query", "rules over facts and the clock -> derived events and alerts; their cursor API",
     derive::Wire, true, true},
    {"gate", "gRPC query", "may this person do this job now, from memory", gate::Wire, true, true},
    {"audit", "gRPC query", "log, archive and facts compared and made good; dead letters", audit::Wire, true,
     true},
    {"gateway", "HTTP", "Connect and CloudEvents API, live updates, dashboards", gateway::Wire},
    {"warehouse", "HTTP", "the embedded ClickHouse engine behind ClickHouse's HTTP interface",
     warehouse::Wire, false},
};

// What an import checks before it sends: the very rules of the ingest targets.
const cli::DomainRules kRules = {{"standard_work", standard_work::CheckRules},
                                 {"training", training::CheckRules},
                                 {"improvement", improvement::CheckRules},
                                 {"safety", safety::CheckRules},
                                 {"relations", relations::CheckRules},
                                 {"management", management::CheckRules},
                                 {"rollout", rollout::CheckRules},
                                 {"operations", operations::CheckRules}};

}  // namespace

int main(int argc, char** argv) {
  CLI::App root{"Yokoten: standardization rollouts, measured."};
  root.set_version_flag("--version", YOKOTEN_VERSION);
  root.require_subcommand(1);

  int exit_code = 0;
  auto* serve = root.add_subcommand("serve", "Run one or more targets until SIGTERM");
  std::vector<std::string> targets;
  std::string config_file;
  std::vector<std::string> sets;
  bool list_targets = false;
  bool check_config = false;
  bool settings_table = false;
  serve->add_option("--target", targets, "Targets to run; all = everything but the warehouse")
      ->delimiter(',');
  serve->add_option("--config", config_file, "Configuration file (text format of yokoten.config.v1.Config)");
  serve->add_option("--set", sets, "Setting as path=value, after the file; may be given more than once");
  serve->add_flag("--list-targets", list_targets, "Print the targets and stop");
  serve->add_flag("--check-config", check_config, "Check and print the effective configuration and stop");
  serve->add_flag("--list-settings", settings_table, "Print all settings as a table and stop");
  serve->callback([&] {
    if (list_targets) {
      std::fputs(app::TargetTable(kTargets).c_str(), stdout);
      return;
    }
    if (settings_table) {
      std::fputs(app::SettingsTable().c_str(), stdout);
      return;
    }
    const auto config = app::LoadConfig(config_file, sets);
    if (!config.ok()) {
      exit_code = cli::Fail(config.status());
      return;
    }
    if (check_config) {
      std::fputs(app::EffectiveConfigText(*config).c_str(), stdout);
      return;
    }
    exit_code = app::Serve(kTargets, targets, *config);
  });

  cli::AddVerbs(root, kRules, exit_code);
  AddOperatorVerbs(root, exit_code);

  CLI11_PARSE(root, argc, argv);
  return exit_code;
}
