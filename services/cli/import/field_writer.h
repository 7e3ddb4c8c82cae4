// Writes values taken from a row into one field of an event: splits and transforms them, reads them as the
// field's type and format say, and walks the field's path.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "cli/import/mapping.h"
#include "cli/import/person_refs.h"

namespace yokoten::cli {

// The value itself when `separator` is empty; else its non-empty parts, trimmed.
std::vector<std::string> SplitValue(std::string value, const std::string& separator);

// Value table, then the rule's transform. A value the table does not know is an error.
Result<std::string> TransformValue(const MappedField& field, std::string value, const PersonKey* key);

// Writes one field. The field and the mapping must outlive it.
class FieldWriter {
 public:
  FieldWriter(const MappedField& field, const LoadedMapping& mapping) : field_(field), mapping_(mapping) {}

  // Writes `values` at the field's path from step `step` on, where `message` is what the steps before led to.
  // In a list of messages value i goes to element i; one value alone goes to every element there is, or makes
  // the first.
  Status Write(google::protobuf::Message& message, size_t step, const std::vector<std::string>& values) const;

 private:
  Status WriteScalar(google::protobuf::Message& message, const std::string& value) const;
  Status WriteText(google::protobuf::Message& message, const std::string& value) const;
  Status WriteEnum(google::protobuf::Message& message, const std::string& value) const;
  Status WriteInteger(google::protobuf::Message& message, const std::string& value) const;
  const google::protobuf::RepeatedField<int>& dates() const;

  const MappedField& field_;
  const LoadedMapping& mapping_;
};

}  // namespace yokoten::cli
