// Applies a mapping to rows: events with derived ids, or row-level errors that say row, column, field and
// what to do.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "cli/import/csv_reader.h"
#include "cli/import/mapping.h"
#include "cli/import/person_refs.h"

namespace yokoten::cli {

// What is wrong with one row.
struct RowError {
  int64_t row = 0;     // data row, from 1
  int64_t line = 0;    // line of the file, from 1; 0 when it is not known
  std::string column;  // empty when it is no column's fault
  std::string field;   // empty when it is no field's fault
  std::string message;

  std::string ToText() const;
};

// One event with context.{source, source_key, id} filled in.
struct MappedEvent {
  const MappedRule* rule = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
  std::string id;
  int64_t row = 0;  // first row it was made of
};

// One name for the person directory.
struct NamedPerson {
  std::string plant_id, person_ref, display_name;
};

// Not thread-safe. The mapping and the key must outlive it.
class RowMapper {
 public:
  // InvalidArgument lists the columns the mapping names and the file lacks. `key` may be null when the
  // mapping needs none.
  static Result<std::unique_ptr<RowMapper>> Bind(const LoadedMapping& mapping, const CsvReader& file,
                                                 const PersonKey* key, WallTime now);

  // Makes the events of a row. Rows of groups are kept until Finish. A row with an error makes no event of
  // the rule that found it.
  void Map(const CsvRow& row, std::vector<MappedEvent>& events, std::vector<RowError>& errors);
  // Makes the events of the groups.
  void Finish(std::vector<MappedEvent>& events, std::vector<RowError>& errors);

  // Names of the rows so far; taken away by the call.
  std::vector<NamedPerson> TakePersons();

 private:
  RowMapper(const LoadedMapping& mapping, const PersonKey* key, WallTime now)
      : mapping_(mapping), key_(key), now_(now) {}

  std::string_view Cell(const CsvRow& row, std::string_view column) const;
  bool Holds(const google::protobuf::RepeatedPtrField<importing::v1::Condition>& when,
             const CsvRow& row) const;
  // The value a rule takes from a row before it is read; nothing when it is empty.
  Result<std::optional<std::string>> RawValue(const MappedField& field, const CsvRow& row) const;
  Status Fill(google::protobuf::Message& message, const MappedField& field, size_t first_step,
              const CsvRow& row) const;
  bool FillAll(const MappedRule& rule, const CsvRow& row, google::protobuf::Message& message, bool in_row,
               std::vector<RowError>& errors) const;
  void MakeGroup(const MappedRule& rule, const std::vector<CsvRow>& rows, const std::string& key,
                 std::vector<MappedEvent>& events, std::vector<RowError>& errors) const;
  void Complete(const MappedRule& rule, std::unique_ptr<google::protobuf::Message> event,
                const std::string& key, const CsvRow& row, std::vector<MappedEvent>& events,
                std::vector<RowError>& errors) const;
  std::string KeyOf(const google::protobuf::RepeatedPtrField<std::string>& columns, const CsvRow& row) const;

  const LoadedMapping& mapping_;
  const PersonKey* key_;
  WallTime now_;
  std::map<std::string, int, std::less<>> columns_;
  std::map<std::string, int64_t> keys_seen_;                            // row's key -> its number
  std::vector<std::map<std::string, std::vector<CsvRow>>> groups_;      // by rule
  std::map<std::pair<std::string, std::string>, std::string> persons_;  // (plant, ref) -> name
};

}  // namespace yokoten::cli
