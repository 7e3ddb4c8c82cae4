#include "insight/figures.h"

#include <algorithm>

#include "insight/live_facts.h"
#include "insight/privacy.h"
#include "insight/requests.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

using kpi::v1::Grain;

constexpr char kCompletenessKpi[] = "data_completeness";
constexpr size_t kPeriodsMax = 5000;
constexpr int kHistoryDefault = 13;
constexpr int kHistoryMax = 60;
constexpr int kCompletenessDays = 7;

bool TooFine(const kpi::Kpi& kpi, const v1::Unit& unit) {
  const auto finest = kpi.definition.finest_level();
  if (!unit.line_id().empty()) return finest != kpi::v1::LEVEL_LINE;
  if (!unit.workshop_id().empty()) return finest == kpi::v1::LEVEL_PLANT;
  return false;
}

// What the KPI is not answered for at all, whatever the period.
Status CheckAnswerable(const kpi::Catalogue& catalogue, const kpi::Kpi& kpi, const v1::Unit& unit) {
  YK_RETURN_IF_ERROR(CheckPrivateQuestion(kpi, unit, "", kpi::v1::GRAIN_UNSPECIFIED));
  if (!IsAbovePlant(unit)) return OkStatus();
  for (const kpi::v1::Part& part : kpi.definition.parts())
    YK_RETURN_IF_ERROR(CheckAnswerable(catalogue, *catalogue.Find(part.kpi()), unit));
  return CheckAbovePlant(kpi);
}

// A plant that closed before the period's end has none of what is counted then.
bool HasNoStockAtEnd(const kpi::v1::KpiDefinition& definition, const Scope::Plant& plant,
                     const Period& period) {
  using kpi::v1::Aggregation;
  return plant.last < std::min(period.last, plant.current) &&
         (definition.numerator() == Aggregation::AGGREGATION_LAST ||
          definition.denominator() == Aggregation::AGGREGATION_LAST);
}

// A small exposure is told from a large one by what the whole group has.
bool UsesGroupRate(const kpi::v1::KpiDefinition& definition) {
  return definition.min_expected() > 0 && definition.privacy_k() == 0;
}

// Whether the KPI is known for periods of this grain: members are counted by fixed periods, and what is made
// of other KPIs has the grain that its targets are for.
bool KnowsGrain(const kpi::Kpi& kpi, Grain grain) {
  if (kpi.has_parts()) return grain == kpi.definition.default_grain();
  return !kpi.has_members() || !OwnGrain(grain).empty();
}

// Share of the expected that was received; nothing when nothing was expected.
std::optional<double> Share(const Sides& sides) {
  if (sides.denominator == 0) return std::nullopt;
  return sides.Numerator() / sides.Denominator();
}

}  // namespace

Result<Scope> Figures::ScopeOf(const v1::Unit& unit) const {
  return insight::ScopeOf(clickhouse_, unit,
                          view_ == nullptr ? std::nullopt : std::optional(view_->recorded_until_ms()));
}

Result<std::map<std::string, double>> Figures::GroupRates(const std::vector<const kpi::Kpi*>& kpis,
                                                          Day day) const {
  std::map<std::string, double> rates;
  std::string list;
  for (const kpi::Kpi* kpi : kpis) {
    if (!UsesGroupRate(kpi->definition)) continue;
    list +=
        (list.empty() ? "(" : ",(") + clickhouse::Quote(kpi->id()) + "," + std::to_string(kpi->hash) + ")";
  }
  if (list.empty()) return rates;
  const Period year = PeriodOf(Grain::GRAIN_ROLLING_12_MONTHS, day);
  clickhouse::Params params;
  params.parameters = {{"from", FormatDay(year.first)}, {"to", FormatDay(year.last)}};
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select(
          "SELECT kpi, toString(sum(numerator)) AS num, toString(sum(denominator)) AS den "
          "FROM kpi_cell AS c FINAL INNER JOIN (SELECT plant, toStartOfMonth(first_day) AS first_month, "
          "current_day FROM plant_state FINAL) AS s ON s.plant = c.plant WHERE grain = 'm' AND level = "
          "'plant' "
          "AND (kpi, definition) IN (" +
              list +
              ") AND workshop = '' AND line = '' AND dim = '' AND day BETWEEN {from:Date32} AND {to:Date32} "
              "AND day BETWEEN s.first_month AND s.current_day GROUP BY kpi",
          params));
  for (size_t row = 0; row < rows.size(); ++row) {
    const double denominator = ToDouble(ParseDecimal(rows.Text(row, "den")));
    if (denominator > 0)
      rates[rows.Text(row, "kpi")] = ToDouble(ParseDecimal(rows.Text(row, "num"))) / denominator;
  }
  return rates;
}

