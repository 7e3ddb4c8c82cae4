#include "integration/aggregator_world.h"
#include "support/process.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include <google/protobuf/message.h>

#include "events/columns.h"
#include "events/identity.h"
#include "events/validator.h"
#include "kafka/topics.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::test {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "the test cannot run: %s\n", what.c_str());
  std::exit(2);
}

event::v1::EventContext& MutableContext(google::protobuf::Message& event) {
  const auto* field = event.GetDescriptor()->FindFieldByName("context");
  return static_cast<event::v1::EventContext&>(*event.GetReflection()->MutableMessage(&event, field));
}

void FillContext(const std::string& id, const std::string& plant, const std::string& line,
                 event::v1::EventContext& context) {
  context.set_source("/test");
  context.set_id(id);
  context.set_plant_id(plant);
  context.set_workshop_id("W1");
  context.set_line_id(line);
}

}  // namespace

Neighbours& Neighbours::Get() {
  static Neighbours* const neighbours = [] {
    auto* made = new Neighbours;
    // Short sessions, so that the place of a killed process is soon another's.
    auto kafka = Kafka::Start({"group.min.session.timeout.ms=500"});
    if (!kafka.ok()) Fail(Message(kafka.status()));
    made->kafka_ = *std::move(kafka);
    auto warehouse = Warehouse::Start();
    if (!warehouse.ok()) Fail(Message(warehouse.status()));
    made->warehouse_ = *std::move(warehouse);
    // Static objects would be destroyed in an unknown order; children must end with the program all the same.
    std::atexit([] {
      Neighbours::Get().kafka_.reset();
      Neighbours::Get().warehouse_.reset();
    });
    return made;
  }();
  return *neighbours;
}

uint64_t Seed() {
  static const uint64_t seed = [] {
    const std::string given = Environment("YOKOTEN_TEST_SEED", "");
    const uint64_t value = given.empty() ? std::random_device{}() : std::stoull(given);
    std::printf("YOKOTEN_TEST_SEED=%llu repeats this run\n", static_cast<unsigned long long>(value));
    return value;
  }();
  return seed;
}

World::World(const std::string& name, int32_t partitions)
    : prefix_(name + "."), database_("test_" + name), partitions_(partitions) {
  random_.seed(Seed());
  auto client = Neighbours::Get().warehouse().NewDatabase(database_);
  if (!client.ok()) Fail(Message(client.status()));
  client_ = *std::move(client);
  const Status topics = kafka::EnsureTopics({.bootstrap_servers = Neighbours::Get().kafka().address(),
                                             .prefix = prefix_,
                                             .domain_partitions = partitions_,
                                             .dirty_partitions = 2});
  if (!topics.ok()) Fail(Message(topics));
  kafka::ProducerOptions options;
  options.bootstrap_servers = Neighbours::Get().kafka().address();
  auto producer = kafka::Producer::Create(options);
  if (!producer.ok()) Fail(Message(producer.status()));
  producer_ = *std::move(producer);
}

World::~World() = default;

aggregator::AggregatorOptions World::Options() const {
  return {.bootstrap_servers = Neighbours::Get().kafka().address(),
          .topic_prefix = prefix_,
          .domain_partitions = partitions_,
          .dirty_partitions = 2,
          .session_timeout = std::chrono::milliseconds(1500),
          .batch_age = std::chrono::milliseconds(30),
          .identity_interval = std::chrono::milliseconds(200)};
}

std::vector<std::string> World::Settings() const {
  return {"kafka.bootstrap_servers=" + Neighbours::Get().kafka().address(),
          "kafka.domain_partitions=" + std::to_string(partitions_),
          "kafka.dirty_partitions=2",
          "deployment.topic_prefix=" + prefix_,
          "clickhouse.url=" + Neighbours::Get().warehouse().url(),
          "clickhouse.database=" + database_,
          "metrics.listen_address=",
          "kafka.session_timeout_ms=1500",
          "aggregator.batch_age_ms=20",
          "aggregator.identity_interval_ms=200"};
}

std::string World::TopicOf(const google::protobuf::Message& event) const {
  const auto* type = events::Registry::Linked().Find(event.GetDescriptor());
  return prefix_ + (type->is_void() ? std::string("yokoten.operations.v1") : type->topic);
}

