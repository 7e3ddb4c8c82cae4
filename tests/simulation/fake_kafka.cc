#include "fake_kafka.h"

#include <algorithm>

#include "kafka/log_reader.h"
#include "kafka/offsets.h"
#include "kafka/topics.h"
#include "rollup_worker/worker.h"
#include "world.h"

namespace yokoten::simulation {

Broker::Broker() {
  Group& facts = groups[std::string(kafka::kAggregatorGroup)];
  facts.name = kafka::kAggregatorGroup;
  facts.topic = kFactTopic;
  facts.partitions = PartitionsOf(facts.topic);
  Group& dirty = groups[std::string(kafka::kRollupGroup)];
  dirty.name = kafka::kRollupGroup;
  dirty.topic = kafka::kDirtyTopic;
  dirty.partitions = PartitionsOf(dirty.topic);
}

// The other domains have no records here and would only take time.
int32_t Broker::PartitionsOf(const std::string& topic) const {
  if (topic == kFactTopic) return 3;
  if (topic == kafka::kDirtyTopic || topic == kafka::kKpiChangedTopic) return 2;
  return topic == kafka::kDeadLetterTopic ? 1 : 0;
}

Group& Broker::GroupOf(const std::string& name) { return groups.at(name); }

const LogRecord& Broker::Append(const std::string& topic, int32_t partition, events::Record record,
                                int meaning) {
  World& world = World::Current();
  auto& log = logs_[{topic, partition}];
  LogRecord& added = log.emplace_back();
  added.topic = topic;
  added.partition = partition;
  added.offset = static_cast<int64_t>(log.size()) - 1;
  added.timestamp_ms = world.wall_us() / 1000;
  added.record = std::move(record);
  added.meaning = meaning;
  added.clock = world.store.Tick();
  if (world.verbose()) {
    world.Note("appended " + topic + "/" + std::to_string(partition) + "@" + std::to_string(added.offset) +
               " at " + std::to_string(added.clock));
  }
  if (on_append) on_append(added);
  world.scheduler.WakeAll(changed);
  return added;
}

void Broker::AppendGap(const std::string& topic, int32_t partition) {
  auto& log = logs_[{topic, partition}];
  LogRecord& added = log.emplace_back();
  added.topic = topic;
  added.partition = partition;
  added.offset = static_cast<int64_t>(log.size()) - 1;
  added.gap = true;
}

bool Broker::IsMember(const Group& group, const Member& member) const {
  return member.in_group && member.generation == group.generation;
}

bool Broker::IsZombie(const Process* process) const {
  for (const auto& member : members) {
    if (member->process != process || member->generation < 0 || process->dead) continue;
    if (!member->in_group) return true;
  }
  return false;
}

void Broker::Rebalance(Group& group) {
  if (!group.rebalancing) {
    group.rebalancing = true;
    for (auto& [id, member] : group.members) member->joined = false;
  }
  Complete(group);
  World::Current().scheduler.WakeAll(changed);
}

void Broker::Join(Group& group, Member& member) {
  member.in_group = true;
  group.members[member.id] = &member;
  Rebalance(group);
}

void Broker::Joined(Group& group, Member& member) {
  member.joined = true;
  Complete(group);
}

void Broker::Leave(Group& group, Member& member) {
  member.in_group = false;
  if (group.members.erase(member.id) > 0) Rebalance(group);
}

void Broker::Silence(Process* process, int64_t until) {
  World& world = World::Current();
  const int64_t end = world.scheduler.now() + session_us;
  if (until < end) return;
  for (const auto& owned : members) {
    Member* member = owned.get();
    if (member->process != process || !member->in_group) continue;
    world.scheduler.At(end, [this, member, process, &world] {
      if (!member->in_group || (!process->dead && process->frozen_until < world.scheduler.now())) return;
      for (auto& [name, group] : groups) {
        if (group.members.contains(member->id) && group.members.at(member->id) == member)
          Leave(group, *member);
      }
    });
  }
}

// When all who are left have joined, a generation begins: partitions in ranges, by the members' ids.
void Broker::Complete(Group& group) {
  if (!group.rebalancing) return;
  if (!std::all_of(group.members.begin(), group.members.end(),
                   [](const auto& m) { return m.second->joined; }))
    return;
  World& world = World::Current();
  group.rebalancing = false;
  ++group.generation;
  const auto before = group.owners;
  group.owners.clear();
  if (group.members.empty()) return;
  const auto count = static_cast<int32_t>(group.members.size());
  int32_t next = 0, i = 0;
  for (const auto& [id, member] : group.members) {
    const int32_t share = group.partitions / count + (i++ < group.partitions % count ? 1 : 0);
    for (int32_t p = 0; p < share; ++p) group.owners[next++] = id;
  }
  world.Hit(Branch::kRebalance);
  for (const auto& [partition, id] : group.owners) {
    const auto old = before.find(partition);
    if (old != before.end() && old->second != id) world.Hit(Branch::kPartitionsMoved);
  }
  if (!group.committed.empty() && world.Chance(0.02)) {
    group.committed.clear();
    world.Hit(Branch::kGroupForgot);
  }
  world.scheduler.WakeAll(changed);
}

Status Sink::Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) {
  World& world = World::Current();
  if (process_->dead) return Unavailable("the process is gone");
  const Site site = topic == kafka::kDirtyTopic        ? Site::kTouch
                    : topic == kafka::kDeadLetterTopic ? Site::kDeadLetter
                                                       : Site::kAnnounce;
  if (world.Chance(0.005)) {
    world.Hit(Branch::kQueueFull);
    return ResourceExhausted("the producer's queue is full");
  }
  const Fate fate = world.FateOfRecord(site);
  Scheduler& scheduler = world.scheduler;
  const int64_t sent = scheduler.now() + scheduler.random.Between(200, 4000);
  const int64_t told = sent + scheduler.random.Between(200, 4000);
  const int64_t appended = fate.late ? told + scheduler.random.Between(1'000, 3'000'000) : sent;
  if (!fate.refused) {
    const bool dropped =
        site == Site::kTouch && world.sabotage() == Sabotage::kDropTouch && scheduler.random.Chance(0.1);
    scheduler.At(
        appended, [process = process_, &world, topic, record = std::move(record), left = fate.late, dropped] {
          // What a killed process had not sent is gone with it.
          if (dropped || (process->dead && !left && world.scheduler.random.Chance(0.5))) return;
          const int32_t partition = rollup_worker::PartitionOf(record.key, world.broker.PartitionsOf(topic));
          world.broker.Append(topic, partition, record, -1);
        });
  }
  const bool failed = fate.refused || fate.reply_lost || fate.late;
  const auto report = [process = process_, failed, done = std::move(done)] {
    if (process->dead) return;
    done({.status = failed ? Unavailable("no acknowledgement in time") : OkStatus(),
          .possibly_persisted = failed,
          .partition = 0,
          .offset = 0});
  };
  struct Retry {
    static void Tell(Scheduler& scheduler, Process* process, int64_t time, std::function<void()> report) {
      scheduler.At(time, [&scheduler, process, report = std::move(report)] {
        // A process that stands still hears of it afterwards.
        if (!process->dead && process->frozen_until > scheduler.now()) {
          Tell(scheduler, process, process->frozen_until, report);
        } else {
          report();
        }
      });
    }
  };
  Retry::Tell(scheduler, process_, told, report);
  return OkStatus();
}

}  // namespace yokoten::simulation

