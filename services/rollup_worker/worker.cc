// The worker's loop. Every failure that may pass is repeated with a growing wait; touches are committed only
// when their cells are replaced, so a crash anywhere needs no action.
#include "rollup_worker/worker.h"

#include <algorithm>

#include "base/error_ids.h"
#include "base/wait.h"
#include "clickhouse/migrate.h"
#include "kafka/delivery.h"
#include "kafka/topics.h"
#include "rollup_worker/epochs.h"
#include "telemetry/log.h"

namespace yokoten::rollup_worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};
constexpr milliseconds kAnswer{10000};
constexpr milliseconds kLongPass{2000};
constexpr milliseconds kLevelCheck{200};
constexpr milliseconds kLevelAnswer{1000};
constexpr milliseconds kBackoffMin{100};
constexpr milliseconds kBackoffMax{10000};
constexpr size_t kRefusalsSaid = 3;
constexpr char kRoom[] = "rollup";

double Seconds(WallTime time) { return static_cast<double>(ToMicros(time)) / 1e6; }

// A fault that waiting does not mend.
bool IsFatal(const Status& status) {
  return status.code() == StatusCode::kFailedPrecondition || status.code() == StatusCode::kDataLoss;
}

// The kinds of statements that took longest.
std::string Longest(const Timings& timings, size_t most) {
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [what, ms] : timings) sorted.emplace_back(ms, what);
  std::sort(sorted.rbegin(), sorted.rend());
  std::string text;
  for (size_t i = 0; i < std::min(most, sorted.size()); ++i) {
    text += fmt::format("{}{} {:.1f} s", i == 0 ? "" : ", ", sorted[i].second, sorted[i].first / 1000);
  }
  return text;
}

// Offsets that the log does not have any more.
Status Lost(const std::vector<std::pair<kafka::TopicPartition, int64_t>>& lost) {
  if (lost.empty()) return OkStatus();
  return FailedPrecondition("the dirty topic no longer has offset " + std::to_string(lost.front().second) +
                            " of partition " + std::to_string(lost.front().first.second) +
                            "; run 'yokoten rebuild --new-dirty-epoch' to compute all cells anew");
}

}  // namespace

struct Worker::Counters {
  explicit Counters(telemetry::Metrics& metrics)
      : passes(prometheus::BuildCounter()
                   .Name("yokoten_rollup_passes_total")
                   .Help("Passes that replaced cells")
                   .Register(metrics)
                   .Add({})),
        sweeps(prometheus::BuildCounter()
                   .Name("yokoten_rollup_sweeps_total")
                   .Help("Looks for missing cells")
                   .Register(metrics)
                   .Add({})),
        touches(prometheus::BuildCounter()
                    .Name("yokoten_rollup_touches_total")
                    .Help("Touches whose cells are replaced")
                    .Register(metrics)
                    .Add({})),
        plant_days(prometheus::BuildCounter()
                       .Name("yokoten_rollup_plant_days_total")
                       .Help("Plant-days whose cells were replaced")
                       .Register(metrics)
                       .Add({})),
        set_aside(prometheus::BuildGauge()
                      .Name("yokoten_rollup_figures_set_aside")
                      .Help("Months of KPIs of plants that ClickHouse refuses to compute")
                      .Register(metrics)
                      .Add({})),
        level(prometheus::BuildGauge()
                  .Name("yokoten_rollup_level_timestamp_seconds")
                  .Help("When no touch waited last, or the process began, as seconds since 1970")
                  .Register(metrics)
                  .Add({})),
        retries(prometheus::BuildCounter()
                    .Name("yokoten_rollup_retries_total")
                    .Help("Failed tries that are repeated")
                    .Register(metrics)
                    .Add({})),
        seconds(prometheus::BuildHistogram()
                    .Name("yokoten_rollup_pass_seconds")
                    .Help("Duration of a pass, from its touches to its commit")
                    .Register(metrics)
                    .Add({}, prometheus::Histogram::BucketBoundaries{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
                                                                     60, 300})) {}
  prometheus::Counter& passes;
  prometheus::Counter& sweeps;
  prometheus::Counter& touches;
  prometheus::Counter& plant_days;
  prometheus::Gauge& set_aside;
  prometheus::Gauge& level;
  prometheus::Counter& retries;
  prometheus::Histogram& seconds;
};

