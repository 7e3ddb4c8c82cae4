#include "oracle.h"

#include <algorithm>

#include "kafka/topics.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::simulation {
namespace {

constexpr char kOutput[] = "yokoten.operations.v1.ShiftOutputReported";
constexpr char kVoided[] = "yokoten.event.v1.Voided";

using clickhouse::UInt128;

UInt128 RankOf(const LogRecord& record) {
  return ~(UInt128{static_cast<uint64_t>(record.timestamp_ms)} << 80 |
           UInt128{static_cast<uint32_t>(record.partition)} << 64 |
           UInt128{static_cast<uint64_t>(record.offset)});
}

std::string CellName(const CellKey& key) {
  return std::string(key.grain == 'd' ? "day " : "month ") + FormatDay(Day{key.day}) + " of " + key.kpi +
         " of plant " + key.plant;
}

}  // namespace

std::string NameOf(const Place& place) {
  return std::get<0>(place) + "/" + std::to_string(std::get<1>(place)) + "@" +
         std::to_string(std::get<2>(place));
}

void Oracle::Appended(const LogRecord& record) {
  if (record.topic == kafka::kDeadLetterTopic) dead_letters_.insert(record.record.key);
  if (record.topic != kafka::kDirtyTopic) return;
  internal::v1::Touch touch;
  if (!touch.ParseFromString(record.record.value)) return;
  for (const int32_t day : touch.days())
    day_touches_[{touch.plant_id(), touch.event_type(), day}] = record.clock;
  for (const int64_t us : touch.instants_us())
    day_touches_[{touch.plant_id(), touch.event_type(), static_cast<int32_t>(us / 86'400'000'000)}] =
        record.clock;
  for (const std::string& root : touch.root_keys())
    root_touches_[{touch.plant_id(), touch.event_type(), root}] = record.clock;
}

std::string Oracle::Archived(const Place& place, const ArchiveRow& row) {
  const auto& [topic, partition, offset] = place;
  auto& log = broker_.Log({topic, partition});
  const std::string name = NameOf(place);
  if (offset >= static_cast<int64_t>(log.size())) return name + " is archived and not in the log";
  const LogRecord& record = log[static_cast<size_t>(offset)];
  if (record.gap) return row.verdict == "gap" ? "" : name + " is no record, and archived as " + row.verdict;
  if (row.value != record.record.value || row.recorded_ms != record.timestamp_ms)
    return name + " is archived as something else";
  const Meaning& meaning = meanings[static_cast<size_t>(record.meaning)];
  if (meaning.kind == Meaning::Kind::kGarbage) {
    if (!row.verdict.starts_with("dead:")) return name + " is garbage, and archived as " + row.verdict;
    return dead_letters_.contains(topic + "/" + std::to_string(partition) + "/" + std::to_string(offset))
               ? ""
               : name + " is archived before its dead letter is written";
  }
  if (row.verdict != "fact") return name + " is a fact, and archived as " + row.verdict;
  const std::string stored_at = meaning.plant + " " + meaning.entity;
  const auto key = store_.event_keys.find({meaning.fact_key, stored_at, RankOf(record)});
  const auto fact = store_.fact_clocks.find({meaning.fact_key, stored_at, RankOf(record)});
  if (key == store_.event_keys.end() || fact == store_.fact_clocks.end())
    return name + " is archived before its fact is stored";
  uint64_t stored = std::max(key->second.clock, fact->second);
  const bool amends = meaning.kind != Meaning::Kind::kFact;
  if (amends) {
    size_t rows = 0;
    for (const Amendment& amendment : store_.amendments) {
      if (amendment.fact_key != meaning.fact_key || amendment.rank != RankOf(record)) continue;
      ++rows;
      stored = std::max(stored, amendment.clock);
    }
    if (rows != (meaning.plant == meaning.target_plant ? 1 : 2))
      return name + " is archived before what it amends is stored";
  }
  const std::string type = meaning.kind == Meaning::Kind::kVoid ? kVoided : kOutput;
  const auto touched = [stored](const auto& touches, const auto& what) {
    const auto found = touches.find(what);
    return found != touches.end() && found->second > stored;
  };
  if (!touched(day_touches_, std::tuple(meaning.plant, type, meaning.day)))
    return name + " is archived, and no touch of its day was written after its fact";
  if (amends && (!touched(root_touches_, std::tuple(meaning.plant, type, meaning.target_key)) ||
                 !touched(root_touches_, std::tuple(meaning.target_plant, type, meaning.target_key))))
    return name + " is archived, and no touch of what it amends was written after its fact";
  return "";
}

std::string Oracle::Committed(const Group& group, const TopicPartition& partition, int64_t offset) {
  auto& log = broker_.Log(partition);
  const std::string name = group.name + " commits " + partition.first + "/" +
                           std::to_string(partition.second) + "@" + std::to_string(offset);
  if (offset > static_cast<int64_t>(log.size())) return name + ", which is behind the log's end";
  const auto before = group.committed.find(partition);
  if (before != group.committed.end() && before->second > offset)
    return name + ", which goes back from " + std::to_string(before->second);
  int64_t& checked = checked_[partition];
  for (; checked < offset; ++checked) {
    const LogRecord& record = log[static_cast<size_t>(checked)];
    if (group.topic != kafka::kDirtyTopic) {
      if (!store_.archive.contains({partition.first, partition.second, checked}))
        return name + ", and offset " + std::to_string(checked) + " is not archived";
      continue;
    }
    internal::v1::Touch touch;
    if (figures_refused || !touch.ParseFromString(record.record.value) || touch.event_type() != kOutput)
      continue;
    for (const int32_t day : touch.days()) {
      for (const char* kpi : {kSumKpi, kStockKpi}) {
        const CellKey key{'d', kpi, touch.plant_id(), day};
        const auto cell = store_.cells.find(key);
        if (cell == store_.cells.end()) return name + ", and there is no cell of " + CellName(key);
        if (cell->second.read_clock < record.clock)
          return name + ", and " + CellName(key) + " was read before the touch at " +
                 std::to_string(checked) + " (" + std::to_string(cell->second.read_clock) + " < " +
                 std::to_string(record.clock) + ")";
      }
    }
  }
  return "";
}

std::string Oracle::Drained(int32_t today) {
  size_t records = 0;
  for (int32_t p = 0; p < broker_.PartitionsOf(kFactTopic); ++p) {
    const int64_t end = broker_.End({kFactTopic, p});
    for (int64_t offset = 0; offset < end; ++offset) {
      if (!store_.archive.contains({kFactTopic, p, offset}))
        return NameOf({kFactTopic, p, offset}) + " was acknowledged and is not archived";
    }
    records += static_cast<size_t>(end);
  }
  if (store_.archive.size() != records) return "the archive has records that no log has";
  if (std::string wrong = CheckFacts(); !wrong.empty()) return wrong;
  return CheckCells(today);
}

// Every event once, by its earliest copy.
std::map<Key, Oracle::Version> Oracle::Versions() {
  std::map<Key, Version> versions;
  for (int32_t p = 0; p < broker_.PartitionsOf(kFactTopic); ++p) {
    for (const LogRecord& record : broker_.Log({kFactTopic, p})) {
      if (record.gap) continue;
      const Meaning& meaning = meanings[static_cast<size_t>(record.meaning)];
      if (meaning.kind == Meaning::Kind::kGarbage) continue;
      const Version version{&meaning, {record.timestamp_ms, p, record.offset}};
      const auto [known, fresh] = versions.emplace(meaning.fact_key, version);
      if (!fresh && version.at < known->second.at) known->second = version;
    }
  }
  return versions;
}

std::string Oracle::CheckFacts() {
  const auto versions = Versions();
  if (store_.facts.size() != versions.size())
    return std::to_string(store_.facts.size()) + " facts are stored, the log has " +
           std::to_string(versions.size());
  for (const auto& [key, version] : versions) {
    const Meaning& meaning = *version.meaning;
    const auto stored = store_.facts.find({key, meaning.plant + " " + meaning.entity});
    if (stored == store_.facts.end()) return "the fact " + meaning.id + " is not stored";
    const FactRow& row = stored->second;
    const auto& [ms, partition, offset] = version.at;
    const UInt128 rank =
        ~(UInt128{static_cast<uint64_t>(ms)} << 80 | UInt128{static_cast<uint32_t>(partition)} << 64 |
          UInt128{static_cast<uint64_t>(offset)});
    const Key& root = meaning.target_key.empty() ? key : meaning.target_key;
    if (row.rank != rank || row.root_key != root || row.day != meaning.day || row.good != meaning.good)
      return "the fact " + meaning.id + " is stored as something else";
  }
  return "";
}

std::string Oracle::CheckCells(int32_t today) {
  const auto versions = Versions();
  std::set<Key> voided;
  std::map<Key, Version> latest;  // correction of a root
  for (const auto& [key, version] : versions) {
    if (version.meaning->kind == Meaning::Kind::kVoid) voided.insert(version.meaning->target_key);
  }
  std::map<std::string, int32_t> first;
  for (const auto& [key, version] : versions) {
    const Meaning& meaning = *version.meaning;
    if (meaning.kind == Meaning::Kind::kVoid) continue;
    const auto [begun, fresh] = first.emplace(meaning.plant, meaning.day);
    begun->second = std::min(begun->second, meaning.day);
    if (meaning.kind != Meaning::Kind::kCorrection || voided.contains(key)) continue;
    const auto [known, is_first] = latest.emplace(meaning.target_key, version);
    if (!is_first && version.at > known->second.at) known->second = version;
  }
  std::map<std::pair<std::string, int32_t>, std::pair<int64_t, int64_t>> days;  // sum and count
  for (const auto& [key, version] : versions) {
    if (version.meaning->kind != Meaning::Kind::kFact || voided.contains(key)) continue;
    const auto corrected = latest.find(key);
    const Meaning& counts = corrected == latest.end() ? *version.meaning : *corrected->second.meaning;
    auto& [sum, count] = days[{counts.plant, counts.day}];
    sum += counts.good;
    ++count;
  }
  std::map<CellKey, int64_t> wanted;
  for (const auto& [plant, from] : first) {
    int64_t stock = 0;
    for (int32_t day = from; day <= today; ++day) {
      const auto of_day = days[{plant, day}];
      stock += of_day.second;
      const int32_t month = MonthStart(Day{day}).value;
      wanted[{'d', kSumKpi, plant, day}] = of_day.first;
      wanted[{'d', kStockKpi, plant, day}] = stock;
      wanted[{'m', kSumKpi, plant, month}] += of_day.first;
      wanted[{'m', kStockKpi, plant, month}] = stock;
    }
  }
  for (const auto& [key, value] : wanted) {
    const auto cell = store_.cells.find(key);
    if (cell == store_.cells.end()) return "there is no cell of " + CellName(key);
    if (cell->second.value != value)
      return "the cell of " + CellName(key) + " says " + std::to_string(cell->second.value) + ", the log " +
             std::to_string(value);
  }
  return "";
}

}  // namespace yokoten::simulation
