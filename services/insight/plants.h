// The plants there are, with their units, time zones and production day now.
#pragma once

#include "asks/round.h"
#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::insight {

using asks::kNoProbeSql;

// Fills the plants, by id. A plant without registered units has its id as name.
Status ListPlants(clickhouse::Client& clickhouse, const Clock& clock, v1::ListPlantsResponse* response);

}  // namespace yokoten::insight
