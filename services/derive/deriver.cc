#include "derive/deriver.h"

#include <set>
#include <tuple>

#include "asks/round.h"
#include "derive/restated.h"
#include "derive/state.h"
#include "events/derived.h"
#include "events/identity.h"
#include "kafka/delivery.h"

namespace yokoten::derive {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

derived::v1::DerivedContext& MutableContext(google::protobuf::Message& event) {
  return *static_cast<derived::v1::DerivedContext*>(
      event.GetReflection()->MutableMessage(&event, event.GetDescriptor()->FindFieldByName("context")));
}

// The name an id is made of: the rule's, and from the second time on which time it is.
std::string Occasion(const Rule& rule, uint32_t times, const char* end) {
  return rule.id() + (times > 1 ? "#" + std::to_string(times) : "") + end;
}

std::string DedupKey(const derived::v1::DerivedContext& context) {
  const int64_t day = context.due_at().seconds() / 86'400;
  return context.rule_id() + "/" + context.plant_id() + "/" + context.entity() + "/" +
         FormatDay(Day{static_cast<int32_t>(day)});
}

}  // namespace

Deriver::Deriver(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                 const std::vector<Rule>& rules, kafka::RecordSink& sink, std::string topic,
                 const Clock& clock, const std::atomic<bool>& stopping)
    : clickhouse_(clickhouse),
      catalogue_(catalogue),
      rules_(rules),
      sink_(sink),
      topic_(std::move(topic)),
      clock_(clock),
      stopping_(stopping) {}

Result<RunReport> Deriver::Run(const std::vector<std::string>& only) {
  RunReport report;
  const WallTime now = clock_.Now();
  YK_ASSIGN_OR_RETURN(const std::vector<asks::PlantNow> at, asks::PlantsAt(clickhouse_, now, only));
  report.plants = at.size();
  if (at.empty()) return report;
  std::vector<std::string> plants;
  for (const asks::PlantNow& plant : at) plants.push_back(plant.plant);
  std::vector<const kpi::Question*> questions;
  for (const Rule& rule : rules_) questions.push_back(&rule.question);
  YK_ASSIGN_OR_RETURN(const auto round, asks::Round::Open(clickhouse_, catalogue_, questions, at));
  for (size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    clickhouse::Rows rows;
    if (const std::string sql = round->Sql(i); !sql.empty()) {
      clickhouse::Params params;
      params.parameters["since"] =
          std::to_string(rule.is_alert() ? 0 : ToMicros(now) - rule.definition.lookback_d() * kDayUs);
      YK_ASSIGN_OR_RETURN(
          rows,
          round->Select("SELECT * FROM (" + RowsSql(rule, sql) + ") WHERE due_us > {since:Int64}", params));
    }
    YK_RETURN_IF_ERROR(Publish(rule, rows, plants, &report));
  }
  YK_ASSIGN_OR_RETURN(const size_t restated,
                      PublishRestated(clickhouse_, catalogue_, plants, sink_, topic_, stopping_));
  if (restated > 0) report.published[kRestatedRule] = restated;
  return report;
}

Result<std::map<Deriver::Key, Deriver::Known>> Deriver::ReadKnown(const Rule& rule,
                                                                  const std::vector<std::string>& plants) {
  clickhouse::Params params;
  params.parameters["rule"] = clickhouse::EscapeParameter(rule.id());
  params.parameters["plants"] = clickhouse::ArrayParameter(plants);
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      clickhouse_.Select(
          "SELECT plant, entity, toUnixTimestamp64Micro(due_at) AS due_us, event_id, workshop, "
          "line, active, times, version FROM derived_state FINAL WHERE rule = {rule:String} AND "
          "has({plants:Array(String)}, plant)",
          params));
  std::map<Key, Known> known;
  for (size_t i = 0; i < rows.size(); ++i) {
    known[{rows.Text(i, "plant"), rows.Text(i, "entity"), rows.Int(i, "due_us")}] = {
        rows.Text(i, "event_id"),
        rows.Text(i, "workshop"),
        rows.Text(i, "line"),
        rows.UInt(i, "active") == 1,
        static_cast<uint32_t>(rows.UInt(i, "times")),
        rows.UInt(i, "version")};
  }
  return known;
}

Status Deriver::Publish(const Rule& rule, const clickhouse::Rows& rows,
                        const std::vector<std::string>& plants, RunReport* report) {
  YK_ASSIGN_OR_RETURN(auto known, ReadKnown(rule, plants));
  std::vector<events::Record> records;
  States states;
  const auto remember = [&](const Key& key, const Known& state) {
    states.Add({.rule = rule.id(),
                .plant = std::get<0>(key),
                .entity = std::get<1>(key),
                .due_us = std::get<2>(key),
                .event_id = state.event_id,
                .workshop = state.workshop,
                .line = state.line,
                .active = state.active,
                .times = state.times,
                .version = state.version});
  };
  std::set<Key> seen;
  for (size_t row = 0; row < rows.size(); ++row) {
    const Key key{rows.Text(row, "plant"), rows.Text(row, "entity"), rows.Int(row, "due_us")};
    if (!seen.insert(key).second) continue;
    Known& state = known[key];
    if (state.active || (state.times > 0 && !rule.is_alert())) continue;
    const auto event = EventOf(rule, rows, row);
    derived::v1::DerivedContext& context = MutableContext(*event);
    state = {"", context.workshop_id(), context.line_id(), true, state.times + 1, state.version + 1};
    state.event_id = events::DerivedId(Occasion(rule, state.times, ""), context.plant_id(), context.entity(),
                                       std::get<2>(key));
    context.set_id(state.event_id);
    if (rule.is_alert()) static_cast<derived::v1::AlertRaised&>(*event).set_dedup_key(DedupKey(context));
    records.push_back(events::EncodeDerived(*event));
    remember(key, state);
  }
  if (rule.is_alert()) {
    for (auto& [key, state] : known) {
      if (!state.active || seen.contains(key)) continue;
      derived::v1::AlertCleared cleared;
      derived::v1::DerivedContext& context = *cleared.mutable_context();
      context.set_id(events::DerivedId(Occasion(rule, state.times, "/cleared"), std::get<0>(key),
                                       std::get<1>(key), std::get<2>(key)));
      context.set_rule_id(rule.id());
      context.set_plant_id(std::get<0>(key));
      context.set_entity(std::get<1>(key));
      context.set_workshop_id(state.workshop);
      context.set_line_id(state.line);
      *context.mutable_due_at() = events::ToTimestamp(FromMicros(std::get<2>(key)));
      cleared.set_dedup_key(DedupKey(context));
      *context.mutable_due_at() = events::ToTimestamp(clock_.Now());
      cleared.set_raised_id(state.event_id);
      cleared.set_title_zh(rule.definition.title_zh());
      cleared.set_title_en(rule.definition.title_en());
      records.push_back(events::EncodeDerived(cleared));
      state.active = false;
      ++state.version;
      remember(key, state);
    }
  }
  if (records.empty()) return OkStatus();
  const size_t count = records.size();
  YK_RETURN_IF_ERROR(kafka::ProduceAll(sink_, topic_, std::move(records), stopping_));
  report->published[rule.id()] += count;
  return states.Store(clickhouse_);
}

}  // namespace yokoten::derive
