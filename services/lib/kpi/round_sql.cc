// Statements of a round. Planning costs more than reading, so what several KPIs need is a temporary table and
// the KPIs' own statements stay short.
#include "kpi/round_sql.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "kpi/fact_sql.h"
#include "kpi/round_plan.h"

namespace yokoten::kpi {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

std::string Quote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

// 'PL1', 'PL2'
std::string PlantList(const RoundPlan& plan) {
  std::string list;
  for (const PlantScope& scope : plan.plants) list += (list.empty() ? "" : ", ") + Quote(scope.plant);
  return list;
}

std::string LiveTable(const std::string& event) { return "live_" + TableOf(event); }
std::string StepTable(const std::string& step) { return "step_" + step; }

std::string Indices(const std::vector<uint16_t>& kpis) {
  std::string out = "[";
  for (const uint16_t kpi : kpis) {
    if (out.size() > 1) out += ',';
    out += std::to_string(kpi);
  }
  return out + "]";
}

// The scope of some of the plan's KPIs; all of them need no filter.
std::string ScopeSql(const RoundPlan& plan, const std::vector<uint16_t>& kpis) {
  const std::string columns = "(SELECT plant, day, starts_at, ends_at FROM round_scope";
  if (kpis.size() == plan.kpis.size()) return columns + ")";
  return columns + " WHERE " +
         (kpis.size() == 1 ? "has(kpis, " + std::to_string(kpis[0]) + ")"
                           : "hasAny(kpis, " + Indices(kpis) + ")") +
         ")";
}

std::string Render(const RoundPlan& plan, const Template& query, const std::vector<uint16_t>& kpis) {
  std::string sql;
  for (const Template::Piece& piece : query.pieces) {
    switch (piece.kind) {
      case Template::Kind::kText:
        sql += piece.text;
        break;
      case Template::Kind::kScope:
        sql += ScopeSql(plan, kpis);
        break;
      case Template::Kind::kPlants:
        sql += "(SELECT arrayJoin([" + PlantList(plan) + "]) AS plant)";
        break;
      case Template::Kind::kMonths:
        sql += "(SELECT plant, first_day, last_day FROM round_period WHERE grain = 'm')";
        break;
      case Template::Kind::kShifts:
        sql += "round_shift";
        break;
      case Template::Kind::kDead:
        sql += "round_dead";
        break;
      case Template::Kind::kFacts:
        sql += LiveTable(piece.text);
        break;
      case Template::Kind::kRows:
        sql += "fact_" + TableOf(piece.text);
        break;
      case Template::Kind::kStep:
        sql += StepTable(piece.text);
        break;
    }
  }
  return sql;
}

Statement Create(const std::string& table, const std::string& what, const std::string& select,
                 std::vector<uint16_t> users = {}, const std::string& columns_of = "") {
  return {what,
          "CREATE OR REPLACE TEMPORARY TABLE " + table + " ENGINE = Memory AS " + select,
          "",
          std::move(users),
          table,
          select,
          table + "|" + columns_of};
}

// What decides a live table's columns, which a step may all take over.
std::string ColumnsOf(const RoundPlan& plan, const std::string& event, const FactNeed& need) {
  std::string text = event + (plan.absent.contains(event) ? " absent(" : "(");
  for (const auto* columns : {&need.common, &need.columns}) {
    for (const std::string& column : *columns) text += column + ",";
    text += ";";
  }
  return text + ")";
}

// transform(plant, [plants], [versions]).
std::string VersionSql(const RoundPlan& plan, const std::string& plant) {
  std::string plants, versions;
  for (const PlantScope& scope : plan.plants) {
    plants += (plants.empty() ? "" : ", ") + Quote(scope.plant);
    versions += (versions.empty() ? "" : ", ") + ("toUInt64(" + std::to_string(scope.version) + ")");
  }
  return "transform(toString(" + plant + "), [" + plants + "], [" + versions + "], toUInt64(0))";
}

// transform(plant, [plants], [last production days]).
std::string LastDaySql(const RoundPlan& plan, const std::string& plant) {
  std::string plants, days;
  for (const PlantScope& scope : plan.plants) {
    plants += (plants.empty() ? "" : ", ") + Quote(scope.plant);
    days += (days.empty() ? "" : ", ") + ("toDate32('" + FormatDay(scope.range.second) + "')");
  }
  return "transform(toString(" + plant + "), [" + plants + "], [" + days + "], toDate32('1970-01-01'))";
}

std::string SideList(const RoundPlan& plan, bool numerator, v1::Aggregation aggregation) {
  std::string list;
  for (const Kpi* kpi : plan.kpis) {
    if ((numerator ? kpi->definition.numerator() : kpi->definition.denominator()) != aggregation) continue;
    list += (list.empty() ? "" : ", ") + Quote(kpi->id());
  }
  return list;
}

// A side of a month: by the KPI's aggregation, sum of all days or of the last one.
std::string MonthSide(const RoundPlan& plan, bool numerator) {
  const std::string column = numerator ? "numerator" : "denominator";
  const std::string last = SideList(plan, numerator, v1::AGGREGATION_LAST);
  const auto side = [&](const std::string& c) {
    if (last.empty()) return "sum(c." + c + ")";
    return "if(c.kpi IN (" + last + "), sumIf(c." + c + ", c.day = g.last_day), sum(c." + c + "))";
  };
  return side(column) + ", " + side(column + "_days");
}

// The units that a row counts for: [(level, workshop, line), ...].
std::string LevelsSql(const Kpi& kpi) {
  if (kpi.definition.finest_level() == v1::LEVEL_PLANT) return "[('plant', '', '')]";
  std::string levels =
      "arrayConcat([('plant', '', '')], if(workshop != '', [('workshop', toString(workshop), '')], [])";
  if (kpi.definition.finest_level() == v1::LEVEL_LINE)
    levels += ", if(line != '', [('line', toString(workshop), toString(line))], [])";
  return levels + ")";
}

constexpr char kCellColumns[] =
    "(grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, numerator_days, "
    "denominator, "
    "denominator_days, observations, sum_squares, samples, open_since, days, version)";

// Cells of the periods of a KPI that counts distinct members, and a row of zeros a day, which says that the
// day's facts are in them.
Statement MemberCells(const RoundPlan& plan, size_t position) {
  const Kpi& kpi = *plan.kpis[position];
  const std::vector<uint16_t> users{static_cast<uint16_t>(position)};
  const std::string own = "FROM round_period WHERE has(kpis, " + std::to_string(position) + ")";
  const std::string decimals =
      "CAST([], 'Array(Decimal(38, 6))'), CAST([], 'Array(DateTime64(6, \\'UTC\\'))')";
  const std::string zero = "toDecimal128(0, 6)";
  const std::string kpi_columns = Quote(kpi.id()) + ", " + std::to_string(kpi.hash) + ", toString(plant), ";
  const std::string sql =
      std::string("INSERT INTO round_cells ") + kCellColumns + " SELECT 'd', 'plant', " + kpi_columns +
      "'', '', '', day, " + zero + ", toUInt8(0), " + zero + ", toUInt8(0), toUInt64(0), " + zero + ", " +
      decimals + ", toUInt32(1), " + VersionSql(plan, "plant") + " FROM " + ScopeSql(plan, users) +
      " UNION ALL SELECT grain, unit.1, " + kpi_columns +
      "unit.2, unit.3, '', start, toDecimal128(countIf(above AND below), 6) AS n, n != 0, "
      "toDecimal128(countIf(below), 6) AS d, d != 0, countIf(below), " +
      zero + ", " + decimals + ", any(days), " + VersionSql(plan, "plant") +
      " FROM (SELECT p.plant AS plant, p.grain AS grain, p.start AS start, p.days AS days, m.unit AS unit, "
      "max(m.n) AS above, max(m.d) AS below FROM (SELECT plant, grain, start, toUInt32(toInt32(last_day) - "
      "toInt32(first_day) "
      "+ 1) "
      "AS days, first_day, last_day " +
      own +
      ") AS p INNER JOIN (SELECT toString(plant) AS plant, day, "
      "toString(member) AS member, numerator != 0 AS n, denominator != 0 AS d, unit FROM (" +
      Render(plan, kpi.query, users) + ") ARRAY JOIN " + LevelsSql(kpi) +
      // The row of zeros that stands for the period's generation names nobody.
      " AS unit UNION ALL SELECT toString(plant), first_day, '', toUInt8(0), toUInt8(0), ('plant', '', '') " +
      own +
      ") AS m ON m.plant = p.plant WHERE m.day BETWEEN p.first_day AND p.last_day GROUP BY plant, grain, "
      "start, "
      "days, unit, m.member) GROUP BY plant, grain, start, unit";
  return {"cells " + kpi.id(), sql, "", users};
}

}  // namespace

