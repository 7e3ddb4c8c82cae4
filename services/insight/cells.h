// Reads KPI cells and puts them together to the sides of a ratio over a period. Integers and decimals until
// the end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "insight/periods.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Decimal(38, 6) as a whole number of millionths.
using Micros = __int128;
// "12.5" -> 12500000. Digits beyond the sixth are cut; what is no decimal is 0.
Micros ParseDecimal(const std::string& text);
// 12500000 -> "12.5", 3000000 -> "3".
std::string FormatDecimal(Micros value);
double ToDouble(Micros value);

// One cell of the unit asked for.
struct Cell {
  Day day;  // of a month cell: the month's first
  Micros numerator = 0;
  Micros denominator = 0;
  int64_t numerator_days = 0;
  int64_t denominator_days = 0;
  int64_t observations = 0;
  std::vector<Micros> samples;      // sorted
  std::vector<int64_t> open_since;  // microseconds UTC, sorted
};

// What was computed of one KPI for one unit: the days (or months) that have a generation, and the unit's
// cells among them. A generated day without a cell of the unit counts as zeros.
struct CellSeries {
  std::vector<Day> generated;  // ascending
  std::vector<Cell> cells;     // ascending
};

// A plant and the days of it that count. Cells outside them were written while another calendar held.
struct PlantDays {
  std::string plant;
  Day first;
  Day last;  // inclusive; of a month's cell any day of the month
};

struct CellQuery {
  std::vector<const kpi::Kpi*> kpis;
  std::vector<PlantDays> plants;
  std::string workshop;  // of each of them; '' = the plant
  std::string line;
  bool months = false;  // month cells instead of day cells
  // "m", "q" or "y": the periods' own cells, of KPIs that count members; their `day` is the period's first.
  std::string own_grain{};
  Day from;
  Day to;  // inclusive
  std::string dimension;
};

// By plant and KPI id; a KPI without any generation in the range has an empty series.
using PlantCells = std::map<std::string, std::map<std::string, CellSeries>>;
Result<PlantCells> ReadCells(clickhouse::Database& clickhouse, const CellQuery& query);

// Month cells of a plant, its workshops and the values of dimensions, by KPI id and then by (workshop,
// value); the plant and the total are ''. Months are those of [from, to].
using PartCells = std::map<std::string, std::map<std::pair<std::string, std::string>, CellSeries>>;
Result<PartCells> ReadWorkshopCells(clickhouse::Database& clickhouse,
                                    const std::vector<const kpi::Kpi*>& kpis, const std::string& plant,
                                    Day from, Day to);

// A KPI's sides over a period.
struct Sides {
  bool generated = false;  // at least one day of the period was computed
  Micros numerator = 0;
  // Side divided by this, for means of days; 1 otherwise.
  int64_t numerator_days = 1;
  Micros denominator = 0;
  int64_t denominator_days = 1;
  // The denominator's sum over all days, mean or not: what a group's rate of the same kind multiplies.
  Micros exposure = 0;
  int64_t observations = 0;
  std::vector<Micros> samples;
  std::vector<int64_t> open_since;

  double Numerator() const { return ToDouble(numerator) / static_cast<double>(numerator_days); }
  double Denominator() const { return ToDouble(denominator) / static_cast<double>(denominator_days); }
};

// Puts the period's cells together as the definition's aggregations say.
Sides Aggregate(const kpi::v1::KpiDefinition& definition, const CellSeries& series, const Period& period);

// Whether figures of several plants can be put together from their sides. InvalidArgument says why not.
Status CheckAbovePlant(const kpi::Kpi& kpi);
// Whether there is something of a plant to put together: cells, and of a mean of days a day that has a value
// (no roster is no data, not nobody).
bool HasData(const kpi::v1::KpiDefinition& definition, const Sides& sides);
// The sides of all plants together, of those that have data: what adds up is added, means of days as means,
// single values are all of theirs; a KPI of KpiDefinition.above_plant LEAST has the sides of the plant with
// the smallest value. The KPI must have passed CheckAbovePlant.
Sides Combine(const kpi::v1::KpiDefinition& definition, const std::vector<Sides>& plants);

// Smallest value with at least `quantile` of all values at or below it (nearest rank); the mean of the two
// middle values for the median of an even number. Open ones count as larger than any closed one.
struct QuantileValue {
  std::optional<Micros> value;  // set when it is determined
  std::optional<int64_t>
      open_since;  // else: the value will be at least the time since then (microseconds UTC)
};
QuantileValue QuantileOf(const Sides& sides, double quantile);

}  // namespace yokoten::insight
