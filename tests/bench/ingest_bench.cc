// What the way through an ingest target costs: the same events handed to the producer directly, through the
// bidirectional stream and through single calls, into a real Kafka. Prints events per second; asserts
// nothing.
//
//   ingest_bench [EVENTS [EVENTS_PER_BATCH]]
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "app/app.h"
#include "app/config.h"
#include "events/envelope.h"
#include "examples/examples.h"
#include "kafka/producer.h"
#include "rpc/client.h"
#include "support/kafka.h"
#include "training/wire.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten {
namespace {

using training::v1::TrainingEvent;
using training::v1::TrainingIngestService;

void Print(const char* what, int events, std::chrono::steady_clock::duration took) {
  const double s = std::chrono::duration<double>(took).count();
  std::printf("%-28s %8d events in %6.2f s: %9.0f events/s\n", what, events, s, events / s);
}

training::v1::SessionCompleted Session(const training::v1::SessionCompleted& base, const std::string& run,
                                       int i) {
  auto session = base;
  session.mutable_context()->set_id(run + std::to_string(i));
  session.set_session_id("S-" + std::to_string(i));
  return session;
}

void Bare(kafka::Producer& producer, const events::EventType& type,
          const training::v1::SessionCompleted& base, int events) {
  std::mutex mutex;
  std::condition_variable done;
  int delivered = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < events; ++i) {
    const auto session = Session(base, "bare-", i);
    while (!producer
                .Produce("bench.yokoten.training.v1", events::Encode(type, session),
                         [&](const kafka::Delivery&) {
                           std::lock_guard lock(mutex);
                           if (++delivered == events) done.notify_all();
                         })
                .ok()) {
      std::this_thread::yield();
    }
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return delivered == events; });
  Print("producer alone", events, std::chrono::steady_clock::now() - begun);
}

void Stream(TrainingIngestService::Stub& stub, const training::v1::SessionCompleted& base, int events,
            int per_batch) {
  std::vector<training::v1::StreamEventsRequest> requests;
  for (int i = 0; i < events; i += per_batch) {
    auto& request = requests.emplace_back();
    request.set_sequence(requests.size());
    for (int j = i; j < std::min(events, i + per_batch); ++j) {
      *request.add_events()->mutable_session_completed() = Session(base, "stream-", j);
    }
  }
  grpc::ClientContext context;
  const auto begun = std::chrono::steady_clock::now();
  auto stream = stub.StreamEvents(&context);
  std::thread writer([&] {
    for (const auto& request : requests) stream->Write(request);
    stream->WritesDone();
  });
  training::v1::StreamEventsResponse response;
  int accepted = 0;
  while (stream->Read(&response)) {
    for (const auto& result : response.results())
      accepted += result.status() == event::v1::EVENT_STATUS_ACCEPTED ? 1 : 0;
  }
  writer.join();
  const auto status = stream->Finish();
  if (!status.ok()) std::printf("the stream ended with: %s\n", status.error_message().c_str());
  Print("stream", accepted, std::chrono::steady_clock::now() - begun);
}

void Calls(TrainingIngestService::Stub& stub, const training::v1::SessionCompleted& base, int events,
           int per_batch) {
  int accepted = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < events; i += per_batch) {
    training::v1::IngestEventsRequest request;
    for (int j = i; j < std::min(events, i + per_batch); ++j) {
      *request.add_events()->mutable_session_completed() = Session(base, "call-", j);
    }
    grpc::ClientContext context;
    training::v1::IngestEventsResponse response;
    if (!stub.IngestEvents(&context, request, &response).ok()) continue;
    for (const auto& result : response.results())
      accepted += result.status() == event::v1::EVENT_STATUS_ACCEPTED ? 1 : 0;
  }
  Print(per_batch == 1 ? "calls of one event" : "calls, one at a time", accepted,
        std::chrono::steady_clock::now() - begun);
}

int Run(int events, int per_batch) {
  auto kafka = test::Kafka::Start();
  if (!kafka.ok()) {
    std::fprintf(stderr, "%s\n", Message(kafka.status()).c_str());
    return 1;
  }
  const auto config =
      app::LoadConfig("", {"kafka.bootstrap_servers=" + (*kafka)->address(), "deployment.topic_prefix=bench.",
                           "grpc.listen_address=127.0.0.1:0", "metrics.listen_address="});
  app::App app(*config, {"training"});
  if (!training::Wire(app.config(), app).ok() || !app.Start().ok()) return 1;
  while (!app.Readiness().ok()) std::this_thread::yield();
  const auto examples = test::LoadExamples();
  const test::Example* example = nullptr;
  for (const auto& e : *examples) {
    if (e.type->short_name == "training.SessionCompleted") example = &e;
  }
  const auto& base = static_cast<const training::v1::SessionCompleted&>(*example->event);
  std::printf("one event: %zu bytes; %d events a batch\n", base.ByteSizeLong(), per_batch);
  auto stub = TrainingIngestService::NewStub(rpc::MakeChannel(app.GrpcAddress()));
  Bare(**app.Producer(), *example->type, base, events);
  Stream(*stub, base, events, per_batch);
  Calls(*stub, base, events, per_batch);
  Calls(*stub, base, std::min(events, 200), 1);
  app.Stop();
  return 0;
}

}  // namespace
}  // namespace yokoten

int main(int argc, char** argv) {
  const int events = argc > 1 ? std::atoi(argv[1]) : 200'000;
  const int per_batch = argc > 2 ? std::atoi(argv[2]) : 500;
  return yokoten::Run(std::max(events, 1), std::max(per_batch, 1));
}