void World::SendAll(const std::vector<std::pair<std::string, events::Record>>& records) {
  std::mutex mutex;
  std::condition_variable changed;
  size_t open = 0;
  std::vector<Sent> acknowledged(records.size());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (size_t i = 0; i < records.size(); ++i) {
    {
      const std::lock_guard lock(mutex);
      ++open;
    }
    const auto done = [&, i](const kafka::Delivery& delivery) {
      const std::lock_guard lock(mutex);
      if (!delivery.status.ok()) Fail("Kafka did not take a record: " + Message(delivery.status));
      acknowledged[i] = {records[i].first, delivery.partition, delivery.offset, records[i].second};
      --open;
      changed.notify_all();
    };
    while (!producer_->Produce(records[i].first, records[i].second, done).ok()) {
      if (std::chrono::steady_clock::now() > deadline) Fail("the producer's queue stays full");
      std::this_thread::yield();
    }
  }
  std::unique_lock lock(mutex);
  if (!changed.wait_until(lock, deadline, [&] { return open == 0; }))
    Fail("Kafka did not acknowledge within 60 s");
  sent_.insert(sent_.end(), acknowledged.begin(), acknowledged.end());
}

void World::SendRaw(const std::string& topic, events::Record record) {
  SendAll({{topic, std::move(record)}});
}

void World::Send(const google::protobuf::Message& event) {
  SendRaw(TopicOf(event), events::Encode(*events::Registry::Linked().Find(event.GetDescriptor()), event));
}

operations::v1::ShiftOutputReported Output(const std::string& id, const std::string& plant,
                                           const std::string& line, const std::string& day,
                                           int64_t produced) {
  operations::v1::ShiftOutputReported event;
  FillContext(id, plant, line, *event.mutable_context());
  event.mutable_context()->set_occurred_on(day);
  event.set_product("P-" + id);
  event.set_production_day(day);
  event.set_shift_code("D");
  event.set_produced_qty(produced);
  event.set_good_qty(produced);
  event.set_scrap_qty(0);
  event.set_rework_qty(0);
  event.set_snapshot_version(1);
  return event;
}

operations::v1::OperationErrorRecorded ErrorAt(const std::string& id, const std::string& plant,
                                               const std::string& line, int64_t unix_seconds) {
  operations::v1::OperationErrorRecorded event;
  FillContext(id, plant, line, *event.mutable_context());
  event.mutable_context()->mutable_occurred_at()->set_seconds(unix_seconds);
  event.set_error_id("E-" + id);
  event.set_job_id("J1");
  event.set_error_class(operations::v1::ERROR_CLASS_WRONG_PART);
  event.set_method_related(true);
  return event;
}

namespace {

event::v1::EventReference ReferenceTo(const google::protobuf::Message& target) {
  const auto& context = events::ContextOf(target);
  event::v1::EventReference reference;
  reference.set_source(context.source());
  reference.set_id(context.id());
  reference.set_plant_id(context.plant_id());
  reference.set_entity(events::EntityOf(*events::Registry::Linked().Find(target.GetDescriptor()), target));
  return reference;
}

}  // namespace

event::v1::Voided Void(const std::string& id, const google::protobuf::Message& target) {
  event::v1::Voided event;
  const auto& context = events::ContextOf(target);
  FillContext(id, context.plant_id(), context.line_id(), *event.mutable_context());
  event.mutable_context()->mutable_occurred_at()->set_seconds(1767225600);
  *event.mutable_voids() = ReferenceTo(target);
  event.set_reason(event::v1::VOID_REASON_DUPLICATE);
  return event;
}

void Correct(const google::protobuf::Message& root, google::protobuf::Message& event) {
  auto& context = MutableContext(event);
  *context.mutable_corrects() = ReferenceTo(root);
  context.set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
}