std::vector<Statement> OpenRound(const RoundPlan& plan) {
  std::vector<Statement> out;
  std::string days;
  for (const PlantScope& scope : plan.plants) {
    const std::set<Day> rest = MonthsWithRest(scope);
    for (size_t i = 0; i < scope.days.size(); ++i) {
      const ScopeDay& day = scope.days[i];
      days += scope.plant + "\t" + FormatDay(day.day) + "\t" + InstantText(day.starts_at) + "\t" +
              InstantText(day.ends_at) + "\t" + Indices(scope.kpis[i]) +
              (rest.contains(MonthStart(day.day)) ? "\t1\n" : "\t0\n");
    }
  }
  out.push_back(
      {"round",
       "CREATE OR REPLACE TEMPORARY TABLE round_scope (plant LowCardinality(String), day Date32, starts_at "
       "DateTime64(6, 'UTC'), ends_at DateTime64(6, 'UTC'), kpis Array(UInt16), rest UInt8) ENGINE = Memory",
       ""});
  out.push_back(
      {"round", "INSERT INTO round_scope (plant, day, starts_at, ends_at, kpis, rest) FORMAT TSV", days});
  out.push_back(
      {"round", "CREATE TEMPORARY TABLE round_day ENGINE = Set AS SELECT plant, day FROM round_scope", ""});
  if (HasMembers(plan)) {
    std::string periods;
    for (const PlantScope& scope : plan.plants) {
      for (const auto& [key, period] : MemberPeriods(plan, scope)) {
        periods += scope.plant + "\t" + key.first + "\t" + FormatDay(key.second) + "\t" +
                   FormatDay(period.first) + "\t" + FormatDay(period.last) + "\t" +
                   Indices({period.kpis.begin(), period.kpis.end()}) + "\n";
      }
    }
    out.push_back(
        {"round",
         "CREATE OR REPLACE TEMPORARY TABLE round_period (plant LowCardinality(String), grain String, start "
         "Date32, first_day Date32, last_day Date32, kpis Array(UInt16)) ENGINE = Memory",
         ""});
    if (!periods.empty()) {
      out.push_back({"round",
                     "INSERT INTO round_period (plant, grain, start, first_day, last_day, kpis) FORMAT TSV",
                     periods});
    }
  }
  out.push_back(Create("round_cells", "round", "SELECT * FROM kpi_cell LIMIT 0"));
  out.back().no_rows = true;
  out.push_back({"round",
                 "CREATE OR REPLACE TEMPORARY TABLE round_row (kpi UInt16, plant String, workshop String, "
                 "line String, dim "
                 "String, day Date32, n Decimal(38, 6), d Decimal(38, 6), o Int64, q Decimal(38, 6), s "
                 "Array(Decimal(38, "
                 "6)), w Array(DateTime64(6, 'UTC'))) ENGINE = Memory",
                 ""});
  out.push_back(Create("round_shift", "shifts", ShiftIntervalsSql(PlantList(plan))));
  return out;
}

