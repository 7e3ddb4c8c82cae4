// What answers about figures cost in a large group: the board's snapshot of a plant and the map of all
// plants' figures, each over gRPC and as the same query by hand over kpi_cell, idle and while events are
// stored.
//
//   answers_bench [--plants N] [--months N] [--facts N] [--workshops N]
//
// Facts and cells are made inside the engine. Measures what each line of standard input names and prints a
// line of JSON for it: "snapshot ours N", "snapshot hand N", "map ours N", "map hand N" (N: how many times),
// each of them also with "loaded" in front.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <sstream>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "aggregator/aggregator.h"
#include "app/app.h"
#include "app/config.h"
#include "bench/history.h"
#include "bench/measure.h"
#include "clickhouse/client.h"
#include "events/envelope.h"
#include "insight/cells.h"
#include "insight/wire.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "kpi/catalogue.h"
#include "rpc/client.h"
#include "support/kafka.h"
#include "support/warehouse.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::test {
namespace {

using std::chrono::steady_clock;

constexpr char kDatabase[] = "answers";
constexpr char kPrefix[] = "answers.";
constexpr char kFirstMonth[] = "2023-06-01";
constexpr uint64_t kBacklog = 60'000;  // records that tell how fast they drain
constexpr uint64_t kPool = 300'000;    // records made ahead, so that making them costs nothing while measured

// Tables of facts that come by the day, so that their number means nothing to anything else.
constexpr const char* kFactTables[] = {
    "fact_operations_shift_output_reported", "fact_operations_operation_error_recorded",
    "fact_operations_errors_aggregated",     "fact_operations_hours_reported",
    "fact_training_session_completed",       "fact_management_meeting_held",
    "fact_improvement_proposal_submitted",   "fact_safety_incident_reported"};

struct Sizes {
  uint64_t plants, months, facts, workshops;
};

class Answers {
 public:
  explicit Answers(Sizes sizes)
      : sizes_(sizes), kafka_(Require(Kafka::Start())), warehouse_(Require(Warehouse::Start())) {
    client_ = Require(warehouse_->NewDatabase(kDatabase));
    // Known to the broker by the time somebody reads them.
    Require(kafka::EnsureTopics({.bootstrap_servers = kafka_->address(), .prefix = kPrefix}));
    const auto begun = steady_clock::now();
    MakeFacts();
    MakeCells();
    StartInsight();
    Line()
        .Text("side", "made")
        .Count("facts", sizes_.facts)
        .Count("cells", Count("kpi_cell"))
        .Number("seconds", Seconds(begun))
        .Print();
    // What is remembered from the first question on is asked for once.
    const auto warming = steady_clock::now();
    for (uint64_t plant = 0; plant < sizes_.plants; ++plant) Snapshot(plant);
    std::fprintf(stderr, "first answers for all plants took %.1f s\n", Seconds(warming));
    CheckValues();
  }

  ~Answers() {
    StopLoad();
    if (aggregator_) aggregator_->Stop();
    if (app_) app_->Stop();
  }

  void Measure(const std::string& wanted) {
    std::istringstream words(wanted);
    std::string what, side;
    uint64_t times = 0;
    words >> what;
    const bool loaded = what == "loaded";
    if (loaded) words >> what;
    words >> side >> times;
    if ((what != "snapshot" && what != "map") || (side != "ours" && side != "hand") || times == 0)
      Fail("'" + wanted + "' is no measurement");
    if (loaded) StartLoad();
    const uint64_t stored = loaded ? Stored(registry_) : 0;
    std::vector<double> ms;
    const auto begun = steady_clock::now();
    const double cpu = CpuSeconds();
    for (uint64_t i = 0; i < times; ++i) {
      const auto asked = steady_clock::now();
      Ask(what, side, i % sizes_.plants);
      ms.push_back(Seconds(asked) * 1000);
    }
    const double seconds = Seconds(begun);
    std::sort(ms.begin(), ms.end());
    const auto quantile = [&](double q) {
      return ms[static_cast<size_t>(std::max(0.0, std::ceil(q * static_cast<double>(ms.size())) - 1))];
    };
    Line line;
    line.Text("what", what)
        .Text("side", side)
        .Count("times", times)
        .Number("p50_ms", quantile(0.5))
        .Number("p99_ms", quantile(0.99))
        .Number("cpu_s", CpuSeconds() - cpu);
    if (loaded) {
      line.Number("drain_events_per_s", drain_rate_)
          .Number("ingest_events_per_s", static_cast<double>(Stored(registry_) - stored) / seconds);
      StopLoad();
      CheckStored();
    }
    line.Text("integrity", "exact").Print();
  }

