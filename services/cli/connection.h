// Where the services are: one address for all of them, or one for each target that lives elsewhere.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace CLI {
class App;
}
namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace yokoten::cli {

// Option --server: "127.0.0.1:8090" serves every target; "training=10.0.0.3:8090" one of them.
struct ServerOptions {
  std::vector<std::string> servers;

  void AddTo(CLI::App& verb);
};

// Channels to the targets. Thread-safe; channels are made at first use and shared.
class Connection {
 public:
  // InvalidArgument when an address is empty or a target is unknown.
  static Result<std::shared_ptr<Connection>> Make(const ServerOptions& options);
  // A connection whose every target is this channel; for tests.
  static std::shared_ptr<Connection> To(std::shared_ptr<grpc::Channel> channel);

  std::shared_ptr<grpc::Channel> For(std::string_view target);
  std::string AddressOf(std::string_view target) const;
  // All addresses, as a journal or a message names them.
  std::string Describe() const;

 private:
  std::string default_address_;
  std::map<std::string, std::string> addresses_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;  // by address
};

// A failed call in the words of the command line: what failed, at which address, what to do.
Status FromGrpc(const grpc::Status& status, std::string_view what, std::string_view address);

// Sets a call's deadline, from now.
void SetDeadline(grpc::ClientContext& context, std::chrono::milliseconds timeout);

}  // namespace yokoten::cli
