// Every event type this program knows, read from the options of the linked protos. Topic, entity, business
// key, table and target of a type are said in its proto and nowhere else.
//
// Everything here is immutable after start and may be used from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "yokoten/options/v1/options.pb.h"

namespace yokoten::events {

// The way from an event message to one of its fields: every step but the last is a singular message field.
// `plant_id`, `workshop_id`, `line_id` and `station_id` lead into the context where the message has no such
// field.
struct FieldPath {
  std::string text;  // as the proto says it: "voids.entity"
  std::vector<const google::protobuf::FieldDescriptor*> steps;
};

// One piece of an entity template: literal text, or a field's value where `path` has steps.
struct EntityPart {
  std::string literal;
  FieldPath path;
};

// One event type.
struct EventType {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::string full_name;   // "yokoten.operations.v1.ShiftOutputReported", also ce_type
  std::string short_name;  // "operations.ShiftOutputReported"
  std::string domain;      // "operations", "standard_work"; "event" for Voided
  std::string
      target;  // ingest target: "operations", "standard-work"; empty for Voided, which every target takes
  std::string topic;  // without the deployment's prefix: "yokoten.operations.v1"; empty for Voided
  std::string table;  // "operations_shift_output_reported"; its ClickHouse table is fact_<table>
  options::v1::EventOptions options;

  const google::protobuf::FieldDescriptor* context = nullptr;  // the field `context`
  std::vector<EntityPart> entity_parts;                        // options.entity, taken apart
  std::vector<FieldPath> business_key;  // options.business_key; empty: the type has none
  FieldPath effective;                  // options.effective; no steps: the type has none

  bool is_void() const { return topic.empty(); }
};

// One domain: an ingest service, its topic and the types it takes.
struct Domain {
  std::string name;                                              // "standard_work"
  std::string target;                                            // "standard-work"
  std::string topic;                                             // "yokoten.standard-work.v1"
  const google::protobuf::Descriptor* wrapper = nullptr;         // StandardWorkEvent
  const google::protobuf::ServiceDescriptor* service = nullptr;  // StandardWorkIngestService
  std::vector<const EventType*> types;  // the domain's own types, in the wrapper's order
  std::unordered_map<int, const EventType*> by_wrapper_field;  // field number in the wrapper; Voided included

  // The wrapper's field for a type; null when the domain does not take it.
  const google::protobuf::FieldDescriptor* FieldOf(const EventType& type) const;
};

// All types and domains.
class Registry {
 public:
  // Built once from <yokoten/linked_protos.h>. A proto that contradicts itself (an entity template that names
  // no field, an event type no wrapper carries) ends the program with one line: it is a fault of the build.
  static const Registry& Linked();

  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // By full or short name; null when there is none.
  const EventType* Find(std::string_view full_or_short) const;
  const EventType* Find(const google::protobuf::Descriptor* descriptor) const;
  // yokoten.event.v1.Voided.
  const EventType& Voided() const { return *voided_; }

  // Sorted by domain, then by order in the proto; Voided is the last.
  const std::vector<EventType>& types() const { return types_; }
  // Sorted by name.
  const std::vector<Domain>& domains() const { return domains_; }

  // Null when there is none. The topic is without the deployment's prefix.
  const Domain* FindDomainByTopic(std::string_view topic) const;
  const Domain* FindDomainByTarget(std::string_view target) const;
  // The domain whose wrapper carries the type; null for Voided.
  const Domain* DomainOf(const EventType& type) const;

 private:
  Registry();

  std::vector<EventType> types_;
  std::vector<Domain> domains_;
  std::unordered_map<std::string, const EventType*> by_name_;
  std::unordered_map<const google::protobuf::Descriptor*, const EventType*> by_descriptor_;
  const EventType* voided_ = nullptr;
};

// "ShiftOutputReported" -> "shift_output_reported".
std::string SnakeCase(std::string_view camel_case);

// How an enum value is written in tables, entities and answers: lower case, without the enum's prefix
// ("near_miss");
// "" for UNSPECIFIED.
const std::string& EnumText(const google::protobuf::EnumValueDescriptor& value);
// The same by number; "" for a number the enum does not know.
const std::string& EnumText(const google::protobuf::EnumDescriptor& type, int number);

// The field's options of ours; defaults where it has none. The reference lives as long as the program.
const options::v1::FieldOptions& OptionsOf(const google::protobuf::FieldDescriptor& field);

}  // namespace yokoten::events
