#include "ingest/service.h"

#include "events/registry.h"

namespace yokoten::ingest {

std::shared_ptr<Machine> MakeMachine(const config::v1::Config& config, std::string_view target, Rules rules,
                                     kafka::RecordSink* sink, const Clock& clock,
                                     telemetry::Metrics* metrics) {
  const auto& ingest = config.ingest();
  MachineOptions options;
  options.domain = events::Registry::Linked().FindDomainByTarget(target);
  options.topic_prefix = config.deployment().topic_prefix();
  options.limits.event_bytes_max = static_cast<size_t>(ingest.event_bytes_max());
  options.limits.batch_bytes_max = static_cast<size_t>(ingest.batch_bytes_max());
  options.limits.batch_events_max = static_cast<size_t>(ingest.batch_events_max());
  options.limits.future_tolerance = std::chrono::milliseconds(ingest.future_tolerance_ms());
  options.limits.retry_after = std::chrono::milliseconds(ingest.retry_after_ms());
  options.rules = rules;
  options.max_deadline = std::chrono::milliseconds(config.grpc().max_deadline_ms());
  return Machine::Make(
      std::move(options),
      SharedEngine(config.grpc().threads(), static_cast<size_t>(ingest.inflight_bytes_max())), sink, clock,
      metrics);
}

}  // namespace yokoten::ingest
