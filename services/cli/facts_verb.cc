// `yokoten facts` and `yokoten findings`: what is stored, counted, measured, and what does not fit.
#include <algorithm>
#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "cli/connection.h"
#include "cli/fact_counts.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

using Stub = std::unique_ptr<insight::v1::InsightService::Stub>;
constexpr auto kTimeout = std::chrono::seconds(60);

struct FactsArguments {
  ServerOptions servers;
  std::string event, to_event, kpi, from, to, distinct, source, entity, show = "rows";
  std::vector<std::string> plants, by, keep, kinds, sources;
  int limit = 100, top = 0;
  bool json = false, as_map = false, inert = false;
};

struct Client {
  std::shared_ptr<Connection> connection;
  Stub stub;
};

Result<Client> Open(const FactsArguments& arguments) {
  YK_ASSIGN_OR_RETURN(auto connection, Connection::Make(arguments.servers));
  Stub stub = insight::v1::InsightService::NewStub(connection->For("insight"));
  return Client{std::move(connection), std::move(stub)};
}

Status Done(const Client& client, const grpc::Status& status, std::string_view what) {
  return FromGrpc(status, what, client.connection->AddressOf("insight"));
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return events::FormatTime(events::FromTimestamp(time));
}

Result<insight::v1::ListPlantsResponse> Plants(const Client& client) {
  insight::v1::ListPlantsResponse plants;
  grpc::ClientContext context;
  SetDeadline(context, kTimeout);
  YK_RETURN_IF_ERROR(Done(client, client.stub->ListPlants(&context, {}, &plants), "listing plants"));
  return plants;
}

// Counts as the service answers them, with "country" and "plant_name" made of the plant here.
Result<FactCounts> CountFacts(const Client& client, const FactsArguments& arguments) {
  insight::v1::CountFactsRequest request;
  request.set_event_type(arguments.event);
  for (const std::string& plant : arguments.plants) request.add_plant_ids(plant);
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  request.set_distinct(arguments.distinct);
  bool names = false;
  for (const std::string& by : arguments.by) {
    bool name = by == "country" || by == "plant_name";
    names |= name;
    request.add_group_by(name ? "plant_id" : by);
  }
  insight::v1::CountFactsResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kTimeout);
  YK_RETURN_IF_ERROR(Done(client, client.stub->CountFacts(&context, request, &response), "counting facts"));
  FactCounts counts(arguments.by);
  std::map<std::string, const insight::v1::ListPlantsResponse::Plant*> by_id;
  insight::v1::ListPlantsResponse plants;
  if (names) {
    YK_ASSIGN_OR_RETURN(plants, Plants(client));
    for (const auto& plant : plants.plants()) by_id[plant.plant_id()] = &plant;
  }
  for (const auto& row : response.rows()) {
    std::vector<std::string> keys(row.keys().begin(), row.keys().end());
    keys.resize(arguments.by.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      auto plant = by_id.find(keys[i]);
      if (plant == by_id.end()) continue;
      if (arguments.by[i] == "country") keys[i] = plant->second->country();
      if (arguments.by[i] == "plant_name") keys[i] = plant->second->name_en();
    }
    counts.Add(std::move(keys), row.count());
  }
  return counts;
}

int Count(const FactsArguments& arguments) {
  auto client = Open(arguments);
  if (!client.ok()) return Fail(client.status());
  auto counts = CountFacts(*client, arguments);
  if (!counts.ok()) return Fail(counts.status());
  for (const std::string& keep : arguments.keep) {
    if (Status status = counts->Keep(keep); !status.ok()) return Fail(status);
  }
  if (arguments.top > 0) counts->Top(static_cast<size_t>(arguments.top));
  if (arguments.show != "rows") return std::printf("%s\n", counts->Show(arguments.show).c_str()), 0;
  if (arguments.as_map) return std::printf("%s\n", counts->ToJsonMap().c_str()), 0;
  if (arguments.json) return std::printf("%s\n", counts->ToJsonRows().c_str()), 0;
  std::printf("%s", counts->ToText().c_str());
  return 0;
}

