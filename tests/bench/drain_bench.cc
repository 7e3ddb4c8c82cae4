// How fast a backlog drains from Kafka into ClickHouse, beside what the engine can do with the same records:
// the resulting rows inserted from Native files, and its own Kafka engine reading the same topics into one
// table. Measures what each line of standard input names (ours, file, kafka_engine) and prints a line of JSON
// for it; every run is compared with what was sent.
//
//   drain_bench [--records N] [--value_bytes N]
//
// Without --value_bytes the records are those of simulated plants, day by day; with it, proposals whose text
// fills the value up to so many bytes.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <unordered_set>

#include <boost/crc.hpp>

#include "aggregator/aggregator.h"
#include "bench/history.h"
#include "bench/measure.h"
#include "clickhouse/client.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "kafka/log_reader.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "support/kafka.h"
#include "support/warehouse.h"
#include "yokoten/improvement/v1/events.pb.h"

namespace yokoten::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kPrefix[] = "bench.";
constexpr int kPartitions = 4;
constexpr size_t kConnections = 4;  // inserts under way at once, as the aggregator has them
constexpr std::chrono::minutes kPatience{15};

// What is in the topics, counted while it was sent.
struct Backlog {
  uint64_t records = 0;
  uint64_t value_bytes = 0;
  uint64_t crc_sum = 0;                                        // of the values' CRC32
  std::map<std::string, std::unordered_set<std::string>> ids;  // by fact table: source and id
};

class Bench {
 public:
  Bench(uint64_t records, size_t value_bytes)
      : records_(records),
        value_bytes_(value_bytes),
        kafka_(Require(Kafka::Start())),
        warehouse_(Require(Warehouse::Start())) {
    Require(kafka::EnsureTopics({.bootstrap_servers = kafka_->address(),
                                 .prefix = kPrefix,
                                 .domain_partitions = kPartitions,
                                 .dirty_partitions = kPartitions}));
    kafka::ProducerOptions options;
    options.bootstrap_servers = kafka_->address();
    options.delivery_timeout = std::chrono::minutes(1);
    producer_ = Require(kafka::Producer::Create(options));
    const auto begun = steady_clock::now();
    value_bytes_ == 0 ? SendHistory() : SendProposals();
    Line().Text("side", "sent").Count("events", sent_.records).Number("seconds", Seconds(begun)).Print();
  }

  void Measure(const std::string& side) {
    // Once before it counts: caches are warm then, and its rows are what the files hold.
    if (!std::exchange(warm_, true)) Drain(false);
    if (side == "ours") return Drain(true);
    if (side == "file") return InsertFiles();
    if (side == "kafka_engine") return ReadByEngine();
    Fail("there is no side '" + side + "'");
  }

 private:
  // ---------------------------------------------------------------- the backlog

  void Send(const events::EventType& type, const google::protobuf::Message& event) {
    const std::string topic = kPrefix + History::TopicOf(type);
    events::Record record = events::Encode(type, event);
    const auto& context = events::ContextOf(type, event);
    ++sent_.records;
    sent_.value_bytes += record.value.size();
    boost::crc_32_type crc;
    crc.process_bytes(record.value.data(), record.value.size());
    sent_.crc_sum += crc.checksum();
    sent_.ids[events::FactTable(type)].insert(context.source() + '\n' + context.id());
    const auto done = [this](const kafka::Delivery& delivery) {
      if (!delivery.status.ok()) lost_ = true;
    };
    while (!producer_->Produce(topic, record, done).ok()) std::this_thread::yield();
  }

  void Flush() {
    Require(producer_->Flush(std::chrono::minutes(2)));
    if (lost_) Fail("Kafka did not take every record");
  }

  void SendHistory() {
    History history(12, 60);
    while (sent_.records < records_) {
      const cli::OutgoingEvent event = history.Next();
      Send(*event.type, *event.event);
    }
    Flush();
  }

