#include "cli/import/field_writer.h"

#include <algorithm>
#include <charconv>

#include "cli/import/cell_values.h"
#include "events/identity.h"

namespace yokoten::cli {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

std::string AsciiCase(std::string text, bool upper) {
  for (char& c : text) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

bool IsIdCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("._:/-").find(c) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> SplitValue(std::string value, const std::string& separator) {
  if (separator.empty()) return {std::move(value)};
  std::vector<std::string> parts;
  std::string_view rest = value;
  while (true) {
    size_t at = rest.find(separator);
    std::string_view part = Trimmed(rest.substr(0, at));
    if (!part.empty()) parts.emplace_back(part);
    if (at == std::string_view::npos) return parts;
    rest.remove_prefix(at + separator.size());
  }
}

Result<std::string> TransformValue(const MappedField& field, std::string value, const PersonKey* key) {
  if (field.table != nullptr) {
    const auto& entries = field.table->entries();
    auto it = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.from() == value; });
    if (it != entries.end()) {
      value = it->to();
    } else if (field.table->has_otherwise()) {
      value = field.table->otherwise();
    } else {
      return InvalidArgument("table " + field.table->name() + " does not know \"" + value +
                             "\"; add an entry or set otherwise");
    }
  }
  switch (field.rule->transform()) {
    case importing::v1::TRANSFORM_UPPER:
      return AsciiCase(std::move(value), true);
    case importing::v1::TRANSFORM_LOWER:
      return AsciiCase(std::move(value), false);
    case importing::v1::TRANSFORM_ID:
      for (char& c : value) {
        if (!IsIdCharacter(c)) c = '_';
      }
      return value;
    case importing::v1::TRANSFORM_PERSON_REF:
      if (key == nullptr) return FailedPrecondition("personnel numbers need a person key; see --person-key");
      return key->RefOf(value);
    default:
      return value;
  }
}

const google::protobuf::RepeatedField<int>& FieldWriter::dates() const {
  return field_.rule->dates().empty() ? mapping_.proto().file().dates() : field_.rule->dates();
}

Status FieldWriter::Write(Message& message, size_t step, const std::vector<std::string>& values) const {
  const FieldDescriptor* field = field_.path[step];
  const google::protobuf::Reflection* reflection = message.GetReflection();
  if (step + 1 < field_.path.size()) {
    if (!field->is_repeated()) return Write(*reflection->MutableMessage(&message, field), step + 1, values);
    int existing = reflection->FieldSize(message, field);
    int elements = values.size() == 1 ? std::max(existing, 1) : static_cast<int>(values.size());
    for (int i = existing; i < elements; ++i) reflection->AddMessage(&message, field);
    for (int i = 0; i < elements; ++i) {
      const std::string& value = values[values.size() == 1 ? 0 : i];
      YK_RETURN_IF_ERROR(Write(*reflection->MutableRepeatedMessage(&message, field, i), step + 1, {value}));
    }
    return OkStatus();
  }
  if (values.size() > 1 && !field->is_repeated()) {
    return InvalidArgument("the cell holds several values, the field takes one");
  }
  for (const std::string& value : values) YK_RETURN_IF_ERROR(WriteScalar(message, value));
  return OkStatus();
}

Status FieldWriter::WriteScalar(Message& message, const std::string& value) const {
  const FieldDescriptor* field = field_.path.back();
  const google::protobuf::Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return WriteText(message, value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(message, value);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return WriteInteger(message, value);
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      YK_ASSIGN_OR_RETURN(std::string decimal, ParseNumber(value, mapping_.proto().file().numbers()));
      double number = 0;
      std::from_chars(decimal.data(), decimal.data() + decimal.size(), number);
      field->is_repeated() ? reflection->AddDouble(&message, field, number)
                           : reflection->SetDouble(&message, field, number);
      return OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      YK_ASSIGN_OR_RETURN(bool truth, ParseTruth(value));
      reflection->SetBool(&message, field, truth);
      return OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      YK_ASSIGN_OR_RETURN(DateTime when, ParseDateTime(value, dates()));
      YK_ASSIGN_OR_RETURN(WallTime instant, ToInstant(when, mapping_.zone()));
      reflection->MutableMessage(&message, field)->CopyFrom(events::ToTimestamp(instant));
      return OkStatus();
    }
    default:
      return Unimplemented("fields of this type cannot be filled from a cell");
  }
}

Status FieldWriter::WriteText(Message& message, const std::string& value) const {
  const FieldDescriptor* field = field_.path.back();
  const google::protobuf::Reflection* reflection = message.GetReflection();
  std::string text = value;
  switch (events::OptionsOf(*field).format()) {
    case options::v1::FORMAT_DATE: {
      YK_ASSIGN_OR_RETURN(DateTime when, ParseDateTime(value, dates()));
      text = FormatDay(when.day);
      break;
    }
    case options::v1::FORMAT_DECIMAL: {
      YK_ASSIGN_OR_RETURN(text, ParseNumber(value, mapping_.proto().file().numbers()));
      break;
    }
    case options::v1::FORMAT_TIME_OF_DAY:
      if (text.size() == 4 && text[1] == ':') text.insert(0, "0");
      break;
    default:
      break;
  }
  field->is_repeated() ? reflection->AddString(&message, field, text)
                       : reflection->SetString(&message, field, text);
  return OkStatus();
}

Status FieldWriter::WriteEnum(Message& message, const std::string& value) const {
  const FieldDescriptor* field = field_.path.back();
  std::string lower = AsciiCase(value, false), known;
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    const EnumValueDescriptor* candidate = field->enum_type()->value(i);
    const std::string& text = events::EnumText(*candidate);
    if (text.empty()) continue;
    if (lower == text || value == candidate->name()) {
      const google::protobuf::Reflection* reflection = message.GetReflection();
      field->is_repeated() ? reflection->AddEnum(&message, field, candidate)
                           : reflection->SetEnum(&message, field, candidate);
      return OkStatus();
    }
    known += (known.empty() ? "" : ", ") + text;
  }
  return InvalidArgument("\"" + value + "\" is none of " + known + "; use a value table");
}

Status FieldWriter::WriteInteger(Message& message, const std::string& value) const {
  const FieldDescriptor* field = field_.path.back();
  const google::protobuf::Reflection* reflection = message.GetReflection();
  YK_ASSIGN_OR_RETURN(std::string decimal, ParseNumber(value, mapping_.proto().file().numbers()));
  int64_t number = 0;
  auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), number);
  if (error != std::errc() || end != decimal.data() + decimal.size()) {
    return InvalidArgument(decimal + " is no whole number");
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    field->is_repeated() ? reflection->AddInt64(&message, field, number)
                         : reflection->SetInt64(&message, field, number);
    return OkStatus();
  }
  if (number < INT32_MIN || number > INT32_MAX) return InvalidArgument(decimal + " is out of range");
  auto small = static_cast<int32_t>(number);
  field->is_repeated() ? reflection->AddInt32(&message, field, small)
                       : reflection->SetInt32(&message, field, small);
  return OkStatus();
}

}  // namespace yokoten::cli
