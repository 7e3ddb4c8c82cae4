// Figures of closed months that a correction changed, from what the rollup kept of them to events.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"
#include "kpi/catalogue.h"

namespace yokoten::derive {

inline constexpr char kRestatedRule[] = "kpi_restated";

// Publishes what is not yet published of these plants and gives how many events that were. A row counts once
// the cell it tells of is stored: whoever was killed before that makes it anew. Rows of definitions that are
// not computed any more are left out.
Result<size_t> PublishRestated(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                               const std::vector<std::string>& plants, kafka::RecordSink& sink,
                               const std::string& topic, const std::atomic<bool>& stopping);

}  // namespace yokoten::derive
