// See openapi.h.
#include "gateway/openapi.h"

#include <set>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "events/registry.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldOptions;

constexpr std::string_view kErrorRef = "{\"$ref\":\"#/components/schemas/ConnectError\"}";

// Writes JSON objects and lists with the commas in the right places.
class Json {
 public:
  Json& Open(char bracket) {
    Comma();
    out_.push_back(bracket);
    first_ = true;
    return *this;
  }
  Json& Close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
    return *this;
  }
  Json& Key(std::string_view name) {
    Comma();
    AppendJsonString(name, &out_);
    out_.push_back(':');
    first_ = true;
    return *this;
  }
  Json& Text(std::string_view text) {
    Comma();
    AppendJsonString(text, &out_);
    return *this;
  }
  // JSON as it is.
  Json& Raw(std::string_view json) {
    Comma();
    out_.append(json);
    return *this;
  }
  std::string Take() { return std::move(out_); }

 private:
  void Comma() {
    if (!first_) out_.push_back(',');
    first_ = false;
  }
  std::string out_;
  bool first_ = true;
};

std::string Ref(const std::string& name) { return "#/components/schemas/" + name; }

std::string_view FormatPattern(options::v1::Format format) {
  switch (format) {
    case options::v1::FORMAT_DECIMAL:
      return "^-?[0-9]{1,32}(\\.[0-9]{1,6})?$";
    case options::v1::FORMAT_CURRENCY:
      return "^[A-Z]{3}$";
    case options::v1::FORMAT_PERSON_REF:
      return "^[A-Za-z0-9_-]{1,64}$";
    case options::v1::FORMAT_ID:
      return "^[A-Za-z0-9._:/-]{1,128}$";
    case options::v1::FORMAT_PLANT:
      return "^([A-Z0-9_-]{1,32}|\\*)$";
    case options::v1::FORMAT_TIME_OF_DAY:
      return "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    default:
      return "";
  }
}

class Writer {
 public:
  Writer(const Catalog& catalog, const Limits& limits) : catalog_(catalog), limits_(limits) {}

  std::string Document() {
    json_.Open('{');
    json_.Key("openapi").Text("3.1.0");
    json_.Key("info").Open('{');
    json_.Key("title").Text("Yokoten");
    json_.Key("version").Text("v1");
    json_.Key("description")
        .Text(
            "Every gRPC method as a POST of JSON (the Connect protocol), and CloudEvents at /v1/events. "
            "Batches of "
            "CloudEvents are solicited: at most " +
            std::to_string(limits_.cloud_events_max) + " events and " +
            std::to_string(limits_.cloud_batch_bytes_max >> 20) + " MiB.");
    json_.Close('}');
    json_.Key("paths").Open('{');
    CloudEvents();
    for (const Service& service : catalog_.services()) {
      for (const Method& method : service.methods) Path(service, method);
    }
    json_.Close('}');
    json_.Key("components").Open('{').Key("schemas").Open('{');
    json_.Key("ConnectError")
        .Raw(
            "{\"type\":\"object\",\"required\":[\"code\"],\"properties\":{\"code\":{\"type\":\"string\"},"
            "\"message\":"
            "{\"type\":\"string\"},\"details\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
            "\"properties\":"
            "{\"type\":{\"type\":\"string\"},\"value\":{\"type\":\"string\",\"contentEncoding\":\"base64\"},"
            "\"debug\":"
            "{}}}}}}");
    CloudEventSchemas();
    for (size_t i = 0; i < todo_.size(); ++i) MessageSchema(*todo_[i]);
    for (const EnumDescriptor* type : enums_) EnumSchema(*type);
    json_.Close('}').Close('}').Close('}');
    return json_.Take() + "\n";
  }

 private:
  void Need(const Descriptor* type) {
    if (seen_.insert(type).second) todo_.push_back(type);
  }

  void Path(const Service& service, const Method& method) {
    const auto& descriptor = *method.descriptor;
    if (descriptor.client_streaming()) return;
    Need(descriptor.input_type());
    Need(descriptor.output_type());
    const bool stream = descriptor.server_streaming();
    const char* type = stream ? "application/connect+json" : "application/json";
    json_.Key(method.path).Open('{').Key("post").Open('{');
    json_.Key("operationId").Text(service.name + "." + descriptor.name());
    json_.Key("tags").Open('[').Text(service.name).Close(']');
    if (stream) json_.Key("description").Text("A server stream: enveloped messages of the Connect protocol.");
    json_.Key("requestBody").Open('{').Key("required").Raw("true").Key("content").Open('{');
    json_.Key(type).Open('{').Key("schema").Open('{').Key("$ref").Text(
        Ref(descriptor.input_type()->full_name()));
    json_.Close('}').Close('}').Close('}').Close('}');
    json_.Key("responses")
        .Open('{')
        .Key("200")
        .Open('{')
        .Key("description")
        .Text("OK")
        .Key("content")
        .Open('{');
    json_.Key(type).Open('{').Key("schema").Open('{').Key("$ref").Text(
        Ref(descriptor.output_type()->full_name()));
    json_.Close('}').Close('}').Close('}').Close('}');
    json_.Key("default").Open('{').Key("description").Text("Error").Key("content").Open('{');
    json_.Key("application/json").Open('{').Key("schema").Raw(kErrorRef).Close('}').Close('}').Close('}');
    json_.Close('}').Close('}').Close('}');
  }

