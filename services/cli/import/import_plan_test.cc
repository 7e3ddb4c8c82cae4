#include "cli/import/import_plan.h"

#include <map>

#include <gmock/gmock.h>

#include "cli/import/affected_figures.h"
#include "cli/import/journal.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::cli {
namespace {

using ::testing::SizeIs;

// Stands for the log and the insight service: keeps what is sent by id and answers what counts now.
class FakeStore : public StoredEvents {
 public:
  Result<std::vector<Stored>> Find(const std::string&, const std::vector<std::string>& ids) override {
    std::vector<Stored> found;
    for (const std::string& id : ids) {
      if (auto it = roots.find(id); it != roots.end()) found.push_back(it->second);
    }
    return found;
  }
  Status ForEach(const std::string&, const std::function<void(const Stored&)>& each) override {
    // Twice, as where pages move while events arrive.
    for (int time = 0; time < 2; ++time) {
      for (const auto& [id, stored] : roots) each(stored);
    }
    return OkStatus();
  }
  void Take(const PlannedEvent& planned) {
    if (!planned.event) return;
    ++sent;
    const auto& context = events::ContextOf(*planned.event);
    if (!ids.insert(context.id()).second) return;  // the log keeps the first of one id
    ++kept;
    if (planned.type->is_void()) {
      roots[static_cast<const event::v1::Voided&>(*planned.event).voids().id()].set_voided(true);
      return;
    }
    auto hash = events::ContentHash(*planned.event);
    Stored& stored = roots[context.has_corrects() ? context.corrects().id() : context.id()];
    stored.set_content_hash(hash.data(), hash.size());
    if (context.has_corrects()) {
      stored.set_corrections(stored.corrections() + 1);
      return;
    }
    stored.set_id(context.id());
    stored.set_event_type(planned.type->short_name);
    stored.set_plant_id(context.plant_id());
    stored.set_entity(events::EntityOf(*planned.type, *planned.event));
  }

  std::map<std::string, Stored> roots;
  std::set<std::string> ids;
  int sent = 0, kept = 0;
};

constexpr char kOutputs[] = R"(
  source: "/test/mes" key_columns: "no" replaces: REPLACES_ALL_OF_SOURCE
  events {
    type: "operations.ErrorsAggregated"
    fields { field: "context.plant_id" column: "plant" }
    fields { field: "context.line_id" constant: "L1" }
    fields { field: "context.occurred_on" column: "day" }
    fields { field: "production_day" column: "day" }
    fields { field: "job_id" constant: "J1" }
    fields { field: "shift_code" constant: "D" }
    fields { field: "errors" column: "errors" }
    fields { field: "operations" constant: "1000" }
    fields { field: "snapshot_version" constant: "1" }
  })";

