// The audit between a real broker and a real engine: rows are taken away, and it has to find and restore
// them.
#include <gmock/gmock.h>

#include "aggregator/aggregator.h"
#include "audit/auditor.h"
#include "audit/dead_letters.h"
#include "audit/worker.h"
#include "integration/aggregator_world.h"

namespace yokoten::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kDeadline{60};
constexpr char kTopic[] = "yokoten.operations.v1";

// A world in which everything sent is stored, and an auditor of it.
class Audited {
 public:
  explicit Audited(const std::string& name) : world(name) {}

  void Store() {
    prometheus::Registry registry;
    aggregator::Aggregator aggregator(world.Options(), world.client(), world.producer(), registry);
    ASSERT_TRUE(aggregator.Start().ok());
    const Status consumed = world.WaitConsumed(kDeadline);
    ASSERT_TRUE(consumed.ok()) << consumed;
    ASSERT_TRUE(aggregator.RunIdentityPass(true).ok());
    aggregator.Stop();
    auto made = audit::Auditor::Create(world.Options().bootstrap_servers, world.prefix(), world.client(),
                                       world.producer());
    ASSERT_TRUE(made.ok()) << made.status();
    auditor = std::move(*made);
    letters = std::make_unique<audit::DeadLetters>(world.prefix(), world.client(), world.producer(), *auditor,
                                                   clock);
  }

  audit::v1::CheckLogResponse Check() {
    auto found = auditor->Check({});
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->told : audit::v1::CheckLogResponse{};
  }
  void Execute(const std::string& sql) {
    const Status status = world.client().Execute(sql, {.settings = {{"mutations_sync", "2"}}});
    ASSERT_TRUE(status.ok()) << status;
  }

  World world;
  const Clock& clock = SystemClock();
  std::unique_ptr<audit::Auditor> auditor;
  std::unique_ptr<audit::DeadLetters> letters;
};

int64_t Missing(const audit::v1::CheckLogResponse& found) {
  int64_t n = 0;
  for (const auto& partition : found.partitions()) n += partition.missing_count();
  return n;
}

int64_t Lost(const audit::v1::CheckLogResponse& found) {
  int64_t n = 0;
  for (const auto& partition : found.partitions()) n += partition.lost_fact_count();
  return n;
}

// The archive's rows of some offsets, the keys of others and the facts of a third kind are deleted behind
// everybody's back. All are found, and after the repair every table is as it was.
TEST(Audit, FindsAndRestoresWhatWasTakenAway) {
  Audited audited("audit_repair");
  World& world = audited.world;
  world.SendAll(world.Mix(1500));
  audited.Store();
  audit::v1::CheckLogResponse found = audited.Check();
  EXPECT_TRUE(found.ok()) << found.DebugString();
  int64_t archived = 0;
  for (const auto& partition : found.partitions()) archived += partition.archived();
  EXPECT_EQ(archived, static_cast<int64_t>(world.sent().size()));
  ASSERT_THAT(world.Differences(world.sent()), IsEmpty());

  const auto count = [&](const std::string& sql) {
    const auto rows = world.client().Select(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, "n") : -1;
  };
  // A partition's last record taken away would be one that waits for the aggregator, not one that is missing.
  const std::string taken =
      "offset % 11 = 3 AND (topic, partition, offset) NOT IN (SELECT topic, partition, max(offset) FROM "
      "archive GROUP BY topic, partition)";
  const int64_t records =
      count("SELECT uniqExact(topic, partition, offset) AS n FROM archive WHERE " + taken);
  ASSERT_GT(records, 50);
  audited.Execute("ALTER TABLE archive DELETE WHERE " + taken);
  found = audited.Check();
  EXPECT_FALSE(found.ok());
  EXPECT_EQ(Missing(found), records) << found.DebugString();

  const std::string keys = "cityHash64(fact_key) % 7 = 1 AND event_type = 'operations.ShiftOutputReported'";
  ASSERT_GT(count("SELECT count() AS n FROM event_key WHERE " + keys), 10);
  audited.Execute("ALTER TABLE event_key DELETE WHERE " + keys);
  EXPECT_GT(Lost(audited.Check()), 10);

  const std::string facts = "cityHash64(fact_key) % 5 = 2";
  ASSERT_GT(count("SELECT count() AS n FROM fact_operations_operation_error_recorded WHERE " + facts), 5);
  const int64_t before = Lost(audited.Check());
  audited.Execute("ALTER TABLE fact_operations_operation_error_recorded DELETE WHERE " + facts);
  EXPECT_GT(Lost(audited.Check()), before + 4);

  const auto all = audited.auditor->Check({});
  ASSERT_TRUE(all.ok()) << all.status();
  const auto repaired = audited.auditor->Repair(*all);
  ASSERT_TRUE(repaired.ok()) << repaired.status();
  EXPECT_GE(*repaired, records);
  found = audited.Check();
  EXPECT_TRUE(found.ok()) << found.DebugString();
  EXPECT_THAT(world.Differences(world.sent()), IsEmpty());
}

