// POST /v1/events: CloudEvents over HTTP in binary, structured and batched mode, answered when Kafka has
// them.
//
// One event: 200 with its id, entity and consistency token; 400 with {code, field, rule, message_zh,
// message_en}; 503 with Retry-After when it has to be sent again. A batch: 200 with one such item per event
// (503 only if all have to be sent again). The token is also in the header Yokoten-Consistency-Token (base64
// of yokoten.event.v1.ConsistencyToken).
#pragma once

#include <memory>

#include "gateway/backend_calls.h"
#include "gateway/catalog.h"
#include "gateway/limits.h"
#include "gateway/request_metrics.h"
#include "http/server.h"

namespace yokoten::gateway {

// Thread-safe. The arguments must outlive it and every call it started.
class CloudEventsHandler {
 public:
  CloudEventsHandler(const Catalog* catalog, BackendCalls* calls, const Limits* limits,
                     RequestMetrics* metrics)
      : catalog_(*catalog), calls_(*calls), limits_(*limits), metrics_(*metrics) {}

  void Handle(http::Request& request, const std::shared_ptr<http::Response>& response);

 private:
  struct Round;
  void Send(std::shared_ptr<Round> round);

  const Catalog& catalog_;
  BackendCalls& calls_;
  const Limits& limits_;
  RequestMetrics& metrics_;
};

}  // namespace yokoten::gateway
