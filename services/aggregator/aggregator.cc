#include "aggregator/aggregator.h"

#include <algorithm>

#include "aggregator/positions.h"
#include "base/error_ids.h"
#include "clickhouse/epochs.h"
#include "clickhouse/migrate.h"
#include "kafka/topics.h"
#include "telemetry/log.h"

namespace yokoten::aggregator {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBrokerTimeout{5000};
constexpr milliseconds kProgressInterval{10000};
constexpr milliseconds kCommitRetry{200};
constexpr milliseconds kRetryLog{5000};
// A poll while the first records after a pause come in: as soon as nothing more comes, the batch goes.
constexpr milliseconds kGather{3};
// The writer is stuck when it holds a batch this long; then nothing more is fetched.
constexpr milliseconds kStuck{2000};
// More missing offsets in a row than transactions leave behind.
constexpr int64_t kGapMax = 1000;
constexpr char kRoom[] = "aggregator";

}  // namespace

Aggregator::Aggregator(AggregatorOptions options, clickhouse::Client& client, kafka::RecordSink& sink,
                       prometheus::Registry& metrics)
    : options_(std::move(options)),
      client_(client),
      sink_(sink),
      decoder_(Decoder::Linked()),
      metrics_(metrics),
      writer_({.dirty_topic = options_.topic_prefix + std::string(kafka::kDirtyTopic),
               .dead_letter_topic = options_.topic_prefix + std::string(kafka::kDeadLetterTopic),
               .on_retry =
                   [this](const Status& status) {
                     metrics_.retries.Increment();
                     // One line in a while says it: tries are many when a neighbour is away for long.
                     const auto now = SystemClock().Monotonic().time_since_epoch().count();
                     auto last = retry_logged_.load();
                     if (last != 0 && now - last < MonotonicTime::duration(kRetryLog).count()) return;
                     if (!retry_logged_.compare_exchange_strong(last, now)) return;
                     log::Warn(kRoom, "a batch waits and is tried again: {}", Message(status));
                   }},
              decoder_, client_, sink_),
      identity_({.dirty_topic = options_.topic_prefix + std::string(kafka::kDirtyTopic),
                 .interval = options_.identity_interval},
                client_, sink_, metrics_.identity_changes, metrics_.identity_waiting) {}

Aggregator::~Aggregator() { Stop(); }

Status Aggregator::Start() {
  write_thread_ = Thread([this] { WriteLoop(); });
  run_thread_ = Thread([this] { Run(); });
  return OkStatus();
}

void Aggregator::Stop() {
  if (stopping_.exchange(true)) return;
  identity_.Stop();
  changed_.notify_all();
  if (run_thread_.joinable()) run_thread_.join();
  writer_.Cancel();
  changed_.notify_all();
  if (write_thread_.joinable()) write_thread_.join();
  ready_ = false;
}

Status Aggregator::Readiness() const {
  return ready_ ? OkStatus()
                : Unavailable("the aggregator waits for ClickHouse, Kafka or its consumer group");
}

std::vector<Halt> Aggregator::halts() const {
  const std::lock_guard lock(mutex_);
  std::vector<Halt> out;
  for (const auto& [source, halt] : halts_) out.push_back(halt);
  return out;
}

// ---------------------------------------------------------------- polling thread

void Aggregator::Run() {
  milliseconds wait{100};
  while (!stopping_) {
    const Status prepared = Prepare();
    if (prepared.ok()) {
      wait = milliseconds{100};
      Consume();
      continue;
    }
    if (prepared.code() != StatusCode::kUnavailable && prepared.code() != StatusCode::kDeadlineExceeded) {
      log::Error(kRoom, "cannot work: {}", Message(prepared));
      if (options_.on_fatal) options_.on_fatal(prepared);
      return;
    }
    log::Warn(kRoom, "not started yet: {}", Message(prepared));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return stopping_.load(); });
    wait = std::min(wait * 2, milliseconds{5000});
  }
}

