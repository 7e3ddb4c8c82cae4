// What the rollup asks and stores: plants, roots, versions, and the rounds that make cells.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "clickhouse/transport.h"
#include "fake_clickhouse.h"
#include "sql_text.h"
#include "world.h"

namespace yokoten::simulation {
namespace {

using clickhouse::ServerError;
using clickhouse::UInt128;

[[noreturn]] void Unknown(const std::string& sql) {
  std::fprintf(stderr, "the simulated ClickHouse does not know this statement: %s\n", sql.c_str());
  std::abort();
}

int32_t DayOf(const std::string& text) { return ParseDay(text).value_or(kFirstDay).value; }

}  // namespace

Result<std::string> Store::AnswerRollup(const std::string& sql) {
  const auto has = [&sql](std::string_view what) { return sql.find(what) != std::string::npos; };
  if (sql.starts_with("SELECT plant, minIf(")) {
    const auto list = QuotedIn(Between(sql, " AND plant IN (", ")"));
    std::map<std::string, std::pair<std::optional<int64_t>, std::optional<int32_t>>> first;
    for (const auto& [id, row] : event_keys) {
      if (row.plant == "*" || row.kind == "void") continue;
      if (!list.empty() && std::find(list.begin(), list.end(), row.plant) == list.end()) continue;
      auto& [at, on] = first[row.plant];
      if (row.on) on = std::min(on.value_or(*row.on), *row.on);
      if (!row.on) at = std::min(at.value_or(row.at), row.at);
    }
    std::string out = "plant\tat\tn_at\tday\tn_on\n";
    for (const auto& [plant, when] : first) {
      out += plant + "\t" + std::to_string(when.first.value_or(0)) + "\t" + (when.first ? "1" : "0") + "\t" +
             FormatDay(Day{when.second.value_or(0)}) + "\t" + (when.second ? "1" : "0") + "\n";
    }
    return out;
  }
  if (has("FROM plant_state FINAL")) {
    std::string out = "plant\tday\n";
    for (const auto& [plant, state] : plant_state)
      out += plant + "\t" + std::to_string(DayOf(state.second)) + "\n";
    return out;
  }
  if (has("SELECT DISTINCT plant FROM plant_state")) {
    std::string out = "plant\n";
    for (const auto& [plant, state] : plant_state) out += plant + "\n";
    return out;
  }
  if (has("SELECT plant, max(version) AS version FROM kpi_cell")) {
    std::map<std::string, uint64_t> versions;
    for (const auto& [key, cell] : cells) {
      if (key.grain == 'd') versions[key.plant] = std::max(versions[key.plant], cell.version);
    }
    std::string out = "plant\tversion\n";
    for (const auto& [plant, version] : versions) out += plant + "\t" + std::to_string(version) + "\n";
    return out;
  }
  if (sql.starts_with("SELECT plant, kpi, min(d) AS first")) {
    const auto plants = QuotedIn(Between(sql, ") AND plant IN (", ")"));
    const uint64_t least = std::strtoull(Between(sql, "version >= ", ")").c_str(), nullptr, 10);
    std::map<std::pair<std::string, std::string>, std::vector<std::pair<int32_t, int32_t>>> runs;
    for (const auto& [key, cell] : cells) {
      if (key.grain != 'd' || cell.version < least) continue;
      if (std::find(plants.begin(), plants.end(), key.plant) == plants.end()) continue;
      auto& own = runs[{key.plant, key.kpi}];
      if (!own.empty() && own.back().second + 1 == key.day) {
        own.back().second = key.day;
      } else {
        own.push_back({key.day, key.day});
      }
    }
    std::string out = "plant\tkpi\tfirst\tlast\n";
    for (const auto& [key, own] : runs) {
      for (const auto& [first, last] : own) {
        out +=
            key.first + "\t" + key.second + "\t" + std::to_string(first) + "\t" + std::to_string(last) + "\n";
      }
    }
    return out;
  }
  if (sql.starts_with("SELECT DISTINCT event_type, plant, toString(fact_key)")) {
    const std::set<Key> keys = KeysIn(sql);
    std::set<Key> meant = keys;
    for (const auto& [id, row] : event_keys) {
      if (keys.contains(row.fact_key)) meant.insert(row.root_key);
    }
    for (const Amendment& row : amendments) {
      if (keys.contains(row.root_key)) meant.insert(row.fact_key);
    }
    std::set<std::string> lines;
    for (const auto& [id, row] : event_keys) {
      if (row.kind == "void" || !meant.contains(row.fact_key)) continue;
      lines.insert(row.type + "\t" + row.plant + "\t" + UuidText(row.fact_key) + "\t" +
                   std::to_string(row.at) + "\t" + (row.on ? "1" : "0") + "\n");
    }
    return "event_type\tplant\tfact_key\tat\tis_date\n" + Joined(lines);
  }
  if (sql.starts_with("SELECT 1 AS one FROM kpi_cell")) {
    const std::string kpi = Between(sql, "kpi = '", "'"), plant = Between(sql, "plant = '", "'");
    const bool some = std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
      return cell.first.kpi == kpi && cell.first.plant == plant;
    });
    return std::string(some ? "one\n1\n" : "");
  }
  // No plant has a calendar, and no closed month a correction.
  if (has("FROM shift_interval") || has("SELECT toString(f.event_type) AS about") ||
      has("operations_calendar_published") || has("operations_calendar_corrected"))
    return std::string();
  Unknown(sql);
}

