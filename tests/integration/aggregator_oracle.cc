// What must come out of what was sent, folded from the log as the promise (docs/dataplane.md) says.
#include <algorithm>
#include <map>
#include <set>

#include "events/identity.h"
#include "integration/aggregator_world.h"
#include "kafka/log_reader.h"
#include "kafka/topics.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::test {
namespace {

struct OracleFact {
  std::string table;
  std::string plant;
  std::string entity;
  std::string key;
  auto operator<=>(const OracleFact&) const = default;
};

void Limit(std::vector<std::string>& lines) {
  if (lines.size() <= 10) return;
  const std::string rest = "... and " + std::to_string(lines.size() - 10) + " more";
  lines.resize(10);
  lines.push_back(rest);
}

std::string NameOf(const Sent& sent, const std::string& prefix) {
  return sent.topic.substr(prefix.size()) + "/" + std::to_string(sent.partition) + "/" +
         std::to_string(sent.offset);
}

bool IsGarbage(const Sent& sent) { return sent.record.value.starts_with("\xff\xfe"); }

}  // namespace

std::vector<std::string> World::ArchiveDifferences(const std::vector<Sent>& expected) {
  std::vector<std::string> lines;
  const auto rows = client_->Select(
      "SELECT topic, partition, offset, any(hex(value)) AS value, any(verdict) AS verdict, "
      "uniqExact(checksum) AS sums FROM archive "
      "GROUP BY topic, partition, offset");
  if (!rows.ok()) return {"CHECK_ERROR " + Message(rows.status())};
  std::map<std::string, std::pair<std::string, std::string>> archive;
  for (size_t i = 0; i < rows->size(); ++i) {
    const std::string name =
        rows->Text(i, "topic") + "/" + rows->Text(i, "partition") + "/" + rows->Text(i, "offset");
    archive[name] = {rows->Text(i, "value"), rows->Text(i, "verdict")};
    if (rows->Int(i, "sums") != 1) lines.push_back("archive has different records at " + name);
  }
  for (const Sent& sent : expected) {
    const std::string name = NameOf(sent, prefix_);
    const auto found = archive.find(name);
    if (found == archive.end()) {
      lines.push_back("archive lacks " + name);
      continue;
    }
    std::string hex;
    for (const unsigned char c : sent.record.value) {
      char text[3];
      std::snprintf(text, sizeof(text), "%02X", c);
      hex += text;
    }
    if (found->second.first != hex) lines.push_back("archive has other bytes at " + name);
    const bool dead = found->second.second.starts_with("dead:");
    if (dead != IsGarbage(sent)) lines.push_back("archive says " + found->second.second + " of " + name);
    archive.erase(found);
  }
  for (const auto& [name, row] : archive) lines.push_back("archive has " + name + ", which was not sent");
  Limit(lines);
  return lines;
}

std::vector<std::string> World::FactDifferences(const std::vector<Sent>& expected) {
  // The earliest recorded copy of a key at a place counts; recorded time is not known here, but one entity's
  // records of one topic share a partition, where offsets are the order.
  std::vector<std::string> lines;
  std::map<OracleFact, const Sent*> facts;
  std::map<std::string, std::set<std::tuple<std::string, std::string, std::string>>> keys;
  for (const Sent& sent : expected) {
    if (IsGarbage(sent)) continue;
    events::HeaderViews headers(sent.record.headers.begin(), sent.record.headers.end());
    const auto decoded = events::Decode(headers, sent.record.value);
    if (!decoded.ok()) {
      lines.push_back("CHECK_ERROR " + Message(decoded.status()));
      continue;
    }
    const auto& context = events::ContextOf(*decoded->event);
    const std::string key = events::FormatUuid(events::FactKey(context.source(), context.id()));
    const OracleFact fact{"fact_" + decoded->type->table, context.plant_id(),
                          events::EntityOf(*decoded->type, *decoded->event), key};
    const auto [it, is_new] = facts.emplace(fact, &sent);
    if (!is_new && it->second->partition == sent.partition && sent.offset < it->second->offset)
      it->second = &sent;
    keys[key].insert({decoded->type->short_name, fact.plant, fact.entity});
  }
  for (const char* table : {"fact_operations_shift_output_reported",
                            "fact_operations_operation_error_recorded", "fact_event_voided"}) {
    const auto rows = client_->Select(
        std::string("SELECT plant, entity, fact_key, src_partition, src_offset FROM ") + table + " FINAL");
    if (!rows.ok()) return {"CHECK_ERROR " + Message(rows.status())};
    std::set<OracleFact> there;
    for (size_t i = 0; i < rows->size(); ++i) {
      const OracleFact fact{table, rows->Text(i, "plant"), rows->Text(i, "entity"),
                            rows->Text(i, "fact_key")};
      if (!there.insert(fact).second) lines.push_back(std::string(table) + " has a fact twice: " + fact.key);
      const auto found = facts.find(fact);
      if (found == facts.end()) {
        lines.push_back(std::string(table) + " has a fact that was not sent: " + fact.key);
      } else if (found->second->partition == rows->Int(i, "src_partition") &&
                 found->second->offset != rows->Int(i, "src_offset")) {
        lines.push_back(std::string(table) + " has not the earliest copy of " + fact.key);
      }
    }
    for (const auto& [fact, sent] : facts) {
      if (fact.table == table && !there.contains(fact))
        lines.push_back(std::string(table) + " lacks " + fact.key);
    }
  }
  const auto listed = client_->Select("SELECT DISTINCT fact_key, event_type, plant, entity FROM event_key");
  if (!listed.ok()) return {"CHECK_ERROR " + Message(listed.status())};
  size_t places = 0;
  for (const auto& [key, set] : keys) places += set.size();
  if (listed->size() != places)
    lines.push_back("event_key has " + std::to_string(listed->size()) + " places instead of " +
                    std::to_string(places));
  Limit(lines);
  return lines;
}

