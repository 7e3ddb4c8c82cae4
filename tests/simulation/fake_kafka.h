// Logs and consumer groups as Kafka has them, in memory: append, fetch, commit, and rebalances of the classic
// protocol with generations. kafka/{consumer,log_reader,offsets,ensure_topics}.cc mean these here.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "events/envelope.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "scheduler.h"

// kafka::Message holds one of these. Lives as long as the seed.
struct rd_kafka_message_s {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  bool gap = false;  // an offset without a record
  yokoten::events::Record record;
  int meaning = -1;    // of domain topics: index of what the world meant by it
  uint64_t clock = 0;  // of the store when it was appended
};

namespace yokoten::simulation {

using kafka::TopicPartition;
using LogRecord = rd_kafka_message_s;

inline constexpr char kCluster[] = "simulated";

// One member of a group, alive or not.
struct Member {
  uint64_t id = 0;
  Process* process = nullptr;
  bool in_group = false;
  bool joined = false;              // the rebalance under way
  int64_t generation = -1;          // that it was assigned in
  int64_t heard_until = INT64_MAX;  // the session's end, once it is silent
};

struct Group {
  std::string name;
  std::string topic;
  int32_t partitions = 0;
  int64_t generation = 0;
  bool rebalancing = false;
  std::map<uint64_t, Member*> members;
  std::map<int32_t, uint64_t> owners;  // of the current generation
  kafka::Offsets committed;
};

class Broker {
 public:
  Broker();

  // Called after each append and before each commit. The world checks what must hold.
  std::function<void(const LogRecord&)> on_append;
  std::function<void(const Group&, const TopicPartition&, int64_t offset)> on_commit;

  int32_t PartitionsOf(const std::string& topic) const;
  const LogRecord& Append(const std::string& topic, int32_t partition, events::Record record, int meaning);
  void AppendGap(const std::string& topic, int32_t partition);
  std::deque<LogRecord>& Log(const TopicPartition& partition) { return logs_[partition]; }
  int64_t End(const TopicPartition& partition) { return static_cast<int64_t>(logs_[partition].size()); }

  Group& GroupOf(const std::string& name);
  void Join(Group& group, Member& member);
  void Leave(Group& group, Member& member);
  // Its process is silent from now on until `until`: the session may end meanwhile.
  void Silence(Process* process, int64_t until);
  void Joined(Group& group, Member& member);
  bool IsMember(const Group& group, const Member& member) const;
  // Whether the process is in no group any more although it does not know yet.
  bool IsZombie(const Process* process) const;

  WaitQueue changed;  // appended, or a group changed
  std::map<std::string, Group> groups;
  std::vector<std::unique_ptr<Member>> members;
  int64_t session_us = 1'000'000;

 private:
  void Complete(Group& group);
  void Rebalance(Group& group);
  std::map<TopicPartition, std::deque<LogRecord>> logs_;
};

// The producer of one process.
class Sink final : public kafka::RecordSink {
 public:
  explicit Sink(Process* process) : process_(process) {}
  Status Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) override;
  Status Health() const override { return OkStatus(); }

 private:
  Process* process_;
};

}  // namespace yokoten::simulation
