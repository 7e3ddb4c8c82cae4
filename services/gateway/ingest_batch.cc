// See ingest_batch.h.
#include "gateway/ingest_batch.h"

#include <algorithm>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "base/error_ids.h"
#include "events/identity.h"
#include "gateway/catalog.h"
#include "gateway/json_reader.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

using events::Violation;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr int kEventsField = 1;

void AppendVarint(uint32_t value, std::string* out) {
  uint8_t buffer[8];
  const uint8_t* end = CodedOutputStream::WriteVarint32ToArray(value, buffer);
  out->append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(end - buffer));
}

uint32_t LengthTag(int number) {
  return WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

google::rpc::Status BatchMalformed(const JsonReader& reader, std::string_view why) {
  return MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                   "The batch is not readable at byte " + std::to_string(reader.offset()) + ": " +
                       std::string(why) + ". Send {\"events\": [{\"<event name>\": {...}}, ...]}.",
                   error_id::kBatchMalformed);
}

// What an item of the batch should look like, for the two ways not to.
std::string NamesOf(const google::protobuf::Descriptor& wrapper) {
  std::string names;
  for (int i = 0; i < wrapper.field_count(); ++i) names += (i > 0 ? ", " : "") + wrapper.field(i)->name();
  return names;
}

Violation NoEvent(const google::protobuf::Descriptor& wrapper) {
  const std::string names = NamesOf(wrapper);
  return {"", "required", "There is no event in it: give exactly one of " + names + ".",
          "其中没有事件：请给出以下之一：" + names + "。"};
}

class BatchReader {
 public:
  BatchReader(const events::Domain& domain, const Limits& limits, JsonBatch* batch)
      : domain_(domain), limits_(limits), batch_(batch) {}

  void Read(uint32_t index, std::string_view json) {
    if (json.size() > limits_.event_bytes_max) {
      batch_->refused.push_back(TooLarge(index, EventPath(index), json.size(), limits_.event_bytes_max));
      return;
    }
    std::string id;
    if (std::optional<Violation> violation = ReadEvent(json, &id)) {
      batch_->refused.push_back(Refused(index, id, EventPath(index), *violation, error_id::kEventMalformed));
    } else {
      batch_->sent.push_back(index);
    }
  }

 private:
  std::optional<Violation> ReadEvent(std::string_view json, std::string* id) {
    // The wrapper is read by hand: its one event is then read into a message of its own, ready to be sent.
    JsonReader reader(json);
    std::string name;
    if (reader.Peek() == JsonReader::Kind::kObject && reader.BeginObject() && reader.NextMember(&name)) {
      const FieldDescriptor* field = domain_.wrapper->FindFieldByName(name);
      if (field == nullptr) field = domain_.wrapper->FindFieldByCamelcaseName(name);
      std::string_view body;
      if (field != nullptr && reader.SliceValue(&body) && !reader.NextMember(&name) && reader.ok() &&
          reader.AtEnd() && body != "null") {
        std::unique_ptr<Message> event = NewMessage(field->message_type());
        std::optional<Violation> violation = MessageFromJson(body, event.get());
        if (violation)
          violation->field = field->name() + (violation->field.empty() ? "" : "." + violation->field);
        *id = EventIdOf(events::ContextOf(*event));
        if (!violation) AppendWireEvent(*field, event->SerializeAsString(), &batch_->wire);
        return violation;
      }
    }
    // Anything else is wrong in a way the generic reader can name.
    std::unique_ptr<Message> wrapper = NewMessage(domain_.wrapper);
    if (std::optional<Violation> violation = MessageFromJson(json, wrapper.get())) return violation;
    return NoEvent(*domain_.wrapper);
  }

  const events::Domain& domain_;
  const Limits& limits_;
  JsonBatch* batch_;
};

}  // namespace

std::string EventIdOf(const event::v1::EventContext& context) {
  if (!context.id().empty() || context.source_key().empty() || context.source().empty()) return context.id();
  return events::DeriveId(context.source(), context.source_key());
}

void AppendWireEvent(const FieldDescriptor& wrapper_field, std::string_view event, std::string* wire) {
  std::string head;
  AppendVarint(LengthTag(wrapper_field.number()), &head);
  AppendVarint(static_cast<uint32_t>(event.size()), &head);
  AppendVarint(LengthTag(kEventsField), wire);
  AppendVarint(static_cast<uint32_t>(head.size() + event.size()), wire);
  wire->append(head).append(event);
}

