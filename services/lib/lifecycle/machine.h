// State machines as data. Immutable once read; usable from any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace yokoten::lifecycle {

// A field of an event as the table writes values: an enum's name without its type's prefix ("PASS"), "true"
// or "false", a number in decimal, a text; "" where it is not set.
using FieldValue = std::function<std::string(std::string_view field)>;

// One allowed step. The first that fits an event counts.
struct Transition {
  std::vector<std::string> from;  // full names; "-" is "nothing happened yet"
  std::string event;              // short name within its domain, "SessionCompleted", or "@expired"
  std::string guard_field;        // empty: any
  std::vector<std::string> guard_values;
  std::string to;
};

class Machine {
 public:
  // Reads a block of machines.cc. InvalidArgument names the line and what is wrong with it.
  static Result<Machine> Parse(const std::string& block);

  const std::string& name() const { return name_; }
  // Domain of its events ("standard_work").
  const std::string& domain() const { return domain_; }
  // Fields that make one thing of several: events of one plant (or of the group) with equal values are about
  // the same.
  const std::vector<std::string>& key() const { return key_; }
  const std::vector<Transition>& transitions() const { return transitions_; }
  // All states that can be reached, in the table's order, without "-".
  const std::vector<std::string>& states() const { return states_; }

  // The state after an event; null where it is not allowed. `state` is a full name, or "-".
  const std::string* Next(std::string_view state, std::string_view event, const FieldValue& value) const;

 private:
  std::string name_, domain_;
  std::vector<std::string> key_;
  std::vector<Transition> transitions_;
  std::vector<std::string> states_;
};

inline constexpr std::string_view kNothing = "-";

// A state as readers see it: "DONE/at_source" is DONE.
std::string_view Shown(std::string_view state);

// Every machine of machines.cc, by name. A fault in the table ends the program with one line: it is one of
// the build, and a unit test finds it first.
const std::map<std::string, Machine>& Machines();

}  // namespace yokoten::lifecycle
