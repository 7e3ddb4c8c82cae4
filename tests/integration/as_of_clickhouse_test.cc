// as_of: the facts of all KPIs' references together, with copies, corrections and voids; what is answered
// about an instant is what was answered then, and stays so whatever is recorded later.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "events/identity.h"
#include "insight/as_of.h"
#include "insight/facts.h"
#include "insight/figures.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

constexpr size_t kLater = 10000;

// Events of all references, one plant's facts on top of another's: their keys collide.
std::vector<LoggedEvent> AllFacts() {
  std::vector<LoggedEvent> all;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(YOKOTEN_KPI_TESTS)) {
    if (entry.path().extension() == ".facts") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    Result<std::vector<LoggedEvent>> events = ReadFacts(text.str());
    EXPECT_TRUE(events.ok()) << file << events.status();
    if (!events.ok()) continue;
    for (LoggedEvent& event : *events) {
      ContextOf(event).set_id(file.stem().string() + "-" + ContextOf(event).id());
      // Nothing before the year: each day of a plant's life costs a day's figures.
      if (events::OccurredOf(ContextOf(event)).micros() < 1'767'225'600'000'000) {
        ContextOf(event).clear_occurred_at();
        ContextOf(event).clear_reported_at();
        ContextOf(event).set_occurred_on("2026-01-02");
      }
      all.push_back(std::move(event));
    }
  }
  return all;
}

// Things that happen to an event once it was sent; ids end with `suffix`.
class Fate {
 public:
  explicit Fate(uint64_t seed) : random_(seed) {}
  std::mt19937_64& random() { return random_; }

  void Amend(const LoggedEvent& root, const std::string& suffix, std::vector<LoggedEvent>* all) {
    if (root.type->is_void()) return;
    LoggedEvent original = root;
    const event::v1::EventContext context = ContextOf(original);
    const auto refer = [&](const std::string& id, event::v1::EventReference* reference) {
      reference->set_source(context.source());
      reference->set_id(id);
      reference->set_plant_id(context.plant_id());
      reference->set_entity(events::EntityOf(*root.type, *root.event));
    };
    LoggedEvent twin{root.type, std::shared_ptr<google::protobuf::Message>(root.event->New())};
    twin.event->CopyFrom(*root.event);
    event::v1::EventContext& own = ContextOf(twin);
    const uint64_t kind = random_() % 8;
    if (kind == 0) {  // the same id for another plant
      if (context.plant_id() != "*") own.set_plant_id("PL2");
    } else if (kind == 1) {  // the same thing under another id
      own.set_id(context.id() + "-t" + suffix);
      own.clear_corrects();
      own.clear_reason_code();
    } else if (kind < 6 && !own.has_corrects()) {  // another time
      own.set_id(context.id() + "-c" + suffix);
      own.set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
      refer(context.id(), own.mutable_corrects());
      own.clear_reported_at();  // may now be before it happened
      if (own.has_occurred_at()) {
        const auto shift = static_cast<int64_t>(random_() % 9) - 4;
        own.mutable_occurred_at()->set_seconds(own.occurred_at().seconds() + shift * 36000);
      }
      if (!own.workshop_id().empty() && random_() % 2 == 0) own.set_workshop_id("W7");
    } else {
      const events::EventType& type = events::Registry::Linked().Voided();
      twin = {&type, std::make_shared<event::v1::Voided>()};
      auto& message = static_cast<event::v1::Voided&>(*twin.event);
      *message.mutable_context() = context;
      message.mutable_context()->clear_corrects();
      message.mutable_context()->clear_reason_code();
      message.mutable_context()->set_id(context.id() + "-v" + suffix);
      refer(context.id(), message.mutable_voids());
      message.set_reason(event::v1::VOID_REASON_DUPLICATE);
    }
    all->push_back(std::move(twin));
  }

 private:
  std::mt19937_64 random_;
};

// Everything that may be asked with an as_of, one answer a line.
class Questions {
 public:
  explicit Questions(bool include_inert) : include_inert_(include_inert) {}

  std::vector<std::string> Figures(const insight::Figures& figures) {
    std::vector<std::string> answers;
    for (const char* plant : {"PL1"}) {
      for (const auto grain : {kpi::v1::GRAIN_UNSPECIFIED, kpi::v1::GRAIN_DAY}) {
        insight::v1::GetKpiSnapshotRequest request;
        request.mutable_unit()->set_plant_id(plant);
        request.set_grain(grain);
        request.set_history(2);
        insight::v1::GetKpiSnapshotResponse response;
        const Status status = figures.Snapshot(request, &response);
        EXPECT_TRUE(status.ok()) << status;
        for (const auto& entry : response.entries())
          answers.push_back(std::string(plant) + " " + entry.ShortDebugString());
      }
      insight::v1::GetKpiSeriesRequest request;
      request.set_kpi_id("operation_error_rate");
      request.mutable_unit()->set_plant_id(plant);
      request.mutable_unit()->set_workshop_id("W1");
      request.set_grain(kpi::v1::GRAIN_MONTH);
      insight::v1::GetKpiSeriesResponse response;
      const Status status = figures.Series(request, &response);
      EXPECT_TRUE(status.ok()) << status;
      for (const auto& value : response.values())
        answers.push_back(std::string(plant) + " " + value.ShortDebugString());
    }
    return answers;
  }

