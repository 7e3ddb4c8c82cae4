// Personnel numbers -> opaque references by keyed hash, so that neither names nor numbers enter an event.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace yokoten::cli {

// The key of one company: whoever has it can tell which reference a number has. Keep it beside the person
// directory, never in a repository; with another key every person gets another reference.
class PersonKey {
 public:
  // $YOKOTEN_HOME/person.key, with ~/.yokoten where the variable is not set.
  static std::string DefaultPath();
  // Reads the key; NotFound says how to make one. Refuses a key shorter than 16 bytes.
  static Result<PersonKey> Load(const std::string& path);
  // Makes a key of 32 random bytes readable by the owner alone. Fails when the file is there already.
  static Result<PersonKey> Create(const std::string& path);
  explicit PersonKey(std::string key) : key_(std::move(key)) {}

  // "p-" and 20 hexadecimal digits of HMAC-SHA-256. The number is taken as text: 0042 and 42 are two persons.
  std::string RefOf(std::string_view personnel_number) const;

 private:
  std::string key_;
};

}  // namespace yokoten::cli
