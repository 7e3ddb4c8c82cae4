// `yokoten kpi`: the catalogue, a KPI over time, all KPIs of a unit.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include "cli/connection.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "events/registry.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

using insight::v1::KpiValue;

struct KpiArguments {
  ServerOptions servers;
  std::string kpi_id, plant, country, workshop, line, from, to, day, grain = "month", dimension, as_of;
  std::vector<std::string> kpi_ids;
  int history = 1;
  bool json = false, as_map = false, pooled = false, group = false, versions = false;
};

insight::v1::Unit UnitOf(const KpiArguments& arguments) {
  insight::v1::Unit unit;
  unit.set_plant_id(arguments.group ? "*" : arguments.plant);
  unit.set_country(arguments.country);
  unit.set_workshop_id(arguments.workshop);
  unit.set_line_id(arguments.line);
  return unit;
}

std::string UnitText(const KpiArguments& arguments) {
  if (arguments.group) return "The group";
  return arguments.country.empty() ? "Plant " + arguments.plant : "Country " + arguments.country;
}

// "2 of 3" where a value is made of several plants.
std::string PlantsText(const KpiValue& value) {
  const int all = value.plants() + value.plants_missing();
  return all == 0 ? "-" : std::to_string(value.plants()) + " of " + std::to_string(all);
}

// "2026-03-01T08:00:00Z" or with a zone; false for anything else.
template <typename Request>
bool SetAsOf(const std::string& text, Request* request) {
  return text.empty() || google::protobuf::util::TimeUtil::FromString(text, request->mutable_as_of());
}

Status BadAsOf(const std::string& text) {
  return InvalidArgument("--as-of: '" + text + "' is no instant; write 2026-03-01T08:00:00Z");
}

kpi::v1::Grain GrainOf(const std::string& name) {
  for (int i = 0; i < kpi::v1::Grain_descriptor()->value_count(); ++i) {
    const auto* value = kpi::v1::Grain_descriptor()->value(i);
    if (events::EnumText(*value) == name) return static_cast<kpi::v1::Grain>(value->number());
  }
  return kpi::v1::GRAIN_UNSPECIFIED;
}

std::string StatusText(const KpiValue& value) {
  return events::EnumText(*insight::v1::KpiStatus_descriptor(), value.status());
}

std::string Number(double number, int decimals) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, number);
  return buffer;
}

std::string ValueText(const KpiValue& value, const kpi::v1::KpiDefinition& kpi) {
  return value.has_value() ? Number(value.value(), kpi.decimals()) : "-";
}

std::string IntervalText(const KpiValue& value, const kpi::v1::KpiDefinition& kpi) {
  if (!value.has_ci_low() || !value.has_ci_high()) return "";
  return Number(value.ci_low(), kpi.decimals()) + " .. " + Number(value.ci_high(), kpi.decimals());
}

std::string UnitText(const kpi::v1::KpiDefinition& kpi) { return kpi.unit_en(); }

// "2026-03-01" to how people name the period: 2026-03, 2026-Q1, 2026, week by its Monday.
std::string PeriodText(const KpiValue& value, kpi::v1::Grain grain) {
  const std::string& start = value.period_start();
  if (start.size() != 10) return start;
  switch (grain) {
    case kpi::v1::GRAIN_MONTH:
      return start.substr(0, 7);
    case kpi::v1::GRAIN_QUARTER:
      return start.substr(0, 4) + "Q" + std::to_string(((start[5] - '0') * 10 + start[6] - '0' - 1) / 3 + 1);
    case kpi::v1::GRAIN_YEAR:
      return start.substr(0, 4);
    case kpi::v1::GRAIN_ROLLING_12_MONTHS:
      return value.period_end().substr(0, 7);
    default:
      return start;
  }
}

double ToDouble(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "SW+KZ": the codes of what a KPI speaks of.
std::string Codes(const google::protobuf::EnumDescriptor& type,
                  const google::protobuf::RepeatedField<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : "+") + events::EnumText(type, number);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

int List(const KpiArguments& arguments) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  auto stub = insight::v1::InsightService::NewStub((*connection)->For("insight"));
  insight::v1::ListKpisResponse response;
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(30));
  Status status =
      FromGrpc(stub->ListKpis(&context, {}, &response), "listing KPIs", (*connection)->AddressOf("insight"));
  if (!status.ok()) return Fail(status);
  if (arguments.json) return std::printf("%s\n", JsonOf(response, true).c_str()), 0;
  Table table({"KPI", "name", "名称", "unit", "pillar", "TPS", "新质", "board", "good"});
  for (const kpi::v1::KpiDefinition& kpi : response.kpis()) {
    const char* good = kpi.direction() == kpi::v1::DIRECTION_HIGHER_IS_BETTER  ? "up"
                       : kpi.direction() == kpi::v1::DIRECTION_LOWER_IS_BETTER ? "down"
                                                                               : "context";
    table.Add({kpi.id(), kpi.name_en(), kpi.name_zh(), UnitText(kpi), kpi.pillar(),
               Codes(*kpi::v1::TpsElement_descriptor(), kpi.tps()),
               Codes(*kpi::v1::ProductiveForce_descriptor(), kpi.productive_forces()), kpi.board(), good});
  }
  std::printf("%s", table.ToText().c_str());
  return 0;
}

