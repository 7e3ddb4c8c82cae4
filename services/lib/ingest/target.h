// An ingest target: its gRPC service, and the topics it needs.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "base/status.h"
#include "ingest/service.h"
#include "kafka/topics.h"

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
class Target {
 public:
  Target(std::shared_ptr<Machine> machine, kafka::TopicOptions topics)
      : service_(std::move(machine)), topics_(std::move(topics)) {}

  // After the gRPC server has stopped and the producer is closed: nothing of this target is under way any
  // more.
  ~Target() { service_.machine().WaitIdle(kIdleBound); }

  Service<Proto>& service() { return service_; }
  const TopicMaker& topics() const { return topics_; }
  void Start() { topics_.Start(); }
  void Stop() { topics_.Stop(); }

 private:
  static constexpr std::chrono::seconds kIdleBound{10};

  Service<Proto> service_;
  TopicMaker topics_;
};

}  // namespace yokoten::ingest
