// The verbs of the command line besides `serve`. Each adds its subcommand to the root; when it has run,
// `exit_code` is 0 for success, 1 for a failure, 2 for wrong arguments or input, 3 when a service does not
// answer.
#pragma once

#include "cli/domain_rules.h"

namespace CLI {
class App;
}

namespace yokoten::cli {

void AddSimulate(CLI::App& root, int& exit_code);
void AddImport(CLI::App& root, const DomainRules& rules, int& exit_code);
void AddPlant(CLI::App& root, const DomainRules& rules, int& exit_code);
void AddKpi(CLI::App& root, int& exit_code);
void AddFacts(CLI::App& root, int& exit_code);
void AddFindings(CLI::App& root, int& exit_code);
void AddDerived(CLI::App& root, int& exit_code);
void AddGate(CLI::App& root, int& exit_code);
void AddAudit(CLI::App& root, int& exit_code);
void AddLoop(CLI::App& root, int& exit_code);
void AddPeople(CLI::App& root, int& exit_code);
void AddDoctor(CLI::App& root, int& exit_code);

// All of them, in the order the help shows.
void AddVerbs(CLI::App& root, const DomainRules& rules, int& exit_code);

}  // namespace yokoten::cli