  void SendProposals() {
    const auto* type = events::Registry::Linked().Find("improvement.ProposalSubmitted");
    for (uint64_t i = 0; i < records_; ++i) {
      improvement::v1::ProposalSubmitted event;
      auto& context = *event.mutable_context();
      context.set_source("/bench");
      context.set_id("p" + std::to_string(1'000'000'000 + i));
      context.set_plant_id("PL" + std::to_string(i % 12));
      context.set_workshop_id("W1");
      context.set_line_id("L" + std::to_string(i / 12 % 40));
      context.mutable_occurred_at()->set_seconds(1'704'067'200 + static_cast<int64_t>(i % 700) * 86'400);
      event.set_proposal_id("PR-" + std::to_string(1'000'000'000 + i));
      event.add_proposer_refs("p-" + std::to_string(10'000 + i % 5'000));
      event.set_theme(improvement::v1::THEME_QUALITY);
      // A length that takes one byte and one that takes two, so the sum is met within one byte.
      const size_t bare = event.ByteSizeLong();
      if (value_bytes_ <= bare + 3) Fail("--value_bytes is less than a proposal without text");
      event.set_text_en(std::string(value_bytes_ - bare - 3, static_cast<char>('a' + i % 26)));
      Send(*type, event);
    }
    Flush();
  }

  // ---------------------------------------------------------------- ours

  void Drain(bool counts) {
    const std::string database = "drain_" + std::to_string(++databases_);
    auto client = Require(warehouse_->NewDatabase(database));
    aggregator::AggregatorOptions options;
    options.bootstrap_servers = kafka_->address();
    options.topic_prefix = kPrefix;
    options.domain_partitions = options.dirty_partitions = kPartitions;
    prometheus::Registry registry;
    const int64_t touches = Touches();
    aggregator::Aggregator aggregator(options, *client, *producer_, registry);
    Require(aggregator.Start());
    const auto starting = steady_clock::now();
    while (!aggregator.Readiness().ok()) Wait(starting, "the aggregator gets no partitions");
    const auto begun = steady_clock::now();
    const double cpu = CpuSeconds();
    while (Stored(registry) < sent_.records) Wait(begun, "the backlog does not drain");
    if (counts) Report("ours", Seconds(begun), CpuSeconds() - cpu);
    aggregator.Stop();
    CheckArchive(*client);
    CheckFacts(*client);
    if (Touches() <= touches) Fail("the drain touched nothing");
    if (!counts) {
      drained_ = std::move(client);
    } else {
      Drop(*client);
    }
  }

  // Records of the dirty topic.
  int64_t Touches() {
    auto reader = Require(kafka::LogReader::Create(kafka_->address()));
    int64_t touches = 0;
    for (int32_t i = 0; i < kPartitions; ++i) {
      touches +=
          Require(reader->Range({kPrefix + std::string(kafka::kDirtyTopic), i}, std::chrono::seconds(10)))
              .next;
    }
    return touches;
  }

  // ---------------------------------------------------------------- from files

  std::vector<std::string> FilledTables(clickhouse::Client& client) {
    std::vector<std::string> filled;
    std::vector<std::string> tables = {"archive", "event_key", "business_key", "amendment"};
    for (const auto& type : events::Registry::Linked().types()) tables.push_back(events::FactTable(type));
    for (const auto& table : tables) {
      if (Count(client, table) > 0) filled.push_back(table);
    }
    return filled;
  }

  void WriteFiles() {
    for (const auto& table : FilledTables(*drained_)) {
      const std::string path = files_.path() + "/" + table + ".native";
      std::ofstream file(path, std::ios::binary);
      clickhouse::Params params;
      params.format = "Native";
      Require(drained_->Stream("SELECT * FROM " + table, params, [&](std::string_view piece) {
        return static_cast<bool>(file.write(piece.data(), static_cast<std::streamsize>(piece.size())));
      }));
      file.close();
      sources_.emplace_back(std::filesystem::file_size(path), table);
    }
    // The largest first, so that the last to finish is not one that began late.
    std::sort(sources_.rbegin(), sources_.rend());
    Drop(*drained_);
  }

  void InsertFiles() {
    if (sources_.empty()) WriteFiles();
    auto client = Require(warehouse_->NewDatabase("drain_" + std::to_string(++databases_)));
    const auto begun = steady_clock::now();
    const double cpu = CpuSeconds();
    std::atomic<size_t> next{0};
    std::vector<Status> results(sources_.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kConnections; ++i) {
      threads.emplace_back([&] {
        for (size_t at = next++; at < sources_.size(); at = next++) {
          const std::string& table = sources_[at].second;
          results[at] = client->Execute("INSERT INTO " + table + " SELECT * FROM file('" + files_.path() +
                                        "/" + table + ".native', 'Native')");
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (const Status& status : results) Require(status);
    Report("file", Seconds(begun), CpuSeconds() - cpu);
    CheckArchive(*client);
    CheckFacts(*client);
    Drop(*client);
  }

  // ---------------------------------------------------------------- the engine's own consumer

  void ReadByEngine() {
    const std::string database = "engine_" + std::to_string(++databases_);
    auto client = Require(warehouse_->NewDatabase(database));
    std::string topics;
    for (const auto& topic : kafka::DomainTopics(kPrefix)) topics += (topics.empty() ? "" : ",") + topic;
    Require(client->Execute(
        "CREATE TABLE taken (topic LowCardinality(String), partition UInt32, offset UInt64, key String, "
        "names Array(LowCardinality(String)), headers Array(String), value String, recorded_at "
        "DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY (topic, partition, offset) SETTINGS "
        "fsync_after_insert = 1, fsync_part_directory = 1"));
    Require(client->Execute(
        "CREATE TABLE queue (value String) ENGINE = Kafka SETTINGS kafka_broker_list = '" +
        kafka_->address() + "', kafka_topic_list = '" + topics + "', kafka_group_name = '" + database +
        "', kafka_format = 'RawBLOB', kafka_num_consumers = 2, "
        "kafka_thread_per_consumer = 1, kafka_flush_interval_ms = 500"));
    const auto starting = steady_clock::now();
    Require(client->Execute(
        "CREATE MATERIALIZED VIEW taking TO taken AS SELECT _topic AS topic, _partition AS partition, "
        "_offset AS offset, _key AS key, _headers.name AS names, _headers.value AS headers, value, "
        "_timestamp_ms AS recorded_at FROM queue"));
    // Counted from when it has its partitions, as ours.
    const auto assigned = [&] {
      return client
                 ->Select(
                     "SELECT count() AS n FROM system.kafka_consumers WHERE database = "
                     "currentDatabase() AND notEmpty(assignments.topic)")
                 .value()
                 .Int(0, "n") > 0;
    };
    while (!assigned()) Wait(starting, "the Kafka engine gets no partitions");
    const auto begun = steady_clock::now();
    const double cpu = CpuSeconds();
    while (Count(*client, "taken") < sent_.records) Wait(begun, "the Kafka engine does not come to the end");
    Report("kafka_engine", Seconds(begun), CpuSeconds() - cpu);
    CheckValues(*client, "taken");
    Require(client->Execute("DROP TABLE taking"));
    Require(client->Execute("DROP TABLE queue"));
    Drop(*client);
  }

  // ---------------------------------------------------------------- what must have come out

  uint64_t Count(clickhouse::Client& client, const std::string& table) {
    return Require(client.Select("SELECT count() AS n FROM " + table)).UInt(0, "n");
  }

  // Every record once, with the bytes that were sent.
  void CheckValues(clickhouse::Client& client, const std::string& table) {
    const auto rows = Require(client.Select(
        "SELECT count() AS n, uniqExact(topic, partition, offset) AS places, sum(length(value)) AS bytes, "
        "sum(toUInt64(CRC32(value))) AS crc FROM " +
        table));
    if (rows.UInt(0, "n") != sent_.records || rows.UInt(0, "places") != sent_.records ||
        rows.UInt(0, "bytes") != sent_.value_bytes || rows.UInt(0, "crc") != sent_.crc_sum) {
      Fail(table + " does not hold what was sent: " + rows.Text(0, "n") + " rows of " +
           std::to_string(sent_.records));
    }
  }

  void CheckArchive(clickhouse::Client& client) {
    CheckValues(client, "archive");
    const auto dead = Require(client.Select("SELECT count() AS n FROM archive WHERE verdict != 'fact'"));
    if (dead.UInt(0, "n") != 0) Fail(dead.Text(0, "n") + " records became no facts");
  }

  // Every id a fact of its type, and known.
  void CheckFacts(clickhouse::Client& client) {
    std::unordered_set<std::string> all;
    for (const auto& [table, ids] : sent_.ids) {
      const auto rows = Require(client.Select("SELECT uniqExact(fact_key) AS n FROM " + table));
      if (rows.UInt(0, "n") != ids.size())
        Fail(table + " has " + rows.Text(0, "n") + " facts of " + std::to_string(ids.size()));
      all.insert(ids.begin(), ids.end());
    }
    const auto keys = Require(client.Select("SELECT uniqExact(fact_key) AS n FROM event_key"));
    if (keys.UInt(0, "n") != all.size()) Fail("event_key has " + keys.Text(0, "n") + " keys");
  }

  // ---------------------------------------------------------------- small things

  void Report(const char* side, double seconds, double cpu) {
    Line()
        .Text("side", side)
        .Count("events", sent_.records)
        .Number("seconds", seconds)
        .Number("events_per_s", static_cast<double>(sent_.records) / seconds)
        .Number("mib_per_s", static_cast<double>(sent_.value_bytes) / seconds / 1048576)
        .Number("cpu_s", cpu)
        .Number("value_bytes", static_cast<double>(sent_.value_bytes) / static_cast<double>(sent_.records))
        .Text("integrity", "exact")
        .Print();
  }

  static void Wait(steady_clock::time_point since, const char* what) {
    if (steady_clock::now() - since > kPatience) Fail(what);
    PollPause(milliseconds(20));
  }

  static void Drop(clickhouse::Client& client) {
    Require(client.Execute("DROP DATABASE " + clickhouse::QuoteIdentifier(client.options().database)));
  }

  const uint64_t records_;
  const size_t value_bytes_;
  std::unique_ptr<Kafka> kafka_;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<kafka::Producer> producer_;
  std::atomic<bool> lost_{false};
  Backlog sent_;
  bool warm_ = false;
  int databases_ = 0;
  std::unique_ptr<clickhouse::Client> drained_;
  TempDir files_;
  std::vector<std::pair<uintmax_t, std::string>> sources_;  // bytes and table of each file
};

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) {
  using namespace yokoten::test;  // NOLINT: a measuring program, not a room
  return Serve<Bench>([&] {
    return std::make_unique<Bench>(std::stoull(Option(argc, argv, "records", "500000")),
                                   std::stoull(Option(argc, argv, "value_bytes", "0")));
  });
}