  void CloudEvents() {
    json_.Key("/v1/events").Open('{').Key("post").Open('{');
    json_.Key("operationId").Text("SendCloudEvents");
    json_.Key("tags").Open('[').Text("CloudEvents").Close(']');
    json_.Key("description")
        .Text("CloudEvents 1.0: structured, batched, or binary (ce-* headers, the body is the data).");
    json_.Key("requestBody").Open('{').Key("required").Raw("true").Key("content").Open('{');
    json_.Key("application/cloudevents+json")
        .Raw("{\"schema\":{\"$ref\":\"#/components/schemas/CloudEvent\"}}");
    json_.Key("application/cloudevents-batch+json").Open('{').Key("schema").Open('{');
    json_.Key("type").Text("array").Key("maxItems").Raw(std::to_string(limits_.cloud_events_max));
    json_.Key("items").Raw("{\"$ref\":\"#/components/schemas/CloudEvent\"}").Close('}').Close('}');
    json_.Key("application/json").Raw("{\"schema\":{\"type\":\"object\"}}");
    json_.Close('}').Close('}');
    json_.Key("responses").Open('{');
    const auto response = [&](const char* code, const char* what, const char* ref) {
      json_.Key(code)
          .Open('{')
          .Key("description")
          .Text(what)
          .Key("content")
          .Open('{')
          .Key("application/json");
      json_.Open('{')
          .Key("schema")
          .Open('{')
          .Key("$ref")
          .Text(Ref(ref))
          .Close('}')
          .Close('}')
          .Close('}')
          .Close('}');
    };
    response("200", "Kafka has it; for a batch: an answer per event", "CloudEventAnswer");
    response("400", "It is wrong: which field, and what to do", "CloudEventError");
    response("413", "Over a limit", "CloudEventError");
    response("503", "Send the same again after Retry-After seconds", "CloudEventError");
    json_.Close('}').Close('}').Close('}');
  }

