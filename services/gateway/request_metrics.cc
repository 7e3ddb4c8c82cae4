// See request_metrics.h.
#include "gateway/request_metrics.h"

namespace yokoten::gateway {

RequestMetrics::RequestMetrics(std::shared_ptr<telemetry::Metrics> registry)
    : registry_(std::move(registry)) {
  if (registry_ == nullptr) return;
  requests_ = &prometheus::BuildCounter()
                   .Name("yokoten_gateway_requests_total")
                   .Help("HTTP requests answered, by route and outcome")
                   .Register(*registry_);
  seconds_ = &prometheus::BuildHistogram()
                  .Name("yokoten_gateway_request_seconds")
                  .Help("Time from the end of a request's headers to the answer, by route")
                  .Register(*registry_);
  streams_ = &prometheus::BuildGauge()
                  .Name("yokoten_gateway_streams")
                  .Help("Open live streams")
                  .Register(*registry_)
                  .Add({});
}

void RequestMetrics::Count(std::string_view route, std::string_view code,
                           std::chrono::steady_clock::duration took) {
  if (registry_ == nullptr) return;
  static const prometheus::Histogram::BucketBoundaries kBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                0.25,  0.5,    1,     2.5,  5,     10,   30};
  requests_->Add({{"route", std::string(route)}, {"code", std::string(code)}}).Increment();
  seconds_->Add({{"route", std::string(route)}}, kBuckets)
      .Observe(std::chrono::duration<double>(took).count());
}

void RequestMetrics::StreamOpened() {
  if (streams_ != nullptr) streams_->Increment();
}

void RequestMetrics::StreamClosed() {
  if (streams_ != nullptr) streams_->Decrement();
}

}  // namespace yokoten::gateway
