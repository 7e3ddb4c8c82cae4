#include "insight/cells.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace yokoten::insight {
namespace {

using kpi::v1::Aggregation;

constexpr int64_t kMicrosPerUnit = 1000000;

// "[1.5,2]" -> items. ClickHouse writes arrays of numbers without quotes.
std::vector<std::string> SplitArray(const std::string& text) {
  std::vector<std::string> items;
  std::string item;
  for (const char c : text) {
    if (c == '[' || c == '\'' || c == ' ') continue;
    if (c == ',' || c == ']') {
      if (!item.empty()) items.push_back(item);
      item.clear();
    } else {
      item += c;
    }
  }
  return items;
}

std::string LevelOf(const CellQuery& query) {
  if (!query.line.empty()) return "line";
  return query.workshop.empty() ? "plant" : "workshop";
}

// The day of the cell that `day` is in.
Day StartOf(const CellQuery& query, Day day) {
  if (query.own_grain == "y") return YearStart(day);
  if (query.own_grain == "q") return QuarterStart(day);
  return query.months || query.own_grain == "m" ? MonthStart(day) : day;
}

constexpr char kSides[] =
    "toString(numerator) AS num, toString(denominator) AS den, numerator_days, denominator_days, "
    "observations, "
    "toString(samples) AS smp, toString(arrayMap(x -> toUnixTimestamp64Micro(x), open_since)) AS opn";

// Ids and hashes of our own catalogue, no caller's text.
std::string KpiList(const std::vector<const kpi::Kpi*>& kpis) {
  std::string list;
  for (const kpi::Kpi* kpi : kpis) {
    list +=
        (list.empty() ? "(" : ",(") + clickhouse::Quote(kpi->id()) + "," + std::to_string(kpi->hash) + ")";
  }
  return list;
}

// The cell in a row of kSides.
Cell CellAt(const clickhouse::Rows& rows, size_t row, Day day) {
  Cell cell;
  cell.day = day;
  cell.numerator = ParseDecimal(rows.Text(row, "num"));
  cell.denominator = ParseDecimal(rows.Text(row, "den"));
  cell.numerator_days = rows.Int(row, "numerator_days");
  cell.denominator_days = rows.Int(row, "denominator_days");
  cell.observations = rows.Int(row, "observations");
  for (const auto& item : SplitArray(rows.Text(row, "smp"))) cell.samples.push_back(ParseDecimal(item));
  for (const auto& item : SplitArray(rows.Text(row, "opn"))) cell.open_since.push_back(std::stoll(item));
  return cell;
}

// A kind that is not named here is not put together. Distinct persons are not: one may be in two plants, and
// no cell names anybody.
bool AddsUpOverPlants(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::AGGREGATION_SUM:
    case Aggregation::AGGREGATION_LAST:
    case Aggregation::AGGREGATION_MEAN_OF_DAYS:
    case Aggregation::AGGREGATION_VALUES:
    case Aggregation::AGGREGATION_ONE:
    case Aggregation::AGGREGATION_PARTS:  // if its parts do
      return true;
    default:
      return false;
  }
}

// Days that means of both may be written over, exact up to a bound that keeps 128 bits from overflowing.
constexpr int64_t kCommonDaysMax = 1'000'000'000'000;

int64_t CommonDays(int64_t a, int64_t b) {
  const int64_t most = kCommonDaysMax / b;
  return a == kCommonDaysMax || a / std::gcd(a, b) > most ? kCommonDaysMax : std::lcm(a, b);
}

// A mean over `days` as one over `common`, rounded where it is no multiple.
Micros Expand(Micros value, int64_t days, int64_t common) {
  return common % days == 0 ? value * (common / days) : (value * common + days / 2) / days;
}

Sides LeastOf(const std::vector<Sides>& plants) {
  Sides least;
  for (const Sides& plant : plants) {
    least.generated |= plant.generated;
    if (plant.denominator == 0) continue;
    if (least.denominator != 0 &&
        plant.Numerator() / plant.Denominator() >= least.Numerator() / least.Denominator())
      continue;
    least = plant;
  }
  return least;
}

}  // namespace

Micros ParseDecimal(const std::string& text) {
  size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++i;
  Micros value = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) value = value * 10 + (text[i] - '0');
  int digits = 0;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 6; ++i, ++digits) {
      value = value * 10 + (text[i] - '0');
    }
  }
  for (; digits < 6; ++digits) value *= 10;
  return negative ? -value : value;
}

std::string FormatDecimal(Micros value) {
  const bool negative = value < 0;
  unsigned __int128 rest =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  for (int i = 0; i < 6 || rest > 0 || digits.size() < 7; ++i) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  digits.insert(digits.size() - 6, ".");
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return negative ? "-" + digits : digits;
}

double ToDouble(Micros value) {
  return static_cast<double>(static_cast<long double>(value) / static_cast<long double>(kMicrosPerUnit));
}

