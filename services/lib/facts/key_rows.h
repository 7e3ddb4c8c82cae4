// Rows of event_key and of the tables about them, as the rules of identity take them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"
#include "events/identity.h"
#include "facts/identity_rules.h"

namespace yokoten::facts {

// A cell of type UUID; the nil UUID for what is none.
events::Uuid UuidAt(const clickhouse::Rows& rows, size_t row, std::string_view name);
// From the columns plant, event_type and entity.
Place PlaceAt(const clickhouse::Rows& rows, size_t row);
// The rows of event_key that fit the SQL `condition`, each once.
Result<std::vector<KeyRow>> ReadKeyRows(clickhouse::Database& database, const std::string& condition,
                                        const clickhouse::Params& params = {});

}  // namespace yokoten::facts
