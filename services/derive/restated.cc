#include "derive/restated.h"

#include <optional>
#include <sstream>

#include "base/date.h"
#include "derive/state.h"
#include "events/derived.h"
#include "events/identity.h"
#include "kafka/delivery.h"
#include "kpi/quantile.h"

namespace yokoten::derive {
namespace {

// Events of one run; what is left comes with the next.
constexpr int kRowsMax = 5000;

// One side of the change: a cell's value and the sides it is made of.
struct Figure {
  std::optional<double> value;
  std::string numerator, denominator;
};

Figure FigureOf(const kpi::v1::KpiDefinition& definition, const clickhouse::Rows& rows, size_t row,
                const std::string& age) {
  Figure figure;
  const double factor = definition.factor().empty() ? 1 : std::stod(definition.factor());
  if (definition.numerator() == kpi::v1::AGGREGATION_VALUES) {
    std::istringstream samples(rows.Text(row, age + "_samples"));
    std::vector<double> closed;
    for (double sample = 0; samples >> sample;) closed.push_back(sample);
    const std::vector<WallTime> open(rows.UInt(row, age + "_open"));
    const size_t all = closed.size() + open.size();
    figure.numerator = std::to_string(closed.size());
    figure.denominator = std::to_string(all);
    const double q = definition.quantile().empty() ? 0.5 : std::stod(definition.quantile());
    if (const auto quantile = kpi::Quantile(std::move(closed), open, q, WallTime{}); quantile.value)
      figure.value = *quantile.value * factor;
    return figure;
  }
  const auto side = [&](kpi::v1::Aggregation aggregation, const std::string& name) -> std::string {
    if (aggregation == kpi::v1::AGGREGATION_ONE) return "1";
    return rows.Text(row, age + (aggregation == kpi::v1::AGGREGATION_MEAN_OF_DAYS ? "_mean_" : "_") + name);
  };
  figure.numerator = side(definition.numerator(), "n");
  figure.denominator = side(definition.denominator(), "d");
  if (const double denominator = std::stod(figure.denominator); denominator != 0)
    figure.value = factor * std::stod(figure.numerator) / denominator;
  return figure;
}

std::string SideColumns(const std::string& age) {
  const auto column = [&](const std::string& name, const std::string& side) {
    const std::string value = age + "_" + side;
    return ", toString(" + value + ") AS " + age + "_" + name + ", toString(" + value + " / greatest(" +
           value + "_days, 1)) AS " + age + "_mean_" + name;
  };
  return column("n", "numerator") + column("d", "denominator") +
         ", arrayStringConcat(arrayMap(s -> toString(s), r." + age + "_samples), ' ') AS " + age +
         "_samples, length(r." + age + "_open_since) AS " + age + "_open";
}

// Rows whose cells are stored and that are not published.
std::string RowsSql(const std::string& definitions) {
  const std::string entity =
      "concat('kpi/', toString(kpi), '/', substring(toString(month), 1, 7), if(dim = '', '', concat('/', "
      "dim)))";
  return "SELECT *, " + entity +
         " AS entity, concat(entity, '@', toString(old_version)) AS state_entity FROM kpi_restatement FINAL "
         "WHERE has({plants:Array(String)}, plant) AND (kpi, definition) IN (" +
         definitions +
         ") AND (toString(plant), state_entity) NOT IN (SELECT toString(plant), entity FROM derived_state "
         "WHERE "
         "rule = {rule:String}) AND (kpi, definition, plant, month, version) NOT IN (SELECT r.kpi, "
         "r.definition, "
         "r.plant, r.month, r.version FROM kpi_restatement AS r LEFT JOIN (SELECT kpi, definition, plant, "
         "day, "
         "max(version) AS stored FROM kpi_cell WHERE grain = 'm' AND level = 'plant' AND workshop = '' AND "
         "line "
         "= '' AND dim = '' AND (kpi, definition, plant, day) IN (SELECT kpi, definition, plant, month FROM "
         "kpi_restatement) GROUP BY kpi, definition, plant, day) AS c ON c.kpi = r.kpi AND c.definition = "
         "r.definition AND c.plant = r.plant AND c.day = r.month WHERE c.stored < r.version)";
}

void AddEvidence(const std::string& text, derived::v1::DerivedContext* context) {
  std::istringstream lines(text);
  std::string type, source, id;
  while (std::getline(lines, type) && std::getline(lines, source) && std::getline(lines, id)) {
    auto* evidence = context->add_evidence();
    evidence->set_event_type(type);
    evidence->set_source(source);
    evidence->set_id(id);
  }
}

}  // namespace

Result<size_t> PublishRestated(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                               const std::vector<std::string>& plants, kafka::RecordSink& sink,
                               const std::string& topic, const std::atomic<bool>& stopping) {
  std::string definitions;
  for (const kpi::Kpi& kpi : catalogue.kpis()) {
    definitions += (definitions.empty() ? "(" : ", (") + clickhouse::Quote(kpi.id()) + ", " +
                   std::to_string(kpi.hash) + ")";
  }
  clickhouse::Params params;
  params.parameters["plants"] = clickhouse::ArrayParameter(plants);
  params.parameters["rule"] = kRestatedRule;
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      clickhouse.Select("SELECT toString(plant) AS plant_id, toString(kpi) AS kpi_id, dim, toInt32(month) AS "
                        "month_day, entity, "
                        "state_entity, toUnixTimestamp64Milli(caused_at) AS ms, arrayStringConcat(arrayMap(c "
                        "-> concat(c.1, "
                        "'\\n', c.2, '\\n', c.3), causes), '\\n') AS evidence_text" +
                            SideColumns("old") + SideColumns("new") + " FROM (" + RowsSql(definitions) +
                            ") AS r ORDER BY ms, plant_id, entity LIMIT " + std::to_string(kRowsMax),
                        params));
  if (rows.empty()) return size_t{0};
  std::vector<events::Record> records;
  States states;
  for (size_t row = 0; row < rows.size(); ++row) {
    const kpi::v1::KpiDefinition& definition = catalogue.Find(rows.Text(row, "kpi_id"))->definition;
    const std::string& plant = rows.Text(row, "plant_id");
    const Day month{static_cast<int32_t>(rows.Int(row, "month_day"))};
    derived::v1::KpiRestated event;
    derived::v1::DerivedContext& context = *event.mutable_context();
    context.set_rule_id(kRestatedRule);
    context.set_plant_id(plant);
    context.set_entity(rows.Text(row, "entity"));
    // One change of a cell has one id, whoever tells of it and however often.
    context.set_id(events::DerivedId(kRestatedRule, plant, rows.Text(row, "state_entity"), 0));
    *context.mutable_due_at() = events::ToTimestamp(FromMicros(rows.Int(row, "ms") * 1000));
    AddEvidence(rows.Text(row, "evidence_text"), &context);
    event.set_kpi_id(definition.id());
    event.set_kpi_version(definition.version());
    event.set_dimension(rows.Text(row, "dim"));
    event.set_period_start(FormatDay(month));
    event.set_period_end(FormatDay(NextMonthStart(month) - 1));
    Figure before = FigureOf(definition, rows, row, "old"), now = FigureOf(definition, rows, row, "new");
    if (before.value) event.set_old_value(*before.value);
    event.set_old_numerator(std::move(before.numerator));
    event.set_old_denominator(std::move(before.denominator));
    if (now.value) event.set_new_value(*now.value);
    event.set_new_numerator(std::move(now.numerator));
    event.set_new_denominator(std::move(now.denominator));
    records.push_back(events::EncodeDerived(event));
    states.Add({.rule = kRestatedRule,
                .plant = plant,
                .entity = rows.Text(row, "state_entity"),
                .due_us = 0,
                .event_id = context.id(),
                .workshop = "",
                .line = ""});
  }
  const size_t count = records.size();
  YK_RETURN_IF_ERROR(kafka::ProduceAll(sink, topic, std::move(records), stopping));
  YK_RETURN_IF_ERROR(states.Store(clickhouse));
  return count;
}

}  // namespace yokoten::derive
