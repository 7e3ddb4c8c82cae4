// Second stage: decoded records gathered into blocks, ready to be written.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aggregator/decoder.h"
#include "aggregator/touches.h"
#include "clickhouse/native.h"
#include "kafka/consumer.h"

namespace yokoten::aggregator {

// Topic without prefix, and partition.
using Source = std::pair<std::string, int32_t>;

// A fact as later stages need it once its event is gone.
struct FactId {
  std::string plant;
  const events::EventType* type = nullptr;
  std::string entity;
  events::Uuid fact_key{};
  events::Uuid root_key{};
  bool is_void = false;
};

// Verdicts as they stand in the archive.
inline constexpr std::string_view kVerdictFact = "fact";
inline constexpr std::string_view kVerdictGap = "gap";
inline constexpr std::string_view kVerdictDeadPrefix = "dead:";

// Not thread-safe; handed from thread to thread as a whole.
class Batch {
 public:
  Batch();

  // Takes a record with the verdict the decoder gave. `owner` keeps the bytes the view looks at.
  void Add(RecordView record, Verdict verdict, kafka::Message owner = {});
  // An offset the log does not have (a transaction's marker): archived too, so that offsets stay contiguous.
  // `topic` must outlive the batch.
  void AddGap(std::string_view topic, const Position& position);

  bool empty() const { return archive.rows() == 0; }
  size_t records() const { return records_.size(); }
  size_t bytes() const { return bytes_; }
  // The records taken, in order; views stay valid as long as the batch.
  const std::vector<RecordView>& views() const { return records_; }
  // An offset without a record, and how many records were taken before it.
  struct Gap {
    size_t records_before = 0;
    std::string_view topic;
    Position position;
  };
  const std::vector<Gap>& gaps() const { return gaps_; }
  // Offset after the last record, by partition.
  const std::map<Source, int64_t>& next() const { return next_; }

  std::map<const FactWriter*, clickhouse::NativeBlock> facts;
  clickhouse::NativeBlock event_keys;
  clickhouse::NativeBlock business_keys;
  clickhouse::NativeBlock amendments;
  clickhouse::NativeBlock archive;
  TouchSet touches;
  std::vector<events::Record> dead_letters;
  std::vector<FactId> ids;

 private:
  void AddFact(const RecordView& record, const Fact& fact);
  void AddDeadLetter(const RecordView& record, const Rejection& rejection);
  void Archive(const RecordView& record, std::string_view verdict);

  std::vector<RecordView> records_;
  std::vector<Gap> gaps_;
  std::vector<kafka::Message> owners_;
  std::map<Source, int64_t> next_;
  size_t bytes_ = 0;
};

}  // namespace yokoten::aggregator