Status EachFact(const Client& client, const FactsArguments& arguments, int limit,
                const std::function<void(const insight::v1::Fact&)>& each) {
  insight::v1::ListFactsRequest request;
  request.set_kpi_id(arguments.kpi);
  if (!arguments.event.empty()) request.add_event_types(arguments.event);
  if (!arguments.plants.empty()) request.mutable_unit()->set_plant_id(arguments.plants.front());
  request.set_from(arguments.from.empty() ? "1900-01-01" : arguments.from);
  request.set_to(arguments.to.empty() ? "2299-12-31" : arguments.to);
  request.set_include_inert(arguments.inert);
  request.set_source(arguments.source);
  request.set_entity(arguments.entity);
  int left = limit;
  while (left != 0) {
    request.set_page_size(limit < 0 ? 1000 : std::min(left, 1000));
    insight::v1::ListFactsResponse response;
    grpc::ClientContext context;
    SetDeadline(context, kTimeout);
    YK_RETURN_IF_ERROR(Done(client, client.stub->ListFacts(&context, request, &response), "listing facts"));
    for (const auto& fact : response.facts()) {
      if (left == 0) break;
      each(fact);
      if (left > 0) --left;
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  return OkStatus();
}

int ListFacts(const FactsArguments& arguments) {
  auto client = Open(arguments);
  if (!client.ok()) return Fail(client.status());
  Table table({"day", "occurred", "event", "entity", "source", "counts", "fields"});
  Status status = EachFact(*client, arguments, arguments.limit, [&](const insight::v1::Fact& fact) {
    if (arguments.json) {
      std::printf("%s\n", JsonOf(fact, false).c_str());
      return;
    }
    table.Add({fact.production_day(), fact.has_occurred_at() ? TimeText(fact.occurred_at()) : "",
               fact.event_type(), fact.entity(), fact.source(), fact.counts() ? "yes" : fact.inert_reason(),
               fact.fields_json()});
  });
  if (!status.ok()) return Fail(status);
  if (!arguments.json) std::printf("%s", table.ToText().c_str());
  return 0;
}

int Span(const FactsArguments& arguments) {
  auto client = Open(arguments);
  if (!client.ok()) return Fail(client.status());
  std::string first, last;
  int64_t n = 0;
  Status status = EachFact(*client, arguments, -1, [&](const insight::v1::Fact& fact) {
    std::string at = fact.has_occurred_at() ? TimeText(fact.occurred_at()) : fact.production_day();
    if (n == 0 || at < first) first = at;
    if (n == 0 || at > last) last = at;
    ++n;
  });
  if (!status.ok()) return Fail(status);
  if (arguments.show == "first") return std::printf("%s\n", JsonString(first).c_str()), 0;
  if (arguments.show == "last") return std::printf("%s\n", JsonString(last).c_str()), 0;
  std::printf("%s\n",
              JsonObject({{"n", std::to_string(n)}, {"first", JsonString(first)}, {"last", JsonString(last)}})
                  .c_str());
  return 0;
}

int Durations(const FactsArguments& arguments) {
  auto client = Open(arguments);
  if (!client.ok()) return Fail(client.status());
  insight::v1::MeasureDurationsRequest request;
  request.set_from_event_type(arguments.event);
  request.set_to_event_type(arguments.to_event);
  for (const std::string& plant : arguments.plants) request.add_plant_ids(plant);
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  insight::v1::MeasureDurationsResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kTimeout);
  Status status =
      Done(*client, client->stub->MeasureDurations(&context, request, &response), "measuring durations");
  if (!status.ok()) return Fail(status);
  auto number = [](bool has, double value) { return has ? JsonNumber(value) : std::string("null"); };
  std::vector<std::pair<std::string, std::string>> members{
      {"n", std::to_string(response.n())},
      {"open", std::to_string(response.open())},
      {"mean_days", number(response.has_mean_days(), response.mean_days())},
      {"median_days", number(response.has_median_days(), response.median_days())},
      {"p90_days", number(response.has_p90_days(), response.p90_days())}};
  if (arguments.show != "rows") {
    for (const auto& [name, value] : members) {
      if (name == arguments.show) return std::printf("%s\n", value.c_str()), 0;
    }
    return Fail(
        InvalidArgument("--show " + arguments.show + ": one of n, open, mean_days, median_days, p90_days"));
  }
  if (arguments.json) return std::printf("%s\n", JsonObject(members).c_str()), 0;
  for (const auto& [name, value] : members) std::printf("%-12s %s\n", name.c_str(), value.c_str());
  return 0;
}

int ListFindings(const FactsArguments& arguments) {
  auto client = Open(arguments);
  if (!client.ok()) return Fail(client.status());
  insight::v1::ListFindingsRequest request;
  for (const std::string& plant : arguments.plants) request.add_plant_ids(plant);
  for (const std::string& kind : arguments.kinds) request.add_kinds(kind);
  for (const std::string& source : arguments.sources) request.add_sources(source);
  Table table({"kind", "plant", "event", "entity", "source", "id", "detail", "counts instead", "what"});
  int left = arguments.limit;
  int64_t total = 0;
  while (left > 0) {
    request.set_page_size(std::min(left, 1000));
    insight::v1::ListFindingsResponse response;
    grpc::ClientContext context;
    SetDeadline(context, kTimeout);
    Status status =
        Done(*client, client->stub->ListFindings(&context, request, &response), "listing findings");
    if (!status.ok()) return Fail(status);
    total = response.total();
    for (const auto& f : response.findings()) {
      --left;
      if (arguments.json) {
        std::printf("%s\n", JsonOf(f, false).c_str());
        continue;
      }
      table.Add({f.kind(), f.plant_id(), f.event_type(), f.entity(), f.source(), f.id(), f.detail(),
                 f.winner().empty() ? "" : f.winner() + " " + f.winner_source() + " " + f.winner_id(), f.message_en()});
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  if (!arguments.json) std::printf("%s%s findings in all\n", table.ToText().c_str(), Grouped(total).c_str());
  return 0;
}

void AddRange(CLI::App& verb, FactsArguments& arguments) {
  arguments.servers.AddTo(verb);
  verb.add_option("--plant", arguments.plants, "Plant ids; all without it");
  verb.add_option("--from", arguments.from, "First production day");
  verb.add_option("--to", arguments.to, "Last production day");
  verb.add_flag("--json", arguments.json, "Print JSON");
}

}  // namespace

void AddFacts(CLI::App& root, int& exit_code) {
  CLI::App* verb = root.add_subcommand("facts", "Reads the facts behind the figures");
  verb->require_subcommand(1);
  auto arguments = std::make_shared<FactsArguments>();

  CLI::App* list = verb->add_subcommand("list", "Facts of a plant, newest first");
  CLI::App* span = verb->add_subcommand("span", "First and last time of occurrence");
  for (CLI::App* part : {list, span}) {
    AddRange(*part, *arguments);
    part->add_option("--event", arguments->event, "Event type, such as safety.IncidentReported");
    part->add_option("--kpi", arguments->kpi, "The facts behind this KPI");
    part->add_option("--source", arguments->source, "Only of this source");
    part->add_option("--entity", arguments->entity, "Only of this entity");
    part->add_flag("--include-inert", arguments->inert, "Also facts that do not count");
  }
  list->add_option("--limit", arguments->limit, "At most this many");
  span->add_option("--show", arguments->show, "first or last alone");
  list->callback([arguments, &exit_code] { exit_code = ListFacts(*arguments); });
  span->callback([arguments, &exit_code] { exit_code = Span(*arguments); });

  CLI::App* count = verb->add_subcommand("count", "Counts the facts that count");
  AddRange(*count, *arguments);
  count->add_option("--event", arguments->event, "Event type, such as safety.IncidentReported")->required();
  count
      ->add_option(
          "--by", arguments->by,
          "day, month, quarter, year, utc_year, utc_quarter, plant_id, plant_name, country, workshop_id, "
          "line_id, source or a field's name; several by comma")
      ->delimiter(',');
  count->add_option("--distinct", arguments->distinct, "Count the different values of this field instead");
  count->add_option("--keep", arguments->keep,
                    "field=value,value: count only these; the field leaves the groups");
  count->add_option("--top", arguments->top, "The groups with the greatest counts");
  count->add_option("--show", arguments->show, "rows, total, groups, max, first or last (group)")
      ->check(CLI::IsMember({"rows", "total", "groups", "max", "first", "last"}));
  count->add_flag("--as-map", arguments->as_map, "Print {group: count} as JSON");
  count->callback([arguments, &exit_code] { exit_code = Count(*arguments); });

  CLI::App* durations = verb->add_subcommand("durations", "Days between two kinds of facts of one entity");
  AddRange(*durations, *arguments);
  durations->add_option("--event", arguments->event, "Event type that starts the time")->required();
  durations->add_option("--to-event", arguments->to_event, "Event type that ends it")->required();
  durations->add_option("--show", arguments->show, "n, open, mean_days, median_days or p90_days alone");
  durations->callback([arguments, &exit_code] { exit_code = Durations(*arguments); });
}

void AddFindings(CLI::App& root, int& exit_code) {
  CLI::App* verb = root.add_subcommand("findings", "Lists what does not fit together in the data");
  auto arguments = std::make_shared<FactsArguments>();
  AddRange(*verb, *arguments);
  verb->add_option("--kind", arguments->kinds, "Only these kinds, such as id_conflict");
  verb->add_option("--source", arguments->sources, "Only events of these sources");
  verb->add_option("--limit", arguments->limit, "At most this many");
  verb->callback([arguments, &exit_code] { exit_code = ListFindings(*arguments); });
}

void AddVerbs(CLI::App& root, const DomainRules& rules, int& exit_code) {
  AddSimulate(root, exit_code);
  AddImport(root, rules, exit_code);
  AddPlant(root, rules, exit_code);
  AddKpi(root, exit_code);
  AddFacts(root, exit_code);
  AddFindings(root, exit_code);
  AddDerived(root, exit_code);
  AddGate(root, exit_code);
  AddAudit(root, exit_code);
  AddLoop(root, exit_code);
  AddPeople(root, exit_code);
  AddDoctor(root, exit_code);
}

}  // namespace yokoten::cli