Result<std::map<std::string, v1::Target>> Figures::Targets(const v1::Unit& unit, Day day) const {
  // Facts of the group are given to the plants asked for: to its own name where no plant is.
  const std::string plants = "SELECT {plant:String}";
  kpi::FactQuery query;
  query.event = "operations.KpiTargetSet";
  query.plants = plants;
  query.columns = {"kpi_id", "unit_path", "valid_from", "green", "yellow"};
  query.production_days = false;
  query.where = "valid_from <= {day:Date32}";
  if (view_ != nullptr) query.recorded_until_ms = view_->recorded_until_ms();
  clickhouse::Params params;
  params.parameters = {{"plant", IsAbovePlant(unit) ? "*" : clickhouse::EscapeParameter(unit.plant_id())},
                       {"day", FormatDay(day)},
                       {"workshop", clickhouse::EscapeParameter(unit.workshop_id())},
                       {"line_path", clickhouse::EscapeParameter(unit.workshop_id() + "/" + unit.line_id())}};
  YK_ASSIGN_OR_RETURN(query.dead, DeadAmong(clickhouse_, query.event, plants, params));
  // The most specific path wins, then the latest day, then what was recorded first.
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select(
          "SELECT kpi_id, toString(green) AS green, toString(yellow) AS yellow, toString(valid_from) AS "
          "since "
          "FROM (" +
              kpi::LiveFactsSql(query) +
              ") WHERE unit_path IN ('', {workshop:String}, {line_path:String}) "
              "ORDER BY kpi_id, length(unit_path) DESC, valid_from DESC, rank DESC LIMIT 1 BY kpi_id",
          params));
  std::map<std::string, v1::Target> targets;
  for (size_t row = 0; row < rows.size(); ++row) {
    v1::Target target;
    target.set_green(ToDouble(ParseDecimal(rows.Text(row, "green"))));
    target.set_yellow(ToDouble(ParseDecimal(rows.Text(row, "yellow"))));
    target.set_valid_from(rows.Text(row, "since"));
    targets[rows.Text(row, "kpi_id")] = target;
  }
  return targets;
}

bool Figures::NeedsGroup(const kpi::Catalogue& catalogue, const std::vector<std::string>& kpi_ids) {
  const auto needs = [](const kpi::Kpi& kpi) { return UsesGroupRate(kpi.definition); };
  if (kpi_ids.empty()) return std::any_of(catalogue.kpis().begin(), catalogue.kpis().end(), needs);
  return std::any_of(kpi_ids.begin(), kpi_ids.end(), [&](const std::string& id) {
    const kpi::Kpi* kpi = catalogue.Find(id);
    return kpi != nullptr && needs(*kpi);
  });
}

Status Figures::ComputeView(const std::vector<Ask>& asks, const CellQuery (&queries)[2],
                            const bool (&used)[2], const kpi::Kpi* completeness, Day year_end) const {
  std::vector<WantedCells> wanted;
  const Period year = PeriodOf(Grain::GRAIN_ROLLING_12_MONTHS, year_end);
  for (const bool months : {false, true}) {
    if (!used[months]) continue;
    const CellQuery& query = queries[months];
    for (const auto& [plant, first, last] : query.plants) {
      for (const kpi::Kpi* kpi : query.kpis) wanted.push_back({plant, kpi, query.from, query.to});
      if (completeness != nullptr) wanted.push_back({plant, completeness, query.from, query.to});
    }
  }
  for (const Ask& ask : asks) {
    if (ask.kpi->has_members() && !ask.periods.empty()) {
      for (const auto& [plant, first, last] : queries[0].plants)
        wanted.push_back({plant, ask.kpi, ask.periods.front().first, ask.periods.back().last});
    }
    if (!UsesGroupRate(ask.kpi->definition)) continue;
    for (const std::string& plant : view_->plants())
      wanted.push_back({plant, ask.kpi, year.first, year.last});
  }
  return view_->Compute(catalogue_, wanted);
}

