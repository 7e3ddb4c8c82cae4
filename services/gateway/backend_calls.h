// gRPC calls of any method, as bytes, without a thread for each: one completion queue, a few threads.
//
// The gateway has a queue of its own instead of gRPC's shared callback threads, so that conversion work done
// in a reply never holds up a server that lives in the same process.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

namespace yokoten::gateway {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// One address that speaks gRPC. Thread-safe.
struct Backend {
  std::string address;
  std::unique_ptr<grpc::GenericStub> stub;
};

// Connects lazily, without TLS, reconnecting at least every two seconds.
std::shared_ptr<Backend> MakeBackend(const std::string& address);

struct CallRequest {
  std::shared_ptr<Backend> backend;
  std::string method;  // "/yokoten.insight.v1.InsightService/ListKpis"
  grpc::ByteBuffer body;
  std::chrono::system_clock::time_point deadline;
  Metadata metadata;
};

struct UnaryReply {
  grpc::Status status;
  grpc::ByteBuffer body;  // meaningful if status is OK
  Metadata initial_metadata;
  Metadata trailing_metadata;
};

// What a server stream tells. Called one at a time, from the queue's threads.
class StreamObserver {
 public:
  virtual ~StreamObserver() = default;
  enum class Answer {
    kTaken,  // read on
    kLater,  // not now: the same message is offered again a little later
    kStop,   // cancel the call; OnDone follows
  };
  virtual Answer OnMessage(const grpc::ByteBuffer& message) = 0;
  // The last call.
  virtual void OnDone(const grpc::Status& status, const Metadata& trailing_metadata) = 0;
};

// Lets a call be given up. Thread-safe; may outlive the call and its BackendCalls.
class CallHandle {
 public:
  virtual ~CallHandle() = default;
  virtual void Cancel() = 0;
};

class BackendCalls {
 public:
  explicit BackendCalls(int threads);
  // As Stop.
  ~BackendCalls();
  BackendCalls(const BackendCalls&) = delete;
  BackendCalls& operator=(const BackendCalls&) = delete;

  // Calls `done` exactly once, from one of the threads; after Stop at once with UNAVAILABLE. `done` may use a
  // little processor time but must not wait.
  std::shared_ptr<CallHandle> Unary(CallRequest request, std::function<void(UnaryReply)> done);
  // Starts a stream of answers to one request.
  std::shared_ptr<CallHandle> ServerStream(CallRequest request, std::shared_ptr<StreamObserver> observer);

  // Cancels every open server stream; new ones end at once with UNAVAILABLE.
  void CancelStreams();
  // Cancels what runs, waits until every call has had its last callback, and joins. Idempotent.
  void Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// All bytes of a buffer as one string.
std::string BytesOf(const grpc::ByteBuffer& buffer);
// A buffer that owns the string.
grpc::ByteBuffer BufferOf(std::string bytes);

}  // namespace yokoten::gateway
