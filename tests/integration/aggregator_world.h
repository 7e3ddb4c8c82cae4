// Kafka, a warehouse and a seeded sender, with an oracle that knows what must come out of what was sent.
//
// The oracle is written from the promise (docs/dataplane.md), not from the aggregator: it folds the log as
// the broker has it into the facts that must be there, and compares archive, facts, keys, dead letters and
// touches with it.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "aggregator/aggregator.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"
#include "support/kafka.h"
#include "support/warehouse.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::test {

// A record the broker has acknowledged.
struct Sent {
  std::string topic;  // as the broker names it
  int32_t partition = 0;
  int64_t offset = 0;
  events::Record record;
};

// One per test program.
class Neighbours {
 public:
  // Starts both once; aborts the program with the reason when that fails.
  static Neighbours& Get();
  Kafka& kafka() { return *kafka_; }
  Warehouse& warehouse() { return *warehouse_; }

 private:
  std::unique_ptr<Kafka> kafka_;
  std::unique_ptr<Warehouse> warehouse_;
};

// A deployment of its own within the neighbours: prefix, database, producer.
class World {
 public:
  // `name` must be new; [a-z_]+.
  explicit World(const std::string& name, int32_t partitions = 3);
  ~World();

  aggregator::AggregatorOptions Options() const;
  // Settings of the same for a process ("kafka.bootstrap_servers=...").
  std::vector<std::string> Settings() const;
  clickhouse::Client& client() { return *client_; }
  kafka::Producer& producer() { return *producer_; }
  const std::string& database() const { return database_; }
  const std::string& prefix() const { return prefix_; }

  // Sends and waits for all acknowledgements; what was acknowledged is kept in sent().
  void Send(const google::protobuf::Message& event);
  void SendRaw(const std::string& topic, events::Record record);
  void SendAll(const std::vector<std::pair<std::string, events::Record>>& records);
  // A mix of events: new ones, sent again with the same and another content, place or type, corrections,
  // voids (some before their target), dates without time, far years, garbage.
  std::vector<std::pair<std::string, events::Record>> Mix(size_t count);
  // The topic an event goes to, with prefix.
  std::string TopicOf(const google::protobuf::Message& event) const;

  const std::vector<Sent>& sent() const { return sent_; }
  // Waits until the group has committed everything that was sent. DeadlineExceeded says what is missing.
  Status WaitConsumed(std::chrono::milliseconds timeout);

  // A second, empty database for the same topics.
  std::unique_ptr<clickhouse::Client> OtherDatabase(const std::string& suffix);
  // Rows of everything the aggregator keeps that are in one database only, some of each table; empty when both
  // hold the same, whatever the order and number of writes.
  std::vector<std::string> StateDifferences(clickhouse::Client& one, clickhouse::Client& other);

  // Compares the warehouse with what was sent; one line per difference, empty when all is right. `expected`
  // is sent(), or a changed copy of it in a negative control.
  std::vector<std::string> Differences(const std::vector<Sent>& expected);

 private:
  std::vector<std::string> ArchiveDifferences(const std::vector<Sent>& expected);
  std::vector<std::string> FactDifferences(const std::vector<Sent>& expected);
  std::vector<std::string> TouchDifferences(const std::vector<Sent>& expected);

  std::string prefix_;
  std::string database_;
  int32_t partitions_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<kafka::Producer> producer_;
  std::vector<Sent> sent_;
  std::mt19937_64 random_{20260301};
  uint64_t counter_ = 0;
};

// ShiftOutputReported of plant, line and day with an amount; id unique within the source "/test".
operations::v1::ShiftOutputReported Output(const std::string& id, const std::string& plant,
                                           const std::string& line, const std::string& day, int64_t produced);
// OperationErrorRecorded at an instant (RFC 3339).
operations::v1::OperationErrorRecorded ErrorAt(const std::string& id, const std::string& plant,
                                               const std::string& line, int64_t unix_seconds);
event::v1::Voided Void(const std::string& id, const google::protobuf::Message& target);
// Makes `event` a correction of `root`.
void Correct(const google::protobuf::Message& root, google::protobuf::Message& event);

// Seed of this run: YOKOTEN_TEST_SEED or a fresh one; printed.
uint64_t Seed();

}  // namespace yokoten::test
