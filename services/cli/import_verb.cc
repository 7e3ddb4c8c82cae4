// `yokoten import` and `yokoten plant`: files to events.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "cli/import/import_run.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "yokoten/admin/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

constexpr size_t kErrorsShown = 20;

struct ImportArguments {
  ServerOptions servers;
  ImportRequest request;
  std::string errors_path;
  bool wait = false;
  bool json = false;
};

const char* NameOf(Change change) {
  switch (change) {
    case Change::kNew:
      return "new";
    case Change::kSame:
      return "same";
    case Change::kChanged:
      return "changed";
    case Change::kReissued:
      return "sent again after a void";
    case Change::kGone:
      return "gone";
  }
  return "";
}

std::string CsvCell(const std::string& text) {
  // A cell that a spreadsheet would take for a formula is made text.
  std::string cell =
      !text.empty() && std::string_view("=+-@").find(text[0]) != std::string_view::npos ? "'" + text : text;
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

Status WriteErrors(const std::string& path, const std::vector<RowError>& errors) {
  std::ofstream file(path);
  file << "row,line,column,field,message\n";
  for (const RowError& e : errors) {
    file << e.row << ',' << e.line << ',' << CsvCell(e.column) << ',' << CsvCell(e.field) << ','
         << CsvCell(e.message) << '\n';
  }
  if (!file.flush()) return DataLoss("cannot write " + path);
  return OkStatus();
}

int Report(const ImportArguments& arguments, const ImportSummary& summary) {
  const bool dry = arguments.request.dry_run;
  if (arguments.json) {
    std::vector<std::pair<std::string, std::string>> members{{"rows", std::to_string(summary.rows)}};
    for (Change change : {Change::kNew, Change::kSame, Change::kChanged, Change::kReissued, Change::kGone}) {
      auto it = summary.events.find(change);
      std::string name = change == Change::kReissued ? "reissued" : NameOf(change);
      members.emplace_back(name, std::to_string(it == summary.events.end() ? 0 : it->second));
    }
    members.emplace_back("resumed", std::to_string(summary.resumed));
    members.emplace_back("rejected", std::to_string(summary.rejected));
    members.emplace_back("errors", std::to_string(summary.errors.size()));
    std::string figures;
    for (const AffectedFigure& f : summary.figures) {
      figures += (figures.empty() ? "" : ", ") + JsonObject({{"kpi", JsonString(f.kpi_id)},
                                                             {"plant", JsonString(f.plant_id)},
                                                             {"months", JsonString(f.months)},
                                                             {"events", std::to_string(f.events)}});
    }
    if (dry) members.emplace_back("figures", "[" + figures + "]");
    std::printf("%s\n", JsonObject(members).c_str());
  } else {
    std::printf("%s rows of %s%s\n", Grouped(summary.rows).c_str(), arguments.request.file_path.c_str(),
                dry ? ": dry run, nothing is sent" : "");
    for (const auto& [change, count] : summary.events) {
      std::printf("  %-24s %10s events\n", NameOf(change), Grouped(count).c_str());
    }
    if (summary.resumed > 0)
      std::printf("  %-24s %10s events\n", "done by an earlier run", Grouped(summary.resumed).c_str());
    if (summary.persons > 0)
      std::printf("  %-24s %10s persons\n", "person directory", Grouped(summary.persons).c_str());
    if (dry) {
      Table table({"plant", "KPI", "months", "events"});
      for (const AffectedFigure& f : summary.figures)
        table.Add({f.plant_id, f.kpi_id, f.months, Grouped(f.events)});
      std::printf(table.empty() ? "No figure would change.\n" : "Figures that would change:\n%s",
                  table.empty() ? "" : table.ToText().c_str());
    }
  }
  for (size_t i = 0; i < std::min(summary.errors.size(), kErrorsShown); ++i) {
    const RowError& error = summary.errors[i];
    std::fprintf(stderr, "%s\n", error.row == 0 ? error.message.c_str() : error.ToText().c_str());
  }
  if (summary.errors.size() > kErrorsShown) {
    std::fprintf(stderr, "... and %s more; --errors FILE writes them all\n",
                 Grouped(static_cast<int64_t>(summary.errors.size() - kErrorsShown)).c_str());
  }
  return summary.errors.empty() ? 0 : 1;
}

int RunOne(const ImportArguments& arguments, std::set<std::string>* plants) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  auto summary = RunImport(*connection, arguments.request, SystemClock());
  if (!summary.ok()) return Fail(summary.status());
  if (!arguments.errors_path.empty()) {
    if (Status status = WriteErrors(arguments.errors_path, summary->errors); !status.ok())
      return Fail(status);
  }
  if (plants != nullptr) plants->insert(summary->plants.begin(), summary->plants.end());
  int code = Report(arguments, *summary);
  if (arguments.wait && !arguments.request.dry_run) {
    Status status = WaitForFigures(**connection, summary->token, std::chrono::minutes(5));
    if (!status.ok()) return Fail(status);
  }
  return code;
}

void AddImportOptions(CLI::App& verb, ImportArguments& arguments) {
  arguments.servers.AddTo(verb);
  verb.add_flag("--dry-run", arguments.request.dry_run,
                "Say what would be sent and which figures would change");
  verb.add_flag(
      "--void-missing", arguments.request.void_missing,
      "The file holds all rows of its source: void what is gone (as replaces: REPLACES_ALL_OF_SOURCE)");
  verb.add_flag("--all-or-nothing", arguments.request.all_or_nothing,
                "Send nothing when any row has an error");
  verb.add_option("--person-key", arguments.request.person_key_path,
                  "Key that turns personnel numbers into references (default $YOKOTEN_HOME/person.key)");
  verb.add_flag("--new-person-key", arguments.request.new_person_key, "Make the person key; once a company");
  verb.add_flag("--wait", arguments.wait, "Return when the figures include everything");
  verb.add_flag("--json", arguments.json, "Print the summary as JSON");
}