// The archive's record at an offset is not the log's: whatever is missing besides, nothing of it is
// overwritten.
TEST(Audit, RepairsNothingFromALogThatIsNotTheArchives) {
  Audited audited("audit_other_log");
  audited.world.SendAll(audited.world.Mix(300));
  audited.Store();
  audited.Execute("ALTER TABLE archive DELETE WHERE offset = 5");
  audited.Execute("ALTER TABLE archive UPDATE checksum = checksum + 1 WHERE offset != 5");
  const auto found = audited.auditor->Check({});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_FALSE(found->told.ok());
  const auto repaired = audited.auditor->Repair(*found);
  EXPECT_EQ(repaired.status().code(), StatusCode::kFailedPrecondition) << repaired.status();
  EXPECT_THAT(std::string(repaired.status().message()), HasSubstr("another"));
  EXPECT_FALSE(audited.Check().ok());
}

// A log that ends before the archive does is no "nothing is missing".
TEST(Audit, TellsWhenTheLogLostItsEnd) {
  Audited audited("audit_short_log");
  audited.world.SendAll(audited.world.Mix(100));
  audited.Store();
  EXPECT_TRUE(audited.Check().ok());
  audited.Execute(
      "INSERT INTO archive (topic, epoch, partition, offset, verdict) SELECT topic, epoch, partition, "
      "max(offset) + 1, 'gap' FROM archive WHERE topic = 'yokoten.operations.v1' GROUP BY topic, epoch, "
      "partition LIMIT 1");
  const auto found = audited.Check();
  EXPECT_FALSE(found.ok());
  int64_t log_lost = 0;
  for (const auto& partition : found.partitions()) log_lost += partition.log_lost();
  EXPECT_EQ(log_lost, 1);
}

// The worker repairs what two rounds in a row find, and only where it may.
TEST(Audit, RepairsByItselfWhatItSeesTwice) {
  Audited audited("audit_worker");
  audited.world.SendAll(audited.world.Mix(300));
  audited.Store();
  audited.Execute("ALTER TABLE archive DELETE WHERE offset = 5");
  prometheus::Registry metrics, others;
  audit::Worker teller({.repair = false}, *audited.auditor, *audited.letters, others);
  ASSERT_TRUE(teller.Round().ok());
  ASSERT_TRUE(teller.Round().ok());
  EXPECT_FALSE(audited.Check().ok());
  audit::Worker worker({.repair = true}, *audited.auditor, *audited.letters, metrics);
  ASSERT_TRUE(worker.Round().ok());
  EXPECT_FALSE(audited.Check().ok());
  ASSERT_TRUE(worker.Round().ok());
  EXPECT_TRUE(audited.Check().ok());
  EXPECT_THAT(audited.world.Differences(audited.world.sent()), IsEmpty());
}

// Both sides are equal, hour by hour and source by source; a row taken away or changed makes its row differ,
// and no other.
TEST(Reconcile, CountsBothSidesAndSeesOneRecordOfDifference) {
  Audited audited("reconcile");
  World& world = audited.world;
  for (int i = 0; i < 40; ++i)
    world.Send(Output("out-" + std::to_string(i), "PL1", "L1", "2026-03-02", 100 + i));
  audited.Store();
  const int64_t now = ToMicros(audited.clock.Now()) / 1000;
  const auto reconcile = [&] {
    auto answer = audited.auditor->Reconcile(kTopic, now - 3'600'000, now + 3'600'000);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : audit::v1::ReconcileResponse{};
  };
  audit::v1::ReconcileResponse both = reconcile();
  EXPECT_TRUE(both.equal()) << both.DebugString();
  int64_t log = 0, archive = 0;
  for (const auto& row : both.rows()) {
    EXPECT_EQ(row.source(), "/test");
    log += row.log().records();
    archive += row.archive().records();
  }
  EXPECT_EQ(log, 40);
  EXPECT_EQ(archive, 40);
  EXPECT_EQ(both.waiting(), 0);
  // Another content at the same place: counts agree, checksums do not.
  const auto place = world.client().Select(
      "SELECT partition, min(offset) AS first FROM archive WHERE topic = 'yokoten.operations.v1' GROUP BY "
      "partition ORDER "
      "BY partition LIMIT 1");
  ASSERT_TRUE(place.ok()) << place.status();
  audited.Execute(
      "ALTER TABLE archive UPDATE checksum = checksum + 1 WHERE topic = 'yokoten.operations.v1' AND "
      "partition = " +
      place->Text(0, "partition") + " AND offset = " + place->Text(0, "first"));
  both = reconcile();
  EXPECT_FALSE(both.equal());
  int differing = 0;
  for (const auto& row : both.rows()) {
    EXPECT_EQ(row.log().records(), row.archive().records());
    differing += row.equal() ? 0 : 1;
  }
  EXPECT_EQ(differing, 1);
  EXPECT_EQ(audited.auditor->Reconcile("yokoten.cooking.v1", 0, 1).status().code(),
            StatusCode::kInvalidArgument);
}