Result<Figures::Answered> Figures::AnswerPrivately(const Ask& ask, const v1::Unit& unit,
                                                   const std::string& dimension, const Scope& scope) const {
  Answered answer;
  std::vector<Frozen::Figure> figures(ask.periods.size());
  if (frozen_ != nullptr && scope.above_plant) {
    YK_ASSIGN_OR_RETURN(figures,
                        frozen_->ReadGroup(*ask.kpi, scope.plants, dimension, ask.periods, clock_.Now()));
  } else if (frozen_ != nullptr) {
    YK_ASSIGN_OR_RETURN(figures,
                        frozen_->Read(*ask.kpi, unit, dimension, ask.periods, scope.first, clock_.Now()));
  }
  for (size_t i = 0; i < ask.periods.size(); ++i) {
    // Nothing beside the figure: neither completeness nor the group's rate are of the same instant.
    ValueContext context;
    context.current_day = scope.current;
    context.now_us = ToMicros(figures[i].known_at);
    v1::KpiValue value = figures[i].shown
                             ? MakeValue(ask.kpi->definition, figures[i].sides, ask.periods[i], context)
                             : SuppressedValue(ask.periods[i]);
    value.set_dimension(dimension);
    answer.values.push_back(std::move(value));
    answer.sides.push_back(std::move(figures[i].sides));
  }
  return answer;
}

Result<PlantCells> Figures::ReadWithReports(CellQuery query, const kpi::Kpi* reports,
                                            const v1::Unit& unit) const {
  // Reports are counted by plant; often that is the unit asked for.
  CellQuery expected = query;
  expected.dimension.clear();
  const bool finer = reports != nullptr && TooFine(*reports, unit);
  if (finer) expected.workshop = expected.line = "";
  const bool same = reports != nullptr && query.dimension.empty() && !finer;
  if (same) query.kpis.push_back(reports);
  YK_ASSIGN_OR_RETURN(PlantCells cells, ReadCells(clickhouse_, query));
  if (reports == nullptr || same) return cells;
  expected.kpis = {reports};
  YK_ASSIGN_OR_RETURN(PlantCells counted, ReadCells(clickhouse_, expected));
  for (auto& [plant, series] : counted) cells[plant][reports->id()] = std::move(series[reports->id()]);
  return cells;
}

