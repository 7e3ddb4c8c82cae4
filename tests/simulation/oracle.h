// What must hold, told by a model that shares no code with the product: of the log alone it knows which facts
// there are, which count, and what each cell says.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "fake_clickhouse.h"
#include "fake_kafka.h"

namespace yokoten::simulation {

// What a record of the fact topic means.
struct Meaning {
  enum class Kind { kFact, kCorrection, kVoid, kGarbage };
  Kind kind = Kind::kGarbage;
  std::string id;
  Key fact_key;
  Key target_key;  // of a correction or void
  std::string plant;
  std::string entity;
  std::string target_plant;
  std::string target_entity;
  int32_t day = 0;
  int64_t good = 0;
};

std::string NameOf(const Place& place);

class Oracle {
 public:
  Oracle(Broker& broker, Store& store) : broker_(broker), store_(store) {}

  std::vector<Meaning> meanings;

  // Each says what is wrong; "" when nothing is.
  // A record is in the archive: its facts, then its touches, or its dead letter, must be there before.
  std::string Archived(const Place& place, const ArchiveRow& row);
  // The group's position is told to whoever waits for it: what lies before must be done.
  std::string Committed(const Group& group, const TopicPartition& partition, int64_t offset);
  // After everything is drained. `today`: the last production day.
  std::string Drained(int32_t today);

  void Appended(const LogRecord& record);
  // A figure was refused: its cells may be missing for a while.
  bool figures_refused = false;

 private:
  struct Version {
    const Meaning* meaning;
    std::tuple<int64_t, int32_t, int64_t> at;  // recorded, partition, offset of the earliest copy
  };
  std::string CheckFacts();
  std::string CheckCells(int32_t today);
  std::map<Key, Version> Versions();

  Broker& broker_;
  Store& store_;
  // Clock of the last touch of a (plant, event type, day) and of a (plant, event type, root).
  std::map<std::tuple<std::string, std::string, int32_t>, uint64_t> day_touches_;
  std::map<std::tuple<std::string, std::string, Key>, uint64_t> root_touches_;
  std::set<std::string> dead_letters_;
  std::map<TopicPartition, int64_t> checked_;
};

}  // namespace yokoten::simulation
