// The facts behind the figures: drill-down, counts, durations, what importers ask, findings.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "events/registry.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

// Thread-safe: holds nothing but references.
class Facts {
 public:
  // What is known now.
  Facts(const kpi::Catalogue& catalogue, const events::Registry& registry, clickhouse::Client& clickhouse,
        const Clock& clock = SystemClock())
      : catalogue_(catalogue),
        registry_(registry),
        clickhouse_(clickhouse),
        rounds_(&clickhouse),
        clock_(clock) {}
  // What was known then, with an AsOfView as `clickhouse`; findings are not asked of it.
  Facts(const kpi::Catalogue& catalogue, const events::Registry& registry, clickhouse::Database& clickhouse,
        int64_t recorded_until_ms)
      : catalogue_(catalogue),
        registry_(registry),
        clickhouse_(clickhouse),
        clock_(SystemClock()),
        recorded_until_ms_(recorded_until_ms) {}

  Status List(const v1::ListFactsRequest& request, v1::ListFactsResponse* response) const;
  Status Count(const v1::CountFactsRequest& request, v1::CountFactsResponse* response) const;
  Status Durations(const v1::MeasureDurationsRequest& request, v1::MeasureDurationsResponse* response) const;
  Status Lookup(const v1::LookupEventsRequest& request, v1::LookupEventsResponse* response) const;
  Status Findings(const v1::ListFindingsRequest& request, v1::ListFindingsResponse* response) const;

 private:
  // What corrections and voids made of a root.
  struct Amended {
    std::string hash;  // of the live correction's content, in hexadecimal; empty: the root's own counts
    bool voided = false;
    int32_t corrections = 0;
  };

  // By root key; only roots that corrections or voids speak of. `roots` has the columns key, plant and
  // event_type; its first `count` rows are asked for.
  Result<std::map<std::string, Amended>> AmendedRoots(const clickhouse::Rows& roots, size_t count) const;
  // The ids events were sent under, by fact key; a key nobody has sent is left out.
  Result<std::map<std::string, std::string>> IdsOf(const std::set<std::string>& keys) const;
  // InvalidArgument names `field` when the type is not known, PERMISSION_DENIED when its facts are
  // confidential.
  Result<const events::EventType*> TypeOf(const std::string& name, const char* field) const;
  // The types asked for: named ones, else those the KPI shows as evidence.
  Result<std::vector<const events::EventType*>> TypesOf(const v1::ListFactsRequest& request) const;

  const kpi::Catalogue& catalogue_;
  const events::Registry& registry_;
  clickhouse::Database& clickhouse_;
  clickhouse::Client* const rounds_ = nullptr;  // null: of the past
  const Clock& clock_;
  const std::optional<int64_t> recorded_until_ms_;
};

}  // namespace yokoten::insight