std::vector<Statement> JudgeAmendments(const RoundPlan& plan) {
  const std::string plants = PlantList(plan);
  return {Create("round_dead", "corrections", DeadFactsSql(plants)),
          {"corrections",
           "CREATE TEMPORARY TABLE round_dead_key ENGINE = Set AS SELECT event_type, plant, entity, fact_key "
           "FROM "
           "round_dead",
           ""},
          {"corrections",
           "CREATE TEMPORARY TABLE round_root ENGINE = Join(ANY, LEFT, fact_key) AS " + RootRanksSql(plants),
           ""}};
}

FactQuery LiveFacts(const RoundPlan& plan, const std::string& event, std::vector<std::string> columns) {
  FactQuery query;
  query.event = event;
  query.plants = PlantList(plan);
  query.columns = std::move(columns);
  query.dead_keys = "round_dead_key";
  query.root_ranks = "round_root";
  query.intervals = "round_shift";
  return query;
}

std::string PresentEventsSql(const RoundPlan& plan) {
  const std::string plants = "'*', " + PlantList(plan);
  std::string sql;
  for (const std::string& event : EventsOf(plan)) {
    if (plan.present.contains(event)) continue;
    sql += (sql.empty() ? "" : " UNION ALL ") +
           ("(SELECT " + Quote(event) + " AS event, toString(plant) AS plant FROM fact_" + TableOf(event) +
            " WHERE plant IN (" + plants + ") LIMIT 1)");
  }
  return sql;
}

