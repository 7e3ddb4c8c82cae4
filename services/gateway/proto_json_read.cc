// JSON to messages; see proto_json.h.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include "events/registry.h"
#include "gateway/json_reader.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

using events::Violation;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = JsonReader::Kind;

constexpr size_t kListedEnumValues = 24;
constexpr size_t kListedFields = 40;
constexpr size_t kShownValue = 60;

bool IsWellKnown(const Descriptor& type) { return type.full_name().rfind("google.protobuf.", 0) == 0; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kObject:
      return "an object";
    case Kind::kArray:
      return "a list";
    case Kind::kString:
      return "text";
    case Kind::kNumber:
      return "a number";
    case Kind::kBool:
      return "true or false";
    case Kind::kNull:
      return "null";
    default:
      return "nothing readable";
  }
}

std::string_view KindNameZh(Kind kind) {
  switch (kind) {
    case Kind::kObject:
      return "对象";
    case Kind::kArray:
      return "列表";
    case Kind::kString:
      return "文本";
    case Kind::kNumber:
      return "数字";
    case Kind::kBool:
      return "true 或 false";
    case Kind::kNull:
      return "null";
    default:
      return "无法识别的内容";
  }
}

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  if (const FieldDescriptor* field = type.FindFieldByName(name)) return field;
  return type.FindFieldByCamelcaseName(name);
}

bool IsSensitive(const FieldDescriptor& field) { return events::OptionsOf(field).sensitive(); }

class Filler {
 public:
  Filler(std::string_view json, const JsonReadOptions& options) : reader_(json), options_(options) {}

  std::optional<Violation> Fill(Message* message) {
    if (reader_.Peek() != Kind::kObject && reader_.ok()) {
      const Kind kind = reader_.Peek();
      if (kind != Kind::kEnd && kind != Kind::kInvalid) return WrongType("an object { }", "对象 { }");
    }
    if (ReadMessage(message, true) && !reader_.AtEnd()) Syntax("something follows the value");
    if (!problem_ && !reader_.ok()) Syntax(reader_.error());
    return std::move(problem_);
  }

 private:
  bool Report(std::string_view rule, std::string en, std::string zh) {
    if (!problem_) problem_ = Violation{path_, std::string(rule), std::move(en), std::move(zh)};
    return false;
  }
  bool Syntax(std::string_view why) {
    const std::string at = std::to_string(reader_.offset());
    if (reader_.error_is_utf8()) {
      return Report("utf8",
                    "The text is not valid UTF-8 at byte " + at + " of the event: send it encoded as UTF-8.",
                    "该事件第 " + at + " 字节处不是有效的 UTF-8：请以 UTF-8 编码发送。");
    }
    return Report(
        "json_syntax",
        "The event is not valid JSON at its byte " + at + ": " + std::string(why) + ". Mend the JSON.",
        "该事件在第 " + at + " 字节处不是有效的 JSON（" + std::string(why) + "）：请修正 JSON。");
  }
  // Either the reader has an error to tell, or what comes next has the wrong kind.
  std::optional<Violation> WrongType(std::string_view wanted, std::string_view wanted_zh) {
    const Kind kind = reader_.Peek();
    if (kind == Kind::kInvalid || kind == Kind::kEnd) {
      Syntax(reader_.ok() ? "a value is expected" : reader_.error());
    } else {
      Report("wrong_type", "Must be " + std::string(wanted) + ", not " + std::string(KindName(kind)) + ".",
             "必须是" + std::string(wanted_zh) + "，而不是" + std::string(KindNameZh(kind)) + "。");
    }
    return problem_;
  }
  bool Wrong(std::string_view wanted, std::string_view wanted_zh) {
    WrongType(wanted, wanted_zh);
    return false;
  }

  // Appends a step to the path for as long as it lives.
  class Step {
   public:
    Step(Filler* filler, std::string_view name) : filler_(filler), size_(filler->path_.size()) {
      if (!filler->path_.empty()) filler->path_.push_back('.');
      filler->path_.append(name);
    }
    Step(Filler* filler, size_t index) : filler_(filler), size_(filler->path_.size()) {
      filler->path_.append("[" + std::to_string(index) + "]");
    }
    ~Step() { filler_->path_.resize(size_); }

   private:
    Filler* filler_;
    size_t size_;
  };

