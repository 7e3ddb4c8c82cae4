// See cloud_event.h.
#include "gateway/cloud_event.h"

#include <set>
#include <vector>

#include "events/identity.h"
#include "gateway/catalog.h"
#include "gateway/connect.h"
#include "gateway/ingest_batch.h"
#include "gateway/json_reader.h"
#include "gateway/proto_json.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::gateway {

namespace {

using event::v1::EventContext;
using event::v1::EventReference;
using event::v1::Voided;
using events::EventType;
using events::Registry;
using events::Violation;
using google::protobuf::Message;

constexpr size_t kShownValue = 80;

Violation Missing(const std::string& attribute, std::string_view hint) {
  return {attribute, "required", "The attribute is missing: give " + std::string(hint) + ".",
          "缺少该属性：请给出 " + std::string(hint) + "。"};
}

Violation BadFormat(const std::string& attribute, std::string_view hint) {
  return {attribute, "format", "Must be " + std::string(hint) + ".", "格式应为：" + std::string(hint) + "。"};
}

Violation Mismatch(const std::string& attribute, std::string_view field) {
  return {attribute, "mismatch",
          "Says something else than the data's " + std::string(field) +
              ": give it once, or alike in both places.",
          "与数据中的 " + std::string(field) + " 不一致：请只给出一次，或两处保持一致。"};
}

// Header values: optional double quotes, then percent-coding (CloudEvents HTTP binding 3.1.3.2).
std::string DecodeHeader(std::string_view value) {
  std::string unquoted;
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    for (size_t i = 1; i + 1 < value.size(); ++i) {
      if (value[i] == '\\' && i + 2 < value.size()) ++i;
      unquoted.push_back(value[i]);
    }
    value = unquoted;
  }
  return http::PercentDecode(value);
}

bool IsAttributeName(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) return false;
  }
  return true;
}

bool IsJson(std::string_view type) {
  return type.empty() || type == "application/json" || type == "text/json" ||
         (type.size() > 5 && type.substr(type.size() - 5) == "+json");
}

bool IsProtobuf(std::string_view type) {
  return type == "application/protobuf" || type == "application/x-protobuf" ||
         type == "application/vnd.google.protobuf";
}

// One CloudEvent on its way into an event message.
class Binder {
 public:
  Binder(const CloudEvent& from, const EventType& type, Message* event)
      : from_(from),
        type_(type),
        event_(event),
        context_(static_cast<EventContext*>(event->GetReflection()->MutableMessage(event, type.context))) {}

  std::optional<Violation> Attributes() {
    using Setter = std::optional<Violation> (Binder::*)();
    for (const Setter setter :
         {&Binder::Texts, &Binder::Times, &Binder::References, &Binder::Reason, &Binder::Subject}) {
      if (std::optional<Violation> violation = (this->*setter)()) return violation;
    }
    return std::nullopt;
  }

 private:
  std::optional<Violation> Texts() {
    struct Text {
      const char* attribute;
      const char* field;
      const std::string& (EventContext::*get)() const;
      std::string* (EventContext::*mutate)();
    };
    static const Text kTexts[] = {
        {"id", "id", &EventContext::id, &EventContext::mutable_id},
        {"source", "source", &EventContext::source, &EventContext::mutable_source},
        {"sourcekey", "source_key", &EventContext::source_key, &EventContext::mutable_source_key},
        {"plantid", "plant_id", &EventContext::plant_id, &EventContext::mutable_plant_id},
        {"workshopid", "workshop_id", &EventContext::workshop_id, &EventContext::mutable_workshop_id},
        {"lineid", "line_id", &EventContext::line_id, &EventContext::mutable_line_id},
        {"stationid", "station_id", &EventContext::station_id, &EventContext::mutable_station_id},
        {"occurredon", "occurred_on", &EventContext::occurred_on, &EventContext::mutable_occurred_on},
        {"actor", "actor", &EventContext::actor, &EventContext::mutable_actor},
        {"correlationid", "correlation_id", &EventContext::correlation_id,
         &EventContext::mutable_correlation_id},
        {"causationid", "causation_id", &EventContext::causation_id, &EventContext::mutable_causation_id},
        {"traceparent", "traceparent", &EventContext::traceparent, &EventContext::mutable_traceparent},
    };
    for (const Text& text : kTexts) {
      const std::string_view value = from_.Get(text.attribute);
      if (value.empty()) continue;
      const std::string& present = (context_->*text.get)();
      if (!present.empty() && present != value) return Mismatch(text.attribute, text.field);
      *(context_->*text.mutate)() = value;
    }
    return std::nullopt;
  }