Result<Figures::Evaluation> Figures::Evaluate(const std::vector<Ask>& asked, const v1::Unit& unit,
                                              const std::string& dimension, const Scope& scope,
                                              Day day) const {
  // What a value is made of is asked for together with it, after what was asked.
  std::vector<Ask> asks = asked;
  for (const Ask& ask : asked) {
    for (const kpi::v1::Part& part : ask.kpi->definition.parts())
      asks.push_back({catalogue_.Find(part.kpi()), ask.grain, ask.periods});
  }
  // One statement for month cells and one for day cells, each over the widest range asked.
  CellQuery queries[2];
  bool used[2] = {};
  const auto widen = [&](bool months, Day from, Day to) {
    CellQuery& query = queries[months];
    from = std::max(from, scope.first);
    query.from = used[months] ? std::min(query.from, from) : from;
    query.to = used[months] ? std::max(query.to, to) : to;
    used[months] = true;
  };
  const kpi::Kpi* reports = catalogue_.Find(kCompletenessKpi);
  Day latest = kFirstDay;
  for (const Ask& ask : asks) {
    if (ask.periods.empty() || ask.kpi->definition.privacy_k() > 0 || ask.kpi->has_parts()) continue;
    const Day last = std::min(ask.periods.back().last, scope.current);
    const bool months = FromMonths(ask.grain);
    widen(months, ask.periods.front().first, last);
    if (ask.kpi != reports && !ask.kpi->has_members()) queries[months].kpis.push_back(ask.kpi);
    latest = std::max(latest, last);
  }
  // Of the reports the last week is asked, and the current day, whose reports are not due yet.
  Day ahead = std::max(day, latest);
  for (const Scope::Plant& plant : scope.plants) {
    if (ahead >= scope.current) ahead = std::max(ahead, plant.current);
  }
  if (reports != nullptr) widen(false, day - kCompletenessDays, ahead);
  for (const bool months : {false, true}) {
    CellQuery& query = queries[months];
    query.plants = scope.days();
    query.workshop = unit.workshop_id();
    query.line = unit.line_id();
    query.months = months;
    query.dimension = dimension;
  }
  if (view_ != nullptr)
    YK_RETURN_IF_ERROR(ComputeView(asks, queries, used, reports, std::min(latest, scope.current)));
  PlantCells cells[2];
  for (const bool months : {false, true}) {
    if (!used[months]) continue;
    YK_ASSIGN_OR_RETURN(cells[months], ReadWithReports(queries[months], reports, unit));
  }
  // What was received and expected in the period, less what is not due yet.
  const auto received = [&](bool months, const Period& period) {
    std::vector<Sides> all;
    for (const Scope::Plant& plant : scope.plants) {
      const auto& definition = reports->definition;
      Sides sides = Aggregate(definition, cells[months][plant.id][kCompletenessKpi], period);
      if (period.first <= plant.current && plant.current <= period.last) {
        const Sides not_due =
            Aggregate(definition, cells[0][plant.id][kCompletenessKpi], {plant.current, plant.current});
        sides.numerator -= not_due.numerator;
        sides.denominator -= not_due.denominator;
        sides.exposure -= not_due.exposure;
        sides.observations -= not_due.observations;
      }
      if (sides.generated) all.push_back(std::move(sides));
    }
    return Combine(reports->definition, all);
  };
  Evaluation evaluation;
  if (reports != nullptr)
    evaluation.completeness = Share(received(false, {day - kCompletenessDays, day - 1}));
  std::vector<const kpi::Kpi*> kpis;
  for (const Ask& ask : asks) kpis.push_back(ask.kpi);
  YK_ASSIGN_OR_RETURN(const auto rates, GroupRates(kpis, std::min(latest, scope.current)));

  for (const Ask& ask : asks) {
    const auto& definition = ask.kpi->definition;
    Answered answer;
    if (ask.kpi->has_parts()) {  // once its parts are there
      evaluation.answers.push_back(std::move(answer));
      continue;
    }
    if (definition.privacy_k() > 0) {
      YK_ASSIGN_OR_RETURN(answer, AnswerPrivately(ask, unit, dimension, scope));
      evaluation.answers.push_back(std::move(answer));
      continue;
    }
    const int months = FromMonths(ask.grain);
    if (ask.kpi->has_members() && !ask.periods.empty()) {
      CellQuery query = queries[months];
      query.kpis = {ask.kpi};
      query.own_grain = OwnGrain(ask.grain);
      query.from = ask.periods.front().first;
      query.to = ask.periods.back().first;
      YK_ASSIGN_OR_RETURN(auto members, ReadCells(clickhouse_, query));
      for (auto& [plant, series] : members)
        cells[months][plant][ask.kpi->id()] = std::move(series[ask.kpi->id()]);
    }
    ValueContext context;
    context.current_day = scope.current;
    context.now_us = ToMicros(clock_.Now());
    if (const auto rate = rates.find(ask.kpi->id()); rate != rates.end()) context.group_rate = rate->second;
    for (const Period& period : ask.periods) {
      if (reports != nullptr) context.completeness = Share(received(months, period));
      std::vector<Sides> sides;
      context.plants_missing = 0;
      for (const Scope::Plant& plant : scope.plants) {
        if (scope.above_plant && HasNoStockAtEnd(definition, plant, period)) continue;
        Sides own = Aggregate(definition, cells[months][plant.id][ask.kpi->id()], period);
        if (!scope.above_plant || HasData(definition, own)) {
          sides.push_back(std::move(own));
        } else {
          context.plants_missing += Scope::Has(plant, period);
        }
      }
      context.plants = scope.above_plant ? static_cast<int>(sides.size()) : 0;
      answer.sides.push_back(ask.kpi == reports ? received(months, period) : Combine(definition, sides));
      v1::KpiValue value = MakeValue(definition, answer.sides.back(), period, context);
      value.set_dimension(dimension);
      answer.values.push_back(std::move(value));
    }
    evaluation.answers.push_back(std::move(answer));
  }
  auto part = evaluation.answers.begin() + static_cast<std::ptrdiff_t>(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto parts = part;
    part += asked[i].kpi->definition.parts_size();
    if (asked[i].kpi->has_parts()) evaluation.answers[i] = MakeOfParts(asked[i], {parts, part});
  }
  evaluation.answers.resize(asked.size());
  return evaluation;
}

