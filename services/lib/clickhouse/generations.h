// Which database answers: a deployment's facts and figures may be built anew beside those in use, and
// switched to.
//
// Generation 1 is the configured database itself, generation N the database "<it>_g<N>". The configured one
// also keeps what belongs to no generation: the row that says which is current, and the directory of persons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clickhouse/client.h"

namespace yokoten::clickhouse {

struct Generation {
  uint64_t number = 1;
  std::string database;
  friend bool operator==(const Generation&, const Generation&) = default;
};

// Generation `number` of the configured database `base`.
Generation GenerationOf(const std::string& base, uint64_t number);

// What consumer groups of a generation have behind their names: each generation is fed and computed by
// itself. Empty for the first.
std::string GroupSuffix(const Generation& generation);

// The generation in use; the first where none was ever switched to. `client` may have any default database.
// DataLoss when the row names a database that is none of `base`'s.
Result<Generation> CurrentGeneration(Database& client, const std::string& base);

// All generations there are, by number.
Result<std::vector<Generation>> Generations(Database& client, const std::string& base);

// Makes it the one in use, by one row. `base` must be migrated.
Status SwitchTo(Database& client, const std::string& base, const Generation& generation);

}  // namespace yokoten::clickhouse