std::vector<Statement> PrepareRound(const Catalogue& catalogue, const RoundPlan& plan) {
  std::vector<Statement> out;
  Day first = kLastDay, last = kFirstDay;
  for (const PlantScope& scope : plan.plants) {
    for (const ScopeDay& day : scope.days) {
      first = std::min(first, day.day);
      last = std::max(last, day.day);
    }
  }
  std::string all_columns;
  for (auto [event, need] : FactsOf(plan)) {
    if (need.days_only) need.common.insert("day");
    FactQuery query = LiveFacts(plan, event, {need.columns.begin(), need.columns.end()});
    query.common = need.common;
    const std::string own = ColumnsOf(plan, event, need);
    all_columns += own;
    if (plan.absent.contains(event)) {
      out.push_back(Create(LiveTable(event), "live, absent", NoFactsSql(query), {}, own));
      out.back().no_rows = true;
      continue;
    }
    query.recorded_until_ms = plan.recorded_until_ms;
    if (need.days_only) {
      query.from_us = (first.value - 2) * kDayUs;
      query.to_us = (last.value + 3) * kDayUs;
      query.where = "(plant, day) IN (SELECT plant, day FROM " + ScopeSql(plan, need.users) + ")";
    }
    out.push_back(Create(LiveTable(event), "live " + event, LiveFactsSql(query), need.users, own));
  }
  // A step may take a live table's columns as they are; it is made of the same tables only where all are.
  const std::string digest = std::to_string(std::hash<std::string>{}(all_columns));
  for (const std::string& name : StepsOf(plan)) {
    const Step* step = catalogue.FindStep(name);
    const std::vector<uint16_t> users = UsersOf(plan, name);
    out.push_back(Create(StepTable(name), "step " + name, Render(plan, step->query, users), users, digest));
  }
  return out;
}

std::string QuerySql(const RoundPlan& plan, size_t position) {
  return Render(plan, plan.kpis[position]->query, {static_cast<uint16_t>(position)});
}

