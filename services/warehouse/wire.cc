#include "warehouse/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "rpc/server.h"
#include "telemetry/log.h"
#include "warehouse/warehouse.h"

namespace yokoten::warehouse {
namespace {

constexpr std::chrono::seconds kDrain{10};

class Warehouse final : public app::Part {
 public:
  explicit Warehouse(Options options) : options_(std::move(options)) {}

  Status Start() override {
    YK_ASSIGN_OR_RETURN(server_, Server::Start(options_));
    log::Info("warehouse", "ClickHouse's HTTP interface at {}, data in {}", server_->Url(),
              options_.engine.data_path);
    return OkStatus();
  }
  void Stop() override { server_->Stop(kDrain); }

 private:
  const Options options_;
  std::unique_ptr<Server> server_;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  const auto& settings = config.warehouse();
  if (settings.data_path().empty())
    return InvalidArgument("warehouse.data_path is empty; name a folder for the data");
  if (settings.libchdb_path().empty()) {
    return InvalidArgument(
        "warehouse.libchdb_path is empty; name libchdb.so (deploy/install-deps puts it into "
        "$YOKOTEN_HOME/tools/chdb)");
  }
  if (!rpc::IsLoopback(settings.listen_address())) {
    return InvalidArgument("warehouse.listen_address is '" + settings.listen_address() +
                           "'; only loopback may be bound without TLS, use 127.0.0.1:PORT");
  }
  YK_ASSIGN_OR_RETURN(const auto address,
                      app::SplitAddress(settings.listen_address(), "warehouse.listen_address"));
  Options options;
  options.listen_address = address.host;
  options.port = address.port;
  options.engine.library_path = settings.libchdb_path();
  options.engine.data_path = settings.data_path();
  // Only who may reach the host's files anyway may name one (access.h).
  options.engine.backup_path = "/";
  options.engine.memory_limit_bytes = static_cast<uint64_t>(settings.memory_bytes_max());
  options.max_queries = settings.queries_max();
  options.users.push_back({settings.user(), settings.password(), false, {}, true});
  if (!settings.readonly_user().empty()) {
    options.users.push_back({settings.readonly_user(), settings.readonly_password(), true, {}, false});
  }
  app.Own("warehouse", std::make_unique<Warehouse>(std::move(options)));
  return OkStatus();
}

}  // namespace yokoten::warehouse
