#include "events/identity.h"

#include <algorithm>
#include <cstring>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <openssl/sha.h>

namespace yokoten::events {
namespace {

namespace pb = google::protobuf;

// 9d1f5f6e-6c1b-4d6c-9c39-5b1a7c0e8a11: chosen once at random; every fact key of every deployment hangs on
// it.
constexpr Uuid kNamespace = {0x9d, 0x1f, 0x5f, 0x6e, 0x6c, 0x1b, 0x4d, 0x6c,
                             0x9c, 0x39, 0x5b, 0x1a, 0x7c, 0x0e, 0x8a, 0x11};

// Fact keys, derived ids and business keys must not meet even when their parts do.
const Uuid& FactSpace() {
  static const Uuid space = UuidV5(kNamespace, "fact");
  return space;
}
const Uuid& SourceKeySpace() {
  static const Uuid space = UuidV5(kNamespace, "source-key");
  return space;
}
const Uuid& BusinessKeySpace() {
  static const Uuid space = UuidV5(kNamespace, "business-key");
  return space;
}

std::string TextOf(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (field.has_presence() && !reflection.HasField(message, &field)) return "";
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return reflection.GetStringReference(message, &field, &scratch);
    }
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(message, &field));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(message, &field));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(message, &field));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection.GetUInt64(message, &field));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), reflection.GetEnumValue(message, &field));
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type() == pb::Timestamp::descriptor()) {
        const auto& time = static_cast<const pb::Timestamp&>(reflection.GetMessage(message, &field));
        return std::to_string(ToMicros(FromTimestamp(time)));
      }
      return "";
    default:
      return "";
  }
}

// Walks to the message that holds the path's last field.
const pb::Message& Holder(const FieldPath& path, const pb::Message& event) {
  const pb::Message* at = &event;
  for (size_t i = 0; i + 1 < path.steps.size(); ++i) {
    at = &at->GetReflection()->GetMessage(*at, path.steps[i]);
  }
  return *at;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDash(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid UuidV5(const Uuid& name_space, std::string_view name) {
  std::string bytes(reinterpret_cast<const char*>(name_space.data()), name_space.size());
  bytes.append(name);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  Uuid uuid;
  std::memcpy(uuid.data(), digest, uuid.size());
  uuid[6] = static_cast<uint8_t>((uuid[6] & 0x0f) | 0x50);
  uuid[8] = static_cast<uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

std::string FormatUuid(const Uuid& uuid) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  size_t at = 0;
  for (uint8_t byte : uuid) {
    if (IsDash(at)) ++at;
    text[at++] = kHex[byte >> 4];
    text[at++] = kHex[byte & 15];
  }
  return text;
}

std::optional<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid{};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    uuid[digits / 2] = static_cast<uint8_t>(uuid[digits / 2] << 4 | digit);
    ++digits;
  }
  return uuid;
}

Uuid FactKey(std::string_view source, std::string_view id) {
  std::string name;
  name.reserve(source.size() + id.size() + 1);
  name.append(source).append("\n").append(id);
  return UuidV5(FactSpace(), name);
}

std::string DeriveId(std::string_view source, std::string_view source_key) {
  std::string name(source);
  name.append("\n").append(source_key);
  return FormatUuid(UuidV5(SourceKeySpace(), name));
}

const event::v1::EventContext& ContextOf(const EventType& type, const pb::Message& event) {
  return static_cast<const event::v1::EventContext&>(event.GetReflection()->GetMessage(event, type.context));
}

const event::v1::EventContext& ContextOf(const pb::Message& event) {
  const EventType* type = Registry::Linked().Find(event.GetDescriptor());
  return type == nullptr ? event::v1::EventContext::default_instance() : ContextOf(*type, event);
}

std::string ValueAt(const FieldPath& path, const pb::Message& event) {
  if (path.steps.empty()) return "";
  return TextOf(Holder(path, event), *path.steps.back());
}

std::string EntityOf(const EventType& type, const pb::Message& event) {
  std::string entity;
  for (const EntityPart& part : type.entity_parts) {
    entity += part.path.steps.empty() ? part.literal : ValueAt(part.path, event);
  }
  return entity;
}

std::string PartitionKeyOf(const EventType& type, const pb::Message& event) {
  const auto& context = ContextOf(type, event);
  if (context.has_corrects()) return context.corrects().entity();
  return EntityOf(type, event);  // a void's entity is its target's
}

std::optional<Uuid> BusinessKeyOf(const EventType& type, const pb::Message& event) {
  if (type.business_key.empty()) return std::nullopt;
  // Lengths keep ("a", "bc") and ("ab", "c") apart.
  std::string name = type.full_name;
  auto add = [&name](const std::string& value) {
    name.append("\n").append(std::to_string(value.size())).append(":").append(value);
  };
  add(ContextOf(type, event).plant_id());
  for (const FieldPath& path : type.business_key) add(ValueAt(path, event));
  return UuidV5(BusinessKeySpace(), name);
}

std::array<uint8_t, 16> ContentHash(const pb::Message& event) {
  const EventType* type = Registry::Linked().Find(event.GetDescriptor());
  std::unique_ptr<pb::Message> copy(event.New());
  copy->CopyFrom(event);
  if (type != nullptr && copy->GetReflection()->HasField(*copy, type->context)) {
    auto& context = static_cast<event::v1::EventContext&>(
        *copy->GetReflection()->MutableMessage(copy.get(), type->context));
    context.clear_id();
    context.clear_source_key();
    context.clear_corrects();
    context.clear_reason_code();
    context.clear_traceparent();
    context.clear_causation_id();
  }
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    copy->SerializeToCodedStream(&coded);
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::array<uint8_t, 16> hash;
  std::memcpy(hash.data(), digest, hash.size());
  return hash;
}

int64_t When::micros() const {
  if (at) return ToMicros(*at);
  if (on) return int64_t{on->value} * 86'400'000'000;
  return 0;
}

When OccurredOf(const event::v1::EventContext& context) {
  When when;
  if (context.has_occurred_at()) {
    when.at = FromTimestamp(context.occurred_at());
  } else {
    when.on = ParseDay(context.occurred_on());
  }
  return when;
}

When EffectiveOf(const EventType& type, const pb::Message& event) {
  When when;
  if (type.effective.steps.empty()) return when;
  const pb::Message& holder = Holder(type.effective, event);
  const pb::FieldDescriptor* field = type.effective.steps.back();
  if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
    when.on = ParseDay(TextOf(holder, *field));
  } else if (field->message_type() == pb::Timestamp::descriptor() &&
             holder.GetReflection()->HasField(holder, field)) {
    when.at =
        FromTimestamp(static_cast<const pb::Timestamp&>(holder.GetReflection()->GetMessage(holder, field)));
  }
  return when;
}

WallTime FromTimestamp(const pb::Timestamp& timestamp) {
  // google.protobuf.Timestamp ends with the years 1 and 9999; bytes from outside may hold anything.
  const int64_t seconds = std::clamp<int64_t>(timestamp.seconds(), -62'135'596'800, 253'402'300'799);
  return FromMicros(seconds * 1'000'000 + timestamp.nanos() / 1000);
}

pb::Timestamp ToTimestamp(WallTime time) {
  const int64_t us = ToMicros(time);
  const int64_t seconds = us >= 0 ? us / 1'000'000 : -((-us + 999'999) / 1'000'000);
  pb::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>((us - seconds * 1'000'000) * 1000));
  return timestamp;
}

}  // namespace yokoten::events