int32_t PartitionOf(std::string_view key, int32_t partitions) {
  constexpr uint32_t kM = 0x5bd1e995;
  const auto byte = [&key](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(key[i])); };
  uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(key.size());
  size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kM;
    k ^= k >> 24;
    k *= kM;
    h = (h * kM) ^ k;
  }
  if (key.size() - i >= 3) h ^= byte(i + 2) << 16;
  if (key.size() - i >= 2) h ^= byte(i + 1) << 8;
  if (key.size() - i >= 1) h = (h ^ byte(i)) * kM;
  h ^= h >> 13;
  h *= kM;
  h ^= h >> 15;
  return static_cast<int32_t>(h & 0x7fffffff) % partitions;
}

Worker::Worker(WorkerOptions options, const kpi::Catalogue& catalogue, clickhouse::Client& client,
               kafka::RecordSink& sink, const Clock& clock, telemetry::Metrics& metrics)
    : options_(std::move(options)),
      client_(client),
      sink_(sink),
      clock_(clock),
      dirty_topic_(options_.topic_prefix + std::string(kafka::kDirtyTopic)),
      engine_(client, catalogue, clock, {}),
      counters_(std::make_unique<Counters>(metrics)),
      readiness_(Unavailable("the rollup is starting")) {
  counters_->level.Set(Seconds(clock.Now()));  // whoever begins is late only after a while
}

Worker::~Worker() { Stop(); }

Status Worker::Start() {
  thread_ = Thread([this] { Run(); });
  return OkStatus();
}

void Worker::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Status Worker::Readiness() const {
  const std::lock_guard lock(mutex_);
  return readiness_;
}

void Worker::Run() {
  milliseconds backoff = kBackoffMin;
  while (!stopping_) {
    const MonotonicTime started = clock_.Monotonic();
    Status status = consumer_ == nullptr ? Prepare() : OkStatus();
    if (status.ok()) status = Loop();
    if (status.ok()) continue;
    if (IsFatal(status)) {
      {
        const std::lock_guard lock(mutex_);
        readiness_ = status;
      }
      // Who is told says it, once.
      if (options_.on_fatal) {
        options_.on_fatal(status);
      } else {
        log::Error(kRoom, "{}", Message(status));
      }
      break;
    }
    if (clock_.Monotonic() - started > kBackoffMax) backoff = kBackoffMin;
    log::Warn(kRoom, "{}; again in {} ms", Message(status), backoff.count());
    counters_->retries.Increment();
    WaitUntil(clock_.Monotonic() + backoff, stopping_);
    backoff = std::min(backoff * 2, kBackoffMax);
    // A session that broke is left behind; what was not committed comes again with a new assignment.
    if (consumer_ != nullptr) consumer_->Close();
    consumer_.reset();
    owned_.clear();
    pending_ = {};
  }
  if (consumer_ != nullptr) consumer_->Close();
}

Status Worker::Prepare() {
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client_));
  YK_RETURN_IF_ERROR(kafka::EnsureTopics({.bootstrap_servers = options_.bootstrap_servers,
                                          .prefix = options_.topic_prefix,
                                          .domain_partitions = options_.domain_partitions,
                                          .dirty_partitions = options_.dirty_partitions,
                                          .replication_factor = options_.replication_factor}));
  YK_ASSIGN_OR_RETURN(reader_, kafka::LogReader::Create(options_.bootstrap_servers));
  YK_ASSIGN_OR_RETURN(
      aggregator_, kafka::OffsetReader::Create(
                       options_.bootstrap_servers,
                       options_.topic_prefix + std::string(kafka::kAggregatorGroup) + options_.group_suffix));
  YK_ASSIGN_OR_RETURN(facts_, aggregator_->Partitions(kafka::DomainTopics(options_.topic_prefix), kAnswer));
  YK_ASSIGN_OR_RETURN(own_group_,
                      kafka::OffsetReader::Create(
                          options_.bootstrap_servers,
                          options_.topic_prefix + std::string(kafka::kRollupGroup) + options_.group_suffix));
  YK_ASSIGN_OR_RETURN(const std::string cluster, reader_->ClusterId(kAnswer));
  YK_ASSIGN_OR_RETURN(auto counts, reader_->PartitionCounts({dirty_topic_}, kAnswer));
  partitions_ = counts[dirty_topic_];
  if (partitions_ <= 0) return Unavailable("the dirty topic is not there yet");
  YK_ASSIGN_OR_RETURN(epoch_, OpenEpoch(client_, cluster, partitions_));
  kafka::ConsumerOptions consumer{
      .bootstrap_servers = options_.bootstrap_servers,
      .group = options_.topic_prefix + std::string(kafka::kRollupGroup) + options_.group_suffix,
      .topics = {dirty_topic_},
      .session_timeout = options_.session_timeout,
      .poll_interval_max = std::chrono::hours(1)};
  YK_ASSIGN_OR_RETURN(consumer_, kafka::Consumer::Create(consumer, this));
  return OkStatus();
}

