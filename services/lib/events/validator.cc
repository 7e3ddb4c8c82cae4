#include "events/validator.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <re2/re2.h>

#include "events/context_rules.h"
#include "events/formats.h"
#include "events/identity.h"
#include "events/text.h"
#include "events/wire.h"

namespace yokoten::events {
namespace {

namespace pb = google::protobuf;
using Cpp = pb::FieldDescriptor;

constexpr uint32_t kDefaultMaxLength = 4096;
constexpr uint32_t kDefaultMaxItems = 10000;
// Numbers beyond it do not fit the Decimal(38, 6) they are stored in without losing digits.
constexpr double kDoubleBound = 1e15;

struct MessageRules;

// A field's options, made ready to use.
struct FieldRules {
  const pb::FieldDescriptor* field = nullptr;
  const options::v1::FieldOptions* options = nullptr;
  std::optional<int64_t> min_int, max_int;
  double min_double = -kDoubleBound, max_double = kDoubleBound;
  std::optional<__int128> min_decimal, max_decimal;
  std::unique_ptr<re2::RE2> pattern;
  const MessageRules* nested = nullptr;  // null for scalars and timestamps
  const pb::FieldDescriptor* sequence = nullptr;
};

struct MessageRules {
  std::vector<FieldRules> fields;
};

bool IsTimestamp(const pb::FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type() == pb::Timestamp::descriptor();
}

class RuleBook {
 public:
  static const RuleBook& Linked() {
    static const RuleBook* book = new RuleBook;
    return *book;
  }
  const MessageRules& Of(const pb::Descriptor& type) const { return *rules_.at(&type); }

 private:
  RuleBook() {
    for (const EventType& type : Registry::Linked().types()) Add(*type.descriptor);
  }

  const MessageRules* Add(const pb::Descriptor& type) {
    auto& slot = rules_[&type];
    if (slot) return slot.get();
    slot = std::make_unique<MessageRules>();
    MessageRules* rules = slot.get();  // Add of nested types may move the slot
    rules->fields.resize(static_cast<size_t>(type.field_count()));
    for (int i = 0; i < type.field_count(); ++i) Fill(rules->fields[static_cast<size_t>(i)], *type.field(i));
    return rules;
  }

  void Fill(FieldRules& rules, const pb::FieldDescriptor& field) {
    const auto& options = OptionsOf(field);
    rules.field = &field;
    rules.options = &options;
    if (!options.min().empty()) {
      rules.min_int = std::strtoll(options.min().c_str(), nullptr, 10);
      rules.min_double = std::strtod(options.min().c_str(), nullptr);
      rules.min_decimal = ParseDecimal(options.min());
    }
    if (!options.max().empty()) {
      rules.max_int = std::strtoll(options.max().c_str(), nullptr, 10);
      rules.max_double = std::strtod(options.max().c_str(), nullptr);
      rules.max_decimal = ParseDecimal(options.max());
    }
    if (!options.pattern().empty()) {
      rules.pattern = std::make_unique<re2::RE2>(options.pattern(), re2::RE2::Quiet);
      if (!rules.pattern->ok()) {
        std::fprintf(stderr, "yokoten: pattern of %s is broken: %s\n", field.full_name().c_str(),
                     rules.pattern->error().c_str());
        std::abort();
      }
    }
    if (field.message_type() != nullptr && !IsTimestamp(field)) {
      rules.nested = Add(*field.message_type());
      if (!options.sequence_field().empty()) {
        rules.sequence = field.message_type()->FindFieldByName(options.sequence_field());
      }
    }
  }

  std::unordered_map<const pb::Descriptor*, std::unique_ptr<MessageRules>> rules_;
};

// One run over one event.
class Run {
 public:
  Run(const EventType& type, size_t violations_max) : type_(type), violations_max_(violations_max) {}

  void Message(const pb::Message& message, const MessageRules& rules, const std::string& prefix) {
    for (const FieldRules& field : rules.fields) {
      if (full()) return;
      if (field.field->is_repeated()) {
        Repeated(message, field, prefix);
      } else {
        Singular(message, field, prefix);
      }
    }
  }

  bool full() const { return violations.size() >= violations_max_; }
  std::vector<Violation> violations;

