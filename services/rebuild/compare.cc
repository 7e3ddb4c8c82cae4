#include "rebuild/compare.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "kpi/fact_sql.h"
#include "rebuild/compare_sql.h"

namespace yokoten::rebuild {
namespace {

// Looks at what differs, at most.
constexpr int kLooksMax = 8;
// Tables and KPIs of one statement: planning costs more than reading, and the generations of its KPIs must
// fit into memory.
constexpr size_t kTables = 16, kKpis = 8;

using Sum = std::pair<std::string, std::string>;  // count and hash

// What one look saw of a row or figure that differs: values and versions of both sides.
using Seen = std::array<std::string, 4>;
struct Key {
  std::string table, plant, what;
  auto operator<=>(const Key&) const = default;
};

class Comparer {
 public:
  Comparer(clickhouse::Client& current, clickhouse::Client& rebuilt, const kpi::Catalogue& catalogue,
           const CompareScope& scope, const std::function<Status()>& level)
      : current_(current), rebuilt_(rebuilt), catalogue_(catalogue), scope_(scope), level_(level) {}

  Result<Comparison> Run() {
    YK_RETURN_IF_ERROR(Recorded());
    YK_RETURN_IF_ERROR(Moving());
    return std::move(told_);
  }

 private:
  std::string Current() const { return clickhouse::QuoteIdentifier(current_.options().database); }
  std::string Rebuilt() const { return clickhouse::QuoteIdentifier(rebuilt_.options().database); }

  // Everything that carries the time it was recorded.
  Status Recorded() {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows latest, current_.Select(LatestRecordSql()));
    const int64_t until = latest.Int(0, "ms");
    YK_RETURN_IF_ERROR(level_());
    std::set<std::string> names;
    for (clickhouse::Client* side : {&current_, &rebuilt_}) {
      YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, side->Select(FactTablesSql(side->options().database)));
      for (const std::string& name : rows.Texts("name")) names.insert(name);
    }
    const std::vector<RecordedTable> tables = RecordedTables(names);
    std::vector<RecordedTable> differ;
    for (size_t from = 0; from < tables.size(); from += kTables) {
      const std::span some(tables.data() + from, std::min(kTables, tables.size() - from));
      YK_ASSIGN_OR_RETURN(const auto ours, SumsOf(current_, some, until));
      YK_ASSIGN_OR_RETURN(const auto theirs, SumsOf(rebuilt_, some, until));
      for (const RecordedTable& table : some) {
        const Sum& sum = ours.at(table.name);
        if (table.name == "archive") told_.records = std::stoull(sum.first);
        if (table.name.starts_with("fact_")) told_.facts += std::stoull(sum.first);
        if (sum != theirs.at(table.name)) differ.push_back(table);
      }
    }
    if (differ.empty()) return OkStatus();
    // A broker's clock may lag behind another's: what came later with an earlier time is then in both.
    YK_RETURN_IF_ERROR(level_());
    for (const RecordedTable& table : differ) YK_RETURN_IF_ERROR(TellRecorded(table, until));
    return OkStatus();
  }

