// The schema's numbered steps, compiled into the program, and the one way to apply them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"

namespace yokoten::clickhouse {

// One file of migrations/: NNNN_<what>.sql, statements separated by ";\n". {database} stands for the
// database.
struct Migration {
  std::string name;
  std::string sql;
};

// All migrations, by number.
const std::vector<Migration>& Migrations();

// The file's statements with {database} filled in; comment lines ("-- ...") and empty statements are left
// out.
std::vector<std::string> Statements(const Migration& migration, const std::string& database);

// Creates the client's database if it is not there and applies what is not yet recorded in
// `schema_migration`. Idempotent; several processes may do it at once, because every statement is idempotent
// by itself (IF NOT EXISTS). A migration whose text changed after it was applied is refused: schemas only go
// forward.
Status Migrate(Client& client);

}  // namespace yokoten::clickhouse