 private:
  // ---------------------------------------------------------------- facts and cells

  void MakeFacts() {
    const uint64_t share = std::max<uint64_t>(1, sizes_.facts / std::size(kFactTables));
    clickhouse::Params params = Long();
    for (const char* table : kFactTables) {
      Require(client_->Execute(
          "INSERT INTO " + std::string(table) +
              " (plant, entity, fact_key, root_key, rank, source, event_id, workshop, line, occurred_at, "
              "recorded_at, bkey, src_offset) SELECT " +
              PlantSql("number") +
              ", concat('e', toString(intDiv(number, 97))), generateUUIDv4() AS k, k, "
              "toUInt128(cityHash64(number)) * 18446744073709551615, '/bench', toString(number), "
              "concat('W', toString(number % 5)), concat('L', toString(number % 20)), "
              "toDateTime64('2023-06-01 00:00:00', 6, 'UTC') + toIntervalMinute(cityHash64(number, 1) % "
              "1576800) "
              "AS at, at, generateUUIDv4(2), number FROM numbers_mt(" +
              std::to_string(share) + ")",
          params));
    }
  }

  // Month and day cells of every plant and its workshops, of every KPI that has cells.
  void MakeCells() {
    std::string kpis;
    for (const kpi::Kpi& kpi : kpi::Catalogue::Linked().kpis()) {
      if (kpi.older || kpi.has_parts()) continue;
      kpis += (kpis.empty() ? "('" : ",('") + kpi.id() + "'," + std::to_string(kpi.hash) + "," +
              (kpi.has_samples() ? "1)" : "0)");
    }
    const std::string units = std::to_string(1 + sizes_.workshops);
    const auto make = [&](const char* grain, const std::string& periods, const char* day, const char* days) {
      Require(client_->Execute(
          "INSERT INTO kpi_cell (grain, level, kpi, definition, plant, workshop, line, dim, day, numerator, "
          "numerator_days, denominator, denominator_days, observations, sum_squares, samples, days, version) "
          "SELECT '" +
              std::string(grain) +
              "', if(unit = 0, 'plant', 'workshop'), k.1, k.2, p, if(unit = 0, '', concat('W', "
              "toString(unit))), '', '', " +
              day + ", 1 + h % 50, " + days + ", 100 + h % 1000, " + days +
              ", 100 + h % 1000, 1, if(k.3 = 1, [toDecimal128(1 + h % 9, 6), toDecimal128(10 + h % 9, 6)], "
              "[]), " +
              days + ", 1 FROM (SELECT number AS n, arrayJoin(CAST([" + kpis +
              "], 'Array(Tuple(String, UInt64, UInt8))')) AS k, " + PlantSql("n") + " AS p, intDiv(n, " +
              std::to_string(sizes_.plants) + ") % " + units + " AS unit, intDiv(n, " +
              std::to_string(sizes_.plants) + " * " + units +
              ") AS period, cityHash64(k.1, n) AS h FROM numbers_mt(" + std::to_string(sizes_.plants) +
              " * " + units + " * " + periods + "))",
          Long()));
    };
    const std::string months = std::to_string(sizes_.months);
    const std::string first = "toDate32('" + std::string(kFirstMonth) + "')";
    make("m", months, ("addMonths(" + first + ", period)").c_str(), "30");
    make("d", "dateDiff('day', " + first + ", addMonths(" + first + ", " + months + "))",
         (first + " + toIntervalDay(period)").c_str(), "1");
    Require(client_->Execute("INSERT INTO plant_state SELECT " + PlantSql("number") + ", " + first +
                             ", addMonths(" + first + ", " + months + ") - 1, 'UTC', 1 FROM numbers(" +
                             std::to_string(sizes_.plants) + ")"));
  }

  std::string PlantSql(const std::string& number) const {
    return "concat('B', leftPad(toString(" + number + " % " + std::to_string(sizes_.plants) + "), 3, '0'))";
  }

  static std::string PlantId(uint64_t plant) {
    char text[16];
    std::snprintf(text, sizeof text, "B%03u", static_cast<unsigned>(plant));
    return text;
  }

  static clickhouse::Params Long() {
    clickhouse::Params params;
    params.timeout = std::chrono::minutes(20);
    return params;
  }

  uint64_t Count(const std::string& table) {
    return Require(client_->Select("SELECT count() AS n FROM " + table)).UInt(0, "n");
  }

  // ---------------------------------------------------------------- questions

