// Revisions of a job compared with each other, and plants by the revision they use.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "yokoten/insight/v1/loop.pb.h"

namespace yokoten::insight {

// A step of a breakdown, as stored.
struct BreakdownText {
  int seq = 0;
  std::string step, change_note;
  std::vector<std::string> key_points;  // "text (reason)" or, where the kind counts too, with it in front
};

// What became of each step: in the order of `to`, those that are gone last. Steps are the same by their text;
// of those left over the ones at the same place are one step whose text was changed.
std::vector<v1::StepDiff> DiffSteps(const std::vector<BreakdownText>& from,
                                    const std::vector<BreakdownText>& to);

// Thread-safe: holds nothing but references.
class Revisions {
 public:
  Revisions(clickhouse::Client& clickhouse, const Clock& clock) : clickhouse_(clickhouse), clock_(clock) {}

  Status Diff(const v1::DiffRevisionsRequest& request, v1::DiffRevisionsResponse* response) const;

 private:
  clickhouse::Client& clickhouse_;
  const Clock& clock_;
};

}  // namespace yokoten::insight
