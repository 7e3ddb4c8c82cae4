#include "cli/import/mapping.h"

#include <set>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "cli/import/text_decoding.h"

namespace yokoten::cli {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;
using importing::v1::Condition;
using importing::v1::EventRule;
using importing::v1::FieldRule;
using importing::v1::Mapping;

namespace {

class ErrorLines : public google::protobuf::io::ErrorCollector {
 public:
  explicit ErrorLines(std::string file) : file_(std::move(file)) {}
  void AddError(int line, int column, const std::string& message) override {
    if (!text_.empty()) text_ += "\n";
    text_ += file_ + ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": " + message;
  }
  const std::string& text() const { return text_; }

 private:
  std::string file_;
  std::string text_;
};

std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string ColumnOf(const MappedRule& rule, std::string_view field) {
  std::string plain, column;  // "rows[3].person_ref" -> "rows.person_ref"
  bool inside = false;
  for (char c : field) {
    inside |= c == '[';
    if (!inside) plain += c;
    inside &= c != ']';
  }
  for (const MappedField& mapped : rule.fields) {
    if (mapped.rule->field() == plain) column = mapped.rule->column();
  }
  return column;
}

std::string LoadedMapping::ColumnOf(const events::EventType& type, std::string_view field) const {
  for (const MappedRule& rule : rules_) {
    if (rule.type == &type) return cli::ColumnOf(rule, field);
  }
  return "";
}

Result<std::vector<std::string>> TemplateColumns(std::string_view text) {
  std::vector<std::string> columns;
  for (size_t at = 0; (at = text.find('{', at)) != std::string_view::npos;) {
    size_t end = text.find('}', at);
    if (end == std::string_view::npos) return InvalidArgument("the template's brace does not close");
    columns.emplace_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return columns;
}

// Resolves the names of one mapping; collects every error with its place.
class MappingCheck {
 public:
  MappingCheck(LoadedMapping& mapping, const TextFormat::ParseInfoTree& places, ErrorLines& errors)
      : mapping_(mapping), errors_(errors), places_(places) {}

  void Run() {
    const Mapping& m = mapping_.proto_;
    if (m.source().empty()) Error(places_, m, "", 0, "source is required: the URI the events come from");
    if (m.events().empty()) Error(places_, m, "", 0, "the mapping makes no events; add events { type: ... }");
    CheckFile();
    std::set<std::string> tables;
    for (int i = 0; i < m.tables_size(); ++i) {
      if (m.tables(i).name().empty() || !tables.insert(m.tables(i).name()).second) {
        Error(places_, m, "tables", i, "a table needs a name of its own");
      }
    }
    bool ungrouped = false;
    std::set<std::string> keys;
    for (int i = 0; i < m.events_size(); ++i) {
      CheckRule(i);
      ungrouped |= m.events(i).group_by().empty();
      if (!keys.insert(m.events(i).type() + "\n" + m.events(i).key_suffix()).second) {
        Error(places_, m, "events", i,
              "two rules make " + m.events(i).type() + " of one row: give each a key_suffix of its own");
      }
    }
    if (ungrouped && m.key_columns().empty()) {
      Error(places_, m, "", 0, "key_columns is required: the columns that name a row for ever");
    }
    for (const std::string& column : m.key_columns()) AddColumn(column, "key_columns");
    CheckPersons();
  }

 private:
  void CheckFile() {
    const importing::v1::File& file = mapping_.proto_.file();
    const TextFormat::ParseInfoTree& place = Nested(places_, mapping_.proto_, "file", 0);
    if (file.delimiter().size() > 1)
      Error(place, file, "delimiter", 0, "delimiter is one character, such as \";\"");
    if (!file.delimiter().empty()) mapping_.delimiter_ = file.delimiter()[0];
    if (!file.time_zone().empty()) {
      auto zone = TimeZone::Load(file.time_zone());
      if (zone.ok()) {
        mapping_.zone_ = *zone;
      } else {
        Error(place, file, "time_zone", 0, Message(zone.status()));
      }
    }
  }

  void CheckRule(int index) {
    const EventRule& rule = mapping_.proto_.events(index);
    const TextFormat::ParseInfoTree& place = Nested(places_, mapping_.proto_, "events", index);
    MappedRule mapped;
    mapped.rule = &rule;
    mapped.type = events::Registry::Linked().Find(rule.type());
    if (mapped.type == nullptr || mapped.type->is_void()) {
      Error(place, rule, "type", -1,
            "there is no event type \"" + rule.type() + "\"" + NearestType(rule.type()));
      return;
    }
    mapped.domain = events::Registry::Linked().DomainOf(*mapped.type);
    if (!rule.rows_field().empty()) {
      mapped.rows_field = mapped.type->descriptor->FindFieldByName(rule.rows_field());
      if (mapped.rows_field == nullptr || !mapped.rows_field->is_repeated() ||
          mapped.rows_field->message_type() == nullptr) {
        Error(place, rule, "rows_field", -1, rule.rows_field() + " is no repeated message of " + rule.type());
        mapped.rows_field = nullptr;
      }
      if (rule.group_by().empty()) Error(place, rule, "rows_field", -1, "rows_field needs group_by");
    }
    if (rule.chunk_rows() < 0 || (rule.chunk_rows() > 0 && mapped.rows_field == nullptr)) {
      Error(place, rule, "chunk_rows", -1, "chunk_rows needs rows_field");
    }
    for (const std::string& column : rule.group_by()) AddColumn(column, rule.type());
    CheckConditions(rule.when(), place, rule);
    for (int i = 0; i < rule.fields_size(); ++i) CheckField(rule.fields(i), place, rule, i, mapped);
    mapping_.rules_.push_back(std::move(mapped));
  }

  void CheckField(const FieldRule& field, const TextFormat::ParseInfoTree& rule_place, const EventRule& rule,
                  int index, MappedRule& mapped) {
    const TextFormat::ParseInfoTree& place = Nested(rule_place, rule, "fields", index);
    MappedField out;
    out.rule = &field;
    const google::protobuf::Descriptor* message = mapped.type->descriptor;
    std::vector<std::string> parts = SplitPath(field.field());
    for (size_t i = 0; i < parts.size(); ++i) {
      const FieldDescriptor* step = message == nullptr ? nullptr : message->FindFieldByName(parts[i]);
      if (step == nullptr) {
        std::string known;
        for (int f = 0; message != nullptr && f < message->field_count(); ++f) {
          known += (known.empty() ? "; it has " : ", ") + std::string(message->field(f)->name());
        }
        Error(place, field, "field", -1,
              "\"" + field.field() + "\": " + (message == nullptr ? "what is before it" : message->name()) +
                  " has no field \"" + parts[i] + "\"" + known);
        return;
      }
      out.path.push_back(step);
      message = step->message_type();
    }
    bool timestamp = message != nullptr && message->full_name() == "google.protobuf.Timestamp";
    if (message != nullptr && !timestamp) {
      Error(place, field, "field", -1, "\"" + field.field() + "\" is a message; name a field inside it");
      return;
    }
    if (field.field() == "context.id" || field.field() == "context.source_key" ||
        field.field() == "context.source") {
      Error(place, field, "field", -1, field.field() + " is made from source and key_columns; leave it out");
      return;
    }
    out.in_row = mapped.rows_field != nullptr && out.path.front() == mapped.rows_field;
    for (size_t i = 0; i + 1 < out.path.size(); ++i) {
      if (out.path[i]->is_repeated() && !(i == 0 && out.in_row) && !out.in_row) {
        Error(place, field, "field", -1,
              "\"" + field.field() + "\" lies in a list; set group_by and rows_field");
        return;
      }
    }
    int sources = !field.column().empty() + !field.constant().empty() + !field.template_().empty() +
                  !field.sum().empty();
    if (sources != 1) {
      Error(place, field, "field", -1,
            "\"" + field.field() + "\" needs exactly one of column, constant, template, sum");
    }
    if (!field.table().empty()) {
      for (const auto& table : mapping_.proto_.tables()) {
        if (table.name() == field.table()) out.table = &table;
      }
      if (out.table == nullptr)
        Error(place, field, "table", -1, "there is no table \"" + field.table() + "\"");
    }
    std::string user = rule.type() + " " + field.field();
    if (!field.column().empty()) AddColumn(field.column(), user);
    auto columns = TemplateColumns(field.template_());
    if (!columns.ok()) {
      Error(place, field, "template", -1, Message(columns.status()));
    } else {
      for (const std::string& column : *columns) AddColumn(column, user);
    }
    for (const std::string& term : field.sum()) {
      std::string_view name = term;
      if (name.starts_with('-') || name.starts_with('+')) name.remove_prefix(1);
      if (name.find_first_not_of("0123456789.") != std::string_view::npos) AddColumn(std::string(name), user);
    }
    CheckConditions(field.when(), place, field);
    mapping_.needs_person_key_ |= field.transform() == importing::v1::TRANSFORM_PERSON_REF;
    mapped.fields.push_back(std::move(out));
  }

  template <typename Conditions, typename Message>
  void CheckConditions(const Conditions& conditions, const TextFormat::ParseInfoTree& place,
                       const Message& parent) {
    for (int i = 0; i < conditions.size(); ++i) {
      const Condition& condition = conditions.Get(i);
      if (condition.column().empty()) Error(place, parent, "when", i, "a condition needs a column");
      if (condition.in().empty() && condition.not_in().empty() && !condition.has_empty()) {
        Error(place, parent, "when", i, "a condition needs in, not_in or empty");
      }
      AddColumn(condition.column(), "when");
    }
  }

  void CheckPersons() {
    if (!mapping_.proto_.has_persons()) return;
    const importing::v1::Persons& persons = mapping_.proto_.persons();
    if (persons.number_column().empty() || persons.name_column().empty() ||
        persons.plant_column().empty() == persons.plant().empty()) {
      Error(places_, mapping_.proto_, "persons", -1,
            "persons needs number_column, name_column and one of plant_column and plant");
    }
    AddColumn(persons.number_column(), "persons");
    AddColumn(persons.name_column(), "persons");
    if (!persons.plant_column().empty()) AddColumn(persons.plant_column(), "persons");
    mapping_.needs_person_key_ = true;
  }

  void AddColumn(const std::string& column, const std::string& user) {
    mapping_.columns_.emplace_back(column, user);
  }

  static std::string NearestType(const std::string& wrong) {
    std::string name = wrong.substr(wrong.rfind('.') + 1), known;
    for (const events::EventType& type : events::Registry::Linked().types()) {
      if (type.is_void()) continue;
      if (type.descriptor->name() == name) return "; did you mean " + type.short_name + "?";
      known += (known.empty() ? "; known are " : ", ") + type.short_name;
    }
    return known;
  }

  template <typename Message>
  const TextFormat::ParseInfoTree& Nested(const TextFormat::ParseInfoTree& tree, const Message& parent,
                                          const std::string& field, int index) {
    const FieldDescriptor* descriptor = parent.GetDescriptor()->FindFieldByName(field);
    const TextFormat::ParseInfoTree* nested =
        tree.GetTreeForNested(descriptor, descriptor->is_repeated() ? index : -1);
    return nested == nullptr ? tree : *nested;
  }

  template <typename Message>
  void Error(const TextFormat::ParseInfoTree& tree, const Message& parent, const std::string& field,
             int index, const std::string& message) {
    int line = 0, column = 0;
    if (!field.empty()) {
      const FieldDescriptor* descriptor = parent.GetDescriptor()->FindFieldByName(field);
      auto place = tree.GetLocation(descriptor, descriptor->is_repeated() ? std::max(index, 0) : -1);
      line = std::max(place.line, 0);
      column = std::max(place.column, 0);
    }
    errors_.AddError(line, column, message);
  }

  LoadedMapping& mapping_;
  ErrorLines& errors_;
  const TextFormat::ParseInfoTree& places_;
};

Result<std::unique_ptr<LoadedMapping>> LoadedMapping::Parse(const std::string& text,
                                                            const std::string& file_name) {
  std::unique_ptr<LoadedMapping> mapping(new LoadedMapping());
  ErrorLines errors(file_name);
  TextFormat::Parser parser;
  TextFormat::ParseInfoTree places;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&places);
  if (!parser.ParseFromString(text, &mapping->proto_)) return InvalidArgument(errors.text());
  MappingCheck(*mapping, places, errors).Run();
  if (!errors.text().empty()) return InvalidArgument(errors.text());
  return mapping;
}

Result<std::unique_ptr<LoadedMapping>> LoadedMapping::Load(const std::string& path) {
  YK_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  return Parse(text, path);
}

}  // namespace yokoten::cli
