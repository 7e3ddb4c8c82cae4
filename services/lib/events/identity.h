// Who an event is: its fact key, entity, business key and content hash. All of them are pure functions of the
// event, the same in every process and every version: facts are stored under them for ever.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/date.h"
#include "events/registry.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::events {

// RFC 4122 bytes, big-endian (the order of the text form).
using Uuid = std::array<uint8_t, 16>;

inline constexpr Uuid kNoUuid{};

// Name-based UUID, version 5 (SHA-1).
Uuid UuidV5(const Uuid& name_space, std::string_view name);
// "6ba7b810-9dad-11d1-80b4-00c04fd430c8".
std::string FormatUuid(const Uuid& uuid);
// Nothing for anything but 36 characters of that form; upper case is taken.
std::optional<Uuid> ParseUuid(std::string_view text);

// Primary key of a fact: UUIDv5 of source and id.
Uuid FactKey(std::string_view source, std::string_view id);
// Id of an event whose sender gave a source key instead: UUIDv5 of source and that key, as text.
std::string DeriveId(std::string_view source, std::string_view source_key);

// The event's context; the default instance where it has none.
const event::v1::EventContext& ContextOf(const EventType& type, const google::protobuf::Message& event);
// Looks the type up by the message's descriptor, which must be an event type.
const event::v1::EventContext& ContextOf(const google::protobuf::Message& event);

// The entity the event is about ("job/J-104"), from its type's template.
std::string EntityOf(const EventType& type, const google::protobuf::Message& event);
// Kafka message key: the entity of the target for corrections and voids, else the event's own.
std::string PartitionKeyOf(const EventType& type, const google::protobuf::Message& event);
// UUIDv5 of type, plant and key fields; nothing when the type has no business key.
std::optional<Uuid> BusinessKeyOf(const EventType& type, const google::protobuf::Message& event);
// First 16 bytes of the SHA-256 of the event's deterministic serialization, without context.{id, source_key,
// corrects, reason_code, traceparent, causation_id}: two events say the same if and only if their hashes are
// equal.
std::array<uint8_t, 16> ContentHash(const google::protobuf::Message& event);

// An instant, or a date where the sender knew no time. At most one is set.
struct When {
  std::optional<WallTime> at;
  std::optional<Day> on;

  // Microseconds since 1970-01-01 UTC, the date's midnight UTC for dates; 0 when nothing is set.
  int64_t micros() const;
};

// Time of occurrence.
When OccurredOf(const event::v1::EventContext& context);
// From when the fact matters, by the type's option `effective`; empty when the type has none or the field is
// not set.
When EffectiveOf(const EventType& type, const google::protobuf::Message& event);

// Timestamp message to microseconds (truncated towards the past), held within the years 1 to 9999.
WallTime FromTimestamp(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToTimestamp(WallTime time);

// A field's value as it appears in entities and keys: text as is, numbers in decimal, enums as EnumText,
// timestamps as microseconds since 1970. A field that is not set is "".
std::string ValueAt(const FieldPath& path, const google::protobuf::Message& event);

}  // namespace yokoten::events