  bool ReadMessage(Message* message, bool outermost);
  bool ReadMember(Message* message, const std::string& name, bool outermost, std::vector<bool>* seen);
  bool ReadField(Message* message, const FieldDescriptor& field);
  bool ReadList(Message* message, const FieldDescriptor& field);
  bool ReadMap(Message* message, const FieldDescriptor& field);
  bool ReadValue(Message* message, const FieldDescriptor& field);
  bool ReadWellKnown(Message* message);
  bool ReadEnum(const FieldDescriptor& field, int* number);
  template <typename T>
  bool ReadInteger(const FieldDescriptor& field, T* out);
  template <typename T>
  bool ReadReal(T* out);
  bool ReadNumberText(const FieldDescriptor& field, std::string* text);
  bool UnknownField(const Descriptor& type, const std::string& name);

  JsonReader reader_;
  const JsonReadOptions& options_;
  std::string path_;
  std::optional<Violation> problem_;
};

bool Filler::UnknownField(const Descriptor& type, const std::string& name) {
  Step step(this, name.substr(0, 128));
  std::string known;
  const int shown = std::min<int>(type.field_count(), kListedFields);
  for (int i = 0; i < shown; ++i) known += (i > 0 ? ", " : "") + type.field(i)->name();
  if (shown < type.field_count()) known += ", ...";
  return Report("unknown_field",
                type.name() + " has no such field: remove it or spell it as one of " + known + ".",
                type.name() + " 没有该字段：请删除，或改为以下之一：" + known + "。");
}

bool Filler::ReadMessage(Message* message, bool outermost) {
  if (IsWellKnown(*message->GetDescriptor())) return ReadWellKnown(message);
  if (reader_.Peek() != Kind::kObject) return Wrong("an object { }", "对象 { }");
  reader_.BeginObject();
  if (!reader_.ok()) return Syntax(reader_.error());
  std::vector<bool> seen(static_cast<size_t>(message->GetDescriptor()->field_count()));
  std::string name;
  while (reader_.NextMember(&name)) {
    if (!ReadMember(message, name, outermost, &seen)) return false;
  }
  return reader_.ok() ? true : Syntax(reader_.error());
}

bool Filler::ReadMember(Message* message, const std::string& name, bool outermost, std::vector<bool>* seen) {
  const Descriptor& type = *message->GetDescriptor();
  const FieldDescriptor* field = FindField(type, name);
  if (field == nullptr && outermost && options_.context_members) {
    const FieldDescriptor* context = type.FindFieldByName("context");
    if (context != nullptr && context->message_type() != nullptr) {
      field = FindField(*context->message_type(), name);
      if (field != nullptr) {
        Message* inner = message->GetReflection()->MutableMessage(message, context);
        Step outer(this, context->name());
        Step step(this, field->name());
        if (inner->GetReflection()->HasField(*inner, field)) {
          return Report("duplicate_field", "The field is given twice: keep one.",
                        "该字段出现了两次：请只保留一个。");
        }
        return ReadField(inner, *field);
      }
    }
  }
  if (field == nullptr) return UnknownField(type, name);
  Step step(this, field->name());
  if ((*seen)[static_cast<size_t>(field->index())]) {
    return Report("duplicate_field", "The field is given twice: keep one.",
                  "该字段出现了两次：请只保留一个。");
  }
  (*seen)[static_cast<size_t>(field->index())] = true;
  if (const auto* oneof = field->real_containing_oneof(); oneof != nullptr && reader_.Peek() != Kind::kNull) {
    if (message->GetReflection()->HasOneof(*message, oneof)) {
      const FieldDescriptor* other = message->GetReflection()->GetOneofFieldDescriptor(*message, oneof);
      return Report("oneof",
                    "Only one of " + other->name() + " and " + field->name() +
                        " may be given: send each event as an item of its own.",
                    other->name() + " 与 " + field->name() + " 只能给出一个：请把每个事件作为单独一项发送。");
    }
  }
  return ReadField(message, *field);
}

bool Filler::ReadField(Message* message, const FieldDescriptor& field) {
  const bool null_is_value =
      field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Value";
  if (reader_.Peek() == Kind::kNull && !null_is_value) {
    return reader_.ReadNull() ? true : Syntax(reader_.error());
  }
  if (field.is_map()) return ReadMap(message, field);
  if (field.is_repeated()) return ReadList(message, field);
  return ReadValue(message, field);
}

bool Filler::ReadList(Message* message, const FieldDescriptor& field) {
  if (reader_.Peek() != Kind::kArray) return Wrong("a list [ ]", "列表 [ ]");
  reader_.BeginArray();
  for (size_t index = 0; reader_.NextElement(); ++index) {
    Step step(this, index);
    if (reader_.Peek() == Kind::kNull) return Wrong("a value", "一个值");
    if (!ReadValue(message, field)) return false;
  }
  return reader_.ok() ? true : Syntax(reader_.error());
}

