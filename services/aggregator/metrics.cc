#include "aggregator/metrics.h"

namespace yokoten::aggregator {
namespace {

prometheus::Counter& MakeCounter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& MakeGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : records(MakeCounter(registry, "yokoten_aggregator_records_total",
                          "Records stored and committed, dead letters included")),
      batches(MakeCounter(registry, "yokoten_aggregator_batches_total", "Batches stored")),
      retries(MakeCounter(registry, "yokoten_aggregator_retries_total",
                          "Tries at ClickHouse or Kafka that failed and are repeated")),
      identity_changes(MakeCounter(registry, "yokoten_aggregator_identity_changes_total",
                                   "Facts that stopped or began to count by the identity pass")),
      identity_waiting(MakeGauge(registry, "yokoten_aggregator_identity_waiting",
                                 "1 before the first full identity pass and while stored facts wait for one, "
                                 "else 0")),
      halted(MakeGauge(registry, "yokoten_aggregator_halted_partitions",
                       "Partitions that stand still until an operator acts")),
      lag(MakeGauge(registry, "yokoten_aggregator_lag_records",
                    "Records in our partitions that are not consumed yet")),
      batch_seconds(prometheus::BuildHistogram()
                        .Name("yokoten_aggregator_batch_seconds")
                        .Help("Time from the hand-over of a batch to its commit")
                        .Register(registry)
                        .Add({}, prometheus::Histogram::BucketBoundaries{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
                                                                         2, 5, 10, 60})),
      batch_records(prometheus::BuildHistogram()
                        .Name("yokoten_aggregator_batch_records")
                        .Help("Records of a batch")
                        .Register(registry)
                        .Add({}, prometheus::Histogram::BucketBoundaries{1, 10, 100, 1000, 10000, 50000})),
      dead_letters_(prometheus::BuildCounter()
                        .Name("yokoten_aggregator_dead_letters_total")
                        .Help("Records that could not become facts, by reason")
                        .Register(registry)) {}

prometheus::Counter& Metrics::DeadLetters(const std::string& reason) {
  return dead_letters_.Add({{"reason", reason}});
}

}  // namespace yokoten::aggregator