std::vector<std::string> World::TouchDifferences(const std::vector<Sent>& expected) {
  auto reader = kafka::LogReader::Create(Neighbours::Get().kafka().address());
  if (!reader.ok()) return {"CHECK_ERROR " + Message(reader.status())};
  std::set<std::tuple<std::string, std::string, std::string>> entities;
  std::set<std::tuple<std::string, std::string, int64_t>> instants;
  std::set<std::tuple<std::string, std::string, int32_t>> days;
  std::set<std::tuple<std::string, std::string>> roots;
  const std::string topic = prefix_ + std::string(kafka::kDirtyTopic);
  for (int32_t partition = 0; partition < 2; ++partition) {
    const auto range = (*reader)->Range({topic, partition}, std::chrono::seconds(10));
    if (!range.ok()) return {"CHECK_ERROR " + Message(range.status())};
    if (range->next == range->first) continue;
    const auto records = (*reader)->ReadAll({topic, partition}, *range, std::chrono::seconds(30));
    if (!records.ok()) return {"CHECK_ERROR " + Message(records.status())};
    for (const auto& record : *records) {
      internal::v1::Touch touch;
      if (!touch.ParseFromString(std::string(record.value()))) return {"a touch cannot be read"};
      if (touch.plant_id() != record.key()) return {"a touch is not keyed by its plant"};
      for (const auto& entity : touch.entities())
        entities.insert({touch.plant_id(), touch.event_type(), entity});
      for (const auto instant : touch.instants_us())
        instants.insert({touch.plant_id(), touch.event_type(), instant});
      for (const auto day : touch.days()) days.insert({touch.plant_id(), touch.event_type(), day});
      for (const auto& root : touch.root_keys()) roots.insert({touch.plant_id(), root});
    }
  }
  std::vector<std::string> lines;
  for (const Sent& sent : expected) {
    if (IsGarbage(sent)) continue;
    events::HeaderViews headers(sent.record.headers.begin(), sent.record.headers.end());
    const auto decoded = events::Decode(headers, sent.record.value);
    if (!decoded.ok()) continue;
    const auto& context = events::ContextOf(*decoded->event);
    const std::string& type = decoded->type->full_name;
    const auto occurred = events::OccurredOf(context);
    bool touched =
        entities.contains({context.plant_id(), type, events::EntityOf(*decoded->type, *decoded->event)});
    if (occurred.on.has_value())
      touched = touched && days.contains({context.plant_id(), type, occurred.on->value});
    if (occurred.at.has_value())
      touched = touched && instants.contains({context.plant_id(), type, ToMicros(*occurred.at)});
    const auto expect_root = [&](const event::v1::EventReference& reference) {
      const auto key = events::FactKey(reference.source(), reference.id());
      const std::string root(key.begin(), key.end());
      touched = touched && roots.contains({reference.plant_id(), root}) &&
                roots.contains({context.plant_id(), root});
    };
    if (context.has_corrects()) expect_root(context.corrects());
    if (decoded->type->is_void()) expect_root(static_cast<const event::v1::Voided&>(*decoded->event).voids());
    if (!touched) lines.push_back("no touch for " + NameOf(sent, prefix_));
  }
  Limit(lines);
  return lines;
}

std::vector<std::string> World::Differences(const std::vector<Sent>& expected) {
  std::vector<std::string> all = ArchiveDifferences(expected);
  for (const auto& lines : {FactDifferences(expected), TouchDifferences(expected)})
    all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

}  // namespace yokoten::test
