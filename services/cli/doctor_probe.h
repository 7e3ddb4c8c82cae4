// Probe events of `yokoten doctor`: shift outputs of a plant that exists for probing only, voided afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "cli/connection.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::cli {

// Probes of one plant. Each adds one inspected unit to the plant's first-pass yield of today. Not
// thread-safe.
class DoctorProbe {
 public:
  // `run` tells runs apart: probes of two runs are never the same event.
  DoctorProbe(std::shared_ptr<Connection> connection, std::string plant, std::string run, const Clock& clock);

  // Sends one probe; returns when Kafka has it.
  Result<event::v1::ConsistencyToken> Send();
  // Units inspected today by the live figures; with a token, by figures that include what it says.
  // DEADLINE_EXCEEDED when they do not come in time.
  Result<int64_t> Read(const event::v1::ConsistencyToken* token, std::chrono::milliseconds timeout);
  // Voids all probes sent.
  Status VoidAll();

  const std::string& plant() const { return plant_; }
  int64_t sent() const { return static_cast<int64_t>(ids_.size()); }

 private:
  std::shared_ptr<Connection> connection_;
  std::string plant_, run_;
  const Clock& clock_;
  std::string day_;
  std::vector<std::string> ids_;
};

// Times from acknowledgement to the changed figure in the live stream.
struct LatencyReport {
  std::vector<double> milliseconds;  // sorted
  int64_t lost = 0;                  // no change seen in time
  double Quantile(double q) const;
};

// Sends `n` probes one after the other and times each. `each` is told after each.
Result<LatencyReport> MeasureLatency(std::shared_ptr<Connection> connection, DoctorProbe& probe, int n,
                                     const std::function<void(int)>& each);

// Answers to a read with a probe's token.
struct ReadYourWritesReport {
  int64_t included = 0;
  int64_t deadline_exceeded = 0;
  int64_t older = 0;  // must be 0
  Status failure = OkStatus();
};

// Sends a probe and reads with its token, `n` times in all, on `parallel` plants at once.
ReadYourWritesReport CheckReadYourWrites(std::shared_ptr<Connection> connection, const std::string& run,
                                         int n, int parallel, const Clock& clock,
                                         const std::function<void(int)>& each);

}  // namespace yokoten::cli
