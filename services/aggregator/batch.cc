#include "aggregator/batch.h"

#include <google/protobuf/message.h>

#include "kafka/topics.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::aggregator {
namespace {

// Reasons quote headers, which may hold any bytes; a proto string must be UTF-8.
std::string Ascii(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

}  // namespace

Batch::Batch() {
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"fact_key", "UUID"},
                                                                  {"event_type", "String"},
                                                                  {"plant", "String"},
                                                                  {"entity", "String"},
                                                                  {"rank", "UInt128"},
                                                                  {"root_key", "UUID"},
                                                                  {"kind", "String"},
                                                                  {"bkey", "UUID"},
                                                                  {"content_hash", "FixedString(16)"},
                                                                  {"source", "String"},
                                                                  {"event_id", "String"},
                                                                  {"target_plant", "String"},
                                                                  {"target_entity", "String"},
                                                                  {"occurred_at", "DateTime64(6, 'UTC')"},
                                                                  {"occurred_on", "Nullable(Date32)"}}) {
    event_keys.Add(name, type);
  }
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"bkey", "UUID"},
                                                                  {"event_type", "String"},
                                                                  {"root_key", "UUID"},
                                                                  {"fact_key", "UUID"},
                                                                  {"plant", "String"},
                                                                  {"entity", "String"},
                                                                  {"rank", "UInt128"}}) {
    business_keys.Add(name, type);
  }
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"plant", "String"},
                                                                  {"target_plant", "String"},
                                                                  {"target_entity", "String"},
                                                                  {"root_key", "UUID"},
                                                                  {"kind", "String"},
                                                                  {"fact_key", "UUID"},
                                                                  {"event_type", "String"},
                                                                  {"body_plant", "String"},
                                                                  {"body_entity", "String"},
                                                                  {"rank", "UInt128"}}) {
    amendments.Add(name, type);
  }
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"topic", "String"},
                                                                  {"epoch", "UInt32"},
                                                                  {"partition", "UInt32"},
                                                                  {"offset", "UInt64"},
                                                                  {"key", "String"},
                                                                  {"headers", "Array(String)"},
                                                                  {"value", "String"},
                                                                  {"recorded_at", "DateTime64(3, 'UTC')"},
                                                                  {"verdict", "String"},
                                                                  {"checksum", "UInt64"}}) {
    archive.Add(name, type);
  }
}

void Batch::Add(RecordView record, Verdict verdict, kafka::Message owner) {
  if (verdict.fact.has_value()) {
    AddFact(record, *verdict.fact);
    Archive(record, kVerdictFact);
  } else {
    AddDeadLetter(record, *verdict.rejection);
    Archive(record, std::string(kVerdictDeadPrefix) + verdict.rejection->reason);
  }
  bytes_ += record.key.size() + record.value.size() + 256;
  records_.push_back(std::move(record));
  owners_.push_back(std::move(owner));
}

void Batch::AddGap(std::string_view topic, const Position& position) {
  gaps_.push_back({records_.size(), topic, position});
  RecordView record{.topic = topic, .position = position};
  Archive(record, kVerdictGap);
}