Status Store::TakeAway(const std::string& sql) {
  const std::string kpi = Between(sql, "kpi = '", "'"), plant = Between(sql, "plant = '", "'");
  const auto months = QuotedIn(Between(sql, "toStartOfMonth(day) IN (", ")"));
  World::Current().Hit(Branch::kCellsTakenAway);
  std::erase_if(cells, [&](const auto& cell) {
    const std::string month = FormatDay(MonthStart(Day{cell.first.day}));
    return cell.first.kpi == kpi && cell.first.plant == plant &&
           std::find(months.begin(), months.end(), month) != months.end();
  });
  return OkStatus();
}

Status Store::Round(const std::string& sql, std::string_view body, const std::string& name) {
  World& world = World::Current();
  Session& session = sessions_[name];
  const auto has = [&sql](std::string_view what) { return sql.find(what) != std::string::npos; };
  const auto creates = [&sql](std::string_view table) {
    return sql.starts_with("CREATE ") && Between(sql, "TEMPORARY TABLE ", " ") == table;
  };
  if (sql.starts_with("SET ") || sql.starts_with("USE ") || creates("round_scope") || creates("round_day") ||
      creates("round_shift") || creates("round_dead_key") ||
      sql.starts_with("INSERT INTO round_shift SELECT") ||
      sql.starts_with("INSERT INTO round_cells SELECT * "))
    return OkStatus();
  // A table whose columns were known before: it is filled by the next statement.
  const bool filled_later =
      sql.starts_with("CREATE ") && !has(" ENGINE = Memory AS ") && !has(" ENGINE = Join");
  if (sql.starts_with("INSERT INTO round_scope")) {
    for (const std::string& line : Lines(body)) {
      const auto row = Tabs(line);
      Session::ScopeDay day{row[0], DayOf(row[1]), {}, row[5] == "1"};
      for (const char c : row[4]) {
        if (c >= '0' && c <= '9') day.kpis.push_back(static_cast<uint16_t>(c - '0'));
      }
      session.scope.push_back(std::move(day));
    }
  } else if (creates("round_cells")) {
    session.cells.clear();
  } else if (creates("round_row")) {
    session.kpis.clear();
  } else if (filled_later && (creates("round_dead") || has("TABLE live_"))) {
    return OkStatus();
  } else if (creates("round_dead") || sql.starts_with("INSERT INTO round_dead ")) {
    ReadDead(session);
  } else if (creates("round_root")) {
    for (const auto& [id, row] : event_keys) {
      if (row.kind == "fact") session.roots.insert(row.fact_key);
    }
  } else if (sql.starts_with("CREATE OR REPLACE TEMPORARY TABLE live_") ||
             sql.starts_with("INSERT INTO live_")) {
    if (world.Chance(0.004)) {
      world.Hit(Branch::kMemoryLimit);
      return ServerError(500, 241, "Code: 241. DB::Exception: Memory limit exceeded");
    }
    for (const auto& [id, row] : facts) {
      const Key& key = std::get<0>(id);
      if (row.table != kFactTable || session.dead.contains(key)) continue;
      // A correction of what is not there says nothing.
      if (row.is_correction && !session.roots.contains(row.root_key)) continue;
      session.live[key] = row;
    }
  } else if (sql.starts_with("INSERT INTO round_row")) {
    // Once a seed, as the wait before the next try grows.
    if (!world.oracle.figures_refused && world.Chance(0.002)) {
      world.oracle.figures_refused = true;
      world.Hit(Branch::kFigureRefused);
      return ServerError(400, 407, "Code: 407. DB::Exception: Decimal math overflow");
    }
    session.kpis.insert(static_cast<uint16_t>(std::atoi(Between(sql, ") SELECT ", ",").c_str())));
  } else if (sql.starts_with("INSERT INTO round_cells") && has(" SELECT 'd', ")) {
    MakeDayCells(session, sql);
  } else if (sql.starts_with("INSERT INTO round_cells") && has(" SELECT 'm', ")) {
    MakeMonthCells(session, sql);
  } else {
    Unknown(sql);
  }
  return OkStatus();
}