  void StartInsight() {
    const auto config = app::LoadConfig(
        "",
        {"kafka.bootstrap_servers=" + kafka_->address(), "deployment.topic_prefix=" + std::string(kPrefix),
         "clickhouse.url=" + warehouse_->url(), "clickhouse.database=" + std::string(kDatabase),
         "grpc.listen_address=127.0.0.1:0", "metrics.listen_address="});
    if (!config.ok()) Fail(Message(config.status()));
    app_ = std::make_unique<app::App>(*config, std::vector<std::string>{"insight"});
    Require(insight::Wire(app_->config(), *app_));
    Require(app_->Start());
    const auto starting = steady_clock::now();
    while (!app_->Readiness().ok()) {
      if (Seconds(starting) > 60) Fail("insight does not come up");
      PollPause(std::chrono::milliseconds(20));
    }
    stub_ = insight::v1::InsightService::NewStub(rpc::MakeChannel(app_->GrpcAddress()));
  }

  insight::v1::GetKpiSnapshotResponse Snapshot(uint64_t plant) {
    insight::v1::GetKpiSnapshotRequest request;
    request.mutable_unit()->set_plant_id(PlantId(plant));
    request.set_grain(kpi::v1::GRAIN_MONTH);
    request.set_history(static_cast<int32_t>(sizes_.months));
    insight::v1::GetKpiSnapshotResponse response;
    grpc::ClientContext context;
    const auto status = stub_->GetKpiSnapshot(&context, request, &response);
    if (!status.ok()) Fail("no snapshot: " + status.error_message());
    if (response.entries_size() < 60) Fail("a snapshot has too few figures");
    return response;
  }

  std::string ByHand(const std::string& plants) {
    return Require(client_->Query(
        "SELECT plant, kpi, day, numerator, denominator, observations, samples FROM kpi_cell FINAL WHERE "
        "grain = 'm' AND level = 'plant' AND workshop = '' AND line = '' AND dim = '' AND day >= '" +
        std::string(kFirstMonth) + "'" + plants + " ORDER BY plant, kpi, day"));
  }

