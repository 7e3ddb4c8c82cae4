// Books from ClickHouse.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "gate/book.h"
#include "kpi/catalogue.h"

namespace yokoten::gate {

// By plant.
using Books = std::map<std::string, std::shared_ptr<const Book>>;

// Reads these plants, or all there are, as they are at `now`.
Result<Books> LoadBooks(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue, WallTime now,
                        const std::vector<std::string>& plants = {});

// Short names of the event types the books are made of, those that change calendars included.
std::set<std::string> EventsRead();

// The texts CMake linked.
std::vector<kpi::SourceText> QuestionTexts();

}  // namespace yokoten::gate
