#include "insight/loop/entities.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "events/identity.h"
#include "events/registry.h"
#include "insight/finding_kinds.h"
#include "insight/loop/state_words.h"
#include "insight/requests.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

using lifecycle::Machine;
using Key = std::vector<std::string>;

constexpr char kConfidential[] = "relations";
constexpr double kDayUs = 86'400'000'000.0;

// What the clock does to things of a machine: rows of its key's fields, event and at (clock/<machine>.sql).
const std::map<std::string, kpi::Question>& ClockQuestions() {
  static const auto& questions = *[] {
    auto* all = new std::map<std::string, kpi::Question>;
    for (kpi::Question& question : asks::Linked(kpi::Catalogue::Linked(), ClockEventTexts())) {
      const std::string name = question.name();
      all->emplace(name, std::move(question));
    }
    return all;
  }();
  return questions;
}

// Names of the machine's events that are sent, each with the field its guards look at ("": none).
std::map<std::string, std::string> SentEvents(const Machine& machine) {
  std::map<std::string, std::string> events;
  for (const lifecycle::Transition& transition : machine.transitions()) {
    if (transition.event.front() == '@') continue;
    std::string& guard = events[transition.event];
    if (!transition.guard_field.empty()) guard = transition.guard_field;
  }
  return events;
}

// Column and parameter of a part of the key.
std::string KeyName(size_t i) {
  std::string name = "k";
  return name += std::to_string(i);
}

// The key's columns as texts k0, k1, ...
std::string KeysSql(const Machine& machine) {
  std::string keys;
  for (size_t i = 0; i < machine.key().size(); ++i)
    keys += "toString(" + clickhouse::QuoteIdentifier(machine.key()[i]) + ") AS " + KeyName(i) + ", ";
  return keys;
}

// SQL of a guard field's value as the table writes it: "PASS", "true".
std::string GuardSql(const std::string& event, const std::string& field) {
  const auto* column = kpi::FindEvent(event)->FindFieldByName(field);
  const std::string name = clickhouse::QuoteIdentifier(field);
  if (column != nullptr && column->type() == google::protobuf::FieldDescriptor::TYPE_BOOL)
    return "if(" + name + " = 1, 'true', 'false')";
  return "upper(toString(" + name + "))";
}

struct ReadEvent {
  lifecycle::StateEvent state;
  std::string source, id;
  int64_t recorded_us = 0;
};

void SetTime(int64_t us, google::protobuf::Timestamp* time) { *time = events::ToTimestamp(FromMicros(us)); }

v1::Entity Fold(const Machine& machine, const Key& key, const std::vector<ReadEvent>& read, int64_t now_us,
                bool with_events) {
  std::vector<lifecycle::StateEvent> states;
  for (const ReadEvent& event : read) states.push_back(event.state);
  const lifecycle::Life life = lifecycle::Fold(machine, states);
  v1::Entity entity;
  entity.set_kind(machine.name());
  for (const std::string& part : key) entity.add_key(part);
  entity.set_state(life.state);
  entity.set_state_zh(WordsOfState(life.state).zh);
  entity.set_state_en(WordsOfState(life.state).en);
  for (const lifecycle::Stay& stay : life.stays) {
    v1::Stay* out = entity.add_stays();
    out->set_state(stay.state);
    out->set_state_zh(WordsOfState(stay.state).zh);
    out->set_state_en(WordsOfState(stay.state).en);
    SetTime(stay.from_us, out->mutable_from());
    if (stay.to_us) SetTime(*stay.to_us, out->mutable_to());
    out->set_days(static_cast<double>(std::max<int64_t>(0, stay.to_us.value_or(now_us) - stay.from_us)) /
                  kDayUs);
  }
  if (entity.stays_size() > 0) entity.set_days_in_state(entity.stays(entity.stays_size() - 1).days());

  std::vector<size_t> order(read.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const auto &x = read[a].state, &y = read[b].state;
    return std::tie(x.at_us, x.recorded_us, x.id) < std::tie(y.at_us, y.recorded_us, y.id);
  });
  std::string state(lifecycle::kNothing);
  for (const size_t i : order) {
    const ReadEvent& event = read[i];
    const bool clocks = event.state.event.front() == '@';
    // What the clock does to a thing that has gone another way is no fault of anybody's data.
    if (!life.legal[i] && clocks) continue;
    if (!life.legal[i]) entity.set_out_of_order(entity.out_of_order() + 1);
    const std::string before = state;
    if (life.legal[i]) state = *machine.Next(state, event.state.event, event.state.value);
    if (!with_events) continue;
    v1::EntityEvent* out = entity.add_events();
    out->set_event_type(clocks ? event.state.event : machine.domain() + "." + event.state.event);
    SetTime(event.state.at_us, out->mutable_at());
    if (!clocks) SetTime(event.recorded_us, out->mutable_recorded_at());
    out->set_source(event.source);
    out->set_id(event.id);
    out->set_legal(life.legal[i]);
    out->set_state(std::string(lifecycle::Shown(state)));
    if (life.legal[i]) continue;
    const StateWords words = WordsOfState(lifecycle::Shown(before));
    out->set_message_zh("状态为“" + std::string(words.zh) + "”时不能发生此事件；缺少的事件到达后自动归位");
    out->set_message_en(std::string("not allowed in the state \"") + words.en +
                        "\"; it finds its place when the missing event arrives");
  }
  return entity;
}

}  // namespace

