#include "standard_work/wire.h"

#include <memory>

#include "app/neighbours.h"
#include "ingest/target.h"
#include "kafka/producer.h"
#include "rpc/server.h"
#include "standard_work/rules.h"
#include "yokoten/standard_work/v1/service.grpc.pb.h"

namespace yokoten::standard_work {
namespace {

constexpr char kTarget[] = "standard-work";

struct IngestPart final : app::Part {
  IngestPart(std::shared_ptr<ingest::Machine> machine, kafka::TopicOptions topics)
      : target(std::move(machine), std::move(topics)) {}
  Status Start() override {
    target.Start();
    return OkStatus();
  }
  void Stop() override { target.Stop(); }

  ingest::Target<v1::StandardWorkIngestService> target;
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

}  // namespace yokoten::standard_work