void Batch::AddFact(const RecordView& record, const Fact& fact) {
  const events::EventType& type = fact.writer->type();
  const event::v1::EventContext& context = fact.context();
  const FactKeys& keys = fact.keys;
  auto [block, is_new] = facts.try_emplace(fact.writer);
  if (is_new) fact.writer->Prepare(block->second);
  fact.writer->Append(*fact.event, keys, record.position, block->second);

  const events::When occurred = events::OccurredOf(context);
  const std::string_view kind = keys.is_void ? "void" : keys.is_correction ? "correct" : "fact";
  size_t at = 0;
  const auto key = [&]() -> clickhouse::Column& { return event_keys.column(at++); };
  key().AppendUuid(keys.fact_key);
  key().AppendString(type.short_name);
  key().AppendString(context.plant_id());
  key().AppendString(keys.entity);
  key().Append<clickhouse::UInt128>(keys.rank);
  key().AppendUuid(keys.root_key);
  key().AppendString(kind);
  key().AppendUuid(keys.bkey);
  key().AppendString({reinterpret_cast<const char*>(keys.content_hash.data()), keys.content_hash.size()});
  key().AppendString(context.source());
  key().AppendString(context.id());
  key().AppendString(keys.target_plant);
  key().AppendString(keys.target_entity);
  key().Append<int64_t>(occurred.micros());
  occurred.on.has_value() ? key().Append<int32_t>(occurred.on->value) : key().AppendDefault();

  if (keys.bkey != events::kNoUuid) {
    business_keys.column(0).AppendUuid(keys.bkey);
    business_keys.column(1).AppendString(type.short_name);
    business_keys.column(2).AppendUuid(keys.root_key);
    business_keys.column(3).AppendUuid(keys.fact_key);
    business_keys.column(4).AppendString(context.plant_id());
    business_keys.column(5).AppendString(keys.entity);
    business_keys.column(6).Append<clickhouse::UInt128>(keys.rank);
  }

  const bool amends = keys.is_void || keys.is_correction;
  if (amends) {
    std::vector<std::string> plants = {keys.target_plant};
    if (context.plant_id() != keys.target_plant) plants.push_back(context.plant_id());
    for (const auto& plant : plants) {
      amendments.column(0).AppendString(plant);
      amendments.column(1).AppendString(keys.target_plant);
      amendments.column(2).AppendString(keys.target_entity);
      amendments.column(3).AppendUuid(keys.root_key);
      amendments.column(4).AppendString(kind);
      amendments.column(5).AppendUuid(keys.fact_key);
      amendments.column(6).AppendString(keys.is_void ? std::string_view()
                                                     : std::string_view(type.short_name));
      amendments.column(7).AppendString(context.plant_id());
      amendments.column(8).AppendString(keys.entity);
      amendments.column(9).Append<clickhouse::UInt128>(keys.rank);
    }
  }

  const auto touch = [&](const events::When& when) {
    if (when.at.has_value())
      touches.Instant(context.plant_id(), type.full_name, keys.entity, ToMicros(*when.at));
    if (when.on.has_value()) touches.Date(context.plant_id(), type.full_name, keys.entity, when.on->value);
  };
  touch(occurred);
  touch(events::EffectiveOf(type, *fact.event));
  if (amends) {
    touches.Root(context.plant_id(), type.full_name, keys.entity, keys.root_key);
    touches.Root(keys.target_plant, type.full_name, keys.target_entity, keys.root_key);
  }
  ids.push_back({.plant = context.plant_id(),
                 .type = &type,
                 .entity = keys.entity,
                 .fact_key = keys.fact_key,
                 .root_key = keys.root_key,
                 .is_void = keys.is_void});
}

void Batch::AddDeadLetter(const RecordView& record, const Rejection& rejection) {
  internal::v1::DeadLetter letter;
  letter.set_topic(std::string(record.topic));
  letter.set_partition(record.position.partition);
  letter.set_offset(record.position.offset);
  letter.set_reason(rejection.reason);
  letter.set_message(Ascii(rejection.message));
  letter.set_key(std::string(record.key));
  letter.set_value(std::string(record.value));
  for (const auto& [name, value] : record.headers) {
    letter.add_headers(std::string(name));
    letter.add_headers(std::string(value));
  }
  dead_letters.push_back({.key = std::string(record.topic) + "/" + std::to_string(record.position.partition) +
                                 "/" + std::to_string(record.position.offset),
                          .value = letter.SerializeAsString(),
                          .headers = {}});
}

void Batch::Archive(const RecordView& record, std::string_view verdict) {
  const Position& position = record.position;
  archive.column(0).AppendString(record.topic);
  archive.column(1).Append<uint32_t>(position.epoch);
  archive.column(2).Append<uint32_t>(static_cast<uint32_t>(position.partition));
  archive.column(3).Append<uint64_t>(static_cast<uint64_t>(position.offset));
  archive.column(4).AppendString(record.key);
  for (const auto& [name, value] : record.headers) {
    archive.column(5).items().AppendString(name);
    archive.column(5).items().AppendString(value);
  }
  archive.column(5).EndArray();
  archive.column(6).AppendString(record.value);
  archive.column(7).Append<int64_t>(position.recorded_ms);
  archive.column(8).AppendString(verdict);
  archive.column(9).Append<uint64_t>(
      verdict == kVerdictGap
          ? 0
          : kafka::RecordChecksum(position.recorded_ms, record.key, record.headers, record.value));
  next_[{std::string(record.topic), position.partition}] = position.offset + 1;
}

}  // namespace yokoten::aggregator
