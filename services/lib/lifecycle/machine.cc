#include "lifecycle/machine.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace yokoten::lifecycle {
namespace {

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

// Pieces between separators, as many as there are separators and one more.
std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    if (c == separator) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

Status Fault(const std::string& line, const std::string& what) {
  return InvalidArgument("\"" + line + "\": " + what);
}

// "SessionCompleted[result=FAIL|INCOMPLETE]"
Status ReadEvent(const std::string& line, const std::string& text, Transition* transition) {
  const size_t open = text.find('[');
  transition->event = text.substr(0, open);
  if (open == std::string::npos) return OkStatus();
  const size_t equals = text.find('=', open);
  if (equals == std::string::npos || text.back() != ']') return Fault(line, "a guard is [field=VALUE|VALUE]");
  transition->guard_field = text.substr(open + 1, equals - open - 1);
  transition->guard_values = Split(text.substr(equals + 1, text.size() - equals - 2), '|');
  return OkStatus();
}

}  // namespace

Result<Machine> Machine::Parse(const std::string& block) {
  Machine machine;
  std::set<std::string> from_states;
  for (const std::string& line : Split(block, '\n')) {
    const std::vector<std::string> words = Words(line);
    if (words.empty()) continue;
    if (machine.name_.empty()) {
      if (words.size() < 5 || words[0] != "machine" || words[3] != "key")
        return Fault(line, "a block begins with: machine NAME DOMAIN key FIELD...");
      machine.name_ = words[1];
      machine.domain_ = words[2];
      machine.key_.assign(words.begin() + 4, words.end());
      continue;
    }
    if (words.size() != 3) return Fault(line, "a transition is: FROM[,FROM] EVENT[guard] TO");
    Transition transition;
    transition.from = Split(words[0], ',');
    YK_RETURN_IF_ERROR(ReadEvent(line, words[1], &transition));
    transition.to = words[2];
    from_states.insert(transition.from.begin(), transition.from.end());
    const auto known = [&](const std::string& state) {
      return std::find(machine.states_.begin(), machine.states_.end(), state) != machine.states_.end();
    };
    if (!known(transition.to)) machine.states_.push_back(transition.to);
    machine.transitions_.push_back(std::move(transition));
  }
  if (machine.transitions_.empty()) return InvalidArgument("machine " + machine.name_ + " has no transition");
  for (const std::string& state : from_states) {
    const auto& states = machine.states_;
    if (state != kNothing && std::find(states.begin(), states.end(), state) == states.end())
      return InvalidArgument("machine " + machine.name_ + ": no transition leads to " + state);
  }
  return machine;
}

const std::string* Machine::Next(std::string_view state, std::string_view event,
                                 const FieldValue& value) const {
  for (const Transition& transition : transitions_) {
    if (transition.event != event) continue;
    if (std::find(transition.from.begin(), transition.from.end(), state) == transition.from.end()) continue;
    if (!transition.guard_field.empty()) {
      const std::string has = value(transition.guard_field);
      const auto& wanted = transition.guard_values;
      if (std::find(wanted.begin(), wanted.end(), has) == wanted.end()) continue;
    }
    return &transition.to;
  }
  return nullptr;
}

std::string_view Shown(std::string_view state) { return state.substr(0, state.find('/')); }

}  // namespace yokoten::lifecycle
