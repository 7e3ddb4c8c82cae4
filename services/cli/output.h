// What the verbs print: aligned tables for people, JSON for programs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace google::protobuf {
class Message;
}

namespace yokoten::cli {

// Columns are as wide as their widest cell; numbers stand right. Wide (Chinese) characters count two.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void Add(std::vector<std::string> row);
  std::string ToText() const;
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns a text takes on a terminal.
size_t DisplayWidth(std::string_view text);

// "text" with JSON's escapes, in quotes.
std::string JsonString(std::string_view text);
// Shortest text that reads back as the same number.
std::string JsonNumber(double number);
// Ordered {"key": value}; values are JSON already.
std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members);

// A message as JSON on one line or more, with the proto's field names and all fields.
std::string JsonOf(const google::protobuf::Message& message, bool pretty);

// Prints an error and returns the program's exit code for it: 2 when the arguments are wrong or what they
// name is not there, 3 when a service or neighbour does not answer (in time), else 1. Not for an OK status.
int Fail(const Status& status);

}  // namespace yokoten::cli
