// Messages to JSON; see proto_json.h.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

constexpr std::string_view kWellKnown = "google.protobuf.";

template <typename T>
void AppendNumber(T value, std::string* out) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, end);
}

template <typename T>
void AppendReal(T value, std::string* out) {
  if (std::isnan(value)) {
    out->append("\"NaN\"");
  } else if (std::isinf(value)) {
    out->append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else {
    AppendNumber(value, out);
  }
}

void AppendQuotedInt(int64_t value, std::string* out) {
  out->push_back('"');
  AppendNumber(value, out);
  out->push_back('"');
}

Status AppendMessage(const Message& message, std::string* out);
Status AppendMembers(const Message& message, bool first, std::string* out);

// One value: the singular one, or element `index` of a repeated field.
Status AppendValue(const Message& message, const FieldDescriptor& field, int index, std::string* out) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      AppendNumber(many ? r.GetRepeatedInt32(message, &field, index) : r.GetInt32(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      AppendNumber(many ? r.GetRepeatedUInt32(message, &field, index) : r.GetUInt32(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      AppendQuotedInt(many ? r.GetRepeatedInt64(message, &field, index) : r.GetInt64(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      out->push_back('"');
      AppendNumber(many ? r.GetRepeatedUInt64(message, &field, index) : r.GetUInt64(message, &field), out);
      out->push_back('"');
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendReal(many ? r.GetRepeatedDouble(message, &field, index) : r.GetDouble(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendReal(many ? r.GetRepeatedFloat(message, &field, index) : r.GetFloat(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out->append((many ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field)) ? "true"
                                                                                                  : "false");
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          many ? r.GetRepeatedEnumValue(message, &field, index) : r.GetEnumValue(message, &field);
      const EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
      if (value != nullptr) {
        AppendJsonString(value->name(), out);
      } else {
        AppendNumber(number, out);
      }
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& value = many ? r.GetRepeatedStringReference(message, &field, index, &scratch)
                                      : r.GetStringReference(message, &field, &scratch);
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        AppendJsonString(Base64Encode(value), out);
      } else {
        AppendJsonString(value, out);
      }
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendMessage(
          many ? r.GetRepeatedMessage(message, &field, index) : r.GetMessage(message, &field), out);
  }
  return OkStatus();
}

Status AppendMap(const Message& message, const FieldDescriptor& field, std::string* out) {
  const Reflection& r = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  out->push_back('{');
  for (int i = 0; i < r.FieldSize(message, &field); ++i) {
    if (i > 0) out->push_back(',');
    const Message& entry = r.GetRepeatedMessage(message, &field, i);
    std::string name;
    YK_RETURN_IF_ERROR(AppendValue(entry, key, -1, &name));
    if (!name.empty() && name[0] != '"') name = '"' + name + '"';
    out->append(name).push_back(':');
    YK_RETURN_IF_ERROR(AppendValue(entry, value, -1, out));
  }
  out->push_back('}');
  return OkStatus();
}

int64_t Int64Of(const Message& message, int number) {
  return message.GetReflection()->GetInt64(message, message.GetDescriptor()->FindFieldByNumber(number));
}
int32_t Int32Of(const Message& message, int number) {
  return message.GetReflection()->GetInt32(message, message.GetDescriptor()->FindFieldByNumber(number));
}

// {"@type": ..., fields}; a type this program does not know keeps its bytes.
Status AppendAny(const Message& message, std::string* out) {
  const Reflection& r = *message.GetReflection();
  const Descriptor& any = *message.GetDescriptor();
  const std::string url = r.GetString(message, any.FindFieldByNumber(1));
  const std::string bytes = r.GetString(message, any.FindFieldByNumber(2));
  if (url.empty()) {
    out->append("{}");
    return OkStatus();
  }
  out->append("{\"@type\":");
  AppendJsonString(url, out);
  const Descriptor* type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(url.rfind('/') + 1));
  if (type != nullptr) {
    std::unique_ptr<Message> content(MessageFactory::generated_factory()->GetPrototype(type)->New());
    if (content->ParseFromString(bytes)) {
      if (type->full_name().rfind(kWellKnown, 0) == 0) {
        out->append(",\"value\":");
        YK_RETURN_IF_ERROR(AppendMessage(*content, out));
      } else {
        YK_RETURN_IF_ERROR(AppendMembers(*content, false, out));
      }
      out->push_back('}');
      return OkStatus();
    }
  }
  out->append(",\"value\":");
  AppendJsonString(Base64Encode(bytes), out);
  out->push_back('}');
  return OkStatus();
}

Status AppendWellKnown(const Message& message, std::string_view name, std::string* out) {
  if (name == "Timestamp") {
    AppendJsonString(FormatRfc3339(Int64Of(message, 1), Int32Of(message, 2)), out);
    return OkStatus();
  }
  if (name == "Duration") {
    const int64_t seconds = Int64Of(message, 1);
    const int32_t nanos = Int32Of(message, 2);
    std::string text = seconds < 0 || nanos < 0 ? "-" : "";
    AppendNumber(static_cast<uint64_t>(seconds < 0 ? -seconds : seconds), &text);
    if (nanos != 0) {
      char fraction[16];
      std::snprintf(fraction, sizeof fraction, ".%09d", nanos < 0 ? -nanos : nanos);
      text += fraction;
      while (text.back() == '0') text.pop_back();
    }
    AppendJsonString(text + "s", out);
    return OkStatus();
  }
  if (name == "Any") return AppendAny(message, out);
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  if (!status.ok()) return Internal("A well-known type holds what it may not: " + status.ToString());
  out->append(text);
  return OkStatus();
}

Status AppendMembers(const Message& message, bool first, std::string* out) {
  const Reflection& r = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  r.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!first) out->push_back(',');
    first = false;
    out->push_back('"');
    out->append(field->json_name());
    out->append("\":");
    if (field->is_map()) {
      YK_RETURN_IF_ERROR(AppendMap(message, *field, out));
    } else if (field->is_repeated()) {
      out->push_back('[');
      const int size = r.FieldSize(message, field);
      for (int i = 0; i < size; ++i) {
        if (i > 0) out->push_back(',');
        YK_RETURN_IF_ERROR(AppendValue(message, *field, i, out));
      }
      out->push_back(']');
    } else {
      YK_RETURN_IF_ERROR(AppendValue(message, *field, -1, out));
    }
  }
  return OkStatus();
}

Status AppendMessage(const Message& message, std::string* out) {
  const std::string& name = message.GetDescriptor()->full_name();
  if (name.rfind(kWellKnown, 0) == 0) {
    return AppendWellKnown(message, std::string_view(name).substr(kWellKnown.size()), out);
  }
  out->push_back('{');
  YK_RETURN_IF_ERROR(AppendMembers(message, true, out));
  out->push_back('}');
  return OkStatus();
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      default: {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", c);
        out->append(escape);
      }
    }
  }
  out->append(text, plain, text.size() - plain);
  out->push_back('"');
}

std::string Base64Encode(std::string_view bytes, bool padded) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    uint32_t group = static_cast<unsigned char>(bytes[i]) << 16;
    if (left > 1) group |= static_cast<unsigned char>(bytes[i + 1]) << 8;
    if (left > 2) group |= static_cast<unsigned char>(bytes[i + 2]);
    out.push_back(kAlphabet[group >> 18]);
    out.push_back(kAlphabet[(group >> 12) & 63]);
    if (left > 1) out.push_back(kAlphabet[(group >> 6) & 63]);
    if (left > 2) out.push_back(kAlphabet[group & 63]);
  }
  if (padded) out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> Base64DecodeAny(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<uint32_t>(c - 'a' + 26);
    } else if (c >= '0' && c <= '9') {
      value = static_cast<uint32_t>(c - '0' + 52);
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      return std::nullopt;
    }
    group = (group << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>((group >> bits) & 0xFF));
    }
  }
  return out;
}

Status MessageToJson(const Message& message, std::string* out) { return AppendMessage(message, out); }

}  // namespace yokoten::gateway