// Voided roots with all their corrections, voided corrections, and all versions of a root but the last.
void Store::ReadDead(Session& session) {
  session.read_clock = Tick();
  World::Current().Note("a round reads at " + std::to_string(session.read_clock));
  std::set<Key> voided;
  std::map<Key, std::map<Key, UInt128>> corrections;  // of a root: each with its earliest copy's rank
  for (const Amendment& row : amendments) {
    if (row.kind == "void") {
      voided.insert(row.root_key);
    } else {
      UInt128& rank = corrections[row.root_key][row.fact_key];
      rank = std::max(rank, row.rank);
    }
  }
  session.dead = voided;
  for (const auto& [root, own] : corrections) {
    Key last;
    UInt128 rank = 0;
    for (const auto& [key, of] : own) {
      if (voided.contains(key)) continue;
      if (last.empty() || of < rank) {
        last = key;
        rank = of;
      }
    }
    for (const auto& [key, of] : own) {
      if (key != last || voided.contains(root)) session.dead.insert(key);
    }
    if (!last.empty()) session.dead.insert(root);
  }
}

void Store::MakeDayCells(Session& session, const std::string& sql) {
  const std::vector<std::string> kpis = QuotedIn(Between(sql, " SELECT 'd', unit.1, ([", "]"));
  const auto versions = VersionsIn(sql);
  for (const Session::ScopeDay& day : session.scope) {
    for (const uint16_t position : day.kpis) {
      const std::string& kpi = kpis.at(position);
      if (kpi != kSumKpi && kpi != kStockKpi) Unknown(sql);
      Cell cell{0, versions.at(day.plant), session.read_clock};
      for (const auto& [key, fact] : session.live) {
        if (fact.plant != day.plant || !session.kpis.contains(position)) continue;
        if (kpi == kSumKpi && fact.day == day.day) cell.value += fact.good;
        if (kpi == kStockKpi && fact.day <= day.day) cell.value += 1;
      }
      session.cells[{'d', kpi, day.plant, day.day}] = cell;
    }
  }
}

void Store::MakeMonthCells(Session& session, const std::string& sql) {
  const auto versions = VersionsIn(sql);
  std::map<CellKey, Cell> days;
  for (const auto& [key, cell] : session.cells) {
    if (key.grain == 'd') days[key] = cell;
  }
  if (sql.find("FROM kpi_cell FINAL") != std::string::npos) {
    std::set<std::pair<std::string, int32_t>> months;
    for (const Session::ScopeDay& day : session.scope) {
      if (day.rest) months.emplace(day.plant, MonthStart(Day{day.day}).value);
    }
    for (const auto& [key, cell] : cells) {
      if (key.grain != 'd' || !months.contains({key.plant, MonthStart(Day{key.day}).value})) continue;
      if (sql.find("('" + key.kpi + "', ") == std::string::npos) continue;
      if (days.emplace(key, cell).second) World::Current().Hit(Branch::kMonthFromStored);
    }
  }
  std::map<CellKey, Cell> made;
  for (const auto& [key, cell] : days) {  // in the order of the days
    Cell& month =
        made.try_emplace({'m', key.kpi, key.plant, MonthStart(Day{key.day}).value}, Cell{0, 0, UINT64_MAX})
            .first->second;
    month.value = key.kpi == kStockKpi ? cell.value : month.value + cell.value;
    month.version = versions.at(key.plant);
    month.read_clock = std::min(month.read_clock, cell.read_clock);
  }
  session.cells.merge(made);
}

void Store::StoreCells(const std::map<CellKey, Cell>& made, const std::set<int32_t>& years) {
  World& world = World::Current();
  Tick();
  for (const auto& [key, cell] : made) {
    if (!years.contains(YearStart(Day{key.day}).value)) continue;
    const auto [known, fresh] = cells.try_emplace(key, cell);
    if (world.verbose()) {
      world.Note("cell " + std::string(1, key.grain) + " " + FormatDay(Day{key.day}) + " " + key.kpi + " " +
                 key.plant + " = " + std::to_string(cell.value) + " version " +
                 std::to_string(cell.version & 0xffffffffff) + " over " +
                 (fresh ? "nothing" : std::to_string(known->second.version & 0xffffffffff)));
    }
    if (fresh && (cell.version & 1) != 0) world.Hit(Branch::kSweepFilled);
    if (fresh) continue;
    if (cell.version >= known->second.version || world.sabotage() == Sabotage::kIgnoreVersions) {
      known->second = cell;
    } else {
      world.Hit(Branch::kOlderCellsLost);
    }
  }
}

}  // namespace yokoten::simulation
