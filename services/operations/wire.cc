#include "operations/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "ingest/target.h"
#include "kafka/producer.h"
#include "operations/rules.h"
#include "rpc/server.h"
#include "yokoten/operations/v1/service.grpc.pb.h"

namespace yokoten::operations {
namespace {

constexpr char kTarget[] = "operations";

struct IngestPart final : app::Part {
  IngestPart(std::shared_ptr<ingest::Machine> machine, kafka::TopicOptions topics)
      : target(std::move(machine), std::move(topics)) {}
  Status Start() override {
    target.Start();
    return OkStatus();
  }
  void Stop() override { target.Stop(); }

  ingest::Target<v1::OperationsIngestService> target;
};

}  // namespace

Status Wire(const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(rpc::Server* const server, app.Grpc());
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  auto part = std::make_unique<IngestPart>(
      ingest::MakeMachine(config, kTarget, &CheckRules, producer, app.clock(), app.metrics().get()),
      app::TopicOptionsOf(config));
  auto* const target = &part->target;
  server->Register(&target->service());
  server->OnDrain([target] { target->service().Drain(); });
  app.AddReadiness(kTarget, [target] { return target->topics().Ready(); });
  app.AddReadiness("kafka", [producer] { return producer->Health(); });
  app.Own(kTarget, std::move(part));
  return OkStatus();
}

}  // namespace yokoten::operations