namespace yokoten::kafka {

using simulation::Branch;
using simulation::Fate;
using simulation::Fault;
using simulation::Group;
using simulation::LogRecord;
using simulation::Member;
using simulation::Site;
using simulation::World;

Message::~Message() = default;
std::string_view Message::topic() const { return message_->topic; }
int32_t Message::partition() const { return message_->partition; }
int64_t Message::offset() const { return message_->offset; }
int64_t Message::timestamp_ms() const { return message_->timestamp_ms; }
bool Message::append_time() const { return true; }
std::string_view Message::key() const { return message_->record.key; }
std::string_view Message::value() const { return message_->record.value; }
HeaderViews Message::headers() const {
  return {message_->record.headers.begin(), message_->record.headers.end()};
}
size_t Message::bytes() const { return message_->record.value.size() + 64; }

struct Consumer::Impl {
  Assignment* assignment = nullptr;
  Group* group = nullptr;
  Member* member = nullptr;
  bool assigned = false;
  bool closed = false;
  std::vector<TopicPartition> partitions;
  std::map<TopicPartition, int64_t> positions;
  std::set<TopicPartition> paused;

  World& world() const { return World::Current(); }

  void Revoke(bool lost) {
    if (!assigned) return;
    assigned = false;
    const auto taken = std::move(partitions);
    partitions.clear();
    positions.clear();
    paused.clear();
    assignment->OnRevoke(taken, lost);
  }

