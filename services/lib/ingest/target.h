// An ingest target: its gRPC service, the topics it needs, and how it joins the process.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "app/app.h"
#include "app/neighbours.h"
#include "base/status.h"
#include "ingest/service.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "rpc/server.h"

namespace yokoten::ingest {

// Makes the deployment's topics, again and again until Kafka answers: an ingest target starts, and says
// UNAVAILABLE, while Kafka is away. Start and Stop belong to one thread.
class TopicMaker {
 public:
  explicit TopicMaker(kafka::TopicOptions options);
  ~TopicMaker() { Stop(); }
  void Start();
  void Stop();
  // OK once the topics are there. Thread-safe.
  Status Ready() const;

 private:
  void Run();

  const kafka::TopicOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  Status status_;
  std::thread thread_;
};

// `Proto` is the generated service class. Lives from wiring until the gRPC server has stopped.
template <typename Proto>
class Target final : public app::Part {
 public:
  Target(std::shared_ptr<Machine> machine, kafka::TopicOptions topics)
      : service_(std::move(machine)), topics_(std::move(topics)) {}

  // After the gRPC server has stopped and the producer is closed: nothing of this target is under way any
  // more.
  ~Target() override { service_.machine().WaitIdle(kIdleBound); }

  Service<Proto>& service() { return service_; }
  const TopicMaker& topics() const { return topics_; }
  Status Start() override {
    topics_.Start();
    return OkStatus();
  }
  void Stop() override { topics_.Stop(); }

 private:
  static constexpr std::chrono::seconds kIdleBound{10};

  Service<Proto> service_;
  TopicMaker topics_;
};

// Everything a target's Wire does: `Proto` on the process's gRPC server, its records to the process's
// producer, ready once the topics are there and Kafka answers. `name` is the target's in the table of
// main.cc.
template <typename Proto>
Status WireTarget(const char* name, Rules rules, const config::v1::Config& config, app::App& app) {
  YK_ASSIGN_OR_RETURN(rpc::Server* const server, app.Grpc());
  YK_ASSIGN_OR_RETURN(kafka::Producer* const producer, app.Producer());
  auto part = std::make_unique<Target<Proto>>(
      MakeMachine(config, name, rules, producer, app.clock(), app.metrics().get()),
      app::TopicOptionsOf(config));
  Target<Proto>* const target = part.get();
  server->Register(&target->service());
  server->OnDrain([target] { target->service().Drain(); });
  app.AddReadiness(name, [target] { return target->topics().Ready(); });
  app.AddReadiness("kafka", [producer] { return producer->Health(); });
  app.Own(name, std::move(part));
  return OkStatus();
}

}  // namespace yokoten::ingest