Result<PlantCells> ReadCells(clickhouse::Database& clickhouse, const CellQuery& query) {
  PlantCells all;
  std::string plants;
  std::map<std::string, const PlantDays*> days;
  for (const PlantDays& plant : query.plants) {
    for (const kpi::Kpi* kpi : query.kpis) all[plant.plant][kpi->id()];
    plants += (plants.empty() ? "" : ", ") + clickhouse::Quote(plant.plant);
    days[plant.plant] = &plant;
  }
  if (all.empty()) return all;
  const std::string kpis = KpiList(query.kpis);
  clickhouse::Params params;
  const bool months = query.own_grain.empty() && query.months;
  params.parameters = {{"grain", query.own_grain.empty() ? (query.months ? "m" : "d") : query.own_grain},
                       {"level", LevelOf(query)},
                       {"workshop", clickhouse::EscapeParameter(query.workshop)},
                       {"line", clickhouse::EscapeParameter(query.line)},
                       {"dim", clickhouse::EscapeParameter(query.dimension)},
                       {"from", FormatDay(months ? MonthStart(query.from) : query.from)},
                       {"to", FormatDay(query.to)}};
  // One look at both: the plant's row is the generation, and a row of the unit counts if its version is the
  // same. Generations first, so that a day without a cell of the unit is known to be zeros and not "not
  // computed".
  const std::string sql =
      "SELECT toString(plant) AS p, kpi, toInt32(day) AS d, version, level = 'plant' AND dim = '' AS "
      "generation, level = {level:String} AND workshop = {workshop:String} AND line = {line:String} AND dim "
      "= "
      "{dim:String} AS own, " +
      std::string(kSides) +
      " FROM kpi_cell FINAL "
      "WHERE grain = {grain:String} AND level IN ('plant', {level:String}) AND (kpi, definition) IN (" +
      kpis + ") AND plant IN (" + plants +
      ") AND workshop IN ('', {workshop:String}) AND line IN ('', {line:String}) AND dim IN ('', "
      "{dim:String}) AND day BETWEEN {from:Date32} AND {to:Date32} AND (generation OR own) "
      "ORDER BY p, kpi, d, generation DESC";
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse.Select(sql, params));
  uint64_t version = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    const std::string& plant = rows.Text(row, "p");
    CellSeries& series = all[plant][rows.Text(row, "kpi")];
    const Day day{static_cast<int32_t>(rows.Int(row, "d"))};
    const Day first = StartOf(query, days.at(plant)->first);
    if (day < first || day > days.at(plant)->last) continue;
    if (rows.Int(row, "generation") != 0) {
      series.generated.push_back(day);
      version = rows.UInt(row, "version");
    }
    const bool generated = !series.generated.empty() && series.generated.back() == day;
    if (rows.Int(row, "own") == 0 || !generated || rows.UInt(row, "version") != version) continue;
    series.cells.push_back(CellAt(rows, row, day));
  }
  return all;
}

Result<PartCells> ReadWorkshopCells(clickhouse::Database& clickhouse,
                                    const std::vector<const kpi::Kpi*>& kpis, const std::string& plant,
                                    Day from, Day to) {
  PartCells all;
  if (kpis.empty()) return all;
  clickhouse::Params params;
  params.parameters = {{"plant", clickhouse::EscapeParameter(plant)},
                       {"from", FormatDay(MonthStart(from))},
                       {"to", FormatDay(to)}};
  const std::string sql =
      "SELECT kpi, toInt32(day) AS d, level = 'plant' AND dim = '' AS generation, toString(workshop) AS "
      "part, dim, " +
      std::string(kSides) +
      " FROM kpi_cell FINAL WHERE grain = 'm' AND level IN ('plant', 'workshop') AND (kpi, "
      "definition) IN (" +
      KpiList(kpis) +
      ") AND plant = {plant:String} AND day BETWEEN {from:Date32} AND {to:Date32} ORDER BY kpi, d";
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse.Select(sql, params));
  std::map<std::string, std::vector<Day>> generated;
  for (size_t row = 0; row < rows.size(); ++row) {
    const Day day{static_cast<int32_t>(rows.Int(row, "d"))};
    const std::string& kpi = rows.Text(row, "kpi");
    if (rows.Int(row, "generation") != 0) generated[kpi].push_back(day);
    all[kpi][{rows.Text(row, "part"), rows.Text(row, "dim")}].cells.push_back(CellAt(rows, row, day));
  }
  for (auto& [kpi, parts] : all) {
    for (auto& [part, series] : parts) series.generated = generated[kpi];
  }
  return all;
}

