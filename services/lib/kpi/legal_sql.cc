#include "kpi/legal_sql.h"

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "lifecycle/machine.h"

namespace yokoten::kpi {
namespace {

struct Happening {
  std::string event, field, value;

  const std::string* Next(const lifecycle::Machine& machine, std::string_view state) const {
    return machine.Next(state, event,
                        [this](std::string_view asked) { return asked == field ? value : std::string(); });
  }
};

// "SessionCompleted[result=PASS]"
Happening Parse(const std::string& text) {
  const size_t open = text.find('['), equals = text.find('=');
  if (open == std::string::npos || equals == std::string::npos || text.back() != ']') return {text, "", ""};
  return {text.substr(0, open), text.substr(open + 1, equals - open - 1),
          text.substr(equals + 1, text.size() - equals - 2)};
}

}  // namespace

Result<std::string> LegalPairsSql(const std::string& machine_name, const std::vector<std::string>& events) {
  const auto found = lifecycle::Machines().find(machine_name);
  if (found == lifecycle::Machines().end()) return InvalidArgument("no machine '" + machine_name + "'");
  const lifecycle::Machine& machine = found->second;
  std::vector<Happening> happenings;
  for (const std::string& text : events) happenings.push_back(Parse(text));

  // Every state that some row of these events leads to, with the event that led there.
  std::set<std::pair<size_t, std::string>> seen{{0, std::string(lifecycle::kNothing)}};
  std::vector<std::pair<size_t, std::string>> open(seen.begin(), seen.end());
  std::map<size_t, std::set<size_t>> follows;
  std::set<size_t> reached;
  while (!open.empty()) {
    const auto [last, state] = open.back();
    open.pop_back();
    std::set<size_t> here;
    for (size_t i = 0; i < happenings.size(); ++i) {
      const std::string* next = happenings[i].Next(machine, state);
      if (next == nullptr) continue;
      here.insert(i + 1);
      reached.insert(i + 1);
      if (seen.emplace(i + 1, *next).second) open.emplace_back(i + 1, *next);
    }
    const auto [known, fresh] = follows.try_emplace(last, here);
    if (!fresh && known->second != here) {
      return InvalidArgument("what may follow " + events[last - 1] + " of one " + machine_name +
                             " depends on more than that event");
    }
  }
  for (size_t i = 0; i < events.size(); ++i) {
    if (!reached.contains(i + 1))
      return InvalidArgument("no " + machine_name + " is ever ready for " + events[i]);
  }
  std::string sql;
  for (const auto& [last, next] : follows) {
    for (const size_t event : next) sql += (sql.empty() ? "[" : ", ") + std::to_string(100 * last + event);
  }
  return sql + "]";
}

}  // namespace yokoten::kpi
