// Questions over live facts at one instant: their facts and steps as temporary tables of one session.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/session.h"
#include "kpi/catalogue.h"
#include "kpi/round_sql.h"

namespace yokoten::asks {

// SQL condition on a column `plant`: not one of `yokoten doctor`, which exist for probing only.
inline constexpr char kNoProbeSql[] = "plant != 'DOCTOR' AND NOT startsWith(plant, 'DOCTOR-')";

// A plant at the instant it is asked about.
struct PlantNow {
  std::string plant;
  Day day;          // its production day
  WallTime begins;  // of that day
  WallTime now;
};

// The plants there are (those of `only`, unless it is empty), by id, without probes. Unavailable when
// ClickHouse does not answer.
Result<std::vector<PlantNow>> PlantsAt(clickhouse::Database& clickhouse, WallTime now,
                                       const std::vector<std::string>& only = {});

// Reads texts into questions; a broken one ends the program with one line, as it is a fault of the build that
// a unit test finds first.
std::vector<kpi::Question> Linked(const kpi::Catalogue& catalogue,
                                  const std::vector<kpi::SourceText>& sources);

// Not thread-safe. The tables live as long as the object.
class Round {
 public:
  // Makes the tables. There must be a plant and a question; the questions must outlive the round.
  static Result<std::unique_ptr<Round>> Open(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                                             const std::vector<const kpi::Question*>& questions,
                                             const std::vector<PlantNow>& plants);
  // The same over any days: `scopes` hold plants and days, what wants each day is filled in. Without
  // questions there are the tables of the plants, their shifts and the facts that do not count.
  static Result<std::unique_ptr<Round>> Open(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                                             const std::vector<const kpi::Question*>& questions,
                                             std::vector<kpi::PlantScope> scopes);

  // The question's SELECT; empty where no plant has a fact of the types it reads: it has no rows then. Order
  // as in Open.
  std::string Sql(size_t question) const;
  // Of the round's plants; to be read by statements in the session.
  kpi::FactQuery LiveFacts(const std::string& event, std::vector<std::string> columns) const {
    return kpi::LiveFacts(plan_, event, std::move(columns));
  }
  // In the session. Temporary tables it makes are gone with it.
  Result<clickhouse::Rows> Select(const std::string& sql, const clickhouse::Params& params = {});
  Status Execute(const std::string& sql, const clickhouse::Params& params = {});

 private:
  explicit Round(std::unique_ptr<clickhouse::Session> session) : session_(std::move(session)) {}
  Status Make(const kpi::Catalogue& catalogue);

  const std::unique_ptr<clickhouse::Session> session_;
  kpi::RoundPlan plan_;
};

}  // namespace yokoten::asks
