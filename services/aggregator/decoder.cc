#include "aggregator/decoder.h"

#include <algorithm>

#include <google/protobuf/message.h>

#include "base/error_ids.h"
#include "events/validator.h"

namespace yokoten::aggregator {
namespace {

constexpr int64_t kMicrosPerDay = 86400LL * 1000000;
constexpr size_t kTextMax = 4096;
constexpr std::chrono::hours kAheadMax{48};

Verdict Reject(std::string_view reason, std::string message) {
  return {.fact = std::nullopt, .rejection = Rejection{std::string(reason), std::move(message)}};
}

bool PlantIsWellFormed(std::string_view plant) {
  if (plant == "*") return true;
  return !plant.empty() && plant.size() <= 32 && std::all_of(plant.begin(), plant.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool InstantFits(const google::protobuf::Timestamp& timestamp) {
  if (std::abs(timestamp.seconds()) > 20000000000LL || timestamp.nanos() < 0 || timestamp.nanos() > 999999999)
    return false;
  const int64_t micros = ToMicros(events::FromTimestamp(timestamp));
  return micros >= kFirstDay.value * kMicrosPerDay && micros < (kLastDay.value + 1) * kMicrosPerDay;
}

// What is wrong with a context so that the event could not be stored; empty when nothing is.
std::string ContextFault(const event::v1::EventContext& context) {
  if (context.source().empty() || context.source().size() > kTextMax)
    return "context.source is missing or too long";
  if (context.id().empty() || context.id().size() > kTextMax) return "context.id is missing or too long";
  if (!PlantIsWellFormed(context.plant_id())) return "context.plant_id is missing or malformed";
  if (context.has_occurred_at() == !context.occurred_on().empty())
    return "exactly one of context.occurred_at and context.occurred_on is needed";
  if (context.has_occurred_at() && !InstantFits(context.occurred_at()))
    return "context.occurred_at is not between 1900 and 2299";
  if (!context.occurred_on().empty() && !ParseDay(context.occurred_on()).has_value())
    return "context.occurred_on is no date between 1900 and 2299";
  if (context.has_reported_at() && !InstantFits(context.reported_at()))
    return "context.reported_at is not between 1900 and 2299";
  return {};
}

std::string ReferenceFault(const event::v1::EventReference& reference, const char* field) {
  if (reference.source().empty() || reference.id().empty() || reference.entity().empty()) {
    return std::string(field) + " must name source, id, plant_id and entity";
  }
  if (!PlantIsWellFormed(reference.plant_id()))
    return std::string(field) + ".plant_id is missing or malformed";
  return {};
}

void SetTarget(const event::v1::EventReference& reference, FactKeys& keys) {
  keys.root_key = events::FactKey(reference.source(), reference.id());
  keys.target_plant = reference.plant_id();
  keys.target_entity = reference.entity();
}

}  // namespace

Decoder::Decoder(const events::Registry& registry) {
  for (const auto& type : registry.types()) {
    writers_.push_back(std::make_unique<FactWriter>(type));
    by_type_[&type] = writers_.back().get();
  }
}

const Decoder& Decoder::Linked() {
  static const Decoder decoder(events::Registry::Linked());
  return decoder;
}

Verdict Decoder::Decode(const RecordView& record) const {
  if (!record.append_time || record.position.recorded_ms <= 0) {
    return Reject(error_id::kEnvelopeType,
                  "the record has no append time; its topic must use message.timestamp.type=LogAppendTime");
  }
  auto decoded = events::Decode(record.headers, record.value);
  if (!decoded.ok()) {
    const std::string id = ErrorIdOf(decoded.status());
    return Reject(id.empty() ? error_id::kEventMalformed : std::string_view(id), Message(decoded.status()));
  }
  const events::EventType& type = *decoded->type;
  const google::protobuf::Message& event = *decoded->event;
  if (!type.is_void() && type.topic != record.topic) {
    return Reject(error_id::kEnvelopeMismatch, type.full_name + " belongs to topic " + type.topic);
  }
  const event::v1::EventContext& context = events::ContextOf(type, event);
  if (std::string fault = ContextFault(context); !fault.empty())
    return Reject(error_id::kEventInvalid, std::move(fault));

  // The rules of ingest, so that no other producer gets past them; "ahead" is judged by the broker's time and
  // far more generously, because an event that ingest took must never end here.
  events::ValidateOptions rules{.now = FromMicros(record.position.recorded_ms * 1000),
                                .future_tolerance = kAheadMax,
                                .violations_max = 1};
  if (const auto violations = events::Validate(type, event, rules); !violations.empty()) {
    return Reject(error_id::kEventInvalid, violations.front().field + ": " + violations.front().message_en);
  }

  Fact fact;
  fact.writer = by_type_.at(&type);
  if (Status fits = fact.writer->Check(event); !fits.ok())
    return Reject(error_id::kEventInvalid, Message(fits));

  FactKeys& keys = fact.keys;
  keys.fact_key = events::FactKey(context.source(), context.id());
  keys.root_key = keys.fact_key;
  if (type.is_void()) {
    const auto& reference = static_cast<const event::v1::Voided&>(event).voids();
    if (std::string fault = ReferenceFault(reference, "voids"); !fault.empty())
      return Reject(error_id::kEventInvalid, std::move(fault));
    keys.is_void = true;
    SetTarget(reference, keys);
  } else if (context.has_corrects()) {
    if (std::string fault = ReferenceFault(context.corrects(), "context.corrects"); !fault.empty()) {
      return Reject(error_id::kEventInvalid, std::move(fault));
    }
    keys.is_correction = true;
    SetTarget(context.corrects(), keys);
  }
  keys.entity = events::EntityOf(type, event);
  if (keys.entity.empty() || keys.entity.size() > kTextMax)
    return Reject(error_id::kEventInvalid, "the entity is empty or too long");
  keys.bkey = events::BusinessKeyOf(type, event).value_or(events::kNoUuid);
  keys.content_hash = events::ContentHash(event);
  keys.rank = RankOf(record.position);
  fact.event = std::move(decoded->event);
  return {.fact = std::move(fact), .rejection = std::nullopt};
}

}  // namespace yokoten::aggregator
