// Loads a mapping file and checks it against the event types: every name in it must exist. Errors say file,
// line and column.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time_zone.h"
#include "events/registry.h"
#include "yokoten/importing/v1/mapping.pb.h"

namespace yokoten::cli {

// A field rule whose path is resolved.
struct MappedField {
  const importing::v1::FieldRule* rule = nullptr;
  std::vector<const google::protobuf::FieldDescriptor*> path;  // from the event message
  const importing::v1::ValueTable* table = nullptr;            // null: none
  bool in_row = false;                                         // the path begins with the rule's rows_field
};

// An event rule whose names are resolved.
struct MappedRule {
  const importing::v1::EventRule* rule = nullptr;
  const events::EventType* type = nullptr;
  const events::Domain* domain = nullptr;
  const google::protobuf::FieldDescriptor* rows_field = nullptr;  // null: none
  std::vector<MappedField> fields;
};

// The column that fills a field ("rows[3].person_ref"); empty when none does.
std::string ColumnOf(const MappedRule& rule, std::string_view field);

// A checked mapping; immutable.
class LoadedMapping {
 public:
  // InvalidArgument holds one line per error: "incidents.map:12:5: there is no event type ...".
  static Result<std::unique_ptr<LoadedMapping>> Parse(const std::string& text, const std::string& file_name);
  static Result<std::unique_ptr<LoadedMapping>> Load(const std::string& path);

  const importing::v1::Mapping& proto() const { return proto_; }
  const std::vector<MappedRule>& rules() const { return rules_; }
  const std::optional<TimeZone>& zone() const { return zone_; }
  char delimiter() const { return delimiter_; }
  // Every column the mapping names, with the rule that names it.
  const std::vector<std::pair<std::string, std::string>>& columns() const { return columns_; }
  // True when a rule turns personnel numbers into references.
  bool needs_person_key() const { return needs_person_key_; }
  // The same for the first rule of an event type.
  std::string ColumnOf(const events::EventType& type, std::string_view field) const;

 private:
  friend class MappingCheck;

  LoadedMapping() = default;

  importing::v1::Mapping proto_;
  std::vector<MappedRule> rules_;
  std::optional<TimeZone> zone_;
  char delimiter_ = ',';
  std::vector<std::pair<std::string, std::string>> columns_;
  bool needs_person_key_ = false;
};

// Names of the columns in a template's braces. InvalidArgument when a brace does not close.
Result<std::vector<std::string>> TemplateColumns(std::string_view text);

}  // namespace yokoten::cli
