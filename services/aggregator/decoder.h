// First stage: a Kafka record to a fact, or to a reason why it cannot be one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/fact_writer.h"
#include "events/envelope.h"

namespace yokoten::aggregator {

// A record's bytes; views into whatever holds the record.
struct RecordView {
  std::string_view topic;  // without the deployment's prefix
  Position position;
  bool append_time = true;  // position.recorded_ms is the broker's append time
  std::string_view key;
  std::string_view value;
  events::HeaderViews headers;
};

// A record that can be stored.
struct Fact {
  const FactWriter* writer = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
  FactKeys keys;

  const event::v1::EventContext& context() const { return events::ContextOf(writer->type(), *event); }
};

// Why a record is a dead letter.
struct Rejection {
  std::string reason;   // immutable error id
  std::string message;  // in words
};

// What became of a record: exactly one is set.
struct Verdict {
  std::optional<Fact> fact;
  std::optional<Rejection> rejection;
};

// Deterministic: the same record gives the same verdict in every process of one version, whatever the time.
// Records need not come from our ingest: anything that cannot be stored becomes a rejection. Immutable, any
// thread.
class Decoder {
 public:
  explicit Decoder(const events::Registry& registry);
  // Of the event types linked into this program; made once.
  static const Decoder& Linked();

  Verdict Decode(const RecordView& record) const;
  const std::vector<std::unique_ptr<FactWriter>>& writers() const { return writers_; }

 private:
  std::vector<std::unique_ptr<FactWriter>> writers_;
  std::unordered_map<const events::EventType*, const FactWriter*> by_type_;
};

}  // namespace yokoten::aggregator