Figures::Answered Figures::MakeOfParts(const Ask& ask, const std::vector<Answered>& parts) {
  Answered answer;
  for (size_t p = 0; p < ask.periods.size(); ++p) {
    std::vector<v1::KpiValue> values;
    Sides sides;
    for (const Answered& part : parts) {
      values.push_back(part.values[p]);
      sides.generated = sides.generated || part.sides[p].generated;
    }
    answer.sides.push_back(sides);
    answer.values.push_back(MakeFromParts(ask.kpi->definition, values, ask.periods[p]));
  }
  return answer;
}

Status Figures::Series(const v1::GetKpiSeriesRequest& request, v1::GetKpiSeriesResponse* response) const {
  YK_RETURN_IF_ERROR(CheckUnit(request.unit()));
  const kpi::Kpi* kpi = catalogue_.Find(request.kpi_id());
  if (kpi == nullptr)
    return NotFound("kpi_id: there is no KPI '" + request.kpi_id() + "'; ListKpis names them");
  if (TooFine(*kpi, request.unit())) {
    return InvalidArgument(
        "unit: " + request.kpi_id() + " is not computed below " +
        (kpi->definition.finest_level() == kpi::v1::LEVEL_PLANT ? "the plant" : "the workshop"));
  }
  YK_RETURN_IF_ERROR(CheckPrivateQuestion(*kpi, request.unit(), request.dimension(), request.grain()));
  YK_RETURN_IF_ERROR(CheckAnswerable(catalogue_, *kpi, request.unit()));
  YK_ASSIGN_OR_RETURN(const Scope scope, ScopeOf(request.unit()));
  YK_ASSIGN_OR_RETURN(const auto from, OptionalDay(request.from(), "from"));
  YK_ASSIGN_OR_RETURN(const auto to, OptionalDay(request.to(), "to"));
  const Grain grain =
      request.grain() == Grain::GRAIN_UNSPECIFIED ? kpi->definition.default_grain() : request.grain();
  if (!KnowsGrain(*kpi, grain)) {
    return InvalidArgument(
        "grain: " + request.kpi_id() +
        (kpi->has_parts() ? " is made of other KPIs and known by its default grain only; leave the grain out"
                          : " counts persons once a period and is known by month, quarter and year"));
  }
  const Day last = std::min(to.value_or(scope.current), scope.current);
  const Day first = std::max(from.value_or(scope.first), scope.first);
  Ask ask{kpi, grain, PeriodsIn(grain, first, last, kPeriodsMax)};
  YK_ASSIGN_OR_RETURN(auto evaluation, Evaluate({ask}, request.unit(), request.dimension(), scope, last));
  *response->mutable_kpi() = kpi->definition;
  for (auto& value : evaluation.answers.front().values) *response->add_values() = std::move(value);
  YK_ASSIGN_OR_RETURN(const auto targets, Targets(request.unit(), last));
  if (const auto target = targets.find(kpi->base_id()); target != targets.end())
    *response->mutable_target() = target->second;
  return OkStatus();
}

