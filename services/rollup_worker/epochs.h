// Which life of the dirty topic the cells were made from, and the operator's way on when it is gone for good.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "clickhouse/client.h"

namespace yokoten::rollup_worker {

// Makes the dirty topic's life known to ClickHouse, or compares it with what is known. FailedPrecondition, in
// one line with the command to run, when the topic is another one than the cells were made from (another
// cluster or partition count).
Result<uint32_t> OpenEpoch(clickhouse::Database& database, const std::string& cluster_id, int32_t partitions);

// Begins a new epoch, as the operator's answer to OpenEpoch's refusal: the topic is read from its beginning
// and every cell counts as missing and is made anew. The rollups must be stopped: FailedPrecondition while
// one of them reads the topic. `group_suffix` is that of the generation. Unavailable when Kafka or ClickHouse
// does not answer.
Result<uint32_t> BeginEpoch(clickhouse::Database& database, const std::string& bootstrap_servers,
                            const std::string& prefix, const std::string& group_suffix = {});

}  // namespace yokoten::rollup_worker