  // Takes part in the group. True when a new assignment came.
  bool Serve() {
    auto& broker = world().broker;
    if (!member->in_group) {
      Revoke(true);
      broker.Join(*group, *member);
    }
    if (group->rebalancing && !member->joined) {
      Revoke(false);
      if (member->in_group && group->rebalancing) broker.Joined(*group, *member);
    }
    if (!member->in_group || group->rebalancing || (assigned && member->generation == group->generation))
      return false;
    Revoke(true);
    member->generation = group->generation;
    for (const auto& [partition, id] : group->owners) {
      if (id == member->id) partitions.emplace_back(group->topic, partition);
    }
    assigned = true;
    const auto starts = assignment->OnAssign(partitions);
    for (const auto& partition : partitions) {
      const auto start = starts.find(partition);
      if (start == starts.end() || start->second.kind == Start::Kind::kHalted) continue;
      const auto committed = group->committed.find(partition);
      const int64_t known = committed == group->committed.end() ? 0 : committed->second;
      if (start->second.kind == Start::Kind::kOffset) {
        if (start->second.offset > known) world().Hit(Branch::kArchiveAheadOfGroup);
        positions[partition] = start->second.offset;
      } else {
        positions[partition] = known;
      }
    }
    return true;
  }

  size_t Fetch(size_t max, std::vector<Message>& out) {
    size_t count = 0;
    auto& random = world().scheduler.random;
    for (auto& [partition, position] : positions) {
      if (paused.contains(partition)) continue;
      auto& log = world().broker.Log(partition);
      // Again what was not committed yet.
      const auto committed = group->committed.find(partition);
      const int64_t least = committed == group->committed.end() ? 0 : committed->second;
      if (position > least && world().Chance(0.01)) {
        world().Hit(Branch::kDuplicateDelivery);
        position -= random.Below(std::min<int64_t>(position - least, 3)) + 1;
      }
      int64_t most = random.Between(1, 12);
      while (position < static_cast<int64_t>(log.size()) && count < max && most-- > 0) {
        LogRecord& record = log[static_cast<size_t>(position++)];
        if (record.gap) continue;
        out.emplace_back(&record);
        ++count;
      }
    }
    return count;
  }
};

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consumer::~Consumer() { Close(); }

Result<std::unique_ptr<Consumer>> Consumer::Create(const ConsumerOptions& options, Assignment* assignment) {
  World& world = World::Current();
  auto impl = std::make_unique<Impl>();
  impl->assignment = assignment;
  impl->group = &world.broker.GroupOf(options.group);
  world.broker.members.push_back(std::make_unique<Member>());
  impl->member = world.broker.members.back().get();
  impl->member->id = world.broker.members.size();
  impl->member->process = world.scheduler.running()->process;
  return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

size_t Consumer::Poll(std::chrono::milliseconds timeout, size_t max, std::vector<Message>& out,
                      std::vector<std::pair<TopicPartition, int64_t>>&) {
  World& world = impl_->world();
  const int64_t until = world.scheduler.now() + timeout.count() * 1000;
  if (impl_->Serve()) return 0;
  for (;;) {
    if (impl_->assigned && impl_->member->in_group && !impl_->group->rebalancing) {
      const size_t count = impl_->Fetch(max, out);
      if (count > 0) {
        (void)world.Cross(Site::kPoll);
        world.Return(Site::kPoll);
        return count;
      }
    }
    if (world.scheduler.now() >= until) break;
    world.scheduler.Wait(world.broker.changed, until);
    if (impl_->Serve()) return 0;
  }
  return 0;
}

Status Consumer::Commit(const Offsets& next) {
  if (next.empty()) return OkStatus();
  World& world = impl_->world();
  Group& group = *impl_->group;
  const int64_t generation = impl_->member->generation;
  const bool dirty = group.topic == kDirtyTopic;
  const Site site = dirty ? Site::kCommitDirty : Site::kCommitFacts;
  const Fate fate = world.Cross(site);
  if (fate.refused) return Unavailable("Kafka did not take a commit");
  const bool fenced = !impl_->member->in_group || generation != group.generation;
  if (fenced) world.Hit(Branch::kZombieCommitRefused);
  if (!fenced || world.sabotage() == simulation::Sabotage::kNoFence) {
    for (const auto& [partition, offset] : next) {
      if (world.broker.on_commit) world.broker.on_commit(group, partition, offset);
      group.committed[partition] = offset;
    }
  }
  world.Return(site);
  if (fate.reply_lost) return Unavailable("Kafka did not answer a commit");
  return fenced ? Aborted("the group did not take our commit") : OkStatus();
}

void Consumer::Pause(const std::vector<TopicPartition>& partitions) {
  impl_->paused.insert(partitions.begin(), partitions.end());
}
void Consumer::Resume(const std::vector<TopicPartition>& partitions) {
  for (const auto& partition : partitions) impl_->paused.erase(partition);
}
int64_t Consumer::KnownEnd(const TopicPartition& partition) const {
  return impl_->world().broker.End(partition);
}

void Consumer::Close() {
  if (impl_->closed) return;
  impl_->closed = true;
  // A killed process says goodbye to nobody: its session runs out.
  if (impl_->member->process->dead) return;
  impl_->Revoke(false);
  impl_->world().broker.Leave(*impl_->group, *impl_->member);
}

struct LogReader::Impl {};
LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::~LogReader() = default;
Result<std::unique_ptr<LogReader>> LogReader::Create(const std::string&) {
  return std::unique_ptr<LogReader>(new LogReader(nullptr));
}

namespace {

Status Ask(Site site) {
  World& world = World::Current();
  const Fate fate = world.Cross(site);
  world.Return(site);
  return fate.refused ? Unavailable("the brokers do not answer") : OkStatus();
}

}  // namespace

Result<LogRange> LogReader::Range(const TopicPartition& partition, std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(partition.first == kDirtyTopic ? Site::kRead : Site::kPosition));
  return LogRange{0, World::Current().broker.End(partition)};
}

Result<std::map<TopicPartition, Message>> LogReader::ReadAt(const std::map<TopicPartition, int64_t>& offsets,
                                                            std::chrono::milliseconds) {
  std::map<TopicPartition, Message> found;
  if (offsets.empty()) return found;
  YK_RETURN_IF_ERROR(Ask(Site::kPosition));
  for (const auto& [partition, offset] : offsets)
    found.emplace(partition, Message(&World::Current().broker.Log(partition)[static_cast<size_t>(offset)]));
  return found;
}

Result<std::map<std::string, int32_t>> LogReader::PartitionCounts(const std::vector<std::string>& topics,
                                                                  std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(Site::kPrepare));
  std::map<std::string, int32_t> counts;
  for (const auto& topic : topics) counts[topic] = World::Current().broker.PartitionsOf(topic);
  return counts;
}

