#include "rpc/server.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

namespace yokoten::rpc {
namespace {

// Health and reflection are process-wide switches of gRPC and must be set before the first server is built.
void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

// A service does not tell its name; the server under construction does, to plugins.
class ServiceNames final : public grpc::ServerBuilderPlugin {
 public:
  explicit ServiceNames(std::vector<std::string>* names) : names_(names) {}
  std::string name() override { return "service_names"; }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer* initializer) override { *names_ = *initializer->GetServiceList(); }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  std::vector<std::string>* names_;
};

class AddServiceNames final : public grpc::ServerBuilderOption {
 public:
  explicit AddServiceNames(std::vector<std::string>* names) : names_(names) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<ServiceNames>(names_));
  }

 private:
  std::vector<std::string>* names_;
};

std::string HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

bool IsLoopback(const std::string& address) {
  if (address.starts_with("unix:")) return true;
  const std::string host = HostOf(address);
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

struct Server::Impl {
  ServerOptions options;
  std::vector<grpc::Service*> services;
  std::vector<std::function<void()>> drain_hooks;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Create(ServerOptions options) {
  const std::string& address = options.listen_address;
  const size_t colon = address.rfind(':');
  if (!address.starts_with("unix:") &&
      (colon == std::string::npos || colon + 1 == address.size() ||
       address.find_first_not_of("0123456789", colon + 1) != std::string::npos)) {
    return InvalidArgument("grpc.listen_address is '" + address +
                           "'; write it as host:port, such as 127.0.0.1:8090");
  }
  if (!IsLoopback(address)) {
    return InvalidArgument(
        "grpc.listen_address is '" + address +
        "': without TLS and authentication only loopback may be bound; use 127.0.0.1:<port>");
  }
  EnablePlugins();
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::Register(grpc::Service* service) { impl_->services.push_back(service); }
void Server::OnDrain(std::function<void()> hook) { impl_->drain_hooks.push_back(std::move(hook)); }

Status Server::Start() {
  const ServerOptions& options = impl_->options;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen_address, grpc::InsecureServerCredentials(), &impl_->port);
  for (grpc::Service* service : impl_->services) builder.RegisterService(service);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.receive_bytes_max));
  builder.SetMaxSendMessageSize(static_cast<int>(options.receive_bytes_max));
  // Two processes on one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1'000);
  std::vector<std::string> names;
  builder.SetOption(std::make_unique<AddServiceNames>(&names));
  impl_->server = builder.BuildAndStart();
  if (impl_->server == nullptr || impl_->port == 0) {
    impl_->server.reset();
    return Unavailable("gRPC cannot listen at " + options.listen_address +
                       "; set grpc.listen_address to a free port, or stop what listens there");
  }
  if (auto* health = impl_->server->GetHealthCheckService()) {
    for (const std::string& name : names) health->SetServingStatus(name, true);
  }
  return OkStatus();
}

void Server::Stop() {
  if (impl_->server == nullptr) return;
  if (auto* health = impl_->server->GetHealthCheckService()) health->Shutdown();
  for (const auto& hook : impl_->drain_hooks) hook();
  const auto drain_deadline = std::chrono::system_clock::now() + impl_->options.drain;
  impl_->server->Shutdown(drain_deadline);
  impl_->server->Wait();
  impl_->server.reset();
}

int Server::BoundPort() const { return impl_->port; }

std::string Server::BoundAddress() const {
  const std::string& address = impl_->options.listen_address;
  if (address.starts_with("unix:")) return address;
  return address.substr(0, address.rfind(':') + 1) + std::to_string(impl_->port);
}

std::chrono::system_clock::time_point Server::DeadlineOf(const grpc::ServerContextBase& context) const {
  const auto longest =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(impl_->options.max_deadline);
  const auto latest_deadline = std::chrono::system_clock::now() + longest;
  return std::min(context.deadline(), latest_deadline);
}

}  // namespace yokoten::rpc
