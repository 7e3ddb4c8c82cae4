// Generations of facts and figures: built beside the one in use, compared with it, switched to, dropped.
//
// A new one is a database of its own, made by the same migrations. It is fed from the archive of the current
// one (or from Kafka) by the aggregator's own decoder and writer; then an aggregator and a rollup of its own,
// with their own consumer groups, bring it level while services go on. docs/warehouse.md says what an
// operator does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/generations.h"
#include "kafka/producer.h"
#include "rebuild/compare.h"
#include "rebuild/follower.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::rebuild {

struct Listed {
  clickhouse::Generation generation;
  bool current = false;
  uint64_t records = 0;  // archived
  uint64_t bytes = 0;    // on disk
};

// For one verb of the command line. Not thread-safe.
class Rebuilder {
 public:
  // `say` gets a line at each step. Unavailable when a neighbour does not answer.
  static Result<std::unique_ptr<Rebuilder>> Open(const config::v1::Config& config,
                                                 std::function<void(const std::string&)> say);
  ~Rebuilder();

  const clickhouse::Generation& current() const { return current_; }
  Result<std::vector<Listed>> List();
  // NotFound says which there are.
  Result<clickhouse::Generation> Find(uint64_t number);
  // A new, empty one.
  Result<clickhouse::Generation> Begin();
  // Stores what it lacks and computes it, and keeps it level as long as this object lives or until another is
  // brought level. What was interrupted is gone on with.
  Status BringLevel(const clickhouse::Generation& generation, bool from_kafka);
  // Compares the one that is kept level with the current one.
  Result<Comparison> CompareWithCurrent(const CompareScope& scope);
  // Makes the one that is kept level current.
  Status Switch();
  // FailedPrecondition for the current one. Of the first, only what it holds as a generation goes.
  Status Drop(const clickhouse::Generation& generation);

 private:
  Rebuilder(const config::v1::Config& config, std::function<void(const std::string&)> say);
  std::unique_ptr<clickhouse::Client> ClientOf(const std::string& database) const;
  Result<bool> HasFigures(clickhouse::Client& client) const;
  // Kafka's memory of its groups, so that a number used again begins anew.
  Status ForgetGroups(const clickhouse::Generation& generation);

  const config::v1::Config config_;
  const std::string base_;
  const std::function<void(const std::string&)> say_;
  std::unique_ptr<clickhouse::Client> base_client_;
  std::unique_ptr<kafka::Producer> producer_;
  clickhouse::Generation current_;
  std::unique_ptr<clickhouse::Client> current_client_;
  std::unique_ptr<Positions> current_positions_;

  clickhouse::Generation target_;
  std::unique_ptr<clickhouse::Client> target_client_;
  std::unique_ptr<Positions> target_positions_;
  std::unique_ptr<Follower> follower_;  // before what it works with is gone
};

}  // namespace yokoten::rebuild