 private:
  static std::string Path(const std::string& prefix, const FieldRules& rules) {
    return prefix.empty() ? rules.field->name() : prefix + "." + rules.field->name();
  }
  void Add(std::string field, std::string rule, std::string en, std::string zh) {
    if (!full()) violations.push_back({std::move(field), std::move(rule), std::move(en), std::move(zh)});
  }
  void Required(const std::string& path) { Add(path, "required", "is required; set it", "为必填项，请填写"); }

  void Singular(const pb::Message& message, const FieldRules& rules, const std::string& prefix) {
    const pb::Reflection& reflection = *message.GetReflection();
    const pb::FieldDescriptor& field = *rules.field;
    if (field.has_presence() ? !reflection.HasField(message, &field) : IsDefault(message, field)) {
      if (rules.options->required()) Required(Path(prefix, rules));
      return;
    }
    switch (field.cpp_type()) {
      case Cpp::CPPTYPE_MESSAGE: {
        const pb::Message& value = reflection.GetMessage(message, &field);
        if (rules.nested != nullptr) {
          this->Message(value, *rules.nested, Path(prefix, rules));
        } else {
          Timestamp(static_cast<const pb::Timestamp&>(value), Path(prefix, rules));
        }
        return;
      }
      case Cpp::CPPTYPE_STRING: {
        std::string scratch;
        String(reflection.GetStringReference(message, &field, &scratch), rules, prefix, "");
        return;
      }
      case Cpp::CPPTYPE_ENUM:
        // An optional enum may be set to UNSPECIFIED on the wire; that is as good as absent.
        if (reflection.GetEnumValue(message, &field) == 0) {
          if (rules.options->required()) Required(Path(prefix, rules));
          return;
        }
        Enum(reflection.GetEnumValue(message, &field), rules, prefix, "");
        return;
      case Cpp::CPPTYPE_DOUBLE:
        return Double(reflection.GetDouble(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_FLOAT:
        return Double(reflection.GetFloat(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_INT32:
        return Integer(reflection.GetInt32(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_INT64:
        return Integer(reflection.GetInt64(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_UINT32:
        return Integer(reflection.GetUInt32(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_UINT64:
        return Unsigned(reflection.GetUInt64(message, &field), rules, prefix, "");
      case Cpp::CPPTYPE_BOOL:
        return;
    }
  }

  void Repeated(const pb::Message& message, const FieldRules& rules, const std::string& prefix) {
    const pb::Reflection& reflection = *message.GetReflection();
    const pb::FieldDescriptor& field = *rules.field;
    const auto size = static_cast<uint32_t>(reflection.FieldSize(message, &field));
    const uint32_t min = std::max(rules.options->min_items(), rules.options->required() ? 1u : 0u);
    const uint32_t max = rules.options->max_items() == 0 ? kDefaultMaxItems : rules.options->max_items();
    if (size < min) {
      Add(Path(prefix, rules), "min_items", "needs at least " + std::to_string(min) + " items",
          "至少需要 " + std::to_string(min) + " 项");
    }
    if (size > max) {
      Add(Path(prefix, rules), "max_items",
          "has " + std::to_string(size) + " items, at most " + std::to_string(max) +
              " are allowed; split the event",
          "有 " + std::to_string(size) + " 项，最多 " + std::to_string(max) + " 项，请拆分事件");
      return;
    }
    for (uint32_t i = 0; i < size && !full(); ++i) Item(message, rules, prefix, static_cast<int>(i));
  }

  void Item(const pb::Message& message, const FieldRules& rules, const std::string& prefix, int i) {
    const pb::Reflection& reflection = *message.GetReflection();
    const pb::FieldDescriptor& field = *rules.field;
    const auto index = [i] { return std::string(1, '[').append(std::to_string(i)).append(1, ']'); };
    switch (field.cpp_type()) {
      case Cpp::CPPTYPE_MESSAGE: {
        const pb::Message& item = reflection.GetRepeatedMessage(message, &field, i);
        if (rules.nested == nullptr) {
          return Timestamp(static_cast<const pb::Timestamp&>(item), Path(prefix, rules) + index());
        }
        if (rules.sequence != nullptr && item.GetReflection()->GetInt32(item, rules.sequence) != i + 1) {
          Add(Path(prefix, rules) + index() + "." + rules.sequence->name(), "sequence",
              "must be " + std::to_string(i + 1) +
                  ": number the items 1, 2, 3, ... in order and without gaps",
              "必须为 " + std::to_string(i + 1) + "：请按 1、2、3…… 连续编号");
        }
        return this->Message(item, *rules.nested, Path(prefix, rules) + index());
      }
      case Cpp::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = reflection.GetRepeatedStringReference(message, &field, i, &scratch);
        if (text.empty())
          return Add(Path(prefix, rules) + index(), "required", "is empty; leave the item out",
                     "为空，请删除该项");
        return String(text, rules, prefix, index());
      }
      case Cpp::CPPTYPE_ENUM: {
        const int number = reflection.GetRepeatedEnumValue(message, &field, i);
        if (number == 0)
          return Add(Path(prefix, rules) + index(), "enum", "is unspecified; name a value",
                     "未指定，请给出取值");
        return Enum(number, rules, prefix, index());
      }
      case Cpp::CPPTYPE_DOUBLE:
        return Double(reflection.GetRepeatedDouble(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_FLOAT:
        return Double(reflection.GetRepeatedFloat(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_INT32:
        return Integer(reflection.GetRepeatedInt32(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_INT64:
        return Integer(reflection.GetRepeatedInt64(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_UINT32:
        return Integer(reflection.GetRepeatedUInt32(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_UINT64:
        return Unsigned(reflection.GetRepeatedUInt64(message, &field, i), rules, prefix, index());
      case Cpp::CPPTYPE_BOOL:
        return;
    }
  }

  static bool IsDefault(const pb::Message& message, const pb::FieldDescriptor& field) {
    // Without presence, reflection's HasField is "not the default". A NaN is not the default either.
    return !message.GetReflection()->HasField(message, &field);
  }

  void String(const std::string& text, const FieldRules& rules, const std::string& prefix,
              const std::string& index) {
    const auto& options = *rules.options;
    const auto path = [&] { return Path(prefix, rules) + index; };
    if (!IsUtf8(text))
      return Add(path(), "utf8", "is not valid UTF-8; send it as UTF-8",
                 "不是有效的 UTF-8，请按 UTF-8 编码发送");
    const size_t length = CodePoints(text);
    const size_t max = options.max_length() == 0 ? kDefaultMaxLength : options.max_length();
    if (length > max) {
      return Add(path(), "max_length",
                 "has " + std::to_string(length) + " characters, at most " + std::to_string(max) +
                     " are allowed; shorten it",
                 "有 " + std::to_string(length) + " 个字符，最多 " + std::to_string(max) + " 个，请缩短");
    }
    if (length < options.min_length()) {
      return Add(path(), "min_length",
                 "needs at least " + std::to_string(options.min_length()) + " characters",
                 "至少需要 " + std::to_string(options.min_length()) + " 个字符");
    }
    if (!FitsFormat(options.format(), text, type_.options.group_fact())) {
      if (options.format() == options::v1::FORMAT_PLANT && text == "*") {
        return Add(path(), "group_fact", "is \"*\", but this event type holds for one plant; name the plant",
                   "为“*”，但此类事件只适用于单个工厂，请填写工厂代号");
      }
      return Add(path(), "format", "must be " + std::string(FormatHelpEn(options.format())),
                 "格式应为" + std::string(FormatHelpZh(options.format())));
    }
    if (rules.pattern != nullptr && !re2::RE2::FullMatch(text, *rules.pattern)) {
      return Add(path(), "pattern", "must match " + options.pattern(), "必须匹配 " + options.pattern());
    }
    if (HasControlCharacter(text)) {
      return Add(path(), "control_character", "holds a control character; remove it", "含有控制字符，请删除");
    }
    if (options.format() == options::v1::FORMAT_DECIMAL) return Decimal(text, rules, path());
    if (options.format() == options::v1::FORMAT_TEXT) PersonalNumbers(text, path());
  }

  void PersonalNumbers(const std::string& text, const std::string& path) {
    switch (FindPersonalNumber(text)) {
      case PersonalNumber::kNone:
        return;
      case PersonalNumber::kIdentityNumber:
        return Add(path, "personal_number",
                   "holds an identity card number; remove it: persons appear by reference only",
                   "含有身份证号码，请删除：人员只能以代号出现");
      case PersonalNumber::kMobileNumber:
        return Add(path, "personal_number",
                   "holds a mobile phone number; remove it: persons appear by reference only",
                   "含有手机号码，请删除：人员只能以代号出现");
    }
  }

  void Range(const FieldRules& rules, std::string path) {
    const std::string& min = rules.options->min();
    const std::string& max = rules.options->max();
    if (!min.empty() && !max.empty()) {
      Add(std::move(path), "range", "must be from " + min + " to " + max,
          "必须在 " + min + " 与 " + max + " 之间");
    } else if (!min.empty()) {
      Add(std::move(path), "range", "must be at least " + min, "不得小于 " + min);
    } else {
      Add(std::move(path), "range", "must be at most " + max, "不得大于 " + max);
    }
  }

  void Decimal(const std::string& text, const FieldRules& rules, std::string path) {
    const __int128 value = *ParseDecimal(text);
    if ((rules.min_decimal && value < *rules.min_decimal) ||
        (rules.max_decimal && value > *rules.max_decimal)) {
      Range(rules, std::move(path));
    }
  }
  void Integer(int64_t value, const FieldRules& rules, const std::string& prefix, const std::string& index) {
    if ((rules.min_int && value < *rules.min_int) || (rules.max_int && value > *rules.max_int)) {
      Range(rules, Path(prefix, rules) + index);
    }
  }
  void Unsigned(uint64_t value, const FieldRules& rules, const std::string& prefix,
                const std::string& index) {
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (value <= kMax) return Integer(static_cast<int64_t>(value), rules, prefix, index);
    if (rules.max_int) Range(rules, Path(prefix, rules) + index);
  }
  void Double(double value, const FieldRules& rules, const std::string& prefix, const std::string& index) {
    if (!std::isfinite(value)) {
      return Add(Path(prefix, rules) + index, "finite",
                 "must be a finite number; leave it out when it is unknown", "必须是有限数值，未知时请留空");
    }
    if (std::fabs(value) > kDoubleBound) {
      return Add(Path(prefix, rules) + index, "range", "must be from -10^15 to 10^15",
                 "必须在 -10^15 与 10^15 之间");
    }
    if (value < rules.min_double || value > rules.max_double) Range(rules, Path(prefix, rules) + index);
  }
  void Enum(int number, const FieldRules& rules, const std::string& prefix, const std::string& index) {
    if (rules.field->enum_type()->FindValueByNumber(number) != nullptr) return;
    const std::string name = rules.field->enum_type()->name(), value = std::to_string(number);
    Add(Path(prefix, rules) + index, "enum",
        "has the number " + value + ", which " + name + " does not know; use one of its values",
        "的值 " + value + " 不在 " + name + " 中，请使用已定义的取值");
  }
  void Timestamp(const pb::Timestamp& time, std::string path) {
    if (IsValidTimestamp(time)) return;
    Add(std::move(path), "timestamp",
        "must be a time from 1900-01-01 to 2299-12-31 with nanoseconds from 0 to 999999999",
        "必须是 1900-01-01 至 2299-12-31 之间的时间");
  }

  const EventType& type_;
  const size_t violations_max_;
};

}  // namespace

std::vector<Violation> Validate(const EventType& type, const pb::Message& event,
                                const ValidateOptions& options) {
  Run run(type, options.violations_max);
  run.Message(event, RuleBook::Linked().Of(*type.descriptor), "");
  if (!run.full()) CheckContext(type, event, options, run.violations);
  return std::move(run.violations);
}

Violation DiagnoseWire(const pb::Descriptor& type, std::string_view bytes) {
  const WireFault fault = FindWireFault(type, bytes);
  if (fault.kind == WireFault::kUtf8) {
    return {fault.field, "utf8", "is not valid UTF-8; send it as UTF-8",
            "不是有效的 UTF-8，请按 UTF-8 编码发送"};
  }
  return {fault.field, "wire",
          "is no valid Protobuf of " + type.full_name() + "; serialize it with the published protos",
          "不是有效的 " + type.full_name() + " Protobuf 数据，请使用已发布的 proto 序列化"};
}

}  // namespace yokoten::events
