// A real ClickHouse engine for a test: the warehouse as a process on a free port and a folder of its own.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "clickhouse/client.h"
#include "support/process.h"

namespace yokoten::test {

// One per test program; opening the engine costs a second or so. Not thread-safe.
class Warehouse {
 public:
  // NotFound says which file is missing and how to get it (deploy/install-deps).
  static Result<std::unique_ptr<Warehouse>> Start();

  const std::string& url() const { return url_; }
  // Client of a new database, migrated.
  Result<std::unique_ptr<clickhouse::Client>> NewDatabase(const std::string& name);
  // kill -9, then the same folder and port again.
  Status KillAndRestart();

 private:
  Status Run();

  TempDir data_;
  int port_ = 0;
  std::string url_;
  std::unique_ptr<Process> process_;
};

}  // namespace yokoten::test