bool Filler::ReadMap(Message* message, const FieldDescriptor& field) {
  if (reader_.Peek() != Kind::kObject) return Wrong("an object { }", "对象 { }");
  reader_.BeginObject();
  const FieldDescriptor& key = *field.message_type()->map_key();
  std::string name;
  while (reader_.NextMember(&name)) {
    Step step(this, name.substr(0, 64));
    Message* entry = message->GetReflection()->AddMessage(message, &field);
    std::string quoted;
    // Keys of numbers and booleans are written as strings: read them as a value of their own.
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      AppendJsonString(name, &quoted);
    } else {
      quoted = name;
    }
    Filler keys(quoted, options_);
    if (!keys.ReadValue(entry, key) || !keys.reader_.AtEnd()) {
      return Report("wrong_type", "The name is no valid key of this map.", "该名称不是此映射的有效键。");
    }
    if (!ReadValue(entry, *field.message_type()->map_value())) return false;
  }
  return reader_.ok() ? true : Syntax(reader_.error());
}

bool Filler::ReadNumberText(const FieldDescriptor& field, std::string* text) {
  const Kind kind = reader_.Peek();
  if (kind == Kind::kString) return reader_.ReadString(text) ? true : Syntax(reader_.error());
  if (kind != Kind::kNumber) {
    return field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
                   field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT
               ? Wrong("a number", "数字")
               : Wrong("a whole number", "整数");
  }
  std::string_view literal;
  if (!reader_.ReadNumber(&literal)) return Syntax(reader_.error());
  text->assign(literal);
  return true;
}

template <typename T>
bool Filler::ReadInteger(const FieldDescriptor& field, T* out) {
  std::string text;
  if (!ReadNumberText(field, &text)) return false;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, *out);
  if (error == std::errc() && at == end) return true;
  // 3.0 and 1e3 are whole numbers too.
  double real = 0;
  const auto [real_at, real_error] = std::from_chars(text.data(), end, real);
  const bool is_real = !text.empty() && real_at == end && std::isfinite(real);
  const bool whole = is_real && real == std::floor(real);
  if (real_error == std::errc() && whole && std::abs(real) <= 9007199254740992.0 &&
      real >= static_cast<double>(std::numeric_limits<T>::min()) &&
      real <= static_cast<double>(std::numeric_limits<T>::max())) {
    *out = static_cast<T>(real);
    return true;
  }
  if (is_real && !whole) {
    return Report("wrong_type", "Must be a whole number, not a fraction.", "必须是整数，不能带小数。");
  }
  if (is_real || real_error == std::errc::result_out_of_range) {
    const std::string range = std::to_string(std::numeric_limits<T>::min()) + " .. " +
                              std::to_string(std::numeric_limits<T>::max());
    return Report("range", "The number must lie within " + range + ".", "数值必须在 " + range + " 之间。");
  }
  return Report("wrong_type", "Must be a whole number.", "必须是整数。");
}

template <typename T>
bool Filler::ReadReal(T* out) {
  const Kind kind = reader_.Peek();
  std::string text;
  if (kind == Kind::kString) {
    if (!reader_.ReadString(&text)) return Syntax(reader_.error());
    if (text == "NaN") return *out = std::numeric_limits<T>::quiet_NaN(), true;
    if (text == "Infinity") return *out = std::numeric_limits<T>::infinity(), true;
    if (text == "-Infinity") return *out = -std::numeric_limits<T>::infinity(), true;
  } else if (kind == Kind::kNumber) {
    std::string_view literal;
    if (!reader_.ReadNumber(&literal)) return Syntax(reader_.error());
    text.assign(literal);
  } else {
    return Wrong("a number", "数字");
  }
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, *out);
  if (!text.empty() && error == std::errc() && at == end && std::isfinite(*out)) return true;
  if (error == std::errc::result_out_of_range && at == end) {
    return Report("range", "The number is too large or too small.", "数值过大或过小。");
  }
  return Report("wrong_type", "Must be a number.", "必须是数字。");
}

bool Filler::ReadEnum(const FieldDescriptor& field, int* number) {
  const EnumDescriptor& type = *field.enum_type();
  if (reader_.Peek() == Kind::kNumber) return ReadInteger<int32_t>(field, number);
  if (reader_.Peek() != Kind::kString)
    return Wrong("one of the names of " + type.name(), type.name() + " 的一个名称");
  std::string name;
  if (!reader_.ReadString(&name)) return Syntax(reader_.error());
  if (const std::optional<int> value = EnumFromText(type, name)) {
    *number = *value;
    return true;
  }
  std::string known;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& text = events::EnumText(*type.value(i));
    if (text.empty()) continue;
    if (static_cast<size_t>(i) <= kListedEnumValues) known += (known.empty() ? "" : ", ") + text;
  }
  if (static_cast<size_t>(type.value_count()) > kListedEnumValues + 1) known += ", ...";
  const std::string shown = IsSensitive(field) ? "The value" : "\"" + name.substr(0, kShownValue) + "\"";
  const std::string shown_zh = IsSensitive(field) ? "该值" : shown;
  return Report("enum", shown + " is no " + type.name() + ": use one of " + known + ".",
                shown_zh + " 不是有效的 " + type.name() + "：请使用 " + known + " 之一。");
}