Status Aggregator::Prepare() {
  YK_RETURN_IF_ERROR(clickhouse::Migrate(client_));
  YK_RETURN_IF_ERROR(kafka::EnsureTopics({.bootstrap_servers = options_.bootstrap_servers,
                                          .prefix = options_.topic_prefix,
                                          .domain_partitions = options_.domain_partitions,
                                          .dirty_partitions = options_.dirty_partitions,
                                          .replication_factor = options_.replication_factor,
                                          .timeout = kBrokerTimeout}));
  if (log_reader_ == nullptr) {
    YK_ASSIGN_OR_RETURN(log_reader_, kafka::LogReader::Create(options_.bootstrap_servers));
  }
  YK_ASSIGN_OR_RETURN(const std::string cluster, log_reader_->ClusterId(kBrokerTimeout));
  epochs_.clear();
  topic_halts_.clear();
  const auto names = kafka::DomainTopics(options_.topic_prefix);
  YK_ASSIGN_OR_RETURN(const auto counts, log_reader_->PartitionCounts(names, kBrokerTimeout));
  for (const auto& name : names) {
    const std::string topic = name.substr(options_.topic_prefix.size());
    const auto epoch =
        clickhouse::EnsureEpoch(client_, topic, cluster, static_cast<uint32_t>(counts.at(name)));
    if (epoch.status().code() == StatusCode::kFailedPrecondition) {
      topic_halts_[topic] = Halt{
          .source = {topic, -1},
          .error_id = std::string(error_id::kClusterChanged),
          .message = Message(epoch.status()) +
                     "; when the old cluster is gone for good, stop the aggregator, run `" +
                     NewEpochCommand(topic) + "` and start it again (docs/runbooks/yk-cluster-changed.md)"};
      epochs_[topic] = 0;
      continue;
    }
    YK_RETURN_IF_ERROR(epoch.status());
    epochs_[topic] = epoch->epoch;
  }
  return OkStatus();
}

void Aggregator::Consume() {
  auto consumer = kafka::Consumer::Create(
      {.bootstrap_servers = options_.bootstrap_servers,
       .group = options_.topic_prefix + std::string(kafka::kAggregatorGroup) + options_.group_suffix,
       .topics = kafka::DomainTopics(options_.topic_prefix),
       .session_timeout = options_.session_timeout},
      this);
  if (!consumer.ok()) {
    log::Error(kRoom, "{}", Message(consumer.status()));
    if (options_.on_fatal) options_.on_fatal(consumer.status());
    stopping_ = true;
    return;
  }
  consumer_ = std::move(*consumer);
  rejoin_ = false;
  identity_.Start();
  paused_ = false;
  while (!stopping_ && !rejoin_) {
    const auto now = SystemClock().Monotonic();
    const bool idle = WriterIdle();
    const bool full = open_ != nullptr && (open_->records() >= options_.batch_records_max ||
                                           open_->bytes() >= options_.batch_bytes_max);
    if (idle && paused_) {
      consumer_->Resume(OurPartitions());
      paused_ = false;
    }
    if (idle && (full || Due(now))) {
      HandOver();
    } else if (full) {
      // Keep our place in the group while the writer is stuck, without fetching more.
      if (!paused_ && now - closed_at_ > kStuck) {
        consumer_->Pause(OurPartitions());
        paused_ = true;
      }
      if (paused_) PollOnce(milliseconds{0});
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, milliseconds{50},
                        [this] { return stopping_ || (!job_.has_value() && !writing_); });
    } else if (open_ == nullptr) {
      PollOnce(milliseconds{100});
    } else if (!idle) {
      PollOnce(milliseconds{5});
    } else if (now - closed_at_ >= options_.batch_age) {
      const size_t before = open_->records();
      PollOnce(kGather);
      if (open_ != nullptr && open_->records() == before && WriterIdle()) HandOver();
    } else {
      const auto left = std::chrono::ceil<milliseconds>(closed_at_ + options_.batch_age - now);
      PollOnce(std::min(left, options_.batch_age));
    }
    CommitPending();
    std::vector<Halt> halts;
    {
      const std::lock_guard lock(mutex_);
      halts.swap(new_halts_);
    }
    for (Halt& halt : halts) {
      // Records behind the halt may be in the open batch already: start anew from the archive.
      log::Error(kRoom, "{}", halt.message);
      const std::lock_guard lock(mutex_);
      halts_[halt.source] = halt;
      metrics_.halted.Set(static_cast<double>(halts_.size()));
      rejoin_ = true;
    }
    Progress(false);
  }
  Progress(true);
  consumer_->Close();
  {
    // The writer may be committing with it.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !job_.has_value() && !writing_; });
  }
  consumer_.reset();
  ready_ = false;
}

std::vector<kafka::TopicPartition> Aggregator::OurPartitions() const {
  std::vector<kafka::TopicPartition> out;
  for (const auto& [name, partition] : partitions_) {
    if (!partition.halted) out.push_back(name);
  }
  return out;
}