  std::optional<Violation> Time(const std::string& attribute, const char* field, bool present,
                                const google::protobuf::Timestamp& already,
                                google::protobuf::Timestamp* out) {
    int64_t seconds = 0;
    int32_t nanos = 0;
    if (!ParseRfc3339(from_.Get(attribute), &seconds, &nanos)) {
      return BadFormat(attribute, "an RFC 3339 time with its offset, such as 2026-03-03T02:15:00+08:00");
    }
    if (present && (already.seconds() != seconds || already.nanos() != nanos))
      return Mismatch(attribute, field);
    out->set_seconds(seconds);
    out->set_nanos(nanos);
    return std::nullopt;
  }

  std::optional<Violation> Times() {
    // Libraries stamp `time` unasked: beside a date it says nothing.
    if (!from_.Get("time").empty() && context_->occurred_on().empty()) {
      const bool present = context_->has_occurred_at();
      if (auto violation = Time("time", "occurred_at", present, context_->occurred_at(),
                                context_->mutable_occurred_at())) {
        return violation;
      }
    }
    if (from_.Get("reportedat").empty()) return std::nullopt;
    const bool present = context_->has_reported_at();
    return Time("reportedat", "reported_at", present, context_->reported_at(),
                context_->mutable_reported_at());
  }

  // Nothing was given, or the reference was filled, or what is wrong with it.
  std::optional<Violation> Reference(const std::string& name, bool present, const EventReference& already,
                                     EventReference* out) {
    EventReference given = already;
    if (const std::string_view json = from_.Get(name); !json.empty()) {
      given.Clear();
      if (std::optional<Violation> violation = MessageFromJson(json, &given)) {
        return BadFormat(name,
                         "JSON such as {\"source\":\"/plants/PL1/mes\",\"id\":\"7\",\"plant_id\":\"PL1\","
                         "\"entity\":\"session/S-1\"}");
      }
    }
    const auto set = [&](const char* part, std::string* field) {
      if (const std::string_view value = from_.Get(name + part); !value.empty()) *field = value;
    };
    set("source", given.mutable_source());
    set("id", given.mutable_id());
    set("plantid", given.mutable_plant_id());
    set("entity", given.mutable_entity());
    if (present && given.SerializeAsString() != already.SerializeAsString()) return Mismatch(name, name);
    *out = given;
    return std::nullopt;
  }

  bool Names(const std::string& name) const {
    for (const char* part : {"", "source", "id", "plantid", "entity"}) {
      if (!from_.Get(name + part).empty()) return true;
    }
    return false;
  }

  std::optional<Violation> References() {
    if (Names("corrects")) {
      const bool present = context_->has_corrects();
      const EventReference already = context_->corrects();
      if (auto violation = Reference("corrects", present, already, context_->mutable_corrects()))
        return violation;
    }
    if (!Names("voids")) return std::nullopt;
    if (!type_.is_void()) {
      return Violation{"voids", "oneof", "Only yokoten.event.v1.Voided voids an event: use that type.",
                       "只有 yokoten.event.v1.Voided 才能作废事件：请使用该类型。"};
    }
    auto* voided = static_cast<Voided*>(event_);
    const bool present = voided->has_voids();
    const EventReference already = voided->voids();
    return Reference("voids", present, already, voided->mutable_voids());
  }

  std::optional<Violation> Reason() {
    const std::string_view text = from_.Get("reasoncode");
    if (text.empty()) return std::nullopt;
    const auto* enum_type =
        type_.is_void() ? event::v1::VoidReason_descriptor() : event::v1::CorrectionReason_descriptor();
    const std::optional<int> number = EnumFromText(*enum_type, text);
    if (!number) return BadFormat("reasoncode", "a name of " + enum_type->full_name());
    const int present = type_.is_void() ? static_cast<int>(static_cast<Voided*>(event_)->reason())
                                        : static_cast<int>(context_->reason_code());
    if (present != 0 && present != *number)
      return Mismatch("reasoncode", type_.is_void() ? "reason" : "reason_code");
    if (type_.is_void()) {
      static_cast<Voided*>(event_)->set_reason(static_cast<event::v1::VoidReason>(*number));
    } else {
      context_->set_reason_code(static_cast<event::v1::CorrectionReason>(*number));
    }
    return std::nullopt;
  }

