// What ClickHouse keeps for the aggregator and the rollup, in memory, behind the client's transport
// (clickhouse/transport.h). It knows the statements these two send and stops the program at any other. KPI
// queries are not run: a round's cells are folded from the rows as they stood when its statements read them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "clickhouse/native.h"

namespace yokoten::simulation {

using Key = std::string;  // 16 bytes

// A row of event_key, with the clock of the store at which it was first there.
struct KeyRow {
  Key fact_key;
  std::string type;
  std::string plant;
  std::string entity;
  clickhouse::UInt128 rank = 0;
  Key root_key;
  std::string kind;
  int64_t at = 0;
  std::optional<int32_t> on;
  uint64_t clock = 0;
};

// A row of a fact table; of others than ShiftOutputReported only what all have.
struct FactRow {
  std::string table;
  std::string plant;
  std::string entity;
  clickhouse::UInt128 rank = 0;
  Key root_key;
  bool is_correction = false;
  int32_t day = 0;
  int64_t good = 0;
  uint64_t clock = 0;
};

struct Amendment {
  std::string plant;
  std::string target_plant;
  std::string target_entity;
  Key root_key;
  std::string kind;
  Key fact_key;
  std::string type;
  std::string body_plant;
  std::string body_entity;
  clickhouse::UInt128 rank = 0;
  uint64_t clock = 0;
  friend auto operator<=>(const Amendment& a, const Amendment& b) {
    return std::tie(a.plant, a.fact_key, a.root_key, a.rank) <=>
           std::tie(b.plant, b.fact_key, b.root_key, b.rank);
  }
};

struct ArchiveRow {
  std::string value;
  std::string verdict;
  uint64_t checksum = 0;
  int64_t recorded_ms = 0;
  friend bool operator==(const ArchiveRow&, const ArchiveRow&) = default;
};
using Place = std::tuple<std::string, int32_t, int64_t>;  // topic, partition, offset

struct CellKey {
  char grain;
  std::string kpi;
  std::string plant;
  int32_t day;
  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};
struct Cell {
  int64_t value = 0;
  uint64_t version = 0;
  uint64_t read_clock = 0;  // of the store when its facts were read
};

// Temporary tables of one HTTP session.
struct Session {
  struct ScopeDay {
    std::string plant;
    int32_t day;
    std::vector<uint16_t> kpis;
    bool rest;
  };
  std::vector<ScopeDay> scope;
  std::set<Key> dead;
  std::set<Key> roots;
  std::map<Key, FactRow> live;
  uint64_t read_clock = 0;
  std::map<CellKey, Cell> cells;
  std::set<uint16_t> kpis;  // of which there are rows: positions
};

class Store {
 public:
  // Checks of the world.
  std::function<void(const Place&, const ArchiveRow&)> on_archive;

  // A moment of the store: rows and records that come later have a greater one.
  uint64_t Tick() { return ++clock_; }

  Status Run(const std::string& sql, std::string_view body, const std::map<std::string, std::string>& url,
             const std::function<bool(std::string_view)>& sink);

  std::map<std::tuple<Key, std::string, clickhouse::UInt128>, KeyRow> event_keys;  // key, place, rank
  std::map<std::tuple<Key, std::string>, FactRow> facts;  // key, place: the greatest rank
  std::map<std::tuple<Key, std::string, clickhouse::UInt128>, uint64_t> fact_clocks;
  std::set<Amendment> amendments;
  std::map<Place, ArchiveRow> archive;
  std::map<CellKey, Cell> cells;
  std::map<std::string, std::pair<uint64_t, std::string>> plant_state;  // version, current day
  std::map<std::string, std::pair<int32_t, std::string>> epochs;        // the last, and its partitions
  // Source ids that are refused for good until this is empty.
  std::set<std::string> refused_ids;

 private:
  Status Insert(const std::string& table, std::string_view body, bool partial);
  Status Round(const std::string& sql, std::string_view body, const std::string& session);
  Result<std::string> Answer(const std::string& sql, const std::map<std::string, std::string>& url);
  Result<std::string> AnswerAggregator(const std::string& sql);
  Result<std::string> AnswerRollup(const std::string& sql);
  Status TakeAway(const std::string& sql);
  void ReadDead(Session& session);
  void MakeDayCells(Session& session, const std::string& sql);
  void MakeMonthCells(Session& session, const std::string& sql);
  void StoreCells(const std::map<CellKey, Cell>& made, const std::set<int32_t>& years);

  uint64_t clock_ = 0;
  std::map<std::string, Session> sessions_;
};

// The KPIs of the simulation: a sum that reads a day, and a stock that reads forward.
inline constexpr char kFactTopic[] = "yokoten.operations.v1";
inline constexpr char kFactTable[] = "fact_operations_shift_output_reported";
inline constexpr char kSumKpi[] = "simulated_output";
inline constexpr char kStockKpi[] = "simulated_stock";

}  // namespace yokoten::simulation