std::string EventPath(uint32_t index) { return "events[" + std::to_string(index) + "]"; }

event::v1::EventResult Refused(uint32_t index, std::string_view id, std::string_view prefix,
                               const Violation& violation, std::string_view error_id) {
  event::v1::EventResult result;
  result.set_index(index);
  result.set_id(std::string(id));
  result.set_status(event::v1::EVENT_STATUS_REJECTED);
  *result.mutable_error() = EventError(error_id, prefix, {violation});
  return result;
}

event::v1::EventResult TooLarge(uint32_t index, std::string_view prefix, size_t bytes, size_t bytes_max) {
  const std::string size = std::to_string(bytes);
  const std::string limit = std::to_string(bytes_max);
  return Refused(index, "", prefix,
                 Violation{"", "event_bytes_max",
                           "The event has " + size + " bytes; one event may have at most " + limit +
                               " (ingest.event_bytes_max). Split or shorten it.",
                           "该事件有 " + size + " 字节；单个事件最多 " + limit + " 字节。请拆分或缩短。"},
                 error_id::kEventTooLarge);
}

std::optional<google::rpc::Status> ReadJsonBatch(std::string_view body, const events::Domain& domain,
                                                 const Limits& limits, JsonBatch* batch) {
  JsonReader reader(body);
  BatchReader items(domain, limits, batch);
  uint32_t count = 0;
  bool seen = false;
  std::string name;
  if (!reader.BeginObject()) return BatchMalformed(reader, reader.error());
  while (reader.NextMember(&name)) {
    if (name != "events")
      return BatchMalformed(reader, "a batch has no field \"" + name.substr(0, 64) + "\"");
    if (seen) return BatchMalformed(reader, "\"events\" is given twice");
    seen = true;
    if (reader.Peek() == JsonReader::Kind::kNull && reader.ReadNull()) continue;
    if (!reader.BeginArray()) break;
    while (reader.NextElement()) {
      std::string_view item;
      if (!reader.SliceValue(&item)) break;
      if (count >= limits.batch_events_max) {
        return MakeError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                         "The batch has more than " + std::to_string(limits.batch_events_max) +
                             " events, which is the limit of one call: split it.",
                         error_id::kBatchTooLarge);
      }
      items.Read(count++, item);
    }
    if (!reader.ok()) break;
  }
  if (!reader.ok()) return BatchMalformed(reader, reader.error());
  if (!reader.AtEnd()) return BatchMalformed(reader, "something follows the batch");
  return std::nullopt;
}

std::optional<google::rpc::Status> MergeResults(const JsonBatch& batch, Message* response) {
  using event::v1::EventResult;
  const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("results");
  const google::protobuf::Reflection& r = *response->GetReflection();
  const auto answers = static_cast<size_t>(r.FieldSize(*response, field));
  if (answers != batch.sent.size()) {
    return MakeError(grpc::StatusCode::INTERNAL,
                     "The service answered for " + std::to_string(answers) + " of " +
                         std::to_string(batch.sent.size()) +
                         " events: send the batch again with the same ids, and tell who runs it.");
  }
  for (size_t i = 0; i < answers; ++i) {
    auto* result = static_cast<EventResult*>(r.MutableRepeatedMessage(response, field, static_cast<int>(i)));
    result->set_index(batch.sent[i]);
    if (result->has_error() && batch.sent[i] != i) {
      RenameFields(EventPath(static_cast<uint32_t>(i)), EventPath(batch.sent[i]), result->mutable_error());
    }
  }
  if (batch.refused.empty()) return std::nullopt;
  std::vector<EventResult> merged = batch.refused;
  for (size_t i = 0; i < answers; ++i) {
    merged.push_back(
        static_cast<const EventResult&>(r.GetRepeatedMessage(*response, field, static_cast<int>(i))));
  }
  std::sort(merged.begin(), merged.end(),
            [](const EventResult& a, const EventResult& b) { return a.index() < b.index(); });
  r.ClearField(response, field);
  for (EventResult& result : merged) static_cast<EventResult*>(r.AddMessage(response, field))->Swap(&result);
  return std::nullopt;
}

}  // namespace yokoten::gateway