// Letters are listed and shown with the reason they are refused for now; one that this version would take is
// sent again as it was and becomes a fact; the others stay, and are not sent.
TEST(DeadLetters, AreListedShownAndReplayedWhereTheyWouldBeTaken) {
  Audited audited("dead_letters");
  World& world = audited.world;
  const events::EventType& type = *events::Registry::Linked().Find("operations.ShiftOutputReported");
  auto good = Output("good", "PL1", "L1", "2026-03-02", 100);
  auto bad = Output("bad", "PL1", "L1", "2026-03-02", 100);
  bad.set_produced_qty(-1);
  world.Send(good);
  world.SendRaw(world.TopicOf(bad), events::Encode(type, bad));
  events::Record poison{.key = "k", .value = std::string("\x00\xff,\t\n", 5), .headers = {}};
  world.SendRaw(world.TopicOf(bad), poison);
  audited.Store();

  auto list = audited.letters->List({});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->total(), 2);
  audit::v1::Position of_bad, of_poison;
  for (const auto& letter : list->letters()) {
    EXPECT_EQ(letter.state(), audit::v1::DeadLetter::STATE_OPEN);
    if (letter.event_id() == "bad") {
      EXPECT_EQ(letter.source(), "/test");
      EXPECT_EQ(letter.event_type(), "yokoten.operations.v1.ShiftOutputReported");
      EXPECT_EQ(letter.reason(), "yk-event-invalid");
      of_bad = letter.position();
    } else {
      EXPECT_EQ(letter.bytes(), 5);
      EXPECT_EQ(letter.reason(), "yk-envelope-type");
      of_poison = letter.position();
    }
  }
  auto shown = audited.letters->Get(of_poison);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->value(), poison.value);
  EXPECT_EQ(shown->key(), "k");
  shown = audited.letters->Get(of_bad);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_FALSE(shown->acceptable_now());
  EXPECT_THAT(shown->message(), HasSubstr("produced_qty"));
  of_bad.set_offset(4711);
  EXPECT_EQ(audited.letters->Get(of_bad).status().code(), StatusCode::kNotFound);

  // What is refused still is not sent: a replay must not halt a partition.
  auto replay = audited.letters->Replay({});
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(replay->replayed(), 0);
  EXPECT_EQ(replay->still_refused(), 2);

  // A version before this one refused `late`: only the archive's verdict says so.
  auto late = Output("late", "PL1", "L2", "2026-03-02", 100);
  world.Send(late);
  audited.Store();
  audited.Execute(
      "ALTER TABLE archive UPDATE verdict = 'dead:yk-event-invalid' WHERE position(value, 'late') > 0");
  audit::v1::ReplayDeadLettersRequest request;
  request.set_dry_run(true);
  replay = audited.letters->Replay(request);
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(replay->replayed(), 1);
  EXPECT_EQ(audited.letters->CountOpen().value(), 3);
  request.set_dry_run(false);
  ASSERT_TRUE(audited.letters->Replay(request).ok());
  // The copy is not among what the world sent: it is there once the archive has a fourth record.
  prometheus::Registry registry;
  aggregator::Aggregator aggregator(world.Options(), world.client(), world.producer(), registry);
  ASSERT_TRUE(aggregator.Start().ok());
  const auto stored_now = [&] {
    const auto rows = world.client().Select(
        "SELECT count() AS n FROM archive WHERE verdict = 'fact' AND position(value, 'late') > 0");
    return rows.ok() && rows->Int(0, "n") == 1;
  };
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!stored_now() && std::chrono::steady_clock::now() < deadline)
    PollPause(std::chrono::milliseconds(50));
  EXPECT_TRUE(stored_now());
  aggregator.Stop();
  EXPECT_EQ(audited.letters->CountOpen().value(), 2);
  audit::v1::ListDeadLettersRequest all;
  all.mutable_filter()->set_include_settled(true);
  list = audited.letters->List(all);
  ASSERT_TRUE(list.ok()) << list.status();
  int stored = 0;
  for (const auto& letter : list->letters())
    stored += letter.state() == audit::v1::DeadLetter::STATE_STORED ? 1 : 0;
  EXPECT_EQ(stored, 1);
}

}  // namespace
}  // namespace yokoten::test
