#include "cli/import/row_mapper.h"

#include <set>

#include "cli/import/cell_values.h"
#include "cli/import/field_writer.h"
#include "events/identity.h"
#include "events/validator.h"

namespace yokoten::cli {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using importing::v1::Condition;

std::string RowError::ToText() const {
  std::string text = "row " + std::to_string(row);
  if (line > 0) text += " (line " + std::to_string(line) + ")";
  if (!column.empty()) text += ", column " + column;
  if (!field.empty()) text += ", field " + field;
  return text + ": " + message;
}

Result<std::unique_ptr<RowMapper>> RowMapper::Bind(const LoadedMapping& mapping, const CsvReader& file,
                                                   const PersonKey* key, WallTime now) {
  std::unique_ptr<RowMapper> mapper(new RowMapper(mapping, key, now));
  std::set<std::string> missing;
  for (const auto& [column, user] : mapping.columns()) {
    int index = file.Find(column);
    if (index < 0) missing.insert("\"" + column + "\" (" + user + ")");
    mapper->columns_[column] = index;
  }
  if (!missing.empty()) {
    std::string text;
    for (const std::string& column : missing) text += (text.empty() ? "" : ", ") + column;
    std::string known;
    for (const std::string& column : file.columns()) known += (known.empty() ? "" : ", ") + column;
    return InvalidArgument("the mapping names columns the file does not have: " + text +
                           "; the file has: " + known);
  }
  if (mapping.needs_person_key() && key == nullptr) {
    return FailedPrecondition(
        "the mapping turns personnel numbers into references, which needs a person key");
  }
  mapper->groups_.resize(mapping.rules().size());
  return mapper;
}

std::string_view RowMapper::Cell(const CsvRow& row, std::string_view column) const {
  auto it = columns_.find(column);
  return it == columns_.end() || it->second < 0 ? std::string_view() : Trimmed(row.cells[it->second]);
}

bool RowMapper::Holds(const google::protobuf::RepeatedPtrField<Condition>& when, const CsvRow& row) const {
  for (const Condition& condition : when) {
    std::string_view value = Cell(row, condition.column());
    auto among = [&](const auto& list) { return std::find(list.begin(), list.end(), value) != list.end(); };
    if (!condition.in().empty() && !among(condition.in())) return false;
    if (among(condition.not_in())) return false;
    if (condition.has_empty() && condition.empty() != value.empty()) return false;
  }
  return true;
}

Result<std::optional<std::string>> RowMapper::RawValue(const MappedField& field, const CsvRow& row) const {
  const importing::v1::FieldRule& rule = *field.rule;
  std::string value;
  if (!rule.constant().empty()) {
    value = rule.constant();
  } else if (!rule.column().empty()) {
    value = std::string(Cell(row, rule.column()));
  } else if (!rule.template_().empty()) {
    const std::string& text = rule.template_();
    for (size_t at = 0; at < text.size();) {
      size_t brace = std::min(text.find('{', at), text.size());
      value.append(text, at, brace - at);
      if (brace == text.size()) break;
      size_t end = text.find('}', brace);
      std::string_view cell = Cell(row, std::string_view(text).substr(brace + 1, end - brace - 1));
      if (cell.empty())
        return InvalidArgument("column " + text.substr(brace + 1, end - brace - 1) + " is empty");
      value.append(cell);
      at = end + 1;
    }
  } else {
    std::vector<std::string> terms;
    for (const std::string& term : rule.sum()) {
      std::string_view name = term;
      bool negative = name.starts_with('-');
      if (negative || name.starts_with('+')) name.remove_prefix(1);
      bool number = name.find_first_not_of("0123456789.") == std::string_view::npos;
      std::string_view cell = number ? name : Cell(row, name);
      if (cell.empty())
        return InvalidArgument("column " + std::string(name) + " is empty; a sum needs all its columns");
      auto format = number ? importing::v1::NUMBER_FORMAT_UNSPECIFIED : mapping_.proto().file().numbers();
      YK_ASSIGN_OR_RETURN(std::string decimal, ParseNumber(cell, format));
      terms.push_back(negative ? NegateDecimal(decimal) : decimal);
    }
    YK_ASSIGN_OR_RETURN(value, SumDecimals(terms));
  }
  if (value.empty()) value = rule.default_();
  if (value.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(value));
}

Status RowMapper::Fill(Message& message, const MappedField& field, size_t first_step,
                       const CsvRow& row) const {
  if (!Holds(field.rule->when(), row)) return OkStatus();
  YK_ASSIGN_OR_RETURN(std::optional<std::string> raw, RawValue(field, row));
  if (!raw) return OkStatus();
  std::vector<std::string> values;
  for (std::string& value : SplitValue(*std::move(raw), field.rule->split())) {
    YK_ASSIGN_OR_RETURN(std::string ready, TransformValue(field, std::move(value), key_));
    values.push_back(std::move(ready));
  }
  FieldWriter writer(field, mapping_);
  return writer.Write(message, first_step, values);
}

bool RowMapper::FillAll(const MappedRule& rule, const CsvRow& row, Message& message, bool in_row,
                        std::vector<RowError>& errors) const {
  bool good = true;
  for (const MappedField& field : rule.fields) {
    if (field.in_row != in_row) continue;
    Status status = Fill(message, field, in_row ? 1 : 0, row);
    if (status.ok()) continue;
    errors.push_back(
        {row.number, row.line, field.rule->column(), field.rule->field(), yokoten::Message(status)});
    good = false;
  }
  return good;
}

std::string RowMapper::KeyOf(const google::protobuf::RepeatedPtrField<std::string>& columns,
                             const CsvRow& row) const {
  std::string key;
  for (const std::string& column : columns) {
    if (!key.empty()) key += '|';
    for (char c : Cell(row, column)) {
      if (c == '|') {
        key += "%7C";
      } else if (c == '%') {
        key += "%25";
      } else {
        key += c;
      }
    }
  }
  return key;
}

void RowMapper::Map(const CsvRow& row, std::vector<MappedEvent>& events, std::vector<RowError>& errors) {
  std::string key;
  if (!mapping_.proto().key_columns().empty()) {
    for (const std::string& column : mapping_.proto().key_columns()) {
      if (Cell(row, column).empty()) {
        errors.push_back(
            {row.number, row.line, column, "", "the row's key is empty; give the row its number"});
        return;
      }
    }
    key = KeyOf(mapping_.proto().key_columns(), row);
    auto [it, fresh] = keys_seen_.emplace(key, row.number);
    if (!fresh) {
      errors.push_back({row.number, row.line, mapping_.proto().key_columns(0), "",
                        "key " + key + " is that of row " + std::to_string(it->second) +
                            " already; choose key_columns that tell all rows apart"});
      return;
    }
  }
  for (size_t i = 0; i < mapping_.rules().size(); ++i) {
    const MappedRule& rule = mapping_.rules()[i];
    if (!Holds(rule.rule->when(), row)) continue;
    if (!rule.rule->group_by().empty()) {
      std::vector<CsvRow>& group = groups_[i][KeyOf(rule.rule->group_by(), row)];
      if (group.empty() || rule.rows_field != nullptr) group.push_back(row);
      continue;
    }
    std::unique_ptr<Message> event(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(rule.type->descriptor)->New());
    if (FillAll(rule, row, *event, false, errors)) Complete(rule, std::move(event), key, row, events, errors);
  }
  if (mapping_.proto().has_persons()) {
    const importing::v1::Persons& persons = mapping_.proto().persons();
    std::string_view number = Cell(row, persons.number_column()), name = Cell(row, persons.name_column());
    std::string_view plant =
        persons.plant_column().empty() ? persons.plant() : Cell(row, persons.plant_column());
    if (!number.empty() && !name.empty() && !plant.empty()) {
      persons_[{std::string(plant), key_->RefOf(number)}] = std::string(name);
    }
  }
}

void RowMapper::Finish(std::vector<MappedEvent>& events, std::vector<RowError>& errors) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    for (const auto& [key, rows] : groups_[i]) MakeGroup(mapping_.rules()[i], rows, key, events, errors);
    groups_[i].clear();
  }
}

