#include "integration/aggregator_world.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include <google/protobuf/message.h>

#include "events/identity.h"
#include "kafka/topics.h"
#include "support/process.h"

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

std::vector<std::string> World::StateDifferences(clickhouse::Client& one, clickhouse::Client& other) {
  constexpr char kShown[] = " LIMIT 3";
  std::vector<std::string> lines;
  // `table` stands for the database's own in `select`.
  const auto compare = [&](const std::string& table, const std::string& select) {
    const auto of = [&](const clickhouse::Client& client) {
      std::string sql = select;
      const std::string name = clickhouse::QuoteIdentifier(client.options().database) + "." + table;
      return "(" + sql.replace(sql.find("{}"), 2, name) + ")";
    };
    const auto only_in = [&](const char* where, const std::string& here, const std::string& there) {
      const auto rows =
          one.Select("SELECT toString(tuple(*)) AS row FROM " + here +
                     " WHERE cityHash64(*) NOT IN (SELECT cityHash64(*) FROM " + there + ")" + kShown);
      if (!rows.ok()) lines.push_back(table + ": " + Message(rows.status()));
      for (size_t i = 0; rows.ok() && i < rows->size(); ++i)
        lines.push_back(table + " only in " + where + ": " + rows->Text(i, "row").substr(0, 500));
    };
    only_in("the first", of(one), of(other));
    only_in("the other", of(other), of(one));
  };
  for (const auto& type : events::Registry::Linked().types()) {
    compare(events::FactTable(type), "SELECT * FROM {} FINAL");
  }
  compare("event_key", "SELECT DISTINCT * FROM {}");
  compare("business_key", "SELECT DISTINCT * FROM {}");
  compare("amendment", "SELECT * FROM {} FINAL");
  compare("archive", "SELECT DISTINCT * FROM {}");
  compare(
      "inert_fact",
      "SELECT plant, event_type, entity, fact_key, reason, winner_key, told FROM {} FINAL WHERE inert = 1");
  compare("finding", "SELECT * EXCEPT (version, active) FROM {} FINAL WHERE active = 1");
  return lines;
}

}  // namespace yokoten::test