Statement DayRows(const RoundPlan& plan, size_t position) {
  const Kpi& kpi = *plan.kpis[position];
  if (kpi.has_members()) return MemberCells(plan, position);
  const std::vector<uint16_t> users{static_cast<uint16_t>(position)};
  const std::string sides =
      kpi.has_samples()
          ? "toDecimal128(0, 6), toDecimal128(0, 6), toInt64(count()), toDecimal128(0, 6), "
            "groupArray(CAST(sample, 'Nullable(Decimal(38, 6))')), groupArray(if(sample IS NULL, "
            "CAST(open_since, 'Nullable(DateTime64(6, \\'UTC\\'))'), NULL))"
          : "sum(toDecimal128(numerator, 6)), sum(toDecimal128(denominator, 6)), sum(toInt64(observations)), "
            "sum(toDecimal128(sum_squares, 6)), [], []";
  std::string sql = "INSERT INTO round_row (kpi, plant, workshop, line, dim, day, n, d, o, q, s, w) SELECT " +
                    std::to_string(position) + ", plant, workshop, line, " +
                    (kpi.has_dimension() ? "toString(dim)" : "''") + " AS own_dim, day, " + sides +
                    " FROM (" + Render(plan, kpi.query, users) +
                    ") WHERE (plant, day) IN round_day GROUP BY plant, workshop, line, own_dim, day";
  return {"rows " + kpi.id(), std::move(sql), "", users};
}

Statement DayCells(const RoundPlan& plan) {
  // Positions of the KPIs whose rows are told apart by something.
  std::vector<uint16_t> all, workshops, lines, no_total;
  std::string kpis;
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    const Kpi& kpi = *plan.kpis[i];
    kpis += (kpis.empty() ? "(" : ", (") + Quote(kpi.id()) + ", toUInt64(" + std::to_string(kpi.hash) + "))";
    if (kpi.has_members()) continue;
    all.push_back(i);
    if (kpi.definition.finest_level() != v1::LEVEL_PLANT) workshops.push_back(i);
    if (kpi.definition.finest_level() == v1::LEVEL_LINE) lines.push_back(i);
    if (kpi.definition.no_total()) no_total.push_back(i);
  }
  const auto among = [](const std::vector<uint16_t>& positions) {
    return "has(" + Indices(positions) + ", kpi)";
  };
  const std::string units = "arrayConcat([('plant', '', '')], if(workshop != '' AND " + among(workshops) +
                            ", [('workshop', workshop, '')], []), if(line != '' AND " + among(lines) +
                            ", [('line', workshop, line)], []))";
  // The row of zeros that stands for the day's generation has no dimension either way.
  const std::string with_dims = "arrayConcat(if(dim != '' AND " + among(no_total) +
                                ", [], arrayMap(u -> (u.1, u.2, u.3, ''), " + units +
                                ")), if(dim = '', [], arrayMap(u -> (u.1, u.2, u.3, dim), " + units + ")))";
  const std::string wanted = "SELECT arrayJoin(kpis) AS kpi, plant, day FROM round_scope";
  const std::string sql =
      std::string("INSERT INTO round_cells ") + kCellColumns + " SELECT 'd', unit.1, ([" + kpis +
      "][kpi + 1] AS named).1, named.2, plant, unit.2, unit.3, unit.4, day, sum(n) AS sn, sn != 0, sum(d) AS "
      "sd, "
      "sd != "
      "0, sum(o), sum(q), arraySort(groupArrayArray(s)), arraySort(groupArrayArray(w)), 1, " +
      VersionSql(plan, "plant") + " FROM (SELECT * FROM round_row" +
      (WantsAll(plan) ? "" : " WHERE (kpi, plant, day) IN (" + wanted + ")") +
      " UNION ALL SELECT kpi, plant, '', '', '', day, 0, 0, 0, 0, [], [] FROM (" + wanted + ") WHERE " +
      among(all) + ") ARRAY JOIN " + with_dims + " AS unit GROUP BY kpi, plant, day, unit";
  return {"cells", sql, ""};
}

std::string StepRowsSql(const RoundPlan& plan) {
  std::string tables;
  for (const std::string& step : StepsOf(plan)) {
    tables +=
        (tables.empty() ? "" : " UNION ALL ") + ("SELECT toString(plant) AS plant FROM " + StepTable(step));
  }
  return tables.empty() ? "" : "SELECT plant, count() AS rows FROM (" + tables + ") GROUP BY plant";
}