  std::optional<Violation> Subject() {
    const std::string_view subject = from_.Get("subject");
    if (subject.empty()) return std::nullopt;
    if (subject == events::EntityOf(type_, *event_)) return std::nullopt;
    // The template and not the entity: that may hold a person's reference.
    const std::string& entity = type_.options.entity();
    return Violation{"subject", "mismatch",
                     "The data is about another entity: the subject must be \"" + entity +
                         "\" with the data's own values, or be left out.",
                     "数据所属的对象不同：subject 必须是以数据中的值填写的 \"" + entity + "\"，或者省略。"};
  }

  const CloudEvent& from_;
  const EventType& type_;
  Message* event_;
  EventContext* context_;
};

std::optional<Violation> ReadData(const CloudEvent& from, Message* event) {
  if (!from.has_data || from.data.empty()) return std::nullopt;
  if (IsJson(from.content_type))
    return MessageFromJson(from.data, event, JsonReadOptions{.context_members = true});
  if (!IsProtobuf(from.content_type)) {
    return BadFormat("datacontenttype", "application/json or application/protobuf");
  }
  if (event->ParseFromString(from.data)) return std::nullopt;
  return events::DiagnoseWire(*event->GetDescriptor(), from.data);
}

// The domain a void belongs to: said by the extension `domain`, or plain from what it voids.
const events::Domain* DomainOfVoid(const CloudEvent& from, const Voided& voided, Violation* violation) {
  const Registry& registry = Registry::Linked();
  std::string known;
  for (const events::Domain& domain : registry.domains()) {
    if (from.Get("domain") == domain.name || from.Get("domain") == domain.target) return &domain;
    known += (known.empty() ? "" : ", ") + domain.name;
  }
  if (from.Get("domain").empty()) {
    const std::string& entity = voided.voids().entity();
    const std::string prefix = entity.substr(0, entity.find('/') + 1);
    std::set<const events::Domain*> fits;
    for (const EventType& type : registry.types()) {
      if (type.is_void() || type.entity_parts.empty() || prefix.empty()) continue;
      if (type.entity_parts.front().literal.rfind(prefix, 0) == 0) fits.insert(registry.DomainOf(type));
    }
    if (fits.size() == 1) return *fits.begin();
  }
  *violation = Violation{
      "domain", "required",
      "It is not plain whose event is voided: give the extension attribute \"domain\", one of " + known + ".",
      "无法判断作废的是哪个领域的事件：请给出扩展属性 \"domain\"，取值为 " + known + " 之一。"};
  return nullptr;
}

}  // namespace

std::variant<CloudEvent, Violation> ReadBinaryCloudEvent(const http::Headers& headers, std::string body) {
  CloudEvent out;
  for (const auto& [name, value] : headers.fields()) {
    if (name.size() < 4 || !http::EqualsIgnoreCase(std::string_view(name).substr(0, 3), "ce-")) continue;
    const std::string attribute = MediaType(name.substr(3));  // lower case
    if (!IsAttributeName(attribute)) {
      return BadFormat(attribute.substr(0, kShownValue), "named by lower-case letters and digits only");
    }
    std::string text = DecodeHeader(value);
    if (!IsUtf8(text)) return BadFormat(attribute, "UTF-8, percent-encoded");
    if (!out.attributes.emplace(attribute, std::move(text)).second) {
      return Violation{attribute, "duplicate_field", "The attribute is given twice: keep one.",
                       "该属性出现了两次：请只保留一个。"};
    }
  }
  out.content_type = MediaType(headers.Get("Content-Type"));
  out.data = std::move(body);
  out.has_data = !out.data.empty();
  return out;
}

