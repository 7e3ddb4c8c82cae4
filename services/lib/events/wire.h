// The Protobuf wire format read by hand: to take a batch apart without parsing its events, and to say where
// bytes that do not parse are broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace yokoten::events {

// One field as it stands on the wire.
struct WireField {
  int number = 0;
  int wire_type = 0;       // 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32
  std::string_view bytes;  // content of a length-delimited field
  uint64_t value = 0;      // of the other types
};

// Reads fields one by one. The bytes must outlive the reader.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  // Nothing at the end and when the format is broken; broken() tells which.
  std::optional<WireField> Next();
  bool broken() const { return broken_; }

 private:
  bool Varint(uint64_t* value);

  std::string_view rest_;
  bool broken_ = false;
};

// A batch request taken apart: field 1 is the repeated events, field 2 the sequence of a stream request.
struct RawBatch {
  std::vector<std::string_view> events;  // views into the request
  uint64_t sequence = 0;
};
// Nothing when the outer format is broken. Unknown fields are skipped. `events_max` bounds the work: reading
// stops with events_max + 1 events.
std::optional<RawBatch> SplitBatch(std::string_view request, size_t events_max);

// Where bytes fail to parse as a message of the type.
struct WireFault {
  std::string field;  // "session_completed.job_id"; "" for the message itself
  enum Kind { kNone, kUtf8, kBroken } kind = kNone;
};
WireFault FindWireFault(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace yokoten::events