Sides Aggregate(const kpi::v1::KpiDefinition& definition, const CellSeries& series, const Period& period) {
  Sides sides;
  Day last_generated = kFirstDay;
  const auto after = std::upper_bound(series.generated.begin(), series.generated.end(), period.last);
  if (after != series.generated.begin() && *(after - 1) >= period.first) {
    sides.generated = true;
    last_generated = *(after - 1);
  }
  if (!sides.generated) return sides;

  struct Sum {
    Micros value = 0;
    int64_t days = 0;
  };
  const auto add = [&](Aggregation aggregation, Micros value, int64_t days, Day day, Sum* sum) {
    if (aggregation == Aggregation::AGGREGATION_LAST && day != last_generated) return;
    sum->value += value;
    sum->days += days;
  };
  Sum numerator, denominator;
  auto at = std::lower_bound(series.cells.begin(), series.cells.end(), period.first,
                             [](const Cell& cell, Day first) { return cell.day < first; });
  for (; at != series.cells.end() && at->day <= period.last; ++at) {
    const Cell& cell = *at;
    add(definition.numerator(), cell.numerator, cell.numerator_days, cell.day, &numerator);
    add(definition.denominator(), cell.denominator, cell.denominator_days, cell.day, &denominator);
    // Observations belong to the denominator's days: a stock's are those of its last day.
    if (definition.denominator() != Aggregation::AGGREGATION_LAST || cell.day == last_generated) {
      sides.observations += cell.observations;
    }
    sides.samples.insert(sides.samples.end(), cell.samples.begin(), cell.samples.end());
    sides.open_since.insert(sides.open_since.end(), cell.open_since.begin(), cell.open_since.end());
  }
  const auto close = [](Aggregation aggregation, const Sum& sum, Micros* value, int64_t* days) {
    *value = aggregation == Aggregation::AGGREGATION_ONE ? kMicrosPerUnit : sum.value;
    *days = aggregation == Aggregation::AGGREGATION_MEAN_OF_DAYS ? std::max<int64_t>(1, sum.days) : 1;
  };
  close(definition.numerator(), numerator, &sides.numerator, &sides.numerator_days);
  close(definition.denominator(), denominator, &sides.denominator, &sides.denominator_days);
  sides.exposure = sides.denominator;
  std::sort(sides.samples.begin(), sides.samples.end());
  std::sort(sides.open_since.begin(), sides.open_since.end());
  return sides;
}

Status CheckAbovePlant(const kpi::Kpi& kpi) {
  for (const auto side : {kpi.definition.numerator(), kpi.definition.denominator()}) {
    if (!AddsUpOverPlants(side))
      return InvalidArgument("unit: " + kpi.id() + " is not answered above the plant: " +
                             (side == Aggregation::AGGREGATION_DISTINCT
                                  ? "it counts distinct persons, and one may be in two plants"
                                  : "plants do not add up to it") +
                             "; ask for plants");
  }
  return OkStatus();
}

bool HasData(const kpi::v1::KpiDefinition& definition, const Sides& sides) {
  return sides.generated &&
         (definition.denominator() != Aggregation::AGGREGATION_MEAN_OF_DAYS || sides.denominator != 0);
}

Sides Combine(const kpi::v1::KpiDefinition& definition, const std::vector<Sides>& plants) {
  if (plants.size() == 1) return plants.front();
  if (definition.above_plant() == kpi::v1::ABOVE_PLANT_LEAST) return LeastOf(plants);
  Sides all;
  for (const Sides& plant : plants) {
    all.generated |= plant.generated;
    all.numerator_days = CommonDays(all.numerator_days, plant.numerator_days);
    all.denominator_days = CommonDays(all.denominator_days, plant.denominator_days);
  }
  for (const Sides& plant : plants) {
    all.numerator += Expand(plant.numerator, plant.numerator_days, all.numerator_days);
    all.denominator += Expand(plant.denominator, plant.denominator_days, all.denominator_days);
    all.exposure += plant.exposure;
    all.observations += plant.observations;
    all.samples.insert(all.samples.end(), plant.samples.begin(), plant.samples.end());
    all.open_since.insert(all.open_since.end(), plant.open_since.begin(), plant.open_since.end());
  }
  if (definition.numerator() == Aggregation::AGGREGATION_ONE) all.numerator = kMicrosPerUnit;
  if (definition.denominator() == Aggregation::AGGREGATION_ONE)
    all.denominator = all.exposure = kMicrosPerUnit;
  std::sort(all.samples.begin(), all.samples.end());
  std::sort(all.open_since.begin(), all.open_since.end());
  return all;
}

QuantileValue QuantileOf(const Sides& sides, double quantile) {
  const size_t closed = sides.samples.size();
  const size_t all = closed + sides.open_since.size();
  if (all == 0) return {};
  // The latest start is the smallest possible open value, so open ones follow in descending order of their
  // start.
  const auto at = [&](size_t index) -> QuantileValue {
    if (index < closed) return {sides.samples[index], std::nullopt};
    return {std::nullopt, sides.open_since[all - 1 - index]};
  };
  if (quantile == 0.5 && all % 2 == 0) {
    const QuantileValue upper = at(all / 2);
    if (!upper.value) return upper;
    return {(*at(all / 2 - 1).value + *upper.value) / 2, std::nullopt};
  }
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(all) - 1e-9));
  return at(std::min(all, std::max<size_t>(1, rank)) - 1);
}

}  // namespace yokoten::insight
