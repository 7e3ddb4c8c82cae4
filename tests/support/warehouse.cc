#include "support/warehouse.h"

#include <filesystem>

#include <unistd.h>

#include "clickhouse/migrate.h"

namespace yokoten::test {
namespace {

constexpr std::chrono::seconds kStartTimeout{60};

// The program beside the test's own executable.
std::string BesideUs(const char* name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

}  // namespace

Result<std::unique_ptr<Warehouse>> Warehouse::Start() {
  auto warehouse = std::make_unique<Warehouse>();
  YK_RETURN_IF_ERROR(warehouse->Run());
  return warehouse;
}

Status Warehouse::Run() {
  const std::string library = Environment("YOKOTEN_LIBCHDB", ToolsFolder() + "/chdb/libchdb.so");
  if (!std::filesystem::exists(library)) {
    return NotFound(library + " is missing: run deploy/install-deps, or set YOKOTEN_LIBCHDB");
  }
  YK_ASSIGN_OR_RETURN(process_, Process::Start({BesideUs("warehouse_process"), "--library", library, "--data",
                                                data_.path(), "--port", std::to_string(port_)}));
  YK_ASSIGN_OR_RETURN(url_, process_->ReadLine(kStartTimeout));
  const size_t colon = url_.rfind(':');
  if (colon == std::string::npos) return Internal("the warehouse printed '" + url_ + "' instead of its URL");
  port_ = std::stoi(url_.substr(colon + 1));
  return OkStatus();
}

Status Warehouse::KillAndRestart() {
  process_->Kill();
  return Run();
}

Result<std::unique_ptr<clickhouse::Client>> Warehouse::NewDatabase(const std::string& name) {
  clickhouse::ClientOptions options;
  options.url = url_;
  options.database = name;
  auto client = std::make_unique<clickhouse::Client>(options);
  YK_RETURN_IF_ERROR(clickhouse::Migrate(*client));
  return client;
}

}  // namespace yokoten::test
