// Derived events (proto/yokoten/derived) as Kafka records: the same CloudEvents binding as facts have.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "base/status.h"
#include "events/envelope.h"
#include "yokoten/derived/v1/events.pb.h"

namespace yokoten::events {

inline constexpr std::string_view kDerivedSource = "/yokoten/derive";

// Id of what `rule` concludes of `entity` at its due instant: UUIDv5 of the four, so that whoever concludes
// it again publishes the same id.
std::string DerivedId(std::string_view rule, std::string_view plant, std::string_view entity, int64_t due_us);

// Record of a message of yokoten.derived.v1 whose `context` (id, plant, entity, due_at) is filled in.
Record EncodeDerived(const google::protobuf::Message& event);

// A derived event read back.
struct DecodedDerived {
  std::string type;  // full name
  std::string id, source, subject, plant;
  std::unique_ptr<google::protobuf::Message> event;  // null: this version does not know the type
};
// InvalidArgument when it is no CloudEvent of the binding, or the value does not parse.
Result<DecodedDerived> DecodeDerived(const HeaderViews& headers, std::string_view value);

// The event's `context`; the default instance where it has none.
const derived::v1::DerivedContext& DerivedContextOf(const google::protobuf::Message& event);

}  // namespace yokoten::events
