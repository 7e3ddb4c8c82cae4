// Messages from and to the Protobuf JSON form, by reflection, with errors a person can act on.
//
// Reading takes what the Protobuf JSON mapping takes, and also enum values by their short name in any case
// ("pass" for SESSION_RESULT_PASS). It refuses unknown and doubled fields. Writing gives the canonical form:
// lowerCamelCase names, unset fields left out. Works with any message, generated or dynamic. Thread-safe: no
// state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "base/status.h"
#include "events/validator.h"

namespace yokoten::gateway {

struct JsonReadOptions {
  // Members of the outermost object that the message does not have are looked for in its field `context` too
  // ("workshop_id" beside an event's own fields).
  bool context_members = false;
};

// Fills `message` (which should be empty) from one JSON object. Nothing when all went well; else what is
// wrong, with the path of the field as the proto spells it ("shift_output_reported.good_count"), "" if it
// cannot be told. Rules: json_syntax, utf8, unknown_field, duplicate_field, wrong_type, range, enum, oneof,
// format. Values of sensitive fields are not repeated.
std::optional<events::Violation> MessageFromJson(std::string_view json, google::protobuf::Message* message,
                                                 const JsonReadOptions& options = {});

// Appends the JSON form. Fails (Internal) only for well-known types whose content contradicts their type.
Status MessageToJson(const google::protobuf::Message& message, std::string* out);

// Number of an enum value by its full or short name, in any case. Nothing if there is none.
std::optional<int> EnumFromText(const google::protobuf::EnumDescriptor& type, std::string_view text);

// Appends `text` (UTF-8) as a JSON string, with quotes.
void AppendJsonString(std::string_view text, std::string* out);
// Standard base64 alphabet.
std::string Base64Encode(std::string_view bytes, bool padded = true);
// Takes both alphabets, padded or not; nothing if it is neither.
std::optional<std::string> Base64DecodeAny(std::string_view text);

// RFC 3339 with any offset, to seconds since 1970 and nanoseconds, years 1 to 9999. False if it is not one.
bool ParseRfc3339(std::string_view text, int64_t* seconds, int32_t* nanos);
std::string FormatRfc3339(int64_t seconds, int32_t nanos);

}  // namespace yokoten::gateway