std::map<kafka::TopicPartition, kafka::Start> Worker::OnAssign(
    const std::vector<kafka::TopicPartition>& partitions) {
  std::map<kafka::TopicPartition, kafka::Start> starts;
  owned_.clear();
  for (const kafka::TopicPartition& partition : partitions) {
    owned_.insert(partition.second);
    starts[partition] = kafka::Start::Committed();
  }
  pending_ = {};
  assigned_ = must_load_ = true;
  return starts;
}

void Worker::OnRevoke(const std::vector<kafka::TopicPartition>&, bool) {
  owned_.clear();
  pending_ = {};
  assigned_ = false;
}

bool Worker::Owns(const std::string& plant) const { return owned_.contains(PartitionOf(plant, partitions_)); }

Result<std::map<int32_t, int64_t>> Worker::Ends() {
  std::map<int32_t, int64_t> ends;
  for (const int32_t partition : owned_) {
    YK_ASSIGN_OR_RETURN(const kafka::LogRange range, reader_->Range({dirty_topic_, partition}, kAnswer));
    ends[partition] = range.next;
  }
  return ends;
}

Result<std::map<std::string, int64_t>> Worker::WrittenUpTo() {
  YK_ASSIGN_OR_RETURN(
      clickhouse::Rows rows,
      client_.Select(
          "SELECT plant, max(version) AS version FROM kpi_cell WHERE grain = 'd' AND level = 'plant' "
          "AND workshop = '' AND line = '' AND dim = '' GROUP BY plant"));
  std::map<std::string, int64_t> written;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t version = rows.UInt(i, "version");
    if (EpochOf(version) == epoch_) written[rows.Text(i, "plant")] = NextOffsetOf(version);
  }
  return written;
}

Status Worker::CheckEnds() {
  // In this order: a log that has grown since tells nothing, cells that have would look like a lost log.
  YK_ASSIGN_OR_RETURN(const auto written, WrittenUpTo());
  YK_ASSIGN_OR_RETURN(const auto ends, Ends());
  for (const auto& [plant, next] : written) {
    const auto end = ends.find(PartitionOf(plant, partitions_));
    if (end == ends.end() || next <= end->second) continue;
    return FailedPrecondition(
        "partition " + std::to_string(end->first) + " of the dirty topic ends at " +
        std::to_string(end->second) + ", but cells were made from it up to " + std::to_string(next) +
        ": the log was lost or made anew; run 'yokoten rebuild --new-dirty-epoch' to compute all cells anew");
  }
  return OkStatus();
}

Status Worker::Loop() {
  std::vector<kafka::Message> messages;
  std::vector<std::pair<kafka::TopicPartition, int64_t>> lost;
  consumer_->Poll(pending_.touches > 0 ? milliseconds(0) : kPoll, options_.touches_max, messages, lost);
  YK_RETURN_IF_ERROR(Lost(lost));
  if (!assigned_) return OkStatus();
  if (must_load_) {
    YK_RETURN_IF_ERROR(CheckEnds());
    YK_RETURN_IF_ERROR(engine_.Load());
    YK_RETURN_IF_ERROR(Sweep());
    must_load_ = false;
    const std::lock_guard lock(mutex_);
    readiness_ = OkStatus();
  }
  Take(messages);
  if (pending_.touches > 0) {
    YK_ASSIGN_OR_RETURN(bool whole, Gather(clock_.Monotonic() + options_.gather));
    // Under load passes keep a distance, so that each takes more touches; once nothing more comes, none
    // waits.
    while (whole && !stopping_ && pending_.touches < options_.touches_max &&
           clock_.Monotonic() < next_pass_ && !AggregatorIsLevel()) {
      YK_ASSIGN_OR_RETURN(whole, Gather(std::min(next_pass_, clock_.Monotonic() + kLevelCheck)));
    }
    if (!whole) return OkStatus();
    if (!stopping_ && pending_.touches > 0) YK_RETURN_IF_ERROR(Pass());
  } else {
    counters_->level.Set(Seconds(clock_.Now()));
  }
  if (clock_.Monotonic() >= next_sweep_) return Sweep();
  return OkStatus();
}

