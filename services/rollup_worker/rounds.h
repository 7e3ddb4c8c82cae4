// Carries out planned rounds: each in one HTTP session of temporary tables, halved where memory is short, and
// around a figure that cannot be computed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/session.h"
#include "kpi/catalogue.h"
#include "kpi/round_sql.h"
#include "rollup_worker/set_aside.h"

namespace yokoten::rollup_worker {

struct RoundOptions {
  // Name of the HTTP sessions that hold a round's temporary tables.
  std::string session_prefix = "rollup";
  // Most production days (of all plants together) in one round; more are split at month borders. A round's
  // statements cost their planning however few days they read, so few large rounds are best.
  size_t days_max = 12000;
  // Rows that a round's steps may take. Until a plant's rows a day are known, it is taken for one that
  // reaches this in days_unknown.
  size_t rows = 3'000'000;
  size_t days_unknown = 900;
  // Memory that one statement may take; a round that needs more is halved.
  uint64_t statement_bytes_max = 1'500'000'000;
  // Before what ClickHouse refused is tried again.
  RetryWait retry;
};

// Cells of a plant were replaced.
struct Replaced {
  std::string plant;
  std::vector<std::string> kpis;
  Day from;
  Day to;
  uint64_t version = 0;
};

// A month of a KPI of a plant that ClickHouse refused to compute; its cells are taken away.
struct Refusal {
  std::string plant;
  std::string kpi;
  Day month;
  Status why;
};

// How long each kind of statement took, milliseconds.
using Timings = std::map<std::string, double>;

struct PassReport {
  std::vector<Replaced> replaced;
  std::vector<Refusal> refused;
  size_t rounds = 0;
  size_t plant_days = 0;
  Timings timings;
};

// Not thread-safe.
class RoundRunner {
 public:
  RoundRunner(clickhouse::Client& client, const kpi::Catalogue& catalogue, const Clock& clock,
              RoundOptions options);

  // A round, or two of half as many days where memory is short or a KPI is refused, down to the month whose
  // figures are set aside. On failure some rounds may have been stored.
  Status Run(kpi::RoundPlan plan, PassReport* report);

  // How many rows the steps take for a day of this plant, as far as is known.
  double RowsPerDay(const std::string& plant) const;
  SetAside& set_aside() { return set_aside_; }
  const SetAside& set_aside() const { return set_aside_; }

 private:
  // On failure `users` are the KPIs the failed statement is for; empty where it is for all.
  Status RunOne(kpi::RoundPlan* plan, Timings* timings, std::vector<uint16_t>* users);
  // Goes on without these KPIs in the plan's only month.
  Status RunWithout(kpi::RoundPlan plan, const std::vector<uint16_t>& refused, const Status& why,
                    PassReport* report);
  // Rounds to come are no larger than half of this one, which memory did not hold.
  void ExpectRowsAsOf(const kpi::RoundPlan& too_large);
  // The event types of which there are facts of the plan's plants, as PresentEventsSql asks.
  Result<std::vector<std::string>> AskPresent(const std::string& sql, clickhouse::Session& session,
                                              Timings* timings);
  Status LearnRows(const kpi::RoundPlan& plan, clickhouse::Session& session);
  Status Execute(const kpi::Statement& statement, clickhouse::Session& session, Timings* timings);
  // Makes a table of a SELECT; its columns are looked at the first time.
  Status Make(const kpi::Statement& statement, clickhouse::Session& session, Timings* timings);

  clickhouse::Client& client_;
  const kpi::Catalogue& catalogue_;
  const Clock& clock_;
  const RoundOptions options_;
  // Rows of a round's steps a production day, by plant.
  std::map<std::string, double> rows_per_day_;
  // Event types that are known to have facts, by plant.
  std::map<std::string, std::set<std::string>> present_;
  // Columns of a round's tables by what decides them: "a UInt8, b String".
  std::map<std::string, std::string> columns_;
  SetAside set_aside_;
};

}  // namespace yokoten::rollup_worker