bool Aggregator::Due(MonotonicTime now) const {
  return open_ != nullptr && now - opened_at_ >= options_.batch_age;
}

void Aggregator::PollOnce(milliseconds timeout) {
  polled_.clear();
  std::vector<std::pair<kafka::TopicPartition, int64_t>> lost;
  consumer_->Poll(timeout, 2000, polled_, lost);
  for (auto& message : polled_) Take(std::move(message));
  polled_.clear();
  for (const auto& [name, offset] : lost) {
    const auto it = partitions_.find(name);
    if (it == partitions_.end() || it->second.halted) continue;
    Partition& partition = it->second;
    HaltPartition(partition,
                  {.source = partition.source,
                   .offset = partition.next,
                   .error_id = std::string(error_id::kLogTruncated),
                   .message = partition.source.first + "/" + std::to_string(partition.source.second) +
                              " halts: its log no longer has offset " + std::to_string(partition.next) +
                              " (it was truncated or re-created); when the old log is gone for good, stop " +
                              "the aggregator, run `" + NewEpochCommand(partition.source.first) +
                              "` and start it again (docs/runbooks/yk-log-truncated.md)"});
  }
}

void Aggregator::Take(kafka::Message message) {
  const auto it = partitions_.find({std::string(message.topic()), message.partition()});
  if (it == partitions_.end() || it->second.halted) return;
  Partition& partition = it->second;
  const int64_t offset = message.offset();
  if (offset < partition.next) return;
  if (offset - partition.next > kGapMax) {
    return HaltPartition(partition,
                         {.source = partition.source,
                          .offset = partition.next,
                          .error_id = std::string(error_id::kLogTruncated),
                          .message = partition.source.first + "/" + std::to_string(partition.source.second) +
                                     " halts: its log has no records from offset " +
                                     std::to_string(partition.next) + " to " + std::to_string(offset - 1) +
                                     "; find out what deleted them, then stop the aggregator, run `" +
                                     NewEpochCommand(partition.source.first) +
                                     "` and start it again (docs/runbooks/yk-log-truncated.md)"});
  }
  RecordView view{.topic = partition.topic,
                  .position = {.epoch = partition.epoch,
                               .partition = message.partition(),
                               .offset = offset,
                               .recorded_ms = message.timestamp_ms()},
                  .append_time = message.append_time(),
                  .key = message.key(),
                  .value = message.value(),
                  .headers = message.headers()};
  Verdict verdict = decoder_.Decode(view);
  if (!partition.rate.Take(verdict.rejection.has_value())) {
    return HaltPartition(
        partition, {.source = partition.source,
                    .offset = offset,
                    .error_id = std::string(error_id::kDeadLetterRate),
                    .message = partition.source.first + "/" + std::to_string(partition.source.second) +
                               " halts at offset " + std::to_string(offset) + ": more than " +
                               std::to_string(partition.rate.allowed()) + " of its last " +
                               std::to_string(options_.dead_letter_window) +
                               " records would be dead letters (this one: " + verdict.rejection->reason +
                               "); mend the sender or the program and restart, or raise "
                               "aggregator.dead_letter_percent_max (docs/runbooks/yk-dead-letter-rate.md)"});
  }
  if (open_ == nullptr) {
    open_ = std::make_unique<Batch>();
    opened_at_ = SystemClock().Monotonic();
  }
  for (; partition.next < offset; ++partition.next) {
    log::Warn(kRoom, "{}/{} has no record at offset {}", partition.source.first, partition.source.second,
              partition.next);
    Position gap = view.position;
    gap.offset = partition.next;
    open_->AddGap(partition.topic, gap);
  }
  if (verdict.rejection.has_value()) metrics_.DeadLetters(verdict.rejection->reason).Increment();
  open_->Add(std::move(view), std::move(verdict), std::move(message));
  partition.next = offset + 1;
}

void Aggregator::HaltPartition(Partition& partition, Halt halt) {
  log::Error(kRoom, "{}", halt.message);
  partition.halted = true;
  consumer_->Pause({{options_.topic_prefix + partition.source.first, partition.source.second}});
  const std::lock_guard lock(mutex_);
  halts_[partition.source] = std::move(halt);
  metrics_.halted.Set(static_cast<double>(halts_.size()));
}

void Aggregator::HandOver() {
  if (open_ == nullptr) return;
  closed_at_ = SystemClock().Monotonic();
  {
    const std::lock_guard lock(mutex_);
    job_ = Job{.batch = std::move(open_), .generation = generation_};
  }
  changed_.notify_all();
}

