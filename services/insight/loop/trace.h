// The loop traced for one proposal and measured for a plant.
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "yokoten/insight/v1/loop.pb.h"

namespace yokoten::insight {

// Thread-safe: holds nothing but references.
class Traces {
 public:
  Traces(clickhouse::Client& clickhouse, const Clock& clock) : clickhouse_(clickhouse), clock_(clock) {}

  Status Trace(const v1::TraceProposalRequest& request, v1::TraceProposalResponse* response) const;
  Status Measure(const v1::MeasureLoopRequest& request, v1::MeasureLoopResponse* response) const;

 private:
  clickhouse::Client& clickhouse_;
  const Clock& clock_;
};

}  // namespace yokoten::insight