Result<const Machine*> MachineOf(const std::string& kind) {
  const auto found = lifecycle::Machines().find(kind);
  if (found != lifecycle::Machines().end() && found->second.domain() == kConfidential) {
    return MakeStatus(
        StatusCode::kPermissionDenied,
        "kind: '" + kind +
            "' is confidential (JR): its cases are counted, never shown one by one; ask for its KPIs / "
            "工作关系案例保密：只计数，不逐一显示");
  }
  if (found != lifecycle::Machines().end()) return &found->second;
  std::string known;
  for (const auto& [name, machine] : lifecycle::Machines()) {
    if (machine.domain() != kConfidential) known += (known.empty() ? "" : ", ") + name;
  }
  return InvalidArgument("kind: '" + kind + "' has no states; use one of " + known);
}

Result<std::map<Key, v1::Entity>> Entities::ReadAll(const PlantTime& plant, const Machine& machine,
                                                    const Key& key, bool events) const {
  const auto clock = ClockQuestions().find(machine.name());
  std::vector<const kpi::Question*> questions;
  if (clock != ClockQuestions().end()) questions.push_back(&clock->second);
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry, Inquiry::Open(clickhouse_, plant, {plant.current}, questions));

  std::string sql, where;
  std::map<std::string, std::string> parameters;
  for (size_t i = 0; i < key.size(); ++i) {
    const std::string name = KeyName(i);
    parameters[name] = clickhouse::EscapeParameter(key[i]);
    where += (i == 0 ? "" : " AND ") +
             ("toString(" + clickhouse::QuoteIdentifier(machine.key()[i]) + ") = {" + name) + ":String}";
  }
  for (const auto& [event, guard] : SentEvents(machine)) {
    const std::string name = machine.domain() + "." + event;
    std::vector<std::string> columns = machine.key();
    if (!guard.empty() && std::find(columns.begin(), columns.end(), guard) == columns.end())
      columns.push_back(guard);
    kpi::FactQuery query = inquiry.LiveFacts(name, columns);
    query.production_days = false;
    query.where = where;
    sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + KeysSql(machine) + clickhouse::Quote(event) +
           " AS event, toUnixTimestamp64Micro(occurred_at) AS at, "
           "toInt64(toUnixTimestamp64Milli(recorded_at)) * 1000 AS recorded, " +
           kpi::RecordedMsSql("rank") +
           " * 1000 AS first_recorded, toString(bitAnd(bitNot(rank), "
           "toUInt128('18446744073709551615'))) AS place, "
           "toString(source) AS "
           "source, event_id, " +
           (guard.empty() ? "''" : GuardSql(name, guard)) + " AS guard FROM (" + kpi::LiveFactsSql(query) +
           ")";
  }
  YK_ASSIGN_OR_RETURN(const auto rows, inquiry.Select(sql, parameters));

  const int64_t now_us = ToMicros(clock_.Now());
  const std::map<std::string, std::string> guards = SentEvents(machine);
  std::map<Key, std::vector<ReadEvent>> things;
  const auto key_of = [&](const clickhouse::Rows& from, size_t row) {
    Key parts;
    for (size_t i = 0; i < machine.key().size(); ++i) parts.push_back(from.Text(row, KeyName(i)));
    return parts;
  };
  for (size_t row = 0; row < rows.size(); ++row) {
    ReadEvent event;
    event.source = rows.Text(row, "source");
    event.id = rows.Text(row, "event_id");
    event.recorded_us = rows.Int(row, "recorded");
    // A correction has the place of what it corrects.
    event.state.recorded_us = rows.Int(row, "first_recorded");
    event.state.at_us = rows.Int(row, "at");
    event.state.event = rows.Text(row, "event");
    // Of one millisecond, the place in the log.
    const std::string& place = rows.Text(row, "place");
    event.state.id = std::string(20 - std::min<size_t>(20, place.size()), '0') + place;
    const std::string& field = guards.at(event.state.event);
    event.state.value = [field, value = rows.Text(row, "guard")](std::string_view asked) {
      return asked == field ? value : std::string();
    };
    things[key_of(rows, row)].push_back(std::move(event));
  }
  if (clock != ClockQuestions().end()) {
    clickhouse::Rows ticks;
    if (const std::string clock_sql = inquiry.SqlOf(clock->second); !clock_sql.empty()) {
      YK_ASSIGN_OR_RETURN(ticks,
                          inquiry.Select("SELECT " + KeysSql(machine) +
                                         "event, toUnixTimestamp64Micro(at) AS us FROM (" + clock_sql + ")"));
    }
    for (size_t row = 0; row < ticks.size(); ++row) {
      const auto thing = things.find(key_of(ticks, row));
      if (thing == things.end() || ticks.Int(row, "us") > now_us) continue;
      ReadEvent event;
      event.state.at_us = ticks.Int(row, "us");
      event.state.event = ticks.Text(row, "event");
      event.state.value = [](std::string_view) { return std::string(); };
      // After what was sent for the same instant.
      event.state.recorded_us = now_us;
      thing->second.push_back(std::move(event));
    }
  }
  std::map<Key, v1::Entity> entities;
  for (const auto& [parts, read] : things)
    entities.emplace(parts, Fold(machine, parts, read, now_us, events));
  return entities;
}

