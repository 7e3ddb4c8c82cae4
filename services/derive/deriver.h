// One run of the rules: what is due and not yet published is published and remembered.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "derive/rules.h"
#include "kafka/producer.h"
#include "kpi/catalogue.h"

namespace yokoten::derive {

// What a run did.
struct RunReport {
  size_t plants = 0;
  std::map<std::string, size_t> published;  // by rule; an alert's end counts too
};

// Not thread-safe. Publishing comes before remembering: who is killed in between publishes again, under the
// same ids. Two processes at once publish twice, under the same ids.
class Deriver {
 public:
  // `topic` with the deployment's prefix.
  Deriver(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue, const std::vector<Rule>& rules,
          kafka::RecordSink& sink, std::string topic, const Clock& clock, const std::atomic<bool>& stopping);

  // Runs all rules for these plants, or all plants. After a failure nothing is lost: the next run makes it
  // good.
  Result<RunReport> Run(const std::vector<std::string>& plants = {});

 private:
  // What was published of a rule.
  struct Known {
    std::string event_id, workshop, line;
    bool active = false;
    uint32_t times = 0;
    uint64_t version = 0;
  };
  using Key = std::tuple<std::string, std::string, int64_t>;  // plant, entity, due instant

  Result<std::map<Key, Known>> ReadKnown(const Rule& rule, const std::vector<std::string>& plants);
  Status Publish(const Rule& rule, const clickhouse::Rows& rows, const std::vector<std::string>& plants,
                 RunReport* report);

  clickhouse::Client& clickhouse_;
  const kpi::Catalogue& catalogue_;
  const std::vector<Rule>& rules_;
  kafka::RecordSink& sink_;
  const std::string topic_;
  const Clock& clock_;
  const std::atomic<bool>& stopping_;
};

}  // namespace yokoten::derive
