// Questions about one plant, asked of the same live facts through the same steps as the KPIs: what "trained",
// "required" or "effective" means is said once, in services/lib/kpi/steps.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "asks/round.h"
#include "base/date.h"
#include "base/status.h"
#include "base/time_zone.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"
#include "kpi/fact_sql.h"
#include "kpi/round_sql.h"

namespace yokoten::insight {

// What is known of a plant before anything is asked.
struct PlantTime {
  std::string plant;
  Day first;    // production day of its first fact
  Day current;  // production day now, as far as figures are made
  TimeZone zone;
};

// NotFound when no fact of the plant has been counted.
Result<PlantTime> PlantTimeOf(clickhouse::Client& clickhouse, const std::string& plant_id);

// A question linked into the program, see kpi::Catalogue::Ask; of the event types `of_scope_days` only the
// facts of the scope's days are read. A broken one ends the program with one line: it is a fault of the
// build.
kpi::Question LinkedQuestion(const std::string& name, const std::string& sql,
                             const std::set<std::string>& of_scope_days = {});

// A round (asks/round.h) of one plant over any days. Not thread-safe; lives as long as one request.
class Inquiry {
 public:
  // `days`: the scope, ascending, not empty. `questions` outlive the inquiry. Without questions there are the
  // tables that LiveFacts reads.
  static Result<Inquiry> Open(clickhouse::Client& clickhouse, const PlantTime& plant,
                              const std::vector<Day>& days, std::vector<const kpi::Question*> questions);

  // Answers a question that it was opened with. Of a plant without any fact of the types it reads: no rows.
  Result<clickhouse::Rows> Ask(const kpi::Question& question,
                               const std::map<std::string, std::string>& parameters = {}) const;
  // The question's SELECT, to be put into another; "" where Ask has no rows.
  std::string SqlOf(const kpi::Question& question) const;
  // See kpi::LiveFacts.
  kpi::FactQuery LiveFacts(const std::string& event, std::vector<std::string> columns) const {
    return round_->LiveFacts(event, std::move(columns));
  }
  // Any SELECT over tables of the session, such as LiveFactsSql of LiveFacts.
  Result<clickhouse::Rows> Select(const std::string& sql,
                                  const std::map<std::string, std::string>& parameters = {}) const;

 private:
  Inquiry(std::unique_ptr<asks::Round> round, std::vector<const kpi::Question*> questions)
      : round_(std::move(round)), questions_(std::move(questions)) {}

  std::unique_ptr<asks::Round> round_;
  std::vector<const kpi::Question*> questions_;
};

// All days from first to last, both inclusive.
std::vector<Day> DaysFrom(Day first, Day last);

}  // namespace yokoten::insight
