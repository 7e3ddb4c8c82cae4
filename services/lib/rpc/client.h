// Channels to our own gRPC services.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>

namespace yokoten::rpc {

// A channel to "host:port" without TLS: keepalive on, messages up to 64 MiB both ways. Connects lazily and
// again by itself. Thread-safe.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address);

}  // namespace yokoten::rpc