Statement MonthCells(const RoundPlan& plan) {
  const std::string generation = "level = 'plant' AND workshop = '' AND line = '' AND dim = ''";
  const std::string members = SideList(plan, true, v1::AGGREGATION_DISTINCT);
  const std::string no_members = members.empty() ? "" : " AND kpi NOT IN (" + members + ")";
  std::string days = "SELECT * FROM round_cells WHERE grain = 'd'" + no_members;
  std::string generations =
      "SELECT kpi, plant, day, version FROM round_cells WHERE grain = 'd' AND " + generation + no_members;
  if (const auto span = SpanOfMonthsWithRest(plan)) {
    std::string kpis;
    for (const Kpi* kpi : plan.kpis) {
      kpis += (kpis.empty() ? "" : ", ") + ("(" + Quote(kpi->id()) + ", " + std::to_string(kpi->hash) + ")");
    }
    const std::string where =
        " FROM kpi_cell FINAL WHERE grain = 'd' AND level IN ('plant', 'workshop', 'line') AND (kpi, "
        "definition) IN (" +
        kpis + ") AND plant IN (" + PlantList(plan) + ") AND day BETWEEN '" + FormatDay(span->first) +
        "' AND '" + FormatDay(span->second) +
        // A calendar may have taken back a day that had begun by the one before.
        "' AND day <= " + LastDaySql(plan, "plant") +
        " AND (plant, toStartOfMonth(day)) IN (SELECT plant, toStartOfMonth(day) FROM round_scope WHERE "
        "rest = 1) AND "
        "(kpi, plant, day) NOT IN (SELECT kpi, plant, day FROM round_cells WHERE grain = 'd')" +
        no_members;
    days += " UNION ALL SELECT *" + where;
    generations += " UNION ALL SELECT kpi, plant, day, version" + where + " AND " + generation;
  }
  std::string sql = std::string("INSERT INTO round_cells ") + kCellColumns +
                    " SELECT 'm', c.level, c.kpi, c.definition, c.plant, c.workshop, c.line, c.dim, "
                    "toDate32(toStartOfMonth(c.day)) AS month, " +
                    MonthSide(plan, true) + ", " + MonthSide(plan, false) +
                    ", sum(c.observations), sum(c.sum_squares), arraySort(groupArrayArray(c.samples)), "
                    "arraySort(groupArrayArray(c.open_since)), any(g.days), " +
                    VersionSql(plan, "c.plant") + " FROM (" + days +
                    ") AS c INNER JOIN (SELECT kpi, plant, day, version, max(day) OVER w AS last_day, "
                    "count() OVER w AS days FROM (" +
                    generations +
                    ") WINDOW w AS (PARTITION BY kpi, plant, toStartOfMonth(day))) AS g ON g.kpi = c.kpi AND "
                    "g.plant = c.plant AND "
                    "g.day = c.day AND g.version = c.version"
                    " GROUP BY c.level, c.kpi, c.definition, c.plant, c.workshop, c.line, c.dim, month";
  return {"months", std::move(sql), ""};
}

Statement StoreCells() { return {"store", "INSERT INTO kpi_cell SELECT * FROM round_cells", ""}; }

Statement CloseRound(const RoundPlan& plan) {
  std::string tables =
      "round_cells, round_row, round_inert, round_voided, round_dead, round_dead_key, round_root, "
      "round_shift, round_day, round_scope";
  if (HasMembers(plan)) tables += ", round_period";
  for (const auto& [event, need] : FactsOf(plan)) tables += ", " + LiveTable(event);
  for (const std::string& step : StepsOf(plan)) tables += ", " + StepTable(step);
  return {"close", "DROP TEMPORARY TABLE IF EXISTS " + tables, ""};
}

}  // namespace yokoten::kpi