std::variant<CloudEvent, Violation> ReadStructuredCloudEvent(std::string_view json) {
  JsonReader reader(json);
  CloudEvent out;
  bool base64 = false;
  const auto broken = [&reader] {
    const std::string at = std::to_string(reader.offset());
    const std::string why(reader.ok() ? "something follows the event" : reader.error());
    if (reader.error_is_utf8()) {
      return Violation{"", "utf8",
                       "The text is not valid UTF-8 at its byte " + at + ": send it encoded as UTF-8.",
                       "第 " + at + " 字节处不是有效的 UTF-8：请以 UTF-8 编码发送。"};
    }
    return Violation{"", "json_syntax", "The event is not a JSON object at its byte " + at + ": " + why + ".",
                     "该事件在第 " + at + " 字节处不是有效的 JSON 对象（" + why + "）。"};
  };
  std::string name;
  if (!reader.BeginObject()) return broken();
  while (reader.NextMember(&name)) {
    if (name == "data" || name == "data_base64") {
      std::string_view raw;
      if (out.has_data) {
        return Violation{name, "duplicate_field", "The data is given twice: keep one.",
                         "数据出现了两次：请只保留一个。"};
      }
      if (name == "data") {
        if (!reader.SliceValue(&raw)) break;
        if (raw == "null") continue;
        out.data = raw;
      } else {
        base64 = true;
        if (!reader.ReadString(&out.data)) break;
      }
      out.has_data = true;
      continue;
    }
    if (!IsAttributeName(name)) {
      return Violation{
          name.substr(0, kShownValue), "unknown_field",
          "Is no CloudEvents attribute (lower-case letters and digits): put the event's fields into data.",
          "不是 CloudEvents 属性（仅小写字母和数字）：请把事件字段放入 data。"};
    }
    std::string text;
    std::string_view raw;
    switch (reader.Peek()) {
      case JsonReader::Kind::kNull:
        if (!reader.ReadNull()) break;
        continue;
      case JsonReader::Kind::kString:
        reader.ReadString(&text);
        break;
      case JsonReader::Kind::kNumber:
      case JsonReader::Kind::kBool:
        if (reader.SkipValue(&raw)) text = raw;
        break;
      default:
        if (reader.SkipValue(&raw)) text = raw;
        if (reader.ok() && name != "corrects" && name != "voids")
          return BadFormat(name, "text, a number or a boolean");
    }
    if (!reader.ok()) break;
    if (!out.attributes.emplace(name, std::move(text)).second) {
      return Violation{name, "duplicate_field", "The attribute is given twice: keep one.",
                       "该属性出现了两次：请只保留一个。"};
    }
  }
  if (!reader.ok() || !reader.AtEnd()) return broken();
  out.content_type = MediaType(out.Get("datacontenttype"));
  if (base64) {
    std::optional<std::string> bytes = Base64DecodeAny(out.data);
    if (!bytes) return BadFormat("data_base64", "base64");
    out.data = *std::move(bytes);
  } else if (out.has_data && !IsJson(out.content_type)) {
    // A JSON string is how structured mode carries other text; ours is JSON or, in base64, Protobuf.
    return BadFormat("datacontenttype",
                     "application/json beside \"data\", or application/protobuf beside "
                     "\"data_base64\"");
  }
  return out;
}

std::variant<BoundEvent, Violation> BindCloudEvent(const CloudEvent& from, bool* from_data) {
  *from_data = false;
  if (from.Get("specversion").empty()) return Missing("specversion", "1.0");
  if (from.Get("specversion") != "1.0") return BadFormat("specversion", "1.0");
  const std::string_view name = from.Get("type");
  if (name.empty()) return Missing("type", "the event's name, such as yokoten.training.v1.SessionCompleted");
  const EventType* type = Registry::Linked().Find(name);
  if (type == nullptr) {
    const std::string shown(name.substr(0, kShownValue));
    return Violation{"type", "enum", "\"" + shown + "\" is no event type: GET /v1/openapi.json lists them.",
                     "\"" + shown + "\" 不是事件类型：GET /v1/openapi.json 列出全部类型。"};
  }
  BoundEvent bound;
  bound.event = NewMessage(type->descriptor);
  if (std::optional<Violation> violation = ReadData(from, bound.event.get())) {
    *from_data = violation->field != "datacontenttype";
    return *std::move(violation);
  }
  if (std::optional<Violation> violation = Binder(from, *type, bound.event.get()).Attributes()) {
    return *std::move(violation);
  }
  Violation unclear;
  bound.domain = type->is_void() ? DomainOfVoid(from, static_cast<const Voided&>(*bound.event), &unclear)
                                 : Registry::Linked().DomainOf(*type);
  if (bound.domain == nullptr) return unclear;
  bound.wrapper_field = bound.domain->FieldOf(*type);
  return bound;
}

}  // namespace yokoten::gateway