void PrintSeriesMap(const insight::v1::GetKpiSeriesResponse& response, kpi::v1::Grain grain) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const KpiValue& value : response.values()) {
    members.emplace_back(PeriodText(value, grain), value.has_value() ? JsonNumber(value.value()) : "null");
  }
  std::printf("%s\n", JsonObject(members).c_str());
}

// The ratio of the sums over all periods: never the mean of their values.
void PrintPooled(const insight::v1::GetKpiSeriesResponse& response) {
  double numerator = 0, denominator = 0;
  for (const KpiValue& value : response.values()) {
    numerator += ToDouble(value.numerator());
    denominator += ToDouble(value.denominator());
  }
  double factor = response.kpi().factor().empty() ? 1 : ToDouble(response.kpi().factor());
  std::printf("%s\n", denominator > 0 ? JsonNumber(factor * numerator / denominator).c_str() : "null");
}

// What a figure made of others owes to each of them.
void PrintParts(const insight::v1::GetKpiSeriesResponse& response) {
  if (response.kpi().parts().empty()) return;
  Table table({"period", "part", "value", "target", "reached"});
  for (const KpiValue& value : response.values()) {
    for (const insight::v1::KpiPart& part : value.parts()) {
      table.Add({value.period_start(), part.kpi_id(), part.has_value() ? Number(part.value(), 1) : "-",
                 JsonNumber(part.target()),
                 part.has_reached() ? Number(100 * part.reached(), 1) + " %" : "-"});
    }
  }
  std::printf("%s", table.ToText().c_str());
}

void PrintSeries(const insight::v1::GetKpiSeriesResponse& response, kpi::v1::Grain grain) {
  std::printf("%s / %s, %s, version %d\n", response.kpi().name_en().c_str(), response.kpi().name_zh().c_str(),
              UnitText(response.kpi()).c_str(), response.kpi().version());
  Table table(
      {"period", "value", "95 % interval", "numerator", "denominator", "n", "status", "complete", "plants"});
  for (const KpiValue& value : response.values()) {
    table.Add(
        {PeriodText(value, grain), ValueText(value, response.kpi()), IntervalText(value, response.kpi()),
         value.numerator(), value.denominator(), std::to_string(value.n()), StatusText(value),
         value.has_completeness() ? Number(100 * value.completeness(), 1) + " %" : "-", PlantsText(value)});
  }
  std::printf("%s", table.ToText().c_str());
  PrintParts(response);
  if (response.has_target()) {
    std::printf("Target from %s: green %s, yellow %s\n", response.target().valid_from().c_str(),
                JsonNumber(response.target().green()).c_str(),
                JsonNumber(response.target().yellow()).c_str());
  }
}

int Series(const KpiArguments& arguments) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  auto stub = insight::v1::InsightService::NewStub((*connection)->For("insight"));
  insight::v1::GetKpiSeriesRequest request;
  request.set_kpi_id(arguments.kpi_id);
  *request.mutable_unit() = UnitOf(arguments);
  request.set_grain(GrainOf(arguments.grain));
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  request.set_dimension(arguments.dimension);
  if (!SetAsOf(arguments.as_of, &request)) return Fail(BadAsOf(arguments.as_of));
  // The newest first, which says which others there are.
  std::vector<std::string> ids{arguments.kpi_id};
  for (size_t i = 0; i < ids.size(); ++i) {
    request.set_kpi_id(ids[i]);
    insight::v1::GetKpiSeriesResponse response;
    grpc::ClientContext context;
    SetDeadline(context, std::chrono::seconds(60));
    Status status = FromGrpc(stub->GetKpiSeries(&context, request, &response), "reading " + ids[i],
                             (*connection)->AddressOf("insight"));
    if (!status.ok()) return Fail(status);
    if (arguments.versions && i == 0) {
      const auto& older = response.kpi().older_versions();
      for (auto version = older.rbegin(); version != older.rend(); ++version)
        ids.push_back(response.kpi().id() + "@" + std::to_string(*version));
    }
    if (arguments.pooled) {
      PrintPooled(response);
    } else if (arguments.as_map) {
      PrintSeriesMap(response, request.grain());
    } else if (arguments.json) {
      std::printf("%s\n", JsonOf(response, true).c_str());
    } else {
      PrintSeries(response, request.grain());
    }
  }
  return 0;
}