Result<std::string> LogReader::ClusterId(std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(Site::kPrepare));
  return std::string(simulation::kCluster);
}

struct OffsetReader::Impl {
  Group* group;
};
OffsetReader::OffsetReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OffsetReader::~OffsetReader() = default;
Result<std::unique_ptr<OffsetReader>> OffsetReader::Create(const std::string&, const std::string& group) {
  return std::unique_ptr<OffsetReader>(
      new OffsetReader(std::make_unique<Impl>(Impl{&World::Current().broker.GroupOf(group)})));
}
Result<std::vector<TopicPartition>> OffsetReader::Partitions(const std::vector<std::string>& topics,
                                                             std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(Site::kPrepare));
  std::vector<TopicPartition> partitions;
  for (const auto& topic : topics) {
    for (int32_t p = 0; p < World::Current().broker.PartitionsOf(topic); ++p)
      partitions.emplace_back(topic, p);
  }
  return partitions;
}
Result<Offsets> OffsetReader::Ends(const std::vector<TopicPartition>& partitions, std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(Site::kRead));
  Offsets ends;
  for (const auto& partition : partitions) ends[partition] = World::Current().broker.End(partition);
  return ends;
}
Result<Offsets> OffsetReader::Committed(const std::vector<TopicPartition>& partitions,
                                        std::chrono::milliseconds) {
  YK_RETURN_IF_ERROR(Ask(Site::kRead));
  Offsets committed;
  for (const auto& partition : partitions) {
    const auto found = impl_->group->committed.find(partition);
    if (found != impl_->group->committed.end()) committed.insert(*found);
  }
  return committed;
}

// Begins an operator's new epoch; no seed does.
Status ForgetOffsets(const std::string&, const std::string&, const std::vector<TopicPartition>&,
                     std::chrono::milliseconds) {
  return Unavailable("not simulated");
}

Status EnsureTopics(const TopicOptions&) { return Ask(Site::kPrepare); }

}  // namespace yokoten::kafka
