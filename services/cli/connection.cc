#include "cli/connection.h"

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "events/registry.h"

namespace yokoten::cli {

void ServerOptions::AddTo(CLI::App& verb) {
  verb.add_option("--server,--grpc", servers,
                  "Address of the gRPC services, or target=address for one of them (may be repeated)")
      ->default_str("127.0.0.1:8090");
}

namespace {

bool KnownTarget(const std::string& target) {
  return target == "insight" || target == "admin" || target == "derive" || target == "gate" ||
         target == "audit" || events::Registry::Linked().FindDomainByTarget(target) != nullptr;
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::Make(const ServerOptions& options) {
  auto connection = std::make_shared<Connection>();
  connection->default_address_ = "127.0.0.1:8090";
  for (const std::string& server : options.servers) {
    size_t equals = server.find('=');
    std::string target = equals == std::string::npos ? "" : server.substr(0, equals);
    std::string address = equals == std::string::npos ? server : server.substr(equals + 1);
    if (address.find(':') == std::string::npos) {
      return InvalidArgument("--server " + server + ": give host:port, such as 127.0.0.1:8090");
    }
    if (target.empty()) {
      connection->default_address_ = address;
    } else if (!KnownTarget(target)) {
      return InvalidArgument("--server " + server + ": there is no target \"" + target +
                             "\"; see yokoten serve --list-targets");
    } else {
      connection->addresses_[target] = address;
    }
  }
  return connection;
}

std::shared_ptr<Connection> Connection::To(std::shared_ptr<grpc::Channel> channel) {
  auto connection = std::make_shared<Connection>();
  connection->default_address_ = "in-process";
  connection->channels_["in-process"] = std::move(channel);
  return connection;
}

std::string Connection::AddressOf(std::string_view target) const {
  auto it = addresses_.find(std::string(target));
  return it == addresses_.end() ? default_address_ : it->second;
}

std::string Connection::Describe() const {
  std::string text = default_address_;
  for (const auto& [target, address] : addresses_) text += " " + target + "=" + address;
  return text;
}

std::shared_ptr<grpc::Channel> Connection::For(std::string_view target) {
  std::lock_guard lock(mutex_);
  std::string address = AddressOf(target);
  std::shared_ptr<grpc::Channel>& channel = channels_[address];
  if (!channel) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    arguments.SetMaxSendMessageSize(64 << 20);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }
  return channel;
}

Status FromGrpc(const grpc::Status& status, std::string_view what, std::string_view address) {
  if (status.ok()) return OkStatus();
  std::string text = std::string(what) + ": " + status.error_message();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    text += " (nobody answers at " + std::string(address) + "; is `yokoten serve` up? see --server)";
  } else if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    text += " (the process at " + std::string(address) + " does not serve this; see --server target=address)";
  }
  return MakeStatus(static_cast<StatusCode>(status.error_code()), text);
}

void SetDeadline(grpc::ClientContext& context, std::chrono::milliseconds timeout) {
  context.set_deadline(std::chrono::system_clock::time_point(SystemClock().Now()) + timeout);
}

}  // namespace yokoten::cli