  std::vector<std::string> Facts(const insight::Facts& facts) {
    std::vector<std::string> answers;
    for (const char* type :
         {"improvement.ProposalSubmitted", "safety.IncidentReported", "standard_work.RevisionReleased",
          "training.SessionCompleted", "training.TrainerCertified"}) {
      insight::v1::CountFactsRequest count;
      count.set_event_type(type);
      count.add_group_by("day");
      count.add_group_by("plant_id");
      insight::v1::CountFactsResponse counts;
      Status status = facts.Count(count, &counts);
      EXPECT_TRUE(status.ok()) << status;
      for (const auto& row : counts.rows()) answers.push_back(type + (" " + row.ShortDebugString()));
      insight::v1::ListFactsRequest list;
      list.add_event_types(type);
      list.mutable_unit()->set_plant_id("PL1");
      list.set_page_size(1000);
      list.set_include_inert(include_inert_);
      insight::v1::ListFactsResponse listed;
      status = facts.List(list, &listed);
      EXPECT_TRUE(status.ok()) << status;
      for (const auto& fact : listed.facts()) answers.push_back(fact.ShortDebugString());
    }
    return answers;
  }

 private:
  const bool include_inert_;
};

void ExpectSame(const std::vector<std::string>& one, const std::vector<std::string>& other,
                const char* what) {
  EXPECT_EQ(one.size(), other.size()) << what;
  int told = 0;
  for (size_t i = 0; i < std::min(one.size(), other.size()) && told < 3; ++i) {
    if (one[i] == other[i]) continue;
    ADD_FAILURE() << what << "\n  " << one[i] << "\n  " << other[i];
    ++told;
  }
}

TEST(AsOf, AnswersAreThoseOfThenForEver) {
  auto warehouse = Warehouse::Start();
  ASSERT_TRUE(warehouse.ok()) << warehouse.status();
  auto made = (*warehouse)->NewDatabase("as_of");
  ASSERT_TRUE(made.ok()) << made.status();
  clickhouse::Client& client = **made;
  const auto& catalogue = kpi::Catalogue::Linked();
  const auto& registry = events::Registry::Linked();

  Fate fate(7);
  std::vector<LoggedEvent> history = AllFacts();
  ASSERT_GT(history.size(), 400u);
  std::shuffle(history.begin(), history.end(), fate.random());
  std::vector<LoggedEvent> sent(history.begin(),
                                history.begin() + static_cast<ptrdiff_t>(history.size() * 4 / 5));
  for (size_t i = 0; i < history.size(); ++i) {
    if (fate.random()() % 3 == 0) fate.Amend(history[i], "", &sent);  // of some before they are sent
  }
  FactLog log(client);
  const Status stored = log.Store(sent);
  ASSERT_TRUE(stored.ok()) << stored;
  ASSERT_TRUE(log.JudgeIdentity().ok());
  FixedClock clock;
  clock.now = log.recorded_until();
  rollup_worker::Engine engine(client, catalogue, clock, {});
  ASSERT_TRUE(engine.Load().ok());
  const auto swept = engine.Sweep(
      1, [](const std::string&) { return true; },
      [&](const std::string&) { return rollup_worker::MakeVersion(1, log.dirty_offset(), true); });
  ASSERT_TRUE(swept.ok()) << swept.status();

  const auto facts_as_of = [&](insight::AsOfView& view, bool inert) {
    return Questions(inert).Facts(insight::Facts(catalogue, registry, view, view.recorded_until_ms()));
  };
  const auto ask = [&](bool inert) {
    std::vector<std::string> answers;
    auto view = insight::AsOfView::Open(client, {}, clock.now);
    EXPECT_TRUE(view.ok()) << view.status();
    if (!view.ok()) return answers;
    answers = Questions(inert).Figures(insight::Figures(catalogue, **view, clock));
    const auto facts = facts_as_of(**view, inert);
    answers.insert(answers.end(), facts.begin(), facts.end());
    return answers;
  };
  // Two ways to one answer: the pipeline's own tables and cells, and the facts judged anew.
  Questions now(false);
  std::vector<std::string> live = now.Figures(insight::Figures(catalogue, client, clock));
  const auto live_facts = now.Facts(insight::Facts(catalogue, registry, client));
  live.insert(live.end(), live_facts.begin(), live_facts.end());
  ASSERT_GT(live.size(), 150u);
  ExpectSame(live, ask(false), "known now, and as of now");

  const std::vector<std::string> then = ask(true);
  std::vector<LoggedEvent> later(history.begin() + static_cast<ptrdiff_t>(history.size() * 4 / 5),
                                 history.end());
  for (int round = 1; later.size() < kLater; ++round) {
    for (const LoggedEvent& event : history) fate.Amend(event, std::to_string(round), &later);
  }
  const Status stored_later = log.Store(later);
  ASSERT_TRUE(stored_later.ok()) << stored_later;
  ExpectSame(then, ask(true), "before anybody has judged what came later");
  ASSERT_TRUE(log.JudgeIdentity().ok());
  ExpectSame(then, ask(true), "as of then, after what came later");
  auto view = insight::AsOfView::Open(client, {}, log.recorded_until());
  ASSERT_TRUE(view.ok()) << view.status();
  const auto facts = facts_as_of(**view, true);
  EXPECT_FALSE(std::equal(facts.rbegin(), facts.rend(), then.rbegin(),
                          then.rbegin() + static_cast<ptrdiff_t>(std::min(facts.size(), then.size()))))
      << "what came later must matter";
}

}  // namespace
}  // namespace yokoten::test
