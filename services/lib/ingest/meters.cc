#include "ingest/meters.h"

namespace yokoten::ingest {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,   0.25,   0.5,   1,    2.5,   10};

}  // namespace

Meters::Meters(telemetry::Metrics* metrics, std::string target)
    : metrics_(metrics), target_(std::move(target)) {
  if (metrics_ == nullptr) return;
  events_ = &prometheus::BuildCounter()
                 .Name("yokoten_ingest_events_total")
                 .Help("Events by fate: accepted, rejected, retry; reason is the error id.")
                 .Register(*metrics_);
  requests_ = &prometheus::BuildCounter()
                   .Name("yokoten_ingest_requests_total")
                   .Help("Answered requests by method and outcome: ok, or the error id of the failed call.")
                   .Register(*metrics_);
  seconds_ = &prometheus::BuildHistogram()
                  .Name("yokoten_ingest_request_seconds")
                  .Help("Time from a request to its answer, Kafka's acknowledgement included.")
                  .Register(*metrics_);
  bytes_ = &prometheus::BuildCounter()
                .Name("yokoten_ingest_bytes_total")
                .Help("Bytes of requests taken in.")
                .Register(*metrics_)
                .Add({{"target", target_}});
  inflight_ = &prometheus::BuildGauge()
                   .Name("yokoten_ingest_inflight_bytes")
                   .Help("Bytes of requests under way to Kafka in this process.")
                   .Register(*metrics_)
                   .Add({{"target", target_}});
}

void Meters::Event(std::string_view outcome, std::string_view reason, uint64_t n) {
  if (events_ == nullptr || n == 0) return;
  events_->Add({{"target", target_}, {"outcome", std::string(outcome)}, {"reason", std::string(reason)}})
      .Increment(static_cast<double>(n));
}

void Meters::Request(std::string_view method, std::string_view outcome, std::chrono::nanoseconds took,
                     size_t bytes) {
  if (requests_ == nullptr) return;
  requests_->Add({{"target", target_}, {"method", std::string(method)}, {"outcome", std::string(outcome)}})
      .Increment();
  seconds_->Add({{"target", target_}, {"method", std::string(method)}}, kSeconds)
      .Observe(std::chrono::duration<double>(took).count());
  bytes_->Increment(static_cast<double>(bytes));
}

void Meters::Inflight(size_t bytes) {
  if (inflight_ != nullptr) inflight_->Set(static_cast<double>(bytes));
}

}  // namespace yokoten::ingest