Result<bool> Worker::Gather(MonotonicTime until) {
  std::vector<kafka::Message> messages;
  std::vector<std::pair<kafka::TopicPartition, int64_t>> lost;
  while (!stopping_ && pending_.touches < options_.touches_max && clock_.Monotonic() < until) {
    messages.clear();
    const auto rest = std::chrono::duration_cast<milliseconds>(until - clock_.Monotonic());
    consumer_->Poll(std::clamp(rest, milliseconds(1), kPoll), options_.touches_max - pending_.touches,
                    messages, lost);
    YK_RETURN_IF_ERROR(Lost(lost));
    // After a new assignment these are its first; what was gathered before was given up with the old one.
    Take(messages);
    if (must_load_) return false;
  }
  return true;
}

bool Worker::AggregatorIsLevel() {
  const auto ends = aggregator_->Ends(facts_, kLevelAnswer);
  const auto committed = aggregator_->Committed(facts_, kLevelAnswer);
  return ends.ok() && committed.ok() && kafka::Lag(*ends, *committed) == 0;
}

void Worker::Take(const std::vector<kafka::Message>& messages) {
  for (const kafka::Message& message : messages) {
    const kafka::TopicPartition partition{std::string(message.topic()), message.partition()};
    int64_t& next = pending_.next[partition];
    next = std::max(next, message.offset() + 1);
    internal::v1::Touch touch;
    if (!touch.ParseFromArray(message.value().data(), static_cast<int>(message.value().size())) ||
        touch.plant_id().empty()) {
      log::Error(kRoom, "offset {} of partition {} of the dirty topic is no touch; it is skipped",
                 message.offset(), message.partition());
      continue;
    }
    ++pending_.touches;
    if (touch.plant_id() == "*") {
      pending_.group.push_back(std::move(touch));
    } else {
      PlantTouches& plant = pending_.plants[touch.plant_id()];
      plant.version = MakeVersion(epoch_, next, false);
      plant.touches.push_back(std::move(touch));
    }
  }
}

Status Worker::Pass() {
  const MonotonicTime start = clock_.Monotonic();
  for (auto& [plant, touches] : pending_.plants) {
    // All touches of the partition up to here are in this pass, those of other plants too.
    const auto next = pending_.next.find({dirty_topic_, PartitionOf(plant, partitions_)});
    if (next != pending_.next.end()) touches.version = MakeVersion(epoch_, next->second, false);
  }
  YK_RETURN_IF_ERROR(FanOut());
  YK_ASSIGN_OR_RETURN(const PassReport report, engine_.Apply(pending_.plants));
  YK_RETURN_IF_ERROR(Announce(report));
  const Status committed = consumer_->Commit(pending_.next);
  if (!committed.ok()) return committed;
  const MonotonicTime end = clock_.Monotonic();
  const double seconds = std::chrono::duration<double>(end - start).count();
  log::Debug(kRoom, "{} touches, {} plant-days, {} rounds in {:.0f} ms: {}", pending_.touches,
             report.plant_days, report.rounds, seconds * 1000,
             Longest(report.timings, report.timings.size()));
  if (end - start > kLongPass) {
    log::Info(kRoom, "{} plant-days in {} rounds in {:.1f} s, most of it: {}", report.plant_days,
              report.rounds, seconds, Longest(report.timings, 3));
  }
  counters_->passes.Increment();
  counters_->touches.Increment(static_cast<double>(pending_.touches));
  counters_->plant_days.Increment(static_cast<double>(report.plant_days));
  counters_->seconds.Observe(seconds);
  next_pass_ = std::min<MonotonicTime>(
      start + std::chrono::duration_cast<MonotonicTime::duration>((end - start) * options_.pause_factor),
      end + options_.pause_max);
  pending_ = {};
  return OkStatus();
}

