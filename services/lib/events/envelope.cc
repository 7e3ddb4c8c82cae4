#include "events/envelope.h"

#include <cstdio>

#include <google/protobuf/message.h>

#include "base/error_ids.h"
#include "events/identity.h"

namespace yokoten::events {
namespace {

constexpr std::string_view kContentType = "application/protobuf";

Status Fault(std::string_view id, const std::string& message) {
  return WithErrorId(InvalidArgument(message), id);
}

}  // namespace

std::string FormatTime(WallTime time) {
  const int64_t us = ToMicros(time);
  int64_t days = us / 86'400'000'000, rest = us % 86'400'000'000;
  if (rest < 0) {
    rest += 86'400'000'000;
    --days;
  }
  const int64_t seconds = rest / 1'000'000, fraction = rest % 1'000'000;
  char text[40];
  int n = std::snprintf(text, sizeof text, "T%02d:%02d:%02d", static_cast<int>(seconds / 3600),
                        static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  if (fraction % 1000 != 0) {
    n += std::snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%06d", static_cast<int>(fraction));
  } else if (fraction != 0) {
    n += std::snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%03d",
                       static_cast<int>(fraction / 1000));
  }
  return FormatDay(Day{static_cast<int32_t>(days)}) + text + "Z";
}

Record Encode(const EventType& type, const google::protobuf::Message& event) {
  return Encode(type, event, event.SerializeAsString());
}

Record Encode(const EventType& type, const google::protobuf::Message& event, std::string value) {
  const auto& context = ContextOf(type, event);
  Record record;
  record.value = std::move(value);
  std::string subject = EntityOf(type, event);
  record.key = context.has_corrects() ? context.corrects().entity() : subject;
  record.headers.reserve(9);
  record.headers.emplace_back("ce_specversion", "1.0");
  record.headers.emplace_back("ce_id", context.id());
  record.headers.emplace_back("ce_source", context.source());
  record.headers.emplace_back("ce_type", type.full_name);
  record.headers.emplace_back("ce_time", context.has_occurred_at()
                                             ? FormatTime(FromTimestamp(context.occurred_at()))
                                             : context.occurred_on() + "T00:00:00Z");
  record.headers.emplace_back("ce_subject", std::move(subject));
  record.headers.emplace_back("ce_plantid", context.plant_id());
  if (!context.traceparent().empty()) record.headers.emplace_back("ce_traceparent", context.traceparent());
  record.headers.emplace_back("content-type", kContentType);
  return record;
}

Result<Decoded> Decode(const HeaderViews& headers, std::string_view value) {
  std::string_view version, id, source, name, content_type;
  for (const auto& [header, text] : headers) {
    if (header == "ce_specversion") version = text;
    if (header == "ce_id") id = text;
    if (header == "ce_source") source = text;
    if (header == "ce_type") name = text;
    if (header == "content-type") content_type = text;
  }
  if (version != "1.0") return Fault(error_id::kEnvelopeType, "ce_specversion is not 1.0");
  if (content_type != kContentType)
    return Fault(error_id::kEnvelopeType, "content-type is not application/protobuf");
  const EventType* type = Registry::Linked().Find(name);
  if (type == nullptr || type->full_name != name) {
    return Fault(error_id::kEnvelopeType,
                 "ce_type '" + std::string(name) + "' is no event type of this version");
  }
  Decoded decoded;
  decoded.type = type;
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor);
  decoded.event.reset(prototype->New());
  if (!decoded.event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return Fault(error_id::kEventMalformed, "the value is no " + type->full_name);
  }
  const auto& context = ContextOf(*type, *decoded.event);
  if (context.id().empty() || context.id() != id || context.source() != source) {
    return Fault(error_id::kEnvelopeMismatch, "ce_id and ce_source are not those of the event's context");
  }
  return decoded;
}

}  // namespace yokoten::events