class ImportPlanTest : public ::testing::Test {
 protected:
  // Imports the text and counts what happens to its events.
  std::map<Change, int> Import(std::string_view csv, bool replay_last = false) {
    auto mapping = *LoadedMapping::Parse(kOutputs, "test.map");
    auto reader = *CsvReader::Open(csv, ',', 0);
    auto mapper = *RowMapper::Bind(*mapping, reader, nullptr, FromMicros(1'800'000'000'000'000));
    std::vector<MappedEvent> events;
    std::vector<RowError> errors;
    CsvRow row;
    while (reader.Next(row).value()) mapper->Map(row, events, errors);
    EXPECT_THAT(errors, SizeIs(0));
    ImportPlan plan(*mapping, store_, FromMicros(1'700'000'000'000'000));
    std::vector<PlannedEvent> planned;
    EXPECT_TRUE(plan.Compare(std::move(events), planned).ok());
    EXPECT_TRUE(plan.FindGone(planned).ok());
    std::map<Change, int> counts;
    for (const PlannedEvent& event : planned) {
      ++counts[event.change];
      store_.Take(event);
      if (replay_last) store_.Take(event);
    }
    last_ = std::move(planned);
    return counts;
  }

  FakeStore store_;
  std::vector<PlannedEvent> last_;
};

using Counts = std::map<Change, int>;

TEST_F(ImportPlanTest, SameFileTwiceSendsNothing) {
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-03-02,5\n"),
            (Counts{{Change::kNew, 2}}));
  EXPECT_EQ(Import("no,plant,day,errors\n2,PL1,2026-03-02,5\n1,PL1,2026-03-01,4\n"),
            (Counts{{Change::kSame, 2}}));
  EXPECT_EQ(store_.sent, 2);
}

TEST_F(ImportPlanTest, ChangedRowBecomesACorrectionOfTheRootAlsoWhenItsPlantChanged) {
  Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n");
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL2,2026-03-01,4\n"), (Counts{{Change::kChanged, 1}}));
  const auto& context = events::ContextOf(*last_[0].event);
  EXPECT_EQ(context.plant_id(), "PL2");
  EXPECT_EQ(context.corrects().plant_id(), "PL1");
  EXPECT_EQ(context.corrects().id(), last_[0].root_id);
  EXPECT_EQ(context.corrects().entity(), "line/L1");
  EXPECT_EQ(context.reason_code(), event::v1::CORRECTION_REASON_DATA_ENTRY);
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL2,2026-03-01,4\n"), (Counts{{Change::kSame, 1}}));
}

TEST_F(ImportPlanTest, ReturnToEarlierContentIsAnEventOfItsOwnEachTime) {
  for (const char* errors : {"4", "5", "4", "5"}) {
    Import("no,plant,day,errors\n1,PL1,2026-03-01," + std::string(errors) + "\n");
  }
  EXPECT_EQ(store_.kept, 4);
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,5\n"), (Counts{{Change::kSame, 1}}));
}

TEST_F(ImportPlanTest, RowThatIsGoneIsVoidedAndOneThatCameBackIsSentUnderANewId) {
  Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-03-02,5\n");
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n"),
            (Counts{{Change::kSame, 1}, {Change::kGone, 1}}));
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n"), (Counts{{Change::kSame, 1}}));
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-03-02,5\n"),
            (Counts{{Change::kSame, 1}, {Change::kReissued, 1}}));
  EXPECT_EQ(Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-03-02,6\n"),
            (Counts{{Change::kSame, 1}, {Change::kChanged, 1}}));
}

TEST_F(ImportPlanTest, WhatIsSentTwiceHasTheSameIdAndContent) {
  Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-03-02,5\n", true);
  Import("no,plant,day,errors\n1,PL1,2026-03-01,9\n", true);
  EXPECT_EQ(store_.kept, 4);
  EXPECT_EQ(store_.sent, 8);
}

TEST_F(ImportPlanTest, DryRunListsTheFiguresThatReadTheEvents) {
  Import("no,plant,day,errors\n1,PL1,2026-03-01,4\n2,PL1,2026-05-02,5\n");
  AffectedFigures figures;
  for (const PlannedEvent& event : last_) figures.Add(event);
  kpi::v1::KpiDefinition rate, other, stock;
  rate.set_id("operation_error_rate");
  stock.set_id("data_completeness");
  other.set_id("trir");
  for (auto [kpi, type, horizon] :
       {std::tuple{&rate, "operations.ErrorsAggregated", kpi::v1::HORIZON_DAY},
        std::tuple{&stock, "operations.ErrorsAggregated", kpi::v1::HORIZON_FORWARD},
        std::tuple{&other, "safety.IncidentReported", kpi::v1::HORIZON_DAY}}) {
    kpi::v1::Read* read = kpi->add_reads();
    read->set_event(type);
    read->set_horizon(horizon);
  }
  auto list = figures.List({rate, stock, other}, *ParseDay("2026-07-04"));
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_EQ(list[0].months, "2026-03 to 2026-05");
  EXPECT_EQ(list[0].events, 2);
  EXPECT_EQ(list[1].months, "2026-03 to 2026-07");
}

class JournalTest : public ::testing::Test {
 protected:
  std::string path_ = ::testing::TempDir() + "/journal-" + std::to_string(getpid()) + "-" +
                      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  ImportJournal::Identity identity_{"m", "f", "s"};
  void TearDown() override { unlink(path_.c_str()); }
};

TEST_F(JournalTest, KilledImportGoesOnWithItsStartTimeAndAcknowledgedEvents) {
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(111)).ok());
    journal.Acknowledged("a");
    journal.Acknowledged("b");
  }
  FILE* torn = fopen(path_.c_str(), "a");
  fputs("ack c-without-end", torn);
  fclose(torn);
  ImportJournal journal;
  ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(222)).ok());
  EXPECT_TRUE(journal.resumed());
  EXPECT_EQ(ToMicros(journal.started()), 111);
  EXPECT_TRUE(journal.Done("a"));
  EXPECT_EQ(journal.done_count(), 2u);
}

TEST_F(JournalTest, FinishedImportStartsAnewButKnowsWhatTheLastOneWrote) {
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(111)).ok());
    journal.Acknowledged("a");
    event::v1::ConsistencyToken token;
    token.add_positions()->set_offset(42);
    ASSERT_TRUE(journal.Finish(token).ok());
  }
  ImportJournal journal;
  ASSERT_TRUE(journal.Open(path_, {"other", "f", "s"}, FromMicros(222)).ok());
  EXPECT_FALSE(journal.resumed());
  EXPECT_FALSE(journal.Done("a"));
  EXPECT_EQ(journal.token().positions(0).offset(), 42);
  EXPECT_EQ(ToMicros(journal.started()), 222);
}

TEST_F(JournalTest, AnImportAfterOneThatBrokeOffKnowsThatIfItIsAnother) {
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(111)).ok());
    EXPECT_FALSE(journal.after_broken());
    journal.Acknowledged("a");
  }
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(222)).ok());
    EXPECT_FALSE(journal.after_broken()) << "it is continued";
  }
  ImportJournal journal;
  ASSERT_TRUE(journal.Open(path_, {"mended", "f", "s"}, FromMicros(333)).ok());
  EXPECT_TRUE(journal.after_broken());
}

TEST_F(JournalTest, ATornLineDoesNotSpoilTheNext) {
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(111)).ok());
    journal.Acknowledged("a");
  }
  FILE* torn = fopen(path_.c_str(), "a");
  fputs("ack b-without", torn);
  fclose(torn);
  {
    ImportJournal journal;
    ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(222)).ok());
    journal.Acknowledged("c");
  }
  ImportJournal journal;
  ASSERT_TRUE(journal.Open(path_, identity_, FromMicros(333)).ok());
  EXPECT_TRUE(journal.Done("a"));
  EXPECT_TRUE(journal.Done("c"));
}

TEST_F(JournalTest, SecondImportOfOneSourceIsRefused) {
  ImportJournal first, second;
  ASSERT_TRUE(first.Open(path_, identity_, FromMicros(1)).ok());
  EXPECT_EQ(second.Open(path_, identity_, FromMicros(1)).code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace yokoten::cli
