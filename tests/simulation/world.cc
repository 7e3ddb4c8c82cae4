#include "world.h"

#include <algorithm>
#include <cstdio>

#include "aggregator/aggregator.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "kafka/topics.h"
#include "kpi/catalogue.h"
#include "rollup_worker/worker.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::simulation {
namespace {

using std::chrono::milliseconds;

thread_local World* t_world = nullptr;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kRecordsEnd = 6 * kSecond;
constexpr int64_t kFaultsEnd = 9 * kSecond;
// Of stalls and of what is done late.
constexpr int64_t kLongest = 3 * kSecond;
// Pauses between tries grow to ten seconds, and to thirty for a figure that was refused.
constexpr int64_t kGiveUp = 40 * kSecond;
constexpr int64_t kGiveUpFigures = 80 * kSecond;
constexpr int64_t kSweepMs = 3000;
constexpr int64_t kCheckEvery = 250'000;
constexpr int64_t kFirstWall = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z: a year and a month begin
constexpr char kSource[] = "/simulation";

std::string KeyOf(const std::string& id) {
  const events::Uuid key = events::FactKey(kSource, id);
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string DefinitionOf(const std::string& id, const char* horizon, const char* numerator,
                         const char* query) {
  return "-- id: \"" + id +
         "\"\n-- name_zh: \"模拟\" name_en: \"Simulated\" formula_zh: \"模拟\" formula_en: \"Simulated\"\n"
         "-- pitfalls_zh: \"无\" pitfalls_en: \"None\" unit_zh: \"件\" unit_en: \"pcs\" decimals: 0 factor: "
         "\"1\"\n"
         "-- direction: DIRECTION_HIGHER_IS_BETTER pillar: \"JI\" board: \"Q\" version: 1\n"
         "-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_M\n"
         "-- reads { event: \"operations.ShiftOutputReported\" horizon: " +
         horizon + " }\n-- finest_level: LEVEL_LINE numerator: " + numerator +
         " denominator: AGGREGATION_SUM interval: INTERVAL_KIND_WILSON min_n: 1 default_grain: GRAIN_DAY\n"
         "-- source: \"tests/simulation\"\n\n" +
         query;
}

const kpi::Catalogue& TheCatalogue() {
  static const kpi::Catalogue catalogue = [] {
    constexpr char kQuery[] =
        "SELECT plant, workshop, line, day, good_qty AS numerator, 1 AS denominator, 1 AS observations, 0 AS "
        "sum_squares\nFROM {facts operations.ShiftOutputReported(good_qty)}\n";
    auto loaded = kpi::Catalogue::Load(
        {{kStockKpi, DefinitionOf(kStockKpi, "HORIZON_FORWARD", "AGGREGATION_LAST", kQuery)},
         {kSumKpi, DefinitionOf(kSumKpi, "HORIZON_DAY", "AGGREGATION_SUM", kQuery)}},
        {});
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", std::string(Message(loaded.status())).c_str());
      std::abort();
    }
    return std::move(*loaded);
  }();
  return catalogue;
}

}  // namespace

const char* NameOf(Sabotage sabotage) {
  constexpr std::array<const char*, static_cast<size_t>(Sabotage::kCount)> kNames = {"none",
                                                                                     "commit-before-archive",
                                                                                     "touch-before-facts",
                                                                                     "drop-touch",
                                                                                     "drop-fact",
                                                                                     "flip-fact",
                                                                                     "drop-archive-row",
                                                                                     "change-archive-row",
                                                                                     "skip-position-check",
                                                                                     "commit-before-cells",
                                                                                     "ignore-versions",
                                                                                     "no-fence"};
  return kNames[static_cast<size_t>(sabotage)];
}

