// gRPC calls as reactors of the callback API: requests arrive and answers leave as bytes.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "ingest/machine.h"

namespace grpc {
class CallbackServerContext;
}

namespace yokoten::ingest {

class StreamCall;

// The open streams of one service, so that they can be ended when the process stops. Thread-safe.
class OpenStreams {
 public:
  void Add(const std::shared_ptr<StreamCall>& stream);
  void Remove(const std::shared_ptr<StreamCall>& stream);
  // Each stream answers what it has taken and ends with UNAVAILABLE.
  void Drain();
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::shared_ptr<StreamCall>> streams_;
};

// Starts a call; it ends and cleans up by itself. `request` is read before the call returns to gRPC.
grpc::ServerUnaryReactor* StartUnaryCall(const std::shared_ptr<Machine>& machine,
                                         grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request, grpc::ByteBuffer* response);

// Every request is answered by one response, in order. Up to `pipelined` requests are under way at once;
// beyond that, and while the machine has no room, nothing is read and gRPC's flow control holds the sender
// back. A request that fails as a whole ends the stream with its status; what was not answered has to be sent
// again.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStreamCall(
    const std::shared_ptr<Machine>& machine, const std::shared_ptr<OpenStreams>& open,
    grpc::CallbackServerContext* context, size_t pipelined);

}  // namespace yokoten::ingest