void Aggregator::CommitPending() {
  const auto now = SystemClock().Monotonic();
  // While the writer may commit, ours could come after its and set the group back.
  if (now - commit_tried_at_ < kCommitRetry || !WriterIdle()) return;
  kafka::Offsets offsets;
  {
    const std::lock_guard lock(mutex_);
    offsets.swap(pending_commit_);
  }
  if (offsets.empty()) return;
  commit_tried_at_ = now;
  if (consumer_->Commit(offsets).code() == StatusCode::kUnavailable) {
    const std::lock_guard lock(mutex_);
    // What was committed meanwhile lies further on.
    for (const auto& [partition, offset] : offsets) {
      auto [it, is_new] = pending_commit_.emplace(partition, offset);
      if (!is_new) it->second = std::max(it->second, offset);
    }
  }
}

void Aggregator::Progress(bool last) {
  const auto now = SystemClock().Monotonic();
  const auto since = now - progress_at_;
  if (!last && since < kProgressInterval) return;
  int64_t lag = 0;
  for (const auto& [name, partition] : partitions_) {
    const int64_t end = consumer_->KnownEnd(name);
    if (end > partition.next) lag += end - partition.next;
  }
  metrics_.lag.Set(static_cast<double>(lag));
  const auto records = static_cast<uint64_t>(metrics_.records.Value());
  if (records > progress_records_) {
    log::Info(kRoom, "{} records stored, {:.0f} a second, {} waiting", records,
              static_cast<double>(records - progress_records_) / std::chrono::duration<double>(since).count(),
              lag);
  }
  progress_records_ = records;
  progress_at_ = now;
}

// ---------------------------------------------------------------- assignment (polling thread)

Result<std::map<kafka::TopicPartition, kafka::Start>> Aggregator::Resolve(
    const std::vector<kafka::TopicPartition>& names) {
  std::vector<Source> sources;
  for (const auto& [topic, partition] : names)
    sources.emplace_back(topic.substr(options_.topic_prefix.size()), partition);
  YK_ASSIGN_OR_RETURN(const auto archive,
                      ReadArchive(client_, epochs_, sources, options_.dead_letter_window));

  std::map<Source, LogState> logs;
  std::map<kafka::TopicPartition, int64_t> wanted;
  for (size_t i = 0; i < names.size(); ++i) {
    YK_ASSIGN_OR_RETURN(logs[sources[i]].range, log_reader_->Range(names[i], kBrokerTimeout));
    const auto found = archive.find(sources[i]);
    if (found == archive.end() || found->second.last < 0 || found->second.is_gap) continue;
    const auto& range = logs[sources[i]].range;
    if (found->second.last >= range.first && found->second.last < range.next)
      wanted[names[i]] = found->second.last;
  }
  YK_ASSIGN_OR_RETURN(const auto records, log_reader_->ReadAt(wanted, kBrokerTimeout));
  std::map<kafka::TopicPartition, kafka::Start> starts;
  partitions_.clear();
  kafka::Offsets resumed;
  for (size_t i = 0; i < names.size(); ++i) {
    const Source& source = sources[i];
    LogState& log = logs[source];
    const auto found = archive.find(source);
    const Archived archived = found == archive.end() ? Archived{} : found->second;
    if (const auto record = records.find(names[i]); record != records.end()) {
      // A record found at another offset means that the wanted one is gone.
      log.checksum =
          record->second.offset() == archived.last ? record->second.Checksum() : ~archived.checksum;
    }
    Resume resume = Decide(source, archived, log);
    if (const auto halted = topic_halts_.find(source.first); halted != topic_halts_.end()) {
      resume.halt = halted->second;
      resume.halt->source = source;
    }
    Partition partition{
        .source = source,
        .topic = epochs_.find(source.first)->first,
        .epoch = epochs_.at(source.first),
        .next = resume.offset,
        .rate = DeadLetterRate(options_.dead_letter_window, options_.dead_letter_percent_max)};
    // Those that are read again are counted then.
    if (resume.offset == archived.last + 1) {
      for (const bool dead : archived.dead) partition.rate.Restore(dead);
    }
    {
      const std::lock_guard lock(mutex_);
      // A halt found while consuming holds until the process is restarted.
      if (const auto known = halts_.find(source); known != halts_.end() && !resume.halt.has_value()) {
        const std::string& id = known->second.error_id;
        if (id == error_id::kRecordRefused || id == error_id::kDeadLetterRate) resume.halt = known->second;
      }
      halts_.erase(source);
      if (resume.halt.has_value()) {
        halts_[source] = *resume.halt;
        partition.halted = true;
      }
      metrics_.halted.Set(static_cast<double>(halts_.size()));
    }
    if (resume.halt.has_value()) {
      log::Error(kRoom, "{}", resume.halt->message);
      starts[names[i]] = kafka::Start::Halted();
    } else {
      log::Info(kRoom, "{}/{} goes on at offset {} of epoch {}", source.first, source.second, resume.offset,
                partition.epoch);
      starts[names[i]] = kafka::Start::At(resume.offset);
      resumed[names[i]] = resume.offset;
    }
    partitions_.emplace(names[i], std::move(partition));
  }
  {
    // The archive may be ahead of the group's offsets (a crash in between), or these may have expired.
    const std::lock_guard lock(mutex_);
    pending_commit_ = std::move(resumed);
  }
  return starts;
}

