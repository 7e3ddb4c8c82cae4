#include "events/wire.h"

#include <map>

#include "events/text.h"

namespace yokoten::events {
namespace {

namespace pb = google::protobuf;

constexpr int kDepthMax = 100;  // as protobuf's own parser

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

bool PackedIsWhole(const pb::FieldDescriptor& field, std::string_view bytes) {
  switch (field.type()) {
    case pb::FieldDescriptor::TYPE_DOUBLE:
    case pb::FieldDescriptor::TYPE_FIXED64:
    case pb::FieldDescriptor::TYPE_SFIXED64:
      return bytes.size() % 8 == 0;
    case pb::FieldDescriptor::TYPE_FLOAT:
    case pb::FieldDescriptor::TYPE_FIXED32:
    case pb::FieldDescriptor::TYPE_SFIXED32:
      return bytes.size() % 4 == 0;
    default:
      return bytes.empty() || static_cast<uint8_t>(bytes.back()) < 0x80;
  }
}

WireFault Find(const pb::Descriptor& type, std::string_view bytes, const std::string& prefix, int depth) {
  if (depth > kDepthMax) return {prefix, WireFault::kBroken};
  WireReader reader(bytes);
  std::map<int, int> seen;  // items so far of repeated fields
  while (const auto wire = reader.Next()) {
    const pb::FieldDescriptor* field = type.FindFieldByNumber(wire->number);
    if (field == nullptr || wire->wire_type != 2) continue;
    std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
    if (field->is_repeated() && !field->is_packable())
      path.append("[").append(std::to_string(seen[wire->number]++)).append("]");
    if (field->type() == pb::FieldDescriptor::TYPE_STRING) {
      if (!IsUtf8(wire->bytes)) return {path, WireFault::kUtf8};
    } else if (field->message_type() != nullptr) {
      const WireFault fault = Find(*field->message_type(), wire->bytes, path, depth + 1);
      if (fault.kind != WireFault::kNone) return fault;
    } else if (field->is_packable() && !PackedIsWhole(*field, wire->bytes)) {
      return {path, WireFault::kBroken};
    }
  }
  if (reader.broken()) return {prefix, WireFault::kBroken};
  return {};
}

}  // namespace

bool WireReader::Varint(uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    *value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::optional<WireField> WireReader::Next() {
  if (rest_.empty() || broken_) return std::nullopt;
  broken_ = true;  // until the field turns out whole
  WireField field;
  uint64_t tag = 0;
  if (!Varint(&tag) || tag > UINT32_MAX || tag >> 3 == 0) return std::nullopt;
  field.number = static_cast<int>(tag >> 3);
  field.wire_type = static_cast<int>(tag & 7);
  size_t length = 0;
  switch (field.wire_type) {
    case 0:
      if (!Varint(&field.value)) return std::nullopt;
      broken_ = false;
      return field;
    case 1:
      length = 8;
      break;
    case 5:
      length = 4;
      break;
    case 2: {
      uint64_t announced = 0;
      if (!Varint(&announced) || announced > rest_.size()) return std::nullopt;
      length = static_cast<size_t>(announced);
      break;
    }
    default:
      return std::nullopt;  // groups, which proto3 does not have
  }
  if (rest_.size() < length) return std::nullopt;
  if (field.wire_type == 2) {
    field.bytes = rest_.substr(0, length);
  } else {
    field.value = LittleEndian(rest_.substr(0, length));
  }
  rest_.remove_prefix(length);
  broken_ = false;
  return field;
}

std::optional<RawBatch> SplitBatch(std::string_view request, size_t events_max) {
  RawBatch batch;
  WireReader reader(request);
  while (const auto field = reader.Next()) {
    if (field->number == 1 && field->wire_type == 2) {
      batch.events.push_back(field->bytes);
      if (batch.events.size() > events_max) return batch;
    } else if (field->number == 2 && field->wire_type == 0) {
      batch.sequence = field->value;
    }
  }
  if (reader.broken()) return std::nullopt;
  return batch;
}

WireFault FindWireFault(const pb::Descriptor& type, std::string_view bytes) {
  return Find(type, bytes, "", 0);
}

}  // namespace yokoten::events