void RowMapper::MakeGroup(const MappedRule& rule, const std::vector<CsvRow>& rows, const std::string& key,
                          std::vector<MappedEvent>& events, std::vector<RowError>& errors) const {
  const size_t chunk_rows =
      rule.rule->chunk_rows() > 0 ? static_cast<size_t>(rule.rule->chunk_rows()) : rows.size();
  const size_t chunks = (rows.size() + chunk_rows - 1) / chunk_rows;
  const google::protobuf::Descriptor& type = *rule.type->descriptor;
  bool good = true;
  std::vector<MappedEvent> made;
  for (size_t chunk = 0; chunk < chunks; ++chunk) {
    std::unique_ptr<Message> event(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    good &= FillAll(rule, rows.front(), *event, false, errors);
    size_t end = std::min(rows.size(), (chunk + 1) * chunk_rows);
    for (size_t r = chunk * chunk_rows; r < end && rule.rows_field != nullptr; ++r) {
      Message* element = event->GetReflection()->AddMessage(event.get(), rule.rows_field);
      good &= FillAll(rule, rows[r], *element, true, errors);
    }
    if (rule.rule->chunk_rows() > 0) {
      auto set = [&](const char* name, size_t value) {
        if (const FieldDescriptor* field = type.FindFieldByName(name)) {
          event->GetReflection()->SetInt32(event.get(), field, static_cast<int32_t>(value));
        }
      };
      set("chunk", chunk + 1);
      set("chunks", chunks);
      set("row_count", end - chunk * chunk_rows);
    }
    Complete(rule, std::move(event), key + (chunks > 1 ? "#" + std::to_string(chunk + 1) : ""),
             rows[chunk * chunk_rows], made, errors);
  }
  // A group stands or falls as a whole: half a roster would be a wrong roster.
  if (!good || made.size() != chunks) return;
  for (MappedEvent& event : made) events.push_back(std::move(event));
}

void RowMapper::Complete(const MappedRule& rule, std::unique_ptr<Message> event, const std::string& key,
                         const CsvRow& row, std::vector<MappedEvent>& events,
                         std::vector<RowError>& errors) const {
  auto* context = static_cast<event::v1::EventContext*>(
      event->GetReflection()->MutableMessage(event.get(), rule.type->context));
  std::string source_key = rule.type->short_name + ":" + key;
  if (!rule.rule->key_suffix().empty()) source_key += "|" + rule.rule->key_suffix();
  context->set_source(mapping_.proto().source());
  context->set_source_key(source_key);
  context->set_id(events::DeriveId(context->source(), source_key));
  events::ValidateOptions options;
  options.now = now_;
  bool good = true;
  for (const events::Violation& violation : events::Validate(*rule.type, *event, options)) {
    errors.push_back(
        {row.number, row.line, ColumnOf(rule, violation.field), violation.field, violation.message_en});
    good = false;
  }
  if (!good) return;
  MappedEvent mapped;
  mapped.rule = &rule;
  mapped.id = context->id();
  mapped.event = std::move(event);
  mapped.row = row.number;
  events.push_back(std::move(mapped));
}

std::vector<NamedPerson> RowMapper::TakePersons() {
  std::vector<NamedPerson> out;
  for (const auto& [key, name] : persons_) out.push_back({key.first, key.second, name});
  persons_.clear();
  return out;
}

}  // namespace yokoten::cli
