// One CloudEvent (version 1.0) in any of the HTTP modes, and how it becomes one of our events.
//
// Attributes go into the event's context: id, source, time (occurred_at), plantid, workshopid, lineid,
// stationid, occurredon, reportedat, actor, correlationid, causationid, sourcekey, traceparent, reasoncode;
// corrects and voids as JSON text {"source","id","plant_id","entity"} or as four attributes each
// (correctssource, correctsid, correctsplantid, correctsentity). `data` holds the event's own fields and may
// hold context fields too; what is given twice must agree. `subject`, if given, must be the event's entity.
// Other extensions are ignored.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <google/protobuf/message.h>

#include "events/registry.h"
#include "events/validator.h"
#include "http/message.h"

namespace yokoten::gateway {

struct CloudEvent {
  std::map<std::string, std::string> attributes;  // by lower-case name, without "ce-"
  std::string content_type;                       // media type of `data`; empty means JSON
  std::string data;
  bool has_data = false;

  std::string_view Get(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string_view() : std::string_view(found->second);
  }
};

// Binary mode: ce-* headers, percent-decoded; the body is the data.
std::variant<CloudEvent, events::Violation> ReadBinaryCloudEvent(const http::Headers& headers,
                                                                 std::string body);
// Structured mode, also one item of a batch.
std::variant<CloudEvent, events::Violation> ReadStructuredCloudEvent(std::string_view json);

// An event ready to be sent to its domain's service.
struct BoundEvent {
  const events::Domain* domain = nullptr;
  const google::protobuf::FieldDescriptor* wrapper_field = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
};

// `field` of a violation is the attribute's name, or the path in the event for what stands in the data.
// `from_data` is set when the data is at fault rather than an attribute.
std::variant<BoundEvent, events::Violation> BindCloudEvent(const CloudEvent& cloud_event, bool* from_data);

}  // namespace yokoten::gateway