  void Ask(const std::string& what, const std::string& side, uint64_t plant) {
    if (side == "hand") {
      if (ByHand(what == "map" ? "" : " AND plant = '" + PlantId(plant) + "'").empty()) Fail("no cells");
    } else if (what == "snapshot") {
      Snapshot(plant);
    } else {
      // There is no question for all plants' own figures at once: as many at a time as the engine has cores.
      std::atomic<uint64_t> next{0};
      std::atomic<bool> failed{false};
      std::vector<std::thread> threads;
      for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&] {
          try {
            for (uint64_t at = next++; at < sizes_.plants; at = next++) Snapshot(at);
          } catch (const std::exception&) {
            failed = true;
          }
        });
      }
      for (auto& thread : threads) thread.join();
      if (failed) Fail("a snapshot of the map failed");
    }
  }

  // The snapshot's sides are those of the cells, for every KPI whose month is one cell.
  void CheckValues() {
    const std::string plant = PlantId(sizes_.plants / 2);
    const auto rows =
        Require(client_->Select("SELECT kpi, toString(day) AS d, toString(numerator) AS num, "
                                "toString(denominator) AS den FROM kpi_cell "
                                "FINAL WHERE grain = 'm' AND level = 'plant' AND plant = '" +
                                plant + "'"));
    std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> cells;
    for (size_t i = 0; i < rows.size(); ++i)
      cells[{rows.Text(i, "kpi"), rows.Text(i, "d")}] = {rows.Text(i, "num"), rows.Text(i, "den")};
    size_t compared = 0;
    const auto snapshot = Snapshot(sizes_.plants / 2);
    for (const auto& entry : snapshot.entries()) {
      // Of reports what is not due yet is left out, which is no cell.
      if (entry.kpi().id() == "data_completeness" || entry.grain() != kpi::v1::GRAIN_MONTH ||
          entry.kpi().privacy_k() > 0 || entry.kpi().numerator() != kpi::v1::AGGREGATION_SUM ||
          entry.kpi().denominator() != kpi::v1::AGGREGATION_SUM)
        continue;
      for (const auto& value : entry.history()) {
        const auto& [numerator, denominator] = cells[{entry.kpi().id(), value.period_start()}];
        if (insight::ParseDecimal(value.numerator()) != insight::ParseDecimal(numerator) ||
            insight::ParseDecimal(value.denominator()) != insight::ParseDecimal(denominator))
          Fail(entry.kpi().id() + " of " + value.period_start() + " is not its cell: " + value.numerator() +
               " / " + value.denominator());
        ++compared;
      }
    }
    if (compared < 10 * sizes_.months) Fail("too few values to compare: " + std::to_string(compared));
  }

  // ---------------------------------------------------------------- events stored meanwhile

  void Fill() {
    while (pool_.size() - sent_from_pool_ < kPool) {
      const cli::OutgoingEvent event = history_.Next();
      pool_.emplace_back(kPrefix + History::TopicOf(*event.type), events::Encode(*event.type, *event.event));
    }
  }

  void Send(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i, ++sent_from_pool_) {
      if (sent_from_pool_ == pool_.size()) {
        exhausted_ = true;
        return;
      }
      auto& [topic, record] = pool_[sent_from_pool_];
      const auto done = [this](const kafka::Delivery& delivery) { lost_ = lost_ || !delivery.status.ok(); };
      while (!producer_->Produce(topic, record, done).ok()) std::this_thread::yield();
    }
  }

  void StartLoad() {
    pool_.erase(pool_.begin(), pool_.begin() + static_cast<std::ptrdiff_t>(sent_from_pool_));
    sent_before_ += std::exchange(sent_from_pool_, 0);
    Fill();
    if (!aggregator_) {
      kafka::ProducerOptions options;
      options.bootstrap_servers = kafka_->address();
      options.delivery_timeout = std::chrono::minutes(1);
      producer_ = Require(kafka::Producer::Create(options));
      aggregator::AggregatorOptions drain;
      drain.bootstrap_servers = kafka_->address();
      drain.topic_prefix = kPrefix;
      Send(kBacklog);
      Require(producer_->Flush(std::chrono::minutes(2)));
      aggregator_ = std::make_unique<aggregator::Aggregator>(drain, *client_, *producer_, registry_);
      Require(aggregator_->Start());
      while (!aggregator_->Readiness().ok()) PollPause(std::chrono::milliseconds(5));
      const auto begun = steady_clock::now();
      WaitStored(kBacklog);
      drain_rate_ = static_cast<double>(kBacklog) / Seconds(begun);
      Fill();
    }
    sending_ = true;
    sender_ = std::thread([this] {
      const auto begun = steady_clock::now();
      uint64_t sent = 0;
      while (sending_ && !exhausted_) {
        const auto due = static_cast<uint64_t>(Seconds(begun) * drain_rate_ / 2);
        if (due > sent) Send(due - sent);
        sent = std::max(sent, due);
        PollPause(std::chrono::milliseconds(5));
      }
    });
    // Measured once the load has come to the engine.
    WaitStored(sent_before_ + kBacklog);
  }

  void StopLoad() {
    sending_ = false;
    if (sender_.joinable()) sender_.join();
  }

  void WaitStored(uint64_t records) {
    const auto begun = steady_clock::now();
    while (Stored(registry_) < records) {
      if (Seconds(begun) > 300) Fail("the events are not stored");
      PollPause(std::chrono::milliseconds(5));
    }
  }

  // What was sent while answers were measured is stored, all of it and once.
  void CheckStored() {
    if (exhausted_) Fail("there were fewer events than the measurement took: ask for fewer answers");
    Require(producer_->Flush(std::chrono::minutes(2)));
    if (lost_) Fail("Kafka did not take every record");
    const uint64_t all = sent_before_ + sent_from_pool_;
    WaitStored(all);
    const auto rows = Require(
        client_->Select("SELECT count() AS n, uniqExact(topic, partition, offset) AS places FROM archive"));
    if (rows.UInt(0, "n") != all || rows.UInt(0, "places") != all)
      Fail("the archive has " + rows.Text(0, "n") + " rows of " + std::to_string(all));
  }

  const Sizes sizes_;
  std::unique_ptr<Kafka> kafka_;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<app::App> app_;
  std::unique_ptr<insight::v1::InsightService::Stub> stub_;

  History history_{12, 60};
  std::vector<std::pair<std::string, events::Record>> pool_;
  uint64_t sent_from_pool_ = 0;
  uint64_t sent_before_ = 0;
  double drain_rate_ = 0;
  prometheus::Registry registry_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<aggregator::Aggregator> aggregator_;
  std::thread sender_;
  std::atomic<bool> sending_{false};
  std::atomic<bool> exhausted_{false};
  std::atomic<bool> lost_{false};
};

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) {
  using namespace yokoten::test;  // NOLINT: a measuring program, not a room
  const auto number = [&](const char* name, const char* otherwise) {
    return std::stoull(Option(argc, argv, name, otherwise));
  };
  return Serve<Answers>([&] {
    return std::make_unique<Answers>(Sizes{.plants = number("plants", "60"),
                                           .months = number("months", "36"),
                                           .facts = number("facts", "1000000"),
                                           .workshops = number("workshops", "4")});
  });
}