bool Filler::ReadWellKnown(Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  const Reflection& r = *message->GetReflection();
  if (type.name() == "Timestamp") {
    if (reader_.Peek() != Kind::kString) {
      return Wrong("a time such as \"2026-03-03T02:15:00+08:00\"",
                   "时间文本，例如 \"2026-03-03T02:15:00+08:00\"");
    }
    std::string text;
    if (!reader_.ReadString(&text)) return Syntax(reader_.error());
    int64_t seconds = 0;
    int32_t nanos = 0;
    if (!ParseRfc3339(text, &seconds, &nanos)) {
      return Report("format",
                    "Must be an RFC 3339 time with its offset, such as \"2026-03-03T02:15:00+08:00\" or "
                    "\"2026-03-02T18:15:00Z\".",
                    "必须是带时区偏移的 RFC 3339 时间，例如 \"2026-03-03T02:15:00+08:00\" 或 "
                    "\"2026-03-02T18:15:00Z\"。");
    }
    r.SetInt64(message, type.FindFieldByNumber(1), seconds);
    r.SetInt32(message, type.FindFieldByNumber(2), nanos);
    return true;
  }
  std::string_view raw;
  if (!reader_.SkipValue(&raw)) return Syntax(reader_.error());
  const auto status = google::protobuf::util::JsonStringToMessage({raw.data(), raw.size()}, message);
  if (status.ok()) return true;
  return Report("format", "Is not written as " + type.full_name() + " wants it.",
                "写法不符合 " + type.full_name() + " 的要求。");
}

bool Filler::ReadValue(Message* message, const FieldDescriptor& field) {
  const Reflection& r = *message->GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!ReadInteger(field, &value)) return false;
      many ? r.AddInt32(message, &field, value) : r.SetInt32(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!ReadInteger(field, &value)) return false;
      many ? r.AddUInt32(message, &field, value) : r.SetUInt32(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!ReadInteger(field, &value)) return false;
      many ? r.AddInt64(message, &field, value) : r.SetInt64(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (!ReadInteger(field, &value)) return false;
      many ? r.AddUInt64(message, &field, value) : r.SetUInt64(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!ReadReal(&value)) return false;
      many ? r.AddDouble(message, &field, value) : r.SetDouble(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      float value = 0;
      if (!ReadReal(&value)) return false;
      many ? r.AddFloat(message, &field, value) : r.SetFloat(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (reader_.Peek() != Kind::kBool) return Wrong("true or false", " true 或 false");
      if (!reader_.ReadBool(&value)) return Syntax(reader_.error());
      many ? r.AddBool(message, &field, value) : r.SetBool(message, &field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      int number = 0;
      if (!ReadEnum(field, &number)) return false;
      many ? r.AddEnumValue(message, &field, number) : r.SetEnumValue(message, &field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      if (reader_.Peek() != Kind::kString) return Wrong("text in double quotes", "带双引号的文本");
      std::string value;
      if (!reader_.ReadString(&value)) return Syntax(reader_.error());
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        std::optional<std::string> bytes = Base64DecodeAny(value);
        if (!bytes) return Report("format", "Must be base64.", "必须是 base64。");
        value = *std::move(bytes);
      }
      many ? r.AddString(message, &field, std::move(value)) : r.SetString(message, &field, std::move(value));
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadMessage(many ? r.AddMessage(message, &field) : r.MutableMessage(message, &field), false);
  }
  return false;
}

}  // namespace

std::optional<int> EnumFromText(const EnumDescriptor& type, std::string_view text) {
  if (const EnumValueDescriptor* value = type.FindValueByName(std::string(text))) return value->number();
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& short_name = events::EnumText(*type.value(i));
    if (short_name.empty()) continue;
    if (SameWord(short_name, text) || SameWord(type.value(i)->name(), text)) return type.value(i)->number();
  }
  return std::nullopt;
}

std::optional<Violation> MessageFromJson(std::string_view json, Message* message,
                                         const JsonReadOptions& options) {
  return Filler(json, options).Fill(message);
}

}  // namespace yokoten::gateway
