#include "ingest/event.h"

#include <cctype>

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <google/rpc/error_details.pb.h>

#include "base/error_ids.h"
#include "events/identity.h"
#include "events/wire.h"
#include "rpc/status.h"

namespace yokoten::ingest {
namespace {

namespace pb = google::protobuf;

// Rejects the event with one google.rpc.BadRequest over all violations. Paths become those of the request.
void Reject(event::v1::EventResult& result, std::string_view id, const std::string& prefix,
            const std::vector<events::Violation>& violations) {
  google::rpc::BadRequest bad;
  std::string message;
  for (const events::Violation& violation : violations) {
    auto& out = *bad.add_field_violations();
    out.set_field(violation.field.empty() ? prefix : prefix + "." + violation.field);
    out.set_description(violation.message_en);
    for (char c : violation.rule)
      *out.mutable_reason() += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out.mutable_localized_message()->set_locale("zh-CN");
    out.mutable_localized_message()->set_message(violation.message_zh);
    if (message.empty()) message = out.field() + " " + violation.message_en;
  }
  if (violations.size() > 1) message += " (and " + std::to_string(violations.size() - 1) + " more)";
  result.set_status(event::v1::EVENT_STATUS_REJECTED);
  *result.mutable_error() = rpc::ToRpcStatus(WithErrorId(InvalidArgument(message), id));
  result.mutable_error()->add_details()->PackFrom(bad);
}

void Reject(event::v1::EventResult& result, std::string_view id, const std::string& prefix, std::string rule,
            std::string en, std::string zh) {
  Reject(result, id, prefix, {{"", std::move(rule), std::move(en), std::move(zh)}});
}

// The one event a wrapper's bytes hold.
struct Unwrapped {
  const pb::FieldDescriptor* field = nullptr;
  const events::EventType* type = nullptr;
  std::string_view bytes;
};

// Fills `result` and returns nothing when the bytes hold none, or more than one.
std::optional<Unwrapped> Unwrap(const events::Domain& domain, std::string_view bytes,
                                const std::string& prefix, event::v1::EventResult& result) {
  Unwrapped found;
  events::WireReader reader(bytes);
  while (const auto field = reader.Next()) {
    const auto type = domain.by_wrapper_field.find(field->number);
    if (type == domain.by_wrapper_field.end() || field->wire_type != 2) {
      Reject(result, error_id::kEventMalformed, prefix, "type",
             "holds field " + std::to_string(field->number) + ", which is no event of " +
                 domain.wrapper->full_name() +
                 "; send it to its own service, or use the protos of this version",
             "包含未知字段 " + std::to_string(field->number) + "，请发送到对应的服务或使用本版本的 proto");
      return std::nullopt;
    }
    if (found.type != nullptr) {
      Reject(result, error_id::kEventMalformed, prefix, "type",
             "holds more than one event; send each as its own element", "包含多个事件，请分别发送");
      return std::nullopt;
    }
    found = {domain.wrapper->FindFieldByNumber(field->number), type->second, field->bytes};
  }
  if (reader.broken()) {
    Reject(result, error_id::kEventMalformed, prefix, {events::DiagnoseWire(*domain.wrapper, bytes)});
    return std::nullopt;
  }
  if (found.type == nullptr) {
    Reject(result, error_id::kEventMalformed, prefix, "type", "holds no event; set exactly one",
           "不含事件，请填写其中一种");
    return std::nullopt;
  }
  return found;
}

}  // namespace

PreparedEvent PrepareEvent(const events::Domain& domain, std::string_view bytes, uint32_t index,
                           const Limits& limits, WallTime now, Rules rules, pb::Arena& arena) {
  PreparedEvent prepared;
  event::v1::EventResult& result = prepared.result;
  result.set_index(index);
  std::string prefix = "events[" + std::to_string(index) + "]";
  if (bytes.size() > limits.event_bytes_max) {
    const std::string size = std::to_string(bytes.size()), max = std::to_string(limits.event_bytes_max);
    Reject(result, error_id::kEventTooLarge, prefix, "event_bytes_max",
           "has " + size + " bytes, one event may have " + max +
               " (ingest.event_bytes_max); split or shorten it",
           "有 " + size + " 字节，单个事件上限为 " + max + " 字节，请拆分或缩短");
    return prepared;
  }
  const auto unwrapped = Unwrap(domain, bytes, prefix, result);
  if (!unwrapped) return prepared;
  const events::EventType& type = *unwrapped->type;
  prepared.type = &type;
  prefix += "." + unwrapped->field->name();

  pb::Message* event = pb::MessageFactory::generated_factory()->GetPrototype(type.descriptor)->New(&arena);
  if (!event->ParseFromArray(unwrapped->bytes.data(), static_cast<int>(unwrapped->bytes.size()))) {
    Reject(result, error_id::kEventMalformed, prefix,
           {events::DiagnoseWire(*type.descriptor, unwrapped->bytes)});
    return prepared;
  }
  events::ValidateOptions options;
  options.now = now;
  options.future_tolerance = limits.future_tolerance;
  std::vector<events::Violation> violations = events::Validate(type, *event, options);
  if (violations.empty() && rules != nullptr && !type.is_void()) rules(type, *event, violations);

  const auto& context = events::ContextOf(type, *event);
  const bool derived = context.id().empty() && !context.source_key().empty();
  std::string id = derived ? events::DeriveId(context.source(), context.source_key()) : context.id();
  result.set_id(id);
  if (!violations.empty()) {
    Reject(result, error_id::kEventInvalid, prefix, violations);
    return prepared;
  }
  prepared.plant_id = context.plant_id();
  if (derived) {
    auto* mutable_context = event->GetReflection()->MutableMessage(event, type.context);
    static_cast<event::v1::EventContext*>(mutable_context)->set_id(std::move(id));
    prepared.record = events::Encode(type, *event);
  } else {
    // The sender's own bytes: they have just been parsed, writing them anew would only cost time.
    prepared.record = events::Encode(type, *event, std::string(unwrapped->bytes));
  }
  result.set_entity(prepared.record->headers[5].second);
  return prepared;
}

void SetError(event::v1::EventResult& result, const Status& status) {
  const bool rejected = status.code() == StatusCode::kInvalidArgument;
  result.set_status(rejected ? event::v1::EVENT_STATUS_REJECTED : event::v1::EVENT_STATUS_RETRY);
  *result.mutable_error() = rpc::ToRpcStatus(status);
}

}  // namespace yokoten::ingest