  Status TellRecorded(const RecordedTable& table, int64_t until) {
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        current_.Select(RecordedDifferencesSql(table, Current(), Rebuilt(), until, kDifferencesMax)));
    for (size_t i = 0; i < rows.size(); ++i) {
      told_.differences.push_back({table.name, rows.Text(i, "place"), rows.Text(i, "what"),
                                   rows.Text(i, "ours"), rows.Text(i, "theirs")});
    }
    return OkStatus();
  }

  static Result<std::map<std::string, Sum>> SumsOf(clickhouse::Client& side,
                                                   std::span<const RecordedTable> tables, int64_t until) {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, side.Select(RecordedSumsSql(tables, until)));
    std::map<std::string, Sum> sums;
    for (const RecordedTable& table : tables) sums[table.name] = {"0", "0"};
    for (size_t i = 0; i < rows.size(); ++i)
      sums[rows.Text(i, "name")] = {rows.Text(i, "n"), rows.Text(i, "hash")};
    return sums;
  }

  // Figures, and the verdicts of the identity pass: what changes.
  Status Moving() {
    YK_RETURN_IF_ERROR(ChooseDefinitions());
    std::vector<Figure> suspect;
    for (size_t from = 0; from < figures_.size(); from += kKpis) {
      const std::span some(figures_.data() + from, std::min(kKpis, figures_.size() - from));
      YK_ASSIGN_OR_RETURN(const auto ours, current_.Select(FigureSumsSql(some, Side::kCurrent, scope_)));
      YK_ASSIGN_OR_RETURN(const auto theirs, rebuilt_.Select(FigureSumsSql(some, Side::kRebuilt, scope_)));
      for (size_t i = 0; i < ours.size(); ++i) told_.figures += ours.UInt(i, "n");
      if (ours.rows == theirs.rows) continue;
      const std::set<std::string> differ = Differ(ours, theirs);
      for (const Figure& figure : some) {
        if (differ.contains(figure.kpi)) suspect.push_back(figure);
      }
    }
    // What is equal in the first look is equal; the others are looked at until each is, or stands still.
    std::map<Key, Seen> open;
    std::vector<std::pair<Key, Seen>> standing;
    for (int look = 0; look < kLooksMax; ++look) {
      if (look > 0) YK_RETURN_IF_ERROR(level_());
      std::map<Key, Seen> now;
      for (size_t from = 0; from < suspect.size(); from += kKpis) {
        const std::span some(suspect.data() + from, std::min(kKpis, suspect.size() - from));
        YK_RETURN_IF_ERROR(Look(
            "kpi_cell", FigureDifferencesSql(some, Current(), Rebuilt(), scope_, kDifferencesMax), &now));
      }
      for (const auto& [table, sql] : VerdictDifferencesSql(Current(), Rebuilt(), kDifferencesMax))
        YK_RETURN_IF_ERROR(Look(table, sql, &now));
      if (look == 0) {
        open = std::move(now);
      } else {
        std::map<Key, Seen> left;
        for (const auto& [key, seen] : open) {
          const auto again = now.find(key);
          if (again == now.end()) continue;
          if (again->second == seen)
            standing.emplace_back(key, seen);
          else
            left.emplace(key, again->second);
        }
        open = std::move(left);
      }
      if (open.empty()) break;
    }
    told_.moving = open.size();
    for (const auto& [key, seen] : standing)
      told_.differences.push_back({key.table, key.plant, key.what, seen[0], seen[1]});
    return OkStatus();
  }

  // KPIs of which some plant's sum is not the same on both sides.
  static std::set<std::string> Differ(const clickhouse::Rows& ours, const clickhouse::Rows& theirs) {
    std::map<std::vector<clickhouse::Rows::Cell>, int> sides;
    for (const auto& row : ours.rows) ++sides[row];
    for (const auto& row : theirs.rows) --sides[row];
    std::set<std::string> kpis;
    for (const auto& [row, balance] : sides) {
      if (balance != 0) kpis.insert(row.front().value_or(""));
    }
    return kpis;
  }

  Status Look(const std::string& table, const std::string& sql, std::map<Key, Seen>* now) {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, current_.Select(sql));
    for (size_t i = 0; i < rows.size(); ++i) {
      (*now)[{table, rows.Text(i, "place"), rows.Text(i, "what")}] = {
          rows.Text(i, "ours"), rows.Text(i, "theirs"), rows.Text(i, "our_version"),
          rows.Text(i, "their_version")};
    }
    return OkStatus();
  }

  // By which definition each side is read: this program's, or where the current generation has no figures of
  // it yet, the one it made last.
  Status ChooseDefinitions() {
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, current_.Select(DefinitionsSql()));
    std::map<std::string, std::set<uint64_t>> there;
    std::map<std::string, std::pair<uint64_t, uint64_t>> last;  // version and definition
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string& kpi = rows.Text(i, "id");
      there[kpi].insert(rows.UInt(i, "definition"));
      last[kpi] = std::max(last[kpi], {rows.UInt(i, "latest"), rows.UInt(i, "definition")});
    }
    for (const kpi::Kpi& kpi : catalogue_.kpis()) {
      if (kpi.has_parts()) continue;
      Figure figure{kpi.id(), kpi.hash, kpi.hash};
      const auto known = there.find(kpi.id());
      if (known != there.end() && !known->second.contains(kpi.hash)) {
        figure.current = last[kpi.id()].second;
        told_.changed_definitions.push_back(kpi.id());
      }
      figures_.push_back(std::move(figure));
    }
    return OkStatus();
  }

  clickhouse::Client& current_;
  clickhouse::Client& rebuilt_;
  const kpi::Catalogue& catalogue_;
  const CompareScope& scope_;
  const std::function<Status()>& level_;
  std::vector<Figure> figures_;
  Comparison told_;
};

}  // namespace

Result<Comparison> Compare(clickhouse::Client& current, clickhouse::Client& rebuilt,
                           const kpi::Catalogue& catalogue, const CompareScope& scope,
                           const std::function<Status()>& level) {
  return Comparer(current, rebuilt, catalogue, scope, level).Run();
}

}  // namespace yokoten::rebuild