int CheckPlants(Connection& connection, const std::vector<std::string>& plants, bool json) {
  auto stub = admin::v1::AdminService::NewStub(connection.For("admin"));
  bool good = true;
  for (const std::string& plant : plants) {
    admin::v1::CheckPlantRequest request;
    request.set_plant_id(plant);
    admin::v1::CheckPlantResponse response;
    grpc::ClientContext context;
    SetDeadline(context, std::chrono::seconds(30));
    Status status = FromGrpc(stub->CheckPlant(&context, request, &response), "checking plant " + plant,
                             connection.AddressOf("admin"));
    if (!status.ok()) return Fail(status);
    if (json) {
      std::printf("%s\n", JsonOf(response, false).c_str());
    } else {
      std::printf("Plant %s\n", plant.c_str());
    }
    for (const auto& item : response.items()) {
      good &= item.ok();
      if (json) continue;
      std::printf("  %s %-16s %s\n", item.ok() ? "ok     " : "missing", item.check().c_str(),
                  item.message_en().c_str());
      if (!item.message_zh().empty()) std::printf("  %24s %s\n", "", item.message_zh().c_str());
    }
  }
  return good ? 0 : 1;
}

// The order in which registers build on each other.
constexpr const char* kRegisters[] = {"org",   "calendar", "jobs",    "revisions", "trainers",
                                      "modes", "feeds",    "targets", "roster",    "hours"};

int SetUp(const std::string& folder, const ImportArguments& shared) {
  std::set<std::string> plants;
  bool any = false;
  ImportArguments arguments = shared;
  for (const char* name : kRegisters) {
    std::string file = folder + "/" + name + ".csv", mapping = folder + "/" + name + ".map";
    if (!std::filesystem::exists(file)) continue;
    if (!std::filesystem::exists(mapping)) {
      return Fail(
          NotFound(file + " has no " + mapping + " beside it; take the one of deploy/examples/plant"));
    }
    any = true;
    arguments.request.file_path = file;
    arguments.request.mapping_path = mapping;
    std::printf("%s\n", name);
    std::fflush(stdout);
    if (int code = RunOne(arguments, &plants); code != 0) return code;
    // Only the first register that needs it makes the key.
    arguments.request.new_person_key =
        arguments.request.new_person_key && !std::filesystem::exists(arguments.request.person_key_path.empty()
                                                                         ? PersonKey::DefaultPath()
                                                                         : arguments.request.person_key_path);
  }
  if (!any) return Fail(NotFound("there is no register (org.csv, calendar.csv, jobs.csv, ...) in " + folder));
  if (shared.request.dry_run) return 0;
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  return CheckPlants(**connection, {plants.begin(), plants.end()}, shared.json);
}

}  // namespace

void AddImport(CLI::App& root, const DomainRules& rules, int& exit_code) {
  CLI::App* verb = root.add_subcommand("import", "Imports a CSV file by a mapping file (docs/import.md)");
  auto arguments = std::make_shared<ImportArguments>();
  arguments->request.rules = rules;
  verb->add_option("--map", arguments->request.mapping_path, "Mapping file")->required();
  verb->add_option("--file", arguments->request.file_path, "CSV file")->required();
  verb->add_option("--journal", arguments->request.journal_path,
                   "What is done so far (default $YOKOTEN_HOME/imports/<hash of the source>.journal)");
  verb->add_option("--errors", arguments->errors_path, "Write all row errors to this CSV file");
  AddImportOptions(*verb, *arguments);
  verb->callback([arguments, &exit_code] { exit_code = RunOne(*arguments, nullptr); });
}

void AddPlant(CLI::App& root, const DomainRules& rules, int& exit_code) {
  CLI::App* verb = root.add_subcommand("plant", "Sets plants up and says what they lack");
  verb->require_subcommand(1);

  CLI::App* check =
      verb->add_subcommand("check", "Says what a plant still lacks before its figures can be trusted");
  auto checked = std::make_shared<std::pair<ServerOptions, std::vector<std::string>>>();
  auto json = std::make_shared<bool>(false);
  check->add_option("plant", checked->second, "Plant ids")->required();
  check->add_flag("--json", *json, "Print JSON");
  checked->first.AddTo(*check);
  check->callback([checked, json, &exit_code] {
    auto connection = Connection::Make(checked->first);
    exit_code =
        connection.ok() ? CheckPlants(**connection, checked->second, *json) : Fail(connection.status());
  });

  CLI::App* setup = verb->add_subcommand(
      "setup",
      "Imports a plant's registers (org, calendar, jobs, ... .csv with their .map) in order, then checks it");
  auto arguments = std::make_shared<ImportArguments>();
  arguments->wait = true;
  arguments->request.rules = rules;
  auto folder = std::make_shared<std::string>();
  setup->add_option("folder", *folder, "Folder with the registers")->required();
  AddImportOptions(*setup, *arguments);
  setup->callback([arguments, folder, &exit_code] { exit_code = SetUp(*folder, *arguments); });
}

}  // namespace yokoten::cli