Result<v1::Entity> Entities::Read(const PlantTime& plant, const Machine& machine, const Key& key) const {
  YK_ASSIGN_OR_RETURN(auto found, ReadAll(plant, machine, key, true));
  if (found.empty()) {
    std::string name;
    for (const std::string& part : key) name += (name.empty() ? "" : "/") + part;
    return NotFound(machine.name() + ": no event of '" + name + "' counts at plant " + plant.plant);
  }
  return std::move(found.begin()->second);
}

Status Entities::Get(const v1::GetEntityRequest& request, v1::GetEntityResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const Machine* machine, MachineOf(request.kind()));
  if (static_cast<size_t>(request.key_size()) != machine->key().size()) {
    std::string fields;
    for (const std::string& field : machine->key()) fields += (fields.empty() ? "" : ", ") + field;
    return InvalidArgument("key: " + std::to_string(request.key_size()) + " values; a " + machine->name() +
                           " has " + std::to_string(machine->key().size()) + ": " + fields);
  }
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  YK_ASSIGN_OR_RETURN(*response->mutable_entity(),
                      Read(plant, *machine, {request.key().begin(), request.key().end()}));
  return OkStatus();
}

Status Entities::List(const v1::ListEntitiesRequest& request, v1::ListEntitiesResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const Machine* machine, MachineOf(request.kind()));
  std::vector<std::string> states{std::string(lifecycle::kNothing)};
  for (const std::string& full : machine->states()) {
    const std::string shown(lifecycle::Shown(full));
    if (std::find(states.begin(), states.end(), shown) == states.end()) states.push_back(shown);
  }
  if (!request.state().empty() && std::find(states.begin(), states.end(), request.state()) == states.end()) {
    std::string known;
    for (const std::string& state : states) known += (known.empty() ? "" : ", ") + state;
    return InvalidArgument("state: a " + machine->name() + " is never '" + request.state() +
                           "'; use one of " + known);
  }
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  YK_ASSIGN_OR_RETURN(auto all, ReadAll(plant, *machine, {}, false));
  std::map<std::string, int64_t> counts;
  std::vector<v1::Entity*> shown;
  for (auto& [key, entity] : all) {
    ++counts[entity.state()];
    if (!request.state().empty() && entity.state() != request.state()) continue;
    if (request.out_of_order() && entity.out_of_order() == 0) continue;
    shown.push_back(&entity);
  }
  std::stable_sort(shown.begin(), shown.end(), [](const v1::Entity* a, const v1::Entity* b) {
    return a->days_in_state() > b->days_in_state();
  });
  for (const std::string& state : states) {
    const auto count = counts.find(state);
    if (count == counts.end()) continue;
    auto* out = response->add_counts();
    out->set_state(state);
    out->set_state_zh(WordsOfState(state).zh);
    out->set_state_en(WordsOfState(state).en);
    out->set_count(count->second);
  }
  for (size_t i = static_cast<size_t>(offset); i < shown.size(); ++i) {
    if (response->entities_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    response->add_entities()->Swap(shown[i]);
  }
  return OkStatus();
}

}  // namespace yokoten::insight