// A group fact dirties every plant: each gets a touch in its own partition, so that its cells' versions stay
// in one order.
Status Worker::FanOut() {
  if (pending_.group.empty()) return OkStatus();
  YK_ASSIGN_OR_RETURN(const std::vector<std::string> plants, engine_.AllPlants());
  std::vector<events::Record> records;
  for (const internal::v1::Touch& touch : pending_.group) {
    for (const std::string& plant : plants) {
      internal::v1::Touch own = touch;
      own.set_plant_id(plant);
      own.clear_entities();  // named for readers of the log only, and many
      records.push_back({.key = plant, .value = own.SerializeAsString(), .headers = {}});
    }
  }
  return Produce(dirty_topic_, std::move(records));
}

Status Worker::Sweep() {
  next_sweep_ = clock_.Monotonic() + options_.sweep_interval;
  if (owned_.empty()) return OkStatus();
  // As new as what was applied, never newer: a touch that still waits must win over the months made here.
  std::vector<kafka::TopicPartition> partitions;
  for (const int32_t partition : owned_) partitions.emplace_back(dirty_topic_, partition);
  YK_ASSIGN_OR_RETURN(const auto committed, own_group_->Committed(partitions, kAnswer));
  YK_ASSIGN_OR_RETURN(const auto written, WrittenUpTo());
  const auto applied = [&](const std::string& plant) -> int64_t {
    const auto found = committed.find({dirty_topic_, PartitionOf(plant, partitions_)});
    return found == committed.end() ? 0 : std::max<int64_t>(0, found->second);
  };
  // A pass that was not committed may have stored some of a plant's cells and not others. A month made of
  // both could not be told from one that knows all; the touches come again, and their pass makes what is
  // missing.
  const auto in_pass = [&](const std::string& plant) {
    const auto cells = written.find(plant);
    return cells != written.end() && cells->second > applied(plant);
  };
  const MonotonicTime start = clock_.Monotonic();
  YK_ASSIGN_OR_RETURN(
      const PassReport report,
      engine_.Sweep(
          epoch_, [&](const std::string& plant) { return Owns(plant) && !in_pass(plant); },
          [&](const std::string& plant) { return MakeVersion(epoch_, applied(plant), true); }));
  counters_->sweeps.Increment();
  if (report.plant_days > 0) {
    const double seconds = std::chrono::duration<double>(clock_.Monotonic() - start).count();
    log::Info(kRoom, "{} plant-days were missing and are computed in {} rounds in {:.1f} s, most of it: {}",
              report.plant_days, report.rounds, seconds, Longest(report.timings, 3));
    log::Debug(kRoom, "all statements: {}", Longest(report.timings, report.timings.size()));
    counters_->plant_days.Increment(static_cast<double>(report.plant_days));
  }
  return Announce(report);
}

Status Worker::Announce(const PassReport& report) {
  counters_->set_aside.Set(static_cast<double>(engine_.set_aside()));
  for (size_t i = 0; i < report.refused.size(); ++i) {
    if (i == kRefusalsSaid) {
      log::Error(kRoom, "{}: {} more like these", error_id::kFigureRefused, report.refused.size() - i);
      break;
    }
    const Refusal& refusal = report.refused[i];
    log::Error(
        kRoom, "{}: {} of plant {} cannot be computed for the month of {}, it is shown without value: {}",
        error_id::kFigureRefused, refusal.kpi, refusal.plant, FormatDay(refusal.month), Message(refusal.why));
  }
  std::vector<events::Record> records;
  for (const Replaced& replaced : report.replaced) {
    internal::v1::KpiChanged changed;
    changed.set_plant_id(replaced.plant);
    for (const std::string& kpi : replaced.kpis) changed.add_kpi_ids(kpi);
    changed.set_from_day(replaced.from.value);
    changed.set_to_day(replaced.to.value);
    changed.set_version(replaced.version);
    records.push_back({.key = replaced.plant, .value = changed.SerializeAsString(), .headers = {}});
  }
  return Produce(options_.topic_prefix + std::string(kafka::kKpiChangedTopic), std::move(records));
}

Status Worker::Produce(const std::string& topic, std::vector<events::Record> records) {
  const auto on_retry = [this](const Status& status) {
    log::Warn(kRoom, "{}; it is tried again", Message(status));
    counters_->retries.Increment();
  };
  return kafka::ProduceAll(sink_, topic, std::move(records), stopping_, {.on_retry = on_retry});
}

}  // namespace yokoten::rollup_worker
