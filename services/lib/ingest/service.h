// A domain's ingest service on gRPC's callback API. One template for all domains: what differs is in their
// protos and in their rules.
#pragma once

#include <memory>
#include <utility>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "ingest/calls.h"
#include "ingest/machine.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::ingest {

// `Proto` is the generated service class, such as TrainingIngestService. Both methods are raw: requests
// arrive as bytes, because one broken string would fail the parse of a whole typed batch.
template <typename Proto>
class Service final
    : public Proto::template WithRawCallbackMethod_IngestEvents<
          typename Proto::template WithRawCallbackMethod_StreamEvents<typename Proto::Service>> {
 public:
  // Requests of one stream that may be under way at once.
  static constexpr size_t kPipelined = 16;

  explicit Service(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}

  grpc::ServerUnaryReactor* IngestEvents(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    return StartUnaryCall(machine_, context, request, response);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamEvents(
      grpc::CallbackServerContext* context) override {
    return StartStreamCall(machine_, streams_, context, kPipelined);
  }

  // New requests are refused, open streams end once they have answered what they took. For
  // rpc::Server::OnDrain.
  void Drain() {
    machine_->Drain();
    streams_->Drain();
  }

  Machine& machine() { return *machine_; }

 private:
  const std::shared_ptr<Machine> machine_;
  const std::shared_ptr<OpenStreams> streams_ = std::make_shared<OpenStreams>();
};

// The machine of a target as the configuration wants it.
std::shared_ptr<Machine> MakeMachine(const config::v1::Config& config, std::string_view target, Rules rules,
                                     kafka::RecordSink* sink, const Clock& clock,
                                     telemetry::Metrics* metrics);

}  // namespace yokoten::ingest