Status Figures::Snapshot(const v1::GetKpiSnapshotRequest& request,
                         v1::GetKpiSnapshotResponse* response) const {
  YK_RETURN_IF_ERROR(CheckUnit(request.unit()));
  YK_ASSIGN_OR_RETURN(const auto asked_day, OptionalDay(request.day(), "day"));
  if (request.history() < 0 || request.history() > kHistoryMax) {
    return InvalidArgument("history: must be within 0 to " + std::to_string(kHistoryMax));
  }
  YK_ASSIGN_OR_RETURN(const Scope scope, ScopeOf(request.unit()));
  const Day day = std::min(asked_day.value_or(scope.current), scope.current);
  const size_t history = static_cast<size_t>(request.history() == 0 ? kHistoryDefault : request.history());

  std::vector<Ask> asks;
  const auto ask_for = [&](const kpi::Kpi& kpi) {
    if (TooFine(kpi, request.unit())) return;
    Grain grain =
        request.grain() == Grain::GRAIN_UNSPECIFIED ? kpi.definition.default_grain() : request.grain();
    if (grain == Grain::GRAIN_UNSPECIFIED) grain = Grain::GRAIN_MONTH;
    if (kpi.definition.privacy_k() > 0) grain = kpi.definition.default_grain();
    // The entry says which grain it has.
    if (!KnowsGrain(kpi, grain)) grain = kpi.definition.default_grain();
    // Of reports the last day that is over is asked: none is due on the current one.
    const bool not_over = kpi.id() == kCompletenessKpi && grain == Grain::GRAIN_DAY && day == scope.current;
    Ask ask{&kpi, grain, {PeriodOf(grain, not_over ? day - 1 : day)}};
    // One more than shown, so that the first one shown has a predecessor to be compared with.
    while (ask.periods.size() < history + 1) ask.periods.push_back(PeriodBefore(grain, ask.periods.back()));
    std::reverse(ask.periods.begin(), ask.periods.end());
    asks.push_back(std::move(ask));
  };
  if (request.kpi_ids().empty()) {
    for (const kpi::Kpi& kpi : catalogue_.kpis()) {
      if (!kpi.older && CheckAnswerable(catalogue_, kpi, request.unit()).ok()) ask_for(kpi);
    }
  }
  for (const auto& id : request.kpi_ids()) {
    const kpi::Kpi* kpi = catalogue_.Find(id);
    if (kpi == nullptr) return NotFound("kpi_ids: there is no KPI '" + id + "'; ListKpis names them");
    YK_RETURN_IF_ERROR(CheckAnswerable(catalogue_, *kpi, request.unit()));
    ask_for(*kpi);
  }
  YK_ASSIGN_OR_RETURN(const auto evaluation, Evaluate(asks, request.unit(), "", scope, day));
  YK_ASSIGN_OR_RETURN(const auto targets, Targets(request.unit(), day));

  for (size_t i = 0; i < asks.size(); ++i) {
    const auto& definition = asks[i].kpi->definition;
    const Answered& answer = evaluation.answers[i];
    auto* entry = response->add_entries();
    *entry->mutable_kpi() = definition;
    entry->set_grain(asks[i].grain);
    const size_t last = answer.values.size() - 1;
    // The latest of rolling years reach the current month for ever: they are compared as they are.
    const bool over =
        asks[i].grain == Grain::GRAIN_ROLLING_12_MONTHS || asks[i].periods.back().last < scope.current;
    const bool may_grow =
        !over && (Accumulates(definition) ||
                  std::any_of(definition.parts().begin(), definition.parts().end(), [&](const auto& part) {
                    return Accumulates(catalogue_.Find(part.kpi())->definition);
                  }));
    *entry->mutable_current() = answer.values[last];
    if (last >= 1 && answer.sides[last - 1].generated) {
      *entry->mutable_previous() = answer.values[last - 1];
      if (entry->current().has_value() && entry->previous().has_value() && !may_grow) {
        entry->set_change(entry->current().value() - entry->previous().value());
        // Rolling years share eleven months: their difference is no comparison of independent samples.
        entry->set_change_is_signal(asks[i].grain != Grain::GRAIN_ROLLING_12_MONTHS &&
                                    IsSignal(definition, answer.sides[last], answer.sides[last - 1]));
      }
    }
    for (size_t p = 1; p < answer.values.size(); ++p) {
      if (answer.sides[p].generated || p == last) *entry->add_history() = answer.values[p];
    }
    if (const auto target = targets.find(asks[i].kpi->base_id()); target != targets.end()) {
      *entry->mutable_target() = target->second;
      entry->set_target_state(StateAgainst(definition, entry->current(), target->second, may_grow));
    }
  }
  response->set_day(FormatDay(day));
  if (evaluation.completeness) response->set_completeness(*evaluation.completeness);
  return OkStatus();
}

}  // namespace yokoten::insight
