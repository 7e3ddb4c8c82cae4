#include "gate/keeper.h"

#include "events/envelope.h"
#include "events/registry.h"
#include "kafka/topics.h"
#include "telemetry/log.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::gate {
namespace {

constexpr std::chrono::milliseconds kKafkaTimeout{10000};

std::set<std::string> FullNames() {
  std::set<std::string> names{events::Registry::Linked().Voided().full_name};
  for (const std::string& event : EventsRead())
    names.insert(events::Registry::Linked().Find(event)->full_name);
  return names;
}

}  // namespace

Keeper::Keeper(KeeperOptions options, clickhouse::Client& clickhouse, const Clock& clock,
               telemetry::Metrics& metrics)
    : options_(std::move(options)),
      clickhouse_(clickhouse),
      clock_(clock),
      events_(FullNames()),
      readings_(prometheus::BuildCounter()
                    .Name("yokoten_gate_plants_read_total")
                    .Help("Plants whose book was read from ClickHouse")
                    .Register(metrics)
                    .Add({})),
      failures_(prometheus::BuildCounter()
                    .Name("yokoten_gate_failures_total")
                    .Help("Looks for new facts that failed and are repeated")
                    .Register(metrics)
                    .Add({})),
      age_(prometheus::BuildGauge()
               .Name("yokoten_gate_facts_age_seconds")
               .Help("How long ago the facts were last known to be complete; -1 before the first time")
               .Register(metrics)
               .Add({})) {
  age_.Set(-1);
}

Status Keeper::Start() {
  YK_ASSIGN_OR_RETURN(
      aggregator_, kafka::OffsetReader::Create(
                       options_.bootstrap_servers,
                       options_.topic_prefix + std::string(kafka::kAggregatorGroup) + options_.group_suffix));
  YK_ASSIGN_OR_RETURN(reader_, kafka::LogReader::Create(options_.bootstrap_servers));
  YK_ASSIGN_OR_RETURN(domains_,
                      aggregator_->Partitions(kafka::DomainTopics(options_.topic_prefix), kKafkaTimeout));
  YK_ASSIGN_OR_RETURN(dirty_, aggregator_->Partitions(
                                  {options_.topic_prefix + std::string(kafka::kDirtyTopic)}, kKafkaTimeout));
  // What is touched from here on is read again; what was before is in the first reading.
  YK_ASSIGN_OR_RETURN(read_to_, aggregator_->Ends(dirty_, kKafkaTimeout));
  thread_ = std::thread([this] { Loop(); });
  return OkStatus();
}

void Keeper::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const Status status = Cycle();
    if (!status.ok()) {
      failures_.Increment();
      log::Warn("gate", "could not look for new facts, tries again: {}", Message(status));
    }
    lock.lock();
    if (facts_until_) {
      age_.Set(std::chrono::duration<double>(clock_.Now() - *facts_until_).count());
    }
    wake_.wait_for(lock, status.ok() ? options_.gather : std::chrono::milliseconds(1000),
                   [this] { return stopping_; });
  }
}

Status Keeper::Cycle() {
  if (!mark_) {
    const WallTime now = clock_.Now();
    YK_ASSIGN_OR_RETURN(kafka::Offsets ends, aggregator_->Ends(domains_, kKafkaTimeout));
    mark_ = {now, std::move(ends)};
  }
  // The aggregator touches before it commits: once it has passed the mark, the touches read below are all
  // there.
  YK_ASSIGN_OR_RETURN(const kafka::Offsets committed, aggregator_->Committed(domains_, kKafkaTimeout));
  const bool passed = kafka::Lag(mark_->ends, committed) == 0;
  YK_ASSIGN_OR_RETURN(const std::set<std::string> touched, ReadTouches());
  waiting_.insert(touched.begin(), touched.end());
  const bool all = !loaded_ || waiting_.contains("*") || clock_.Monotonic() - refreshed_ >= options_.refresh;
  if (all) {
    YK_RETURN_IF_ERROR(Read({}));
    loaded_ = true;
    refreshed_ = clock_.Monotonic();
  } else if (!waiting_.empty()) {
    YK_RETURN_IF_ERROR(Read({waiting_.begin(), waiting_.end()}));
  }
  waiting_.clear();
  if (passed) {
    const std::lock_guard lock(mutex_);
    facts_until_ = mark_->at;
    mark_.reset();
  }
  return OkStatus();
}

Result<std::set<std::string>> Keeper::ReadTouches() {
  std::set<std::string> plants;
  YK_ASSIGN_OR_RETURN(const kafka::Offsets ends, aggregator_->Ends(dirty_, kKafkaTimeout));
  for (const auto& [partition, end] : ends) {
    int64_t& from = read_to_[partition];
    if (end == from) continue;
    if (end < from) {  // made anew
      plants.insert("*");
      from = end;
      continue;
    }
    YK_ASSIGN_OR_RETURN(const std::vector<kafka::Message> records,
                        reader_->ReadAll(partition, {from, end}, kKafkaTimeout));
    for (const kafka::Message& record : records) {
      internal::v1::Touch touch;
      const std::string_view value = record.value();
      if (!touch.ParseFromArray(value.data(), static_cast<int>(value.size()))) continue;
      if (events_.contains(touch.event_type())) plants.insert(touch.plant_id());
    }
    waiting_.insert(plants.begin(), plants.end());  // kept should the next partition fail
    from = end;
  }
  return plants;
}

Status Keeper::Read(const std::vector<std::string>& plants) {
  YK_ASSIGN_OR_RETURN(Books books, LoadBooks(clickhouse_, kpi::Catalogue::Linked(), clock_.Now(), plants));
  readings_.Increment(static_cast<double>(books.size()));
  const std::lock_guard lock(mutex_);
  if (plants.empty()) {
    books_ = std::move(books);
  } else {
    for (auto& [plant, book] : books) books_[plant] = std::move(book);
  }
  return OkStatus();
}

Result<Current> Keeper::BookOf(const std::string& plant) const {
  YK_RETURN_IF_ERROR(Level());
  const std::lock_guard lock(mutex_);
  const auto book = books_.find(plant);
  return Current{book == books_.end() ? nullptr : book->second, *facts_until_};
}

Status Keeper::Level() const {
  const std::lock_guard lock(mutex_);
  if (!facts_until_) return Unavailable("the gate has not read all facts yet; ask again in a moment");
  if (clock_.Now() - *facts_until_ > options_.stale_max) {
    return Unavailable("the gate's facts are complete only until " + events::FormatTime(*facts_until_) +
                       "; see that the aggregator, Kafka and ClickHouse run");
  }
  return OkStatus();
}

}  // namespace yokoten::gate