int Snapshot(const KpiArguments& arguments) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  auto stub = insight::v1::InsightService::NewStub((*connection)->For("insight"));
  insight::v1::GetKpiSnapshotRequest request;
  *request.mutable_unit() = UnitOf(arguments);
  request.set_day(arguments.day);
  for (const std::string& id : arguments.kpi_ids) request.add_kpi_ids(id);
  request.set_grain(GrainOf(arguments.grain));
  request.set_history(arguments.history);
  if (!SetAsOf(arguments.as_of, &request)) return Fail(BadAsOf(arguments.as_of));
  insight::v1::GetKpiSnapshotResponse response;
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(60));
  Status status = FromGrpc(stub->GetKpiSnapshot(&context, request, &response),
                           "reading " + UnitText(arguments), (*connection)->AddressOf("insight"));
  if (!status.ok()) return Fail(status);
  if (arguments.json) return std::printf("%s\n", JsonOf(response, true).c_str()), 0;
  std::printf("%s, production day %s\n", UnitText(arguments).c_str(), response.day().c_str());
  Table table({"KPI", "名称", "period", "value", "unit", "change", "target", "status"});
  for (const auto& entry : response.entries()) {
    std::string state = events::EnumText(*insight::v1::TargetState_descriptor(), entry.target_state());
    std::string change = !entry.has_change() ? "-"
                                             : (entry.change() > 0 ? "+" : "") +
                                                   Number(entry.change(), entry.kpi().decimals()) +
                                                   (entry.change_is_signal() ? " !" : "");
    table.Add({entry.kpi().id(), entry.kpi().name_zh(), PeriodText(entry.current(), entry.grain()),
               ValueText(entry.current(), entry.kpi()), UnitText(entry.kpi()), change,
               state.empty() ? "-" : state, StatusText(entry.current())});
  }
  std::printf("%s", table.ToText().c_str());
  if (response.has_completeness()) {
    std::printf("%.1f %% of the reports expected in the last seven days are there.\n",
                100 * response.completeness());
  }
  return 0;
}

}  // namespace

void AddKpi(CLI::App& root, int& exit_code) {
  CLI::App* verb = root.add_subcommand("kpi", "Reads the KPIs");
  verb->require_subcommand(1);
  const std::vector<std::string> grains{"day", "week", "month", "quarter", "year", "rolling_12_months"};
  auto arguments = std::make_shared<KpiArguments>();

  CLI::App* list = verb->add_subcommand("list", "Lists the catalogue");
  list->callback([arguments, &exit_code] { exit_code = List(*arguments); });

  CLI::App* series = verb->add_subcommand("series", "One KPI of one unit over time");
  series->add_option("kpi", arguments->kpi_id, "KPI id; id@version for an older definition")->required();
  series->add_flag("--versions", arguments->versions, "Under the older versions of its definition, too");
  series->add_option("--from", arguments->from, "First day, 2026-03-01");
  series->add_option("--to", arguments->to, "Last day; today without it");
  series->add_option("--dimension", arguments->dimension,
                     "Value of the KPI's dimension; the total without it");
  series->add_flag("--as-map", arguments->as_map, "Print {period: value} as JSON");
  series->add_flag("--pooled", arguments->pooled, "Print the ratio of the sums over all periods");
  series->callback([arguments, &exit_code] { exit_code = Series(*arguments); });

  CLI::App* snapshot = verb->add_subcommand("snapshot", "All KPIs of one unit");
  snapshot->add_option("--day", arguments->day, "A day of the period; today without it");
  snapshot->add_option("--kpi", arguments->kpi_ids, "Only these KPIs");
  snapshot->add_option("--history", arguments->history, "Periods of history with --json");
  snapshot->callback([arguments, &exit_code] { exit_code = Snapshot(*arguments); });

  for (CLI::App* part : {list, series, snapshot}) {
    arguments->servers.AddTo(*part);
    part->add_flag("--json", arguments->json, "Print JSON");
    if (part == list) continue;
    CLI::Option_group* unit = part->add_option_group("unit");
    unit->add_option("--plant", arguments->plant, "Plant id");
    unit->add_option("--country", arguments->country, "All plants registered in this country");
    unit->add_flag("--group", arguments->group, "All plants");
    unit->require_option(1);
    part->add_option("--workshop", arguments->workshop, "Workshop id");
    part->add_option("--line", arguments->line, "Line id");
    part->add_option("--as-of", arguments->as_of, "What was known then, 2026-03-01T08:00:00Z");
    part->add_option("--grain", arguments->grain, "day, week, month, quarter, year or rolling_12_months")
        ->check(CLI::IsMember(grains));
  }
}

}  // namespace yokoten::cli
