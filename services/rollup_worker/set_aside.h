// Figures that ClickHouse refuses to compute (a number too large for its type, a fault in a formula): a month
// of one KPI of one plant. Their cells are taken away, so that nobody takes an old figure for a new one and
// every sweep finds them missing; other figures go on. They are tried again after a wait that grows.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"

namespace yokoten::rollup_worker {

struct RetryWait {
  std::chrono::milliseconds min{30000};
  std::chrono::milliseconds max{3600000};
};

// Whether ClickHouse will say the same again to the same statement on the same facts.
bool IsRefusal(const Status& status);

// Not thread-safe.
class SetAside {
 public:
  SetAside(clickhouse::Client& client, const Clock& clock, RetryWait wait);

  // Whether it is too early to try again.
  bool Holds(const std::string& plant, const std::string& kpi, Day month) const;
  // A try was refused: the wait before the next begins, twice as long as the last.
  void Refused(const std::string& plant, const std::string& kpi, Day month);
  void Worked(const std::string& plant, const std::string& kpi, Day month);
  bool empty() const { return waits_.empty(); }
  // Months of KPIs of plants that are set aside now.
  size_t size() const { return waits_.size(); }

  // Takes the stored cells of these months away.
  Status TakeAway(const std::string& plant, const kpi::Kpi& kpi, const std::set<Day>& months);

 private:
  struct Wait {
    std::chrono::milliseconds length{0};
    MonotonicTime over{};
  };
  clickhouse::Client& client_;
  const Clock& clock_;
  const RetryWait wait_;
  std::map<std::tuple<std::string, std::string, Day>, Wait> waits_;
};

}  // namespace yokoten::rollup_worker
