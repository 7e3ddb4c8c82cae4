// A database with facts on the real path and the plants' calendars expanded: what the questions about the
// loop are asked of.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kpi/fact_log.h"
#include "support/warehouse.h"

namespace yokoten::test {

// One engine for the whole program; null (and a failure) where there is none.
Warehouse* SharedWarehouse();

class LoopWorld {
 public:
  // A migrated database of its own. Aborts the test program where there is no engine.
  explicit LoopWorld(const std::string& database);

  // Stores the events in batches, judges identity and expands the calendars as of the clock.
  Status Store(const std::vector<LoggedEvent>& events);
  // The same with a file of this folder, as ReadFacts reads it.
  Status StoreFile(const std::string& name);

  clickhouse::Client& client() { return *client_; }
  FixedClock clock;

 private:
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<FactLog> log_;
};

}  // namespace yokoten::test
