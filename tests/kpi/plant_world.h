// A plant's facts and calendar in a database of a real engine, without a broker: for what reads live facts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clickhouse/client.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "support/warehouse.h"

namespace yokoten::test {

// Not thread-safe. Any failure is one of the test and ends the program with a line.
class PlantWorld {
 public:
  // `kpis`: those whose cells are computed; plants and calendars are known in any case.
  PlantWorld(Warehouse& warehouse, const std::string& database, const std::vector<std::string>& kpis);

  PlantWorld(Warehouse& warehouse, const std::string& database, kpi::Catalogue catalogue);

  // Stores the facts of a text (see ReadFacts; an id that is not given differs from those of other texts),
  // judges identity, and computes what they touch.
  void Add(const std::string& facts);
  clickhouse::Client& client() { return *client_; }
  FixedClock& clock() { return clock_; }
  FactLog& log() { return log_; }
  const kpi::Catalogue& catalogue() const { return catalogue_; }

 private:
  std::unique_ptr<clickhouse::Client> client_;
  FixedClock clock_;
  const kpi::Catalogue catalogue_;
  FactLog log_;
  int added_ = 0;
};

// tests/kpi/<name>.
std::string FactsFile(const std::string& name);

}  // namespace yokoten::test