std::map<kafka::TopicPartition, kafka::Start> Aggregator::OnAssign(
    const std::vector<kafka::TopicPartition>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
  }
  open_.reset();
  partitions_.clear();
  paused_ = false;
  const auto deadline = SystemClock().Monotonic() + options_.resolve_wait;
  milliseconds wait{50};
  for (;;) {
    auto starts = Resolve(partitions);
    if (starts.ok()) {
      identity_.RequestFull();
      ready_ = true;
      return *std::move(starts);
    }
    log::Warn(kRoom, "cannot find where to go on yet: {}", Message(starts.status()));
    if (stopping_ || SystemClock().Monotonic() + wait > deadline) break;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return stopping_.load(); });
    wait = std::min(wait * 2, milliseconds{2000});
  }
  rejoin_ = true;
  return {};
}

void Aggregator::OnRevoke(const std::vector<kafka::TopicPartition>&, bool lost) {
  open_.reset();
  if (!lost) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.revoke_wait, [this] { return !job_.has_value() && !writing_; });
  }
  const std::lock_guard lock(mutex_);
  ++generation_;
  pending_commit_.clear();
  if (job_.has_value() || writing_) {
    // Whatever it still writes the next owner writes again, the same way.
    writer_.Cancel();
    job_.reset();
  }
  for (const auto& [name, partition] : partitions_) {
    const std::string& id =
        halts_.contains(partition.source) ? halts_.at(partition.source).error_id : std::string();
    if (lost || (id != error_id::kRecordRefused && id != error_id::kDeadLetterRate))
      halts_.erase(partition.source);
  }
  metrics_.halted.Set(static_cast<double>(halts_.size()));
  partitions_.clear();
}

// ---------------------------------------------------------------- writing thread

bool Aggregator::WriterIdle() const {
  const std::lock_guard lock(mutex_);
  return !job_.has_value() && !writing_;
}

void Aggregator::WriteLoop() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return job_.has_value() || stopping_; });
      if (!job_.has_value()) return;
      job = std::move(*job_);
      job_.reset();
      writing_ = true;
      writer_.Rearm();
    }
    const auto began = SystemClock().Monotonic();
    auto written = writer_.Write(*job.batch);
    kafka::Offsets commit;
    bool current = false;
    {
      const std::lock_guard lock(mutex_);
      current = job.generation == generation_;
      if (written.ok() && current) {
        for (const auto& [source, next] : written->next)
          commit[{options_.topic_prefix + source.first, source.second}] = next;
        // Together with what could not be committed before.
        for (const auto& [name, offset] : pending_commit_) commit.emplace(name, offset);
        pending_commit_.clear();
        for (Halt& halt : written->halts) new_halts_.push_back(std::move(halt));
      }
    }
    if (written.ok()) {
      identity_.Add(written->ids);
      if (current && consumer_->Commit(commit).code() == StatusCode::kUnavailable) {
        const std::lock_guard lock(mutex_);
        if (job.generation == generation_) pending_commit_ = commit;
      }
      metrics_.records.Increment(static_cast<double>(written->records));
      metrics_.batches.Increment();
      metrics_.batch_seconds.Observe(
          std::chrono::duration<double>(SystemClock().Monotonic() - began).count());
      metrics_.batch_records.Observe(static_cast<double>(written->records));
    }
    job.batch.reset();
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
    }
    changed_.notify_all();
  }
}

}  // namespace yokoten::aggregator