World::World(uint64_t seed, const SeedOptions& options)
    : scheduler(seed), oracle(broker, store), options_(options), seed_(seed), before_(t_world) {
  t_world = this;
  auto& random = scheduler.random;
  // A seed has some kinds of faults and not others: many at once hide what few would show.
  constexpr std::array<double, kFaults> kHighest = {0.006, 0.006, 0.004, 0.004, 0.04, 0.04, 0.04, 0.03};
  for (size_t f = 0; f < kFaults; ++f) {
    if (random.Chance(0.5)) rates_[f] = kHighest[f] * static_cast<double>(random.Between(1, 10)) / 10;
  }
  const bool midnight = random.Chance(0.4);
  wall_start_us_ =
      kFirstWall + (midnight ? 86'400 * kSecond - random.Between(1, 8) * kSecond : 36'000 * kSecond);
  if (midnight) {
    scheduler.At(kFirstWall + 86'400 * kSecond - wall_start_us_, [this] { Hit(Branch::kMidnight); });
  }
  broker.on_append = [this](const LogRecord& record) { oracle.Appended(record); };
  broker.on_commit = [this](const Group& group, const TopicPartition& partition, int64_t offset) {
    if (std::string wrong = oracle.Committed(group, partition, offset); !wrong.empty()) Fail(wrong);
  };
  store.on_archive = [this](const Place& place, const ArchiveRow& row) {
    if (std::string wrong = oracle.Archived(place, row); !wrong.empty()) Fail(wrong);
  };
}

World::~World() {
  scheduler.Shutdown();
  t_world = before_;
}

World& World::Current() {
  if (t_world == nullptr) std::abort();
  return *t_world;
}

void World::Fail(const std::string& what) {
  if (failure_.empty()) failure_ = what;
  Note("FAILED: " + what);
}

void World::Note(const std::string& what) {
  if (!verbose()) return;
  std::printf("%10.6f %-12s %s\n", static_cast<double>(scheduler.now()) / 1e6,
              scheduler.running() == nullptr ? "" : scheduler.running()->process->name.c_str(), what.c_str());
}

bool World::Draw(Site site, Fault fault) {
  if (!faults_ || !Counts::Possible(site, fault) ||
      !scheduler.random.Chance(rates_[static_cast<size_t>(fault)]))
    return false;
  ++counts.faults[static_cast<size_t>(site)][static_cast<size_t>(fault)];
  if (verbose()) Note(NameOf(site, fault));
  return true;
}

void World::Die() {
  broker.Silence(scheduler.running()->process, INT64_MAX);
  scheduler.KillSelf();
}

void World::Crash(Site site) {
  ++counts.faults[static_cast<size_t>(site)][static_cast<size_t>(Fault::kCrashAfter)];
  Note(NameOf(site, Fault::kCrashAfter));
  Die();
}

Fate World::Cross(Site site) {
  if (scheduler.running()->unwinding) return {.refused = true};
  ++counts.waits;
  auto& random = scheduler.random;
  scheduler.Sleep(random.Chance(0.02) ? random.Between(1'000, 300'000) : random.Between(100, 3'000));
  Process* process = scheduler.running()->process;
  const auto stall = [&] {
    const int64_t us = random.Between(200'000, kLongest);
    broker.Silence(process, scheduler.now() + us);
    scheduler.FreezeSelf(us);
  };
  if (Draw(site, Fault::kCrashBefore)) Die();
  if (Draw(site, Fault::kStallBefore)) stall();
  return FateOfRecord(site);
}

Fate World::FateOfRecord(Site site) {
  Fate fate;
  fate.refused = Draw(site, Fault::kRefused);
  if (!fate.refused) fate.late = Draw(site, Fault::kLate);
  if (!fate.refused && !fate.late) fate.partial = Draw(site, Fault::kPartial);
  if (!fate.refused && !fate.late && !fate.partial) fate.reply_lost = Draw(site, Fault::kReplyLost);
  return fate;
}

void World::Return(Site site) {
  if (scheduler.running()->unwinding) return;
  auto& random = scheduler.random;
  scheduler.Sleep(random.Between(50, 1'500));
  Process* process = scheduler.running()->process;
  if (Draw(site, Fault::kCrashAfter)) Die();
  if (Draw(site, Fault::kStallAfter)) {
    const int64_t us = random.Between(200'000, kLongest);
    broker.Silence(process, scheduler.now() + us);
    scheduler.FreezeSelf(us);
  }
}

// ---------------------------------------------------------------- processes

void World::Start(size_t slot) {
  Slot& own = *slots_[slot];
  own.stop = false;
  const std::string name = (own.kind == Kind::kAggregator ? "aggregator" : "rollup") + std::to_string(slot);
  own.process = scheduler.Add(name, [this, slot] {
    slots_[slot]->kind == Kind::kAggregator ? RunAggregator(slot) : RunRollup(slot);
  });
  own.process->on_end = [this, slot] {
    Slot& ended = *slots_[slot];
    ended.aggregator = nullptr;
    ended.process = nullptr;
    if (!ended.wanted || over_) return;
    Hit(Branch::kRestart);
    scheduler.At(scheduler.now() + scheduler.random.Between(10'000, 1'500'000), [this, slot] {
      if (slots_[slot]->wanted && slots_[slot]->process == nullptr) Start(slot);
    });
  };
}

void World::AwaitStop(Slot& slot) {
  while (!slot.stop) scheduler.Wait(slot.stop_signal, INT64_MAX);
  Hit(Branch::kCleanStop);
}

void World::Stop(size_t slot) {
  slots_[slot]->stop = true;
  scheduler.WakeAll(slots_[slot]->stop_signal);
}

void World::RunAggregator(size_t slot) {
  Slot& own = *slots_[slot];
  auto& random = scheduler.random;
  prometheus::Registry metrics;
  clickhouse::Client client({.url = "http://simulated", .database = "yokoten"});
  Sink sink(scheduler.running()->process);
  aggregator::Aggregator aggregator(
      {.session_timeout = milliseconds(broker.session_us / 1000),
       .batch_records_max = static_cast<size_t>(random.Between(2, 12)),
       .batch_age = milliseconds(random.Between(5, 150)),
       .identity_interval = std::chrono::hours(1),
       .dead_letter_percent_max = 50,
       .dead_letter_window = 200,
       .revoke_wait = milliseconds(random.Between(1, 500)),
       .resolve_wait = milliseconds(3000),
       .on_fatal =
           [this](const Status& status) {
             Fail("the aggregator cannot go on: " + std::string(Message(status)));
           }},
      client, sink, metrics);
  (void)aggregator.Start();
  own.aggregator = &aggregator;
  AwaitStop(own);
  aggregator.Stop();
}

void World::RunRollup(size_t slot) {
  telemetry::Metrics metrics;
  clickhouse::Client client({.url = "http://simulated", .database = "yokoten"});
  Sink sink(scheduler.running()->process);
  rollup_worker::Worker worker({.dirty_partitions = broker.PartitionsOf(std::string(kafka::kDirtyTopic)),
                                .session_timeout = milliseconds(broker.session_us / 1000),
                                .touches_max = static_cast<size_t>(scheduler.random.Between(2, 40)),
                                .sweep_interval = milliseconds(kSweepMs),
                                .on_fatal =
                                    [this](const Status& status) {
                                      Fail("the rollup cannot go on: " + std::string(Message(status)));
                                    }},
                               TheCatalogue(), client, sink, SystemClock(), metrics);
  (void)worker.Start();
  AwaitStop(*slots_[slot]);
  worker.Stop();
}

// Members that are there at the beginning, and that come and go.
void World::PlanMembers() {
  auto& random = scheduler.random;
  const auto add = [this](Kind kind) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->kind = kind;
    return slots_.size() - 1;
  };
  for (const Kind kind : {Kind::kAggregator, Kind::kRollup}) {
    Start(add(kind));
    for (int64_t more = random.Below(5) / 2; more > 0; --more) {
      const size_t slot = add(kind);
      const int64_t begin = random.Below(kRecordsEnd);
      scheduler.At(begin, [this, slot] { Start(slot); });
      if (random.Chance(0.6)) {
        scheduler.At(begin + random.Between(kSecond, 5 * kSecond), [this, slot] {
          slots_[slot]->wanted = false;
          Stop(slot);
        });
      }
    }
  }
  // Now and then the first ones are restarted.
  for (const size_t slot : {size_t{0}, slots_.size() - 1}) {
    if (random.Chance(0.3)) scheduler.At(random.Between(kSecond, kFaultsEnd), [this, slot] { Stop(slot); });
  }
}

void World::EndFaults() {
  faults_ = false;
  store.refused_ids.clear();
  Note("faults end");
}

// ---------------------------------------------------------------- the end

bool World::Level() {
  for (const auto& [name, group] : broker.groups) {
    for (int32_t p = 0; p < group.partitions; ++p) {
      const int64_t end = broker.End({group.topic, p});
      const auto committed = group.committed.find({group.topic, p});
      if (end > 0 && (committed == group.committed.end() || committed->second != end)) return false;
    }
  }
  return true;
}

void World::CheckDrained() {
  if (over_ || !failure_.empty()) return;
  // What halted goes on after a restart, as the halt says.
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    Slot& own = *slots_[slot];
    if (own.aggregator != nullptr && !own.stop && !own.aggregator->halts().empty()) {
      Hit(Branch::kHalt);
      Stop(slot);
    }
  }
  const int64_t now = scheduler.now();
  // Nothing is under way any more that a fault delayed.
  if (now > kFaultsEnd + kLongest) {
    const auto today = static_cast<int32_t>(wall_us() / (86'400 * kSecond));
    const std::string wrong = Level() ? oracle.Drained(today) : "not everything is committed";
    if (wrong.empty()) {
      over_ = true;
      return;
    }
    if (now > kFaultsEnd + (oracle.figures_refused ? kGiveUpFigures : kGiveUp))
      return Fail("after everything had time to drain: " + wrong);
  }
  scheduler.At(now + kCheckEvery, [this] { CheckDrained(); });
}

SeedResult World::Run() {
  PlanRecords();
  PlanMembers();
  scheduler.At(kFaultsEnd, [this] {
    EndFaults();
    CheckDrained();
  });
  scheduler.Run([this] { return over_ || !failure_.empty(); });
  counts.seeds = 1;
  return {seed_, failure_, scheduler.trace(), counts};
}

SeedResult RunSeed(uint64_t seed, const SeedOptions& options) {
  World world(seed, options);
  return world.Run();
}

// ---------------------------------------------------------------- records

void World::PlanRecords() {
  auto& random = scheduler.random;
  const int64_t today = kFirstWall / (86'400 * kSecond);
  struct Planned {
    Meaning meaning;
    operations::v1::ShiftOutputReported event;
  };
  std::vector<Planned> planned;
  const auto output = [&](const std::string& id) {
    Planned made;
    Meaning& meaning = made.meaning;
    meaning.id = id;
    meaning.fact_key = KeyOf(id);
    meaning.plant = "P" + std::to_string(random.Between(1, 3));
    const std::string line = "L" + std::to_string(random.Between(1, 2));
    meaning.entity = "line/" + line;
    meaning.day = static_cast<int32_t>(today - random.Between(0, 3));
    meaning.good = random.Between(1, 900);
    auto& context = *made.event.mutable_context();
    context.set_source(kSource);
    context.set_id(id);
    context.set_plant_id(meaning.plant);
    context.set_line_id(line);
    context.set_occurred_on(FormatDay(Day{meaning.day}));
    made.event.set_product("X-" + id);
    made.event.set_production_day(FormatDay(Day{meaning.day}));
    made.event.set_shift_code("D");
    made.event.set_produced_qty(meaning.good);
    made.event.set_good_qty(meaning.good);
    made.event.set_scrap_qty(0);
    made.event.set_rework_qty(0);
    made.event.set_snapshot_version(1);
    return made;
  };
  const auto send = [&](Meaning meaning, events::Record record) {
    oracle.meanings.push_back(std::move(meaning));
    const int index = static_cast<int>(oracle.meanings.size()) - 1;
    const int32_t partition = rollup_worker::PartitionOf(record.key, broker.PartitionsOf(kFactTopic));
    const int64_t at = random.Below(kRecordsEnd);
    const auto append = [this, partition, index](const events::Record& sent) {
      ++counts.records;
      broker.Append(kFactTopic, partition, sent, index);
    };
    scheduler.At(at, [append, record] { append(record); });
    // A sender that heard nothing sends the same again.
    if (random.Chance(0.08)) {
      Hit(Branch::kSentAgain);
      scheduler.At(at + random.Below(2 * kSecond), [append, record] { append(record); });
    }
    return at;
  };
  const auto& registry = events::Registry::Linked();
  const auto encode = [&registry](const google::protobuf::Message& event) {
    return events::Encode(*registry.Find(event.GetDescriptor()), event);
  };
  const auto named = [](const Meaning& target, event::v1::EventReference& reference) {
    reference.set_source(kSource);
    reference.set_id(target.id);
    reference.set_plant_id(target.plant);
    reference.set_entity(target.entity);
  };

  const int64_t roots = random.Between(4, 24);
  std::vector<int64_t> sent_at;
  for (int64_t i = 0; i < roots; ++i) {
    planned.push_back(output("r" + std::to_string(i)));
    planned.back().meaning.kind = Meaning::Kind::kFact;
    sent_at.push_back(send(planned.back().meaning, encode(planned.back().event)));
  }
  for (int64_t i = random.Below(6); i > 0; --i) {
    const size_t root = static_cast<size_t>(random.Below(roots));
    Planned correction = output("c" + std::to_string(i));
    Meaning& meaning = correction.meaning;
    meaning.kind = Meaning::Kind::kCorrection;
    meaning.target_key = planned[root].meaning.fact_key;
    meaning.target_plant = planned[root].meaning.plant;
    meaning.target_entity = planned[root].meaning.entity;
    if (meaning.plant != meaning.target_plant) Hit(Branch::kMovedPlant);
    named(planned[root].meaning, *correction.event.mutable_context()->mutable_corrects());
    correction.event.mutable_context()->set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
    if (send(meaning, encode(correction.event)) < sent_at[root]) Hit(Branch::kAmendmentBeforeRoot);
    planned.push_back(std::move(correction));
  }
  for (int64_t i = random.Below(4); i > 0; --i) {
    const Meaning& target =
        planned[static_cast<size_t>(random.Below(static_cast<int64_t>(planned.size())))].meaning;
    if (target.kind == Meaning::Kind::kCorrection) Hit(Branch::kVoidedCorrection);
    Meaning meaning;
    meaning.kind = Meaning::Kind::kVoid;
    meaning.id = "v" + std::to_string(i);
    meaning.fact_key = KeyOf(meaning.id);
    meaning.target_key = target.fact_key;
    meaning.plant = meaning.target_plant = target.plant;
    meaning.entity = meaning.target_entity = target.entity;
    meaning.day = static_cast<int32_t>(today);
    event::v1::Voided voided;
    voided.mutable_context()->set_source(kSource);
    voided.mutable_context()->set_id(meaning.id);
    voided.mutable_context()->set_plant_id(meaning.plant);
    voided.mutable_context()->set_occurred_on(FormatDay(Day{meaning.day}));
    named(target, *voided.mutable_voids());
    voided.set_reason(event::v1::VOID_REASON_DUPLICATE);
    send(meaning, encode(voided));
  }
  for (int64_t i = random.Below(3); i > 0; --i) {
    Hit(Branch::kDeadLetter);
    send({}, {.key = "g" + std::to_string(random.Below(9)), .value = "no event", .headers = {}});
  }
  for (int64_t i = random.Below(3); i > 0; --i) {
    const auto partition = static_cast<int32_t>(random.Below(broker.PartitionsOf(kFactTopic)));
    scheduler.At(random.Below(kRecordsEnd - kSecond), [this, partition] {
      Hit(Branch::kGap);
      broker.AppendGap(kFactTopic, partition);
    });
    // A gap at a log's end is seen when something follows.
    Planned follower = output("f" + std::to_string(i));
    follower.meaning.kind = Meaning::Kind::kFact;
    oracle.meanings.push_back(follower.meaning);
    const int index = static_cast<int>(oracle.meanings.size()) - 1;
    scheduler.At(kRecordsEnd, [this, partition, index, record = encode(follower.event)] {
      broker.Append(kFactTopic, partition, record, index);
    });
  }
  if (random.Chance(0.08)) {
    const auto& refused = planned[static_cast<size_t>(random.Below(static_cast<int64_t>(planned.size())))];
    store.refused_ids.insert("X-" + refused.meaning.id);
  }
}

}  // namespace yokoten::simulation