  void CloudEventSchemas() {
    json_.Key("CloudEvent").Open('{').Key("type").Text("object");
    json_.Key("required").Raw("[\"specversion\",\"id\",\"source\",\"type\",\"plantid\"]");
    json_.Key("properties").Open('{');
    json_.Key("specversion").Raw("{\"const\":\"1.0\"}");
    for (const char* name : {"id", "source", "subject", "plantid", "workshopid", "lineid", "stationid",
                             "actor", "correlationid", "causationid", "sourcekey", "reasoncode", "corrects",
                             "voids", "domain", "datacontenttype", "dataschema", "traceparent"}) {
      json_.Key(name).Raw("{\"type\":\"string\"}");
    }
    for (const char* name : {"time", "reportedat"}) {
      json_.Key(name).Raw("{\"type\":\"string\",\"format\":\"date-time\"}");
    }
    json_.Key("occurredon").Raw("{\"type\":\"string\",\"format\":\"date\"}");
    json_.Key("type").Open('{').Key("enum").Open('[');
    for (const events::EventType& type : events::Registry::Linked().types()) json_.Text(type.full_name);
    json_.Close(']').Close('}');
    json_.Key("data").Open('{').Key("anyOf").Open('[');
    for (const events::EventType& type : events::Registry::Linked().types()) {
      Need(type.descriptor);
      json_.Open('{').Key("$ref").Text(Ref(type.full_name)).Close('}');
    }
    json_.Close(']').Close('}');
    json_.Close('}').Close('}');
    json_.Key("CloudEventError")
        .Raw(
            "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"},\"field\":{\"type\":"
            "\"string\"},"
            "\"rule\":{\"type\":\"string\"},\"message_zh\":{\"type\":\"string\"},\"message_en\":{\"type\":"
            "\"string\"}}"
            "}");
    json_.Key("CloudEventAnswer")
        .Raw(
            "{\"type\":\"object\",\"properties\":{\"index\":{\"type\":\"integer\"},\"id\":{\"type\":"
            "\"string\"},"
            "\"entity\":{\"type\":\"string\"},\"status\":{\"enum\":[\"accepted\",\"rejected\",\"retry\"]},"
            "\"results\":"
            "{\"type\":\"array\",\"items\":{\"type\":\"object\"}},\"token\":{\"$ref\":"
            "\"#/components/schemas/yokoten.event.v1.ConsistencyToken\"}}}");
  }

  void EnumSchema(const EnumDescriptor& type) {
    json_.Key(type.full_name()).Open('{').Key("type").Text("string").Key("enum").Open('[');
    for (int i = 0; i < type.value_count(); ++i) json_.Text(type.value(i)->name());
    json_.Close(']').Close('}');
  }

  bool WellKnown(const Descriptor& type) {
    if (type.full_name() == "google.protobuf.Timestamp") {
      json_.Key("type").Text("string").Key("format").Text("date-time");
    } else if (type.full_name() == "google.protobuf.Duration") {
      json_.Key("type").Text("string").Key("pattern").Text("^-?[0-9]+(\\.[0-9]+)?s$");
    } else if (type.full_name() == "google.protobuf.Any") {
      json_.Key("type").Text("object");
    } else {
      return false;
    }
    return true;
  }

  void MessageSchema(const Descriptor& type) {
    json_.Key(type.full_name()).Open('{').Key("type").Text("object").Key("additionalProperties").Raw("false");
    std::vector<std::string> required;
    json_.Key("properties").Open('{');
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (events::OptionsOf(field).required()) required.push_back(field.json_name());
      json_.Key(field.json_name()).Open('{');
      FieldSchema(field);
      json_.Close('}');
    }
    json_.Close('}');
    if (!required.empty()) {
      json_.Key("required").Open('[');
      for (const std::string& name : required) json_.Text(name);
      json_.Close(']');
    }
    json_.Close('}');
  }

  void FieldSchema(const FieldDescriptor& field) {
    const FieldOptions& rules = events::OptionsOf(field);
    if (field.is_map()) {
      json_.Key("type").Text("object").Key("additionalProperties").Open('{');
      ValueSchema(*field.message_type()->map_value(), rules);
      json_.Close('}');
    } else if (field.is_repeated()) {
      json_.Key("type").Text("array");
      if (rules.min_items() > 0) json_.Key("minItems").Raw(std::to_string(rules.min_items()));
      if (rules.max_items() > 0) json_.Key("maxItems").Raw(std::to_string(rules.max_items()));
      json_.Key("items").Open('{');
      ValueSchema(field, rules);
      json_.Close('}');
    } else {
      ValueSchema(field, rules);
    }
    if (rules.sensitive()) json_.Key("x-sensitive").Raw("true");
  }

  void ValueSchema(const FieldDescriptor& field, const FieldOptions& rules) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (WellKnown(*field.message_type())) return;
        Need(field.message_type());
        json_.Key("$ref").Text(Ref(field.message_type()->full_name()));
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        enums_.insert(field.enum_type());
        json_.Key("$ref").Text(Ref(field.enum_type()->full_name()));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        StringSchema(field, rules);
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        json_.Key("type").Text("boolean");
        return;
      case FieldDescriptor::CPPTYPE_INT64:
      case FieldDescriptor::CPPTYPE_UINT64:
        json_.Key("type").Raw("[\"string\",\"integer\"]").Key("format").Text("int64");
        break;
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_UINT32:
        json_.Key("type").Text("integer").Key("format").Text("int32");
        break;
      default:
        json_.Key("type").Text("number").Key("format").Text("double");
    }
    if (!rules.min().empty()) json_.Key("minimum").Raw(rules.min());
    if (!rules.max().empty()) json_.Key("maximum").Raw(rules.max());
  }

  void StringSchema(const FieldDescriptor& field, const FieldOptions& rules) {
    json_.Key("type").Text("string");
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      json_.Key("contentEncoding").Text("base64");
      return;
    }
    if (rules.min_length() > 0) json_.Key("minLength").Raw(std::to_string(rules.min_length()));
    if (rules.max_length() > 0) json_.Key("maxLength").Raw(std::to_string(rules.max_length()));
    if (rules.format() == options::v1::FORMAT_DATE) json_.Key("format").Text("date");
    if (!rules.pattern().empty()) {
      json_.Key("pattern").Text("^(?:" + rules.pattern() + ")$");
    } else if (const std::string_view pattern = FormatPattern(rules.format()); !pattern.empty()) {
      json_.Key("pattern").Text(pattern);
    }
    // Decimals are text with the bounds of a number.
    if (!rules.min().empty()) json_.Key("x-minimum").Text(rules.min());
    if (!rules.max().empty()) json_.Key("x-maximum").Text(rules.max());
  }

  const Catalog& catalog_;
  const Limits& limits_;
  Json json_;
  std::set<const Descriptor*> seen_;
  std::vector<const Descriptor*> todo_;
  struct ByName {
    bool operator()(const EnumDescriptor* a, const EnumDescriptor* b) const {
      return a->full_name() < b->full_name();
    }
  };
  std::set<const EnumDescriptor*, ByName> enums_;
};

}  // namespace

std::string OpenApiDocument(const Catalog& catalog, const Limits& limits) {
  return Writer(catalog, limits).Document();
}

}  // namespace yokoten::gateway
