#include "insight/order_sql.h"

#include <algorithm>
#include <set>
#include <vector>

namespace yokoten::insight {
namespace {

using lifecycle::Machine;

// What the machine tells apart: an event, and where it has guards, the value of the guarded field.
struct Symbol {
  std::string event;
  std::string field;
  std::string value;  // "*": none of those any guard of the event names
};

std::vector<Symbol> SymbolsOf(const Machine& machine) {
  std::vector<Symbol> symbols;
  std::set<std::string> seen;
  for (const auto& transition : machine.transitions()) {
    if (!seen.insert(transition.event).second) continue;
    std::set<std::string> values{"*"};
    std::string field;
    for (const auto& other : machine.transitions()) {
      if (other.event != transition.event || other.guard_field.empty()) continue;
      field = other.guard_field;
      values.insert(other.guard_values.begin(), other.guard_values.end());
    }
    for (const std::string& value : values) symbols.push_back({transition.event, field, value});
  }
  return symbols;
}

// The number of the symbol an event of this type is, as SQL over its fact.
std::string SymbolSql(const std::vector<Symbol>& symbols, const std::string& event) {
  std::string branches, other;
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (symbols[i].event != event) continue;
    if (symbols[i].value == "*") {
      other = std::to_string(i);
      continue;
    }
    const std::string& value = symbols[i].value;
    const std::string test = value == "true" ? "ifNull(" + symbols[i].field + ", 0) = 1"
                             : value == "false"
                                 ? "ifNull(" + symbols[i].field + ", 0) = 0"
                                 : "upper(toString(" + symbols[i].field + ")) = '" + value + "'";
    branches += test + ", " + std::to_string(i) + ", ";
  }
  return "toUInt16(" + (branches.empty() ? other : "multiIf(" + branches + other + ")") + ")";
}

}  // namespace

std::string OutOfOrderSql(const Machine& machine, const std::string& clock_sql) {
  const std::vector<Symbol> symbols = SymbolsOf(machine);
  std::vector<std::string> states{std::string(lifecycle::kNothing)};
  states.insert(states.end(), machine.states().begin(), machine.states().end());
  // The table of the fold: state * symbols + symbol -> next state. What is not in it is not allowed.
  std::string from, to, names;
  for (size_t state = 0; state < states.size(); ++state) {
    names += (state == 0 ? "'" : ", '") + std::string(lifecycle::Shown(states[state])) + "'";
    for (size_t symbol = 0; symbol < symbols.size(); ++symbol) {
      const std::string* next =
          machine.Next(states[state], symbols[symbol].event,
                       [&](std::string_view) -> std::string { return symbols[symbol].value; });
      if (next == nullptr) continue;
      const auto number = std::find(states.begin(), states.end(), *next) - states.begin();
      from += (from.empty() ? "" : ", ") + std::to_string(state * symbols.size() + symbol);
      to += (to.empty() ? "" : ", ") + std::to_string(number);
    }
  }
  std::string keys, list;
  for (const std::string& field : machine.key()) {
    keys += (keys.empty() ? "toString(" : ", toString(") + field + ")";
    list += (list.empty() ? "" : ", ") + field;
  }
  std::string events;
  std::set<std::string> seen;
  for (const Symbol& symbol : symbols) {
    if (symbol.event.front() == '@' || !seen.insert(symbol.event).second) continue;
    const std::string type = machine.domain() + "." + symbol.event;
    const std::string field = symbol.field.empty() ? "" : ", " + symbol.field;
    events += (events.empty() ? "" : " UNION ALL ") +
              ("SELECT toString(plant) AS plant, [" + keys +
               "] AS thing, occurred_at, recorded_at, event_id, " + SymbolSql(symbols, symbol.event) +
               " AS symbol, '" + type + "' AS event_type, entity, toString(source) AS source FROM {facts " +
               type + "(" + list + field + ")}");
  }
  if (!clock_sql.empty()) {
    std::string clock = "toUInt16(multiIf(";
    for (size_t i = 0; i < symbols.size(); ++i) {
      if (symbols[i].event.front() == '@')
        clock += "event = '" + symbols[i].event + "', " + std::to_string(i) + ", ";
    }
    // Behind whatever is told for the same instant.
    events += " UNION ALL SELECT toString(plant), [" + keys +
              "], at, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '', " + clock +
              "65535)), '', '', '' FROM (" + clock_sql.substr(clock_sql.find("SELECT")) +
              ") WHERE at < (SELECT max(ends_at) FROM {scope})";
  }
  const std::string next = "transform(toUInt16(acc.1 * " + std::to_string(symbols.size()) +
                           " + e.4), CAST([" + from + "], 'Array(UInt16)'), CAST([" + to +
                           "], 'Array(UInt16)'), toUInt16(65535))";
  // The state, and the events it did not allow with the state they met.
  const std::string fold =
      "arrayFold((acc, e) -> (if(" + next + " = 65535, acc.1, " + next + "), if(" + next +
      " = 65535 AND e.5 != '', arrayPushBack(acc.2, (e.5, e.6, e.7, e.3, e.2, acc.1)), acc.2)), path, "
      "(toUInt16(0), CAST([], 'Array(Tuple(String, String, String, String, DateTime64(3, \\'UTC\\'), "
      "UInt16))')))";
  return "-- " + machine.name() +
         "\nSELECT plant, b.1 AS event_type, b.2 AS entity, b.3 AS source, b.4 AS event_id, "
         "b.5 AS recorded_at, concat('" +
         machine.name() + " ', arrayElement([" + names +
         "], b.6 + 1)) AS detail FROM (SELECT plant, arraySort(e -> (e.1, e.2, e.3), "
         "groupArray((occurred_at, "
         "recorded_at, event_id, symbol, event_type, entity, source))) AS path FROM (" +
         events + ") WHERE NOT has(thing, '') GROUP BY plant, thing) ARRAY JOIN (" + fold + ").2 AS b";
}

}  // namespace yokoten::insight
