// The stored facts as they were known at an instant (`as_of`): recorded until then, corrected and judged by
// what was recorded until then. Figures are computed from them by the statements of a rollup round.
//
// A view is one ClickHouse session. Its temporary tables have the names of the stored ones that hold what was
// concluded (amendment, inert_fact, shift_interval, plant_state, kpi_cell) and stand in their place there, so
// that every statement which reads those answers about the instant without knowing it. Statements that read
// fact tables have to bound them: kpi::FactQuery::recorded_until_ms.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/session.h"
#include "kpi/catalogue.h"

namespace yokoten::insight {

// Cells that shall be there: those of the days [from, to] and of the months these lie in.
struct WantedCells {
  std::string plant;
  const kpi::Kpi* kpi = nullptr;
  Day from;
  Day to;
};

// One statement at a time: not thread-safe. A session that ended makes statements fail, it never makes them
// read what is known now.
class AsOfView final : public clickhouse::Database {
 public:
  // Judges what was known of `plants` (empty: of all there were) at `at`, rounded down to milliseconds. All
  // that was recorded until then must be stored: answers may change otherwise.
  static Result<std::unique_ptr<AsOfView>> Open(clickhouse::Client& client, std::vector<std::string> plants,
                                                WallTime at);
  ~AsOfView() override;

  // Makes the cells; those made before are gone.
  Status Compute(const kpi::Catalogue& catalogue, const std::vector<WantedCells>& wanted);

  WallTime at() const { return at_; }
  int64_t recorded_until_ms() const { return ToMicros(at_) / 1000; }
  // Plants that have a fact, by id.
  std::vector<std::string> plants() const;

  Status Execute(std::string_view sql, const clickhouse::Params& params = {}) override;
  Result<clickhouse::Rows> Select(std::string_view sql, const clickhouse::Params& params = {}) override;
  // Not for views: Internal.
  Status Insert(std::string_view table, const clickhouse::NativeBlock& block,
                const clickhouse::Params& params = {}) override;

 private:
  struct Place;
  AsOfView(std::unique_ptr<clickhouse::Session> session, WallTime at);
  Status Begin();
  Status FindPlants(const std::vector<std::string>& plants);
  Status JudgeIdentity();
  Status ReadCalendars();
  Status Load(const std::string& insert_sql, const std::string& data);
  // SQL list of the plants and '*'.
  std::string PlantList() const;
  // SQL condition on a column `rank`.
  std::string RecordedSql() const;

  const std::unique_ptr<clickhouse::Session> session_;
  const WallTime at_;
  std::map<std::string, Place> places_;
};

// How many views may be computed at once. Thread-safe.
class AsOfLimit {
 public:
  explicit AsOfLimit(int most) : most_(most) {}
  // RESOURCE_EXHAUSTED when so many are under way already. The place is free again when `*pass` goes.
  Status Enter(std::shared_ptr<void>* pass);

 private:
  const int most_;
  std::atomic<int> under_way_{0};
};

}  // namespace yokoten::insight