std::vector<std::pair<std::string, events::Record>> World::Mix(size_t count) {
  std::vector<std::pair<std::string, events::Record>> records;
  const auto add = [&](const google::protobuf::Message& event) {
    records.emplace_back(TopicOf(event),
                         events::Encode(*events::Registry::Linked().Find(event.GetDescriptor()), event));
  };
  const auto pick = [&](size_t n) { return random_() % n; };
  const auto plant = [&] { return "PL" + std::to_string(1 + pick(4)); };
  const auto line = [&] { return "L" + std::to_string(1 + pick(12)); };
  const auto day = [&] {
    char text[32];
    std::snprintf(text, sizeof(text), "20%02d-%02d-%02d", static_cast<int>(10 + pick(16)),
                  static_cast<int>(1 + pick(12)), static_cast<int>(1 + pick(28)));
    return std::string(text);
  };
  while (records.size() < count) {
    const std::string id = "m" + std::to_string(++counter_);
    auto output = Output(id, plant(), line(), day(), static_cast<int64_t>(pick(1000)));
    switch (pick(12)) {
      case 0:
        add(output);
        add(output);  // sent twice
        break;
      case 1:
        add(output);
        output.set_produced_qty(output.produced_qty() + 1);  // the same id says something else
        add(output);
        break;
      case 2:
        add(output);
        output.mutable_context()->set_plant_id("PL9");  // the same id at another plant
        add(output);
        break;
      case 3: {
        add(output);
        auto correction = Output(id + "c", plant(), line(), day(), 7);
        Correct(output, correction);
        add(correction);
        break;
      }
      case 4:
        add(Void(id + "v", output));  // before what it names
        add(output);
        break;
      case 5:
        add(ErrorAt(id, plant(), line(), static_cast<int64_t>(pick(1750000000))));
        break;
      case 6:
        add(ErrorAt(id, plant(), line(), -1500000000 + static_cast<int64_t>(pick(1000))));
        break;  // 1922
      case 7:
        if (pick(30) == 0)
          records.emplace_back(
              prefix_ + "yokoten.operations.v1",
              events::Record{.key = "k",
                             .value = "\xff\xfenot protobuf",
                             .headers = {{"ce_specversion", "1.0"}, {"ce_type", "\xc3\x28"}}});
        break;
      default:
        add(output);
    }
  }
  return records;
}

Status World::WaitConsumed(std::chrono::milliseconds timeout) {
  auto reader = kafka::OffsetReader::Create(Neighbours::Get().kafka().address(),
                                            prefix_ + std::string(kafka::kAggregatorGroup));
  YK_RETURN_IF_ERROR(reader.status());
  std::map<kafka::TopicPartition, int64_t> wanted;
  for (const Sent& sent : sent_) {
    int64_t& next = wanted[{sent.topic, sent.partition}];
    next = std::max(next, sent.offset + 1);
  }
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& [partition, next] : wanted) partitions.push_back(partition);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::string missing;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto committed = (*reader)->Committed(partitions, std::chrono::seconds(5));
    missing.clear();
    if (committed.ok()) {
      for (const auto& [partition, next] : wanted) {
        const auto found = committed->find(partition);
        const int64_t at = found == committed->end() ? -1 : found->second;
        if (at < next)
          missing += partition.first + "/" + std::to_string(partition.second) + " is at " +
                     std::to_string(at) + " of " + std::to_string(next) + "; ";
      }
      if (missing.empty()) return OkStatus();
    }
    test::PollPause(std::chrono::milliseconds(20));
  }
  return DeadlineExceeded(missing);
}

std::unique_ptr<clickhouse::Client> World::OtherDatabase(const std::string& suffix) {
  auto client = Neighbours::Get().warehouse().NewDatabase(database_ + "_" + suffix);
  if (!client.ok()) Fail(Message(client.status()));
  return *std::move(client);
}

std::vector<std::string> World::State(clickhouse::Client& client) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& name, const std::string& select) {
    const auto rows =
        client.Select("SELECT count() AS rows, sum(cityHash64(*)) AS hash FROM (" + select + ")");
    lines.push_back(name + ": " +
                    (rows.ok() ? rows->Text(0, "rows") + " rows, hash " + rows->Text(0, "hash")
                               : Message(rows.status())));
  };
  for (const auto& type : events::Registry::Linked().types()) {
    add(events::FactTable(type), "SELECT * FROM " + events::FactTable(type) + " FINAL");
  }
  add("event_key", "SELECT DISTINCT * FROM event_key");
  add("business_key", "SELECT DISTINCT * FROM business_key");
  add("amendment", "SELECT * FROM amendment FINAL");
  add("archive", "SELECT DISTINCT * FROM archive");
  add("inert_fact",
      "SELECT plant, event_type, entity, fact_key, reason, winner_key, told FROM inert_fact FINAL WHERE "
      "inert = 1");
  add("finding", "SELECT * EXCEPT (version, active) FROM finding FINAL WHERE active = 1");
  return lines;
}

// ---------------------------------------------------------------- oracle

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
