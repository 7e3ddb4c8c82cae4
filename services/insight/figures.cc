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

Result<Figures::PlantDays> Figures::DaysOf(const std::string& plant_id) const {
  clickhouse::Params params;
  params.parameters["plant"] = clickhouse::EscapeParameter(plant_id);
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select("SELECT toInt32(first_day) AS f, toInt32(current_day) AS c FROM plant_state FINAL "
                         "WHERE plant = {plant:String}",
                         params));
  if (rows.empty()) {
    return NotFound("plant '" + plant_id +
                    "' has no figures: no fact of it has been counted yet; ListPlants names the plants");
  }
  return PlantDays{Day{static_cast<int32_t>(rows.Int(0, "f"))}, Day{static_cast<int32_t>(rows.Int(0, "c"))}};
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
  const std::string plants = "SELECT {plant:String}";
  kpi::FactQuery query;
  query.event = "operations.KpiTargetSet";
  query.plants = plants;
  query.columns = {"kpi_id", "unit_path", "valid_from", "green", "yellow"};
  query.production_days = false;
  query.where = "valid_from <= {day:Date32}";
  if (view_ != nullptr) query.recorded_until_ms = view_->recorded_until_ms();
  clickhouse::Params params;
  params.parameters = {{"plant", clickhouse::EscapeParameter(unit.plant_id())},
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

Status Figures::ComputeView(const std::vector<Ask>& asks, const v1::Unit& unit, const CellQuery (&queries)[2],
                            const bool (&used)[2], const kpi::Kpi* completeness, Day year_end) const {
  std::vector<WantedCells> wanted;
  const Period year = PeriodOf(Grain::GRAIN_ROLLING_12_MONTHS, year_end);
  for (const bool months : {false, true}) {
    if (!used[months]) continue;
    const CellQuery& query = queries[months];
    for (const kpi::Kpi* kpi : query.kpis) wanted.push_back({unit.plant_id(), kpi, query.from, query.to});
    if (completeness != nullptr) wanted.push_back({unit.plant_id(), completeness, query.from, query.to});
  }
  for (const Ask& ask : asks) {
    if (ask.kpi->has_members() && !ask.periods.empty())
      wanted.push_back({unit.plant_id(), ask.kpi, ask.periods.front().first, ask.periods.back().last});
    if (!UsesGroupRate(ask.kpi->definition)) continue;
    for (const std::string& plant : view_->plants())
      wanted.push_back({plant, ask.kpi, year.first, year.last});
  }
  return view_->Compute(catalogue_, wanted);
}

Result<Figures::Answered> Figures::AnswerPrivately(const Ask& ask, const v1::Unit& unit,
                                                   const std::string& dimension,
                                                   const PlantDays& days) const {
  Answered answer;
  std::vector<Frozen::Figure> figures(ask.periods.size());
  if (frozen_ != nullptr) {
    YK_ASSIGN_OR_RETURN(figures,
                        frozen_->Read(*ask.kpi, unit, dimension, ask.periods, days.first, clock_.Now()));
  }
  for (size_t i = 0; i < ask.periods.size(); ++i) {
    // Nothing beside the figure: neither completeness nor the group's rate are of the same instant.
    ValueContext context;
    context.current_day = days.current;
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

Result<Figures::Evaluation> Figures::Evaluate(const std::vector<Ask>& asked, const v1::Unit& unit,
                                              const std::string& dimension, const PlantDays& days,
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
    // Days before the plant's first may have cells of a calendar that does not hold any more.
    from = std::max(from, months ? MonthStart(days.first) : days.first);
    query.from = used[months] ? std::min(query.from, from) : from;
    query.to = used[months] ? std::max(query.to, to) : to;
    used[months] = true;
  };
  const kpi::Kpi* completeness_kpi = catalogue_.Find(kCompletenessKpi);
  Day latest = kFirstDay;
  for (const Ask& ask : asks) {
    if (ask.periods.empty() || ask.kpi->definition.privacy_k() > 0 || ask.kpi->has_parts()) continue;
    // Days after the plant's current one may have cells of a calendar that does not hold any more.
    const Day last = std::min(ask.periods.back().last, days.current);
    const bool months = FromMonths(ask.grain);
    widen(months, ask.periods.front().first, last);
    if (ask.kpi != completeness_kpi && !ask.kpi->has_members()) queries[months].kpis.push_back(ask.kpi);
    latest = std::max(latest, last);
  }
  // Of the reports the last week is asked, and the current day, whose reports are not due yet.
  if (completeness_kpi != nullptr) widen(false, day - kCompletenessDays, std::max(day, latest));
  if (view_ != nullptr) {
    YK_RETURN_IF_ERROR(
        ComputeView(asks, unit, queries, used, completeness_kpi, std::min(latest, days.current)));
  }
  std::map<std::string, CellSeries> series[2];
  CellSeries reports[2];
  for (const bool months : {false, true}) {
    CellQuery& query = queries[months];
    if (!used[months]) continue;
    query.unit = unit;
    query.months = months;
    query.dimension = dimension;
    // Reports are counted by plant; often that is the unit asked for.
    CellQuery expected = query;
    expected.dimension.clear();
    if (completeness_kpi != nullptr && TooFine(*completeness_kpi, unit)) {
      expected.unit.clear_line_id();
      expected.unit.clear_workshop_id();
    }
    const bool same = completeness_kpi != nullptr && dimension.empty() && !TooFine(*completeness_kpi, unit);
    if (same) query.kpis.push_back(completeness_kpi);
    YK_ASSIGN_OR_RETURN(series[months], ReadCells(clickhouse_, query));
    if (completeness_kpi == nullptr) continue;
    if (!same) {
      expected.kpis = {completeness_kpi};
      YK_ASSIGN_OR_RETURN(auto cells, ReadCells(clickhouse_, expected));
      series[months][kCompletenessKpi] = std::move(cells[kCompletenessKpi]);
    }
    reports[months] = series[months][kCompletenessKpi];
  }
  Evaluation evaluation;
  Sides not_due;
  if (completeness_kpi != nullptr) {
    const auto& definition = completeness_kpi->definition;
    not_due = Aggregate(definition, reports[0], {days.current, days.current});
    evaluation.completeness = Share(Aggregate(definition, reports[0], {day - kCompletenessDays, day - 1}));
  }
  const auto due = [&](Sides sides, const Period& period) {
    if (period.first <= days.current && days.current <= period.last) {
      sides.numerator -= not_due.numerator;
      sides.denominator -= not_due.denominator;
      sides.observations -= not_due.observations;
    }
    return sides;
  };
  std::vector<const kpi::Kpi*> kpis;
  for (const Ask& ask : asks) kpis.push_back(ask.kpi);
  YK_ASSIGN_OR_RETURN(const auto rates, GroupRates(kpis, std::min(latest, days.current)));

  for (const Ask& ask : asks) {
    Answered answer;
    if (ask.kpi->has_parts()) {  // once its parts are there
      evaluation.answers.push_back(std::move(answer));
      continue;
    }
    if (ask.kpi->definition.privacy_k() > 0) {
      YK_ASSIGN_OR_RETURN(answer, AnswerPrivately(ask, unit, dimension, days));
      evaluation.answers.push_back(std::move(answer));
      continue;
    }
    const int months = FromMonths(ask.grain);
    CellSeries members;
    if (ask.kpi->has_members() && !ask.periods.empty()) {
      CellQuery query;
      query.kpis = {ask.kpi};
      query.unit = unit;
      query.own_grain = OwnGrain(ask.grain);
      query.from = ask.periods.front().first;
      query.to = ask.periods.back().first;
      query.dimension = dimension;
      YK_ASSIGN_OR_RETURN(auto cells, ReadCells(clickhouse_, query));
      members = std::move(cells[ask.kpi->id()]);
    }
    const CellSeries& own = ask.kpi->has_members() ? members : series[months][ask.kpi->id()];
    ValueContext context;
    context.current_day = days.current;
    context.now_us = ToMicros(clock_.Now());
    if (const auto rate = rates.find(ask.kpi->id()); rate != rates.end()) context.group_rate = rate->second;
    for (const Period& period : ask.periods) {
      if (completeness_kpi != nullptr) {
        context.completeness =
            Share(due(Aggregate(completeness_kpi->definition, reports[months], period), period));
      }
      const Sides sides = Aggregate(ask.kpi->definition, own, period);
      answer.sides.push_back(ask.kpi == completeness_kpi ? due(sides, period) : sides);
      v1::KpiValue value = MakeValue(ask.kpi->definition, answer.sides.back(), period, context);
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
  YK_ASSIGN_OR_RETURN(const PlantDays days, DaysOf(request.unit().plant_id()));
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
  const Day last = std::min(to.value_or(days.current), days.current);
  const Day first = std::max(from.value_or(days.first), days.first);
  Ask ask{kpi, grain, PeriodsIn(grain, first, last, kPeriodsMax)};
  YK_ASSIGN_OR_RETURN(auto evaluation, Evaluate({ask}, request.unit(), request.dimension(), days, last));
  *response->mutable_kpi() = kpi->definition;
  for (auto& value : evaluation.answers.front().values) *response->add_values() = std::move(value);
  YK_ASSIGN_OR_RETURN(const auto targets, Targets(request.unit(), last));
  if (const auto target = targets.find(kpi->id()); target != targets.end())
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
  YK_ASSIGN_OR_RETURN(const PlantDays days, DaysOf(request.unit().plant_id()));
  const Day day = std::min(asked_day.value_or(days.current), days.current);
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
    const bool not_over = kpi.id() == kCompletenessKpi && grain == Grain::GRAIN_DAY && day == days.current;
    Ask ask{&kpi, grain, {PeriodOf(grain, not_over ? day - 1 : day)}};
    // One more than shown, so that the first one shown has a predecessor to be compared with.
    while (ask.periods.size() < history + 1) ask.periods.push_back(PeriodBefore(grain, ask.periods.back()));
    std::reverse(ask.periods.begin(), ask.periods.end());
    asks.push_back(std::move(ask));
  };
  if (request.kpi_ids().empty()) {
    for (const kpi::Kpi& kpi : catalogue_.kpis()) ask_for(kpi);
  }
  for (const auto& id : request.kpi_ids()) {
    const kpi::Kpi* kpi = catalogue_.Find(id);
    if (kpi == nullptr) return NotFound("kpi_ids: there is no KPI '" + id + "'; ListKpis names them");
    ask_for(*kpi);
  }
  YK_ASSIGN_OR_RETURN(const auto evaluation, Evaluate(asks, request.unit(), "", days, day));
  YK_ASSIGN_OR_RETURN(const auto targets, Targets(request.unit(), day));

  for (size_t i = 0; i < asks.size(); ++i) {
    const auto& definition = asks[i].kpi->definition;
    const Answered& answer = evaluation.answers[i];
    auto* entry = response->add_entries();
    *entry->mutable_kpi() = definition;
    entry->set_grain(asks[i].grain);
    const size_t last = answer.values.size() - 1;
    *entry->mutable_current() = answer.values[last];
    if (last >= 1 && answer.sides[last - 1].generated) {
      *entry->mutable_previous() = answer.values[last - 1];
      if (entry->current().has_value() && entry->previous().has_value()) {
        entry->set_change(entry->current().value() - entry->previous().value());
        // Rolling years share eleven months: their difference is no comparison of independent samples.
        entry->set_change_is_signal(asks[i].grain != Grain::GRAIN_ROLLING_12_MONTHS &&
                                    IsSignal(definition, answer.sides[last], answer.sides[last - 1]));
      }
    }
    for (size_t p = 1; p < answer.values.size(); ++p) {
      if (answer.sides[p].generated || p == last) *entry->add_history() = answer.values[p];
    }
    if (const auto target = targets.find(definition.id()); target != targets.end()) {
      *entry->mutable_target() = target->second;
      entry->set_target_state(StateAgainst(definition, entry->current(), target->second));
    }
  }
  response->set_day(FormatDay(day));
  if (evaluation.completeness) response->set_completeness(*evaluation.completeness);
  return OkStatus();
}

}  // namespace yokoten::insight
