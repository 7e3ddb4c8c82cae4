// What changes cells without any event: a day that begins, days that passed while nothing ran, a KPI that is
// new, a formula that changed, one that fails. Each time the cells must be those of one batch over the same
// facts, made later.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

using Definitions = std::vector<kpi::SourceText>;

std::string Facts() {
  std::ifstream in(std::filesystem::path(YOKOTEN_KPI_TESTS) / "mini_plant.facts");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

kpi::SourceText& Named(Definitions& definitions, const std::string& name) {
  return *std::find_if(definitions.begin(), definitions.end(),
                       [&](const kpi::SourceText& text) { return text.name == name; });
}

void Replace(std::string* text, const std::string& from, const std::string& to) {
  const size_t at = text->find(from);
  ASSERT_NE(at, std::string::npos) << "no '" << from << "'";
  text->replace(at, from.size(), to);
}

// A plant's facts in a database of their own, and the engine over it.
class World {
 public:
  static std::unique_ptr<World> Make(Warehouse& warehouse, const std::string& database, FixedClock& clock) {
    auto client = warehouse.NewDatabase(database);
    EXPECT_TRUE(client.ok()) << client.status();
    if (!client.ok()) return nullptr;
    auto world = std::unique_ptr<World>(new World(std::move(*client), clock));
    const auto facts = ReadFacts(Facts());
    EXPECT_TRUE(facts.ok()) << facts.status();
    EXPECT_TRUE(world->log_.Store(*facts).ok());
    EXPECT_TRUE(world->log_.JudgeIdentity().ok());
    for (auto& [plant, own] : world->log_.TakeTouches()) {
      if (plant != "*") {
        world->touches_[plant] = {own, rollup_worker::MakeVersion(1, world->log_.dirty_offset() + 1, false)};
      }
    }
    return world;
  }

  // The program starts with these definitions.
  void Start(const Definitions& definitions) {
    engine_.reset();
    auto catalogue = kpi::Catalogue::Load(definitions, kpi::LinkedSteps());
    ASSERT_TRUE(catalogue.ok()) << catalogue.status();
    catalogue_ = std::make_unique<kpi::Catalogue>(std::move(*catalogue));
    engine_ =
        std::make_unique<rollup_worker::Engine>(*client_, *catalogue_, clock_, rollup_worker::RoundOptions{});
    ASSERT_TRUE(engine_->Load().ok());
  }
  void Apply() {
    const auto pass = engine_->Apply(touches_);
    ASSERT_TRUE(pass.ok()) << pass.status();
  }
  // One more fact of the plant and the pass it causes.
  rollup_worker::PassReport Take(const std::string& fact) {
    const auto events = ReadFacts(
        "@context {\"source\": \"/s\", \"plantId\": \"PL1\", \"workshopId\": \"W1\"}\n" + fact + "\n");
    EXPECT_TRUE(events.ok()) << events.status();
    EXPECT_TRUE(log_.Store(*events).ok());
    std::map<std::string, rollup_worker::PlantTouches> touches;
    for (auto& [plant, own] : log_.TakeTouches())
      touches[plant] = {own, rollup_worker::MakeVersion(1, log_.dirty_offset() + 1, false)};
    auto pass = engine_->Apply(touches);
    EXPECT_TRUE(pass.ok()) << pass.status();
    return pass.ok() ? std::move(*pass) : rollup_worker::PassReport{};
  }
  size_t set_aside() const { return engine_->set_aside(); }
  // Plant-days that were missing.
  size_t Sweep() {
    const auto pass = engine_->Sweep(
        1, [](const std::string&) { return true; },
        [&](const std::string&) { return rollup_worker::MakeVersion(1, log_.dirty_offset() + 1, true); });
    EXPECT_TRUE(pass.ok()) << pass.status();
    return pass.ok() ? pass->plant_days : 0;
  }
  // Everything a reader could see of the cells, in order.
  std::vector<std::string> Cells(const std::string& where = "1") {
    const auto rows = client_->Select(
        "SELECT arrayStringConcat([toString(kpi), toString(definition), toString(grain), toString(day), "
        "plant, "
        "workshop, line, dim, toString(numerator), toString(denominator), toString(numerator_days), "
        "toString(denominator_days), toString(observations), toString(samples), toString(open_since)], ' ') "
        "AS "
        "cell FROM (SELECT * FROM kpi_cell FINAL) WHERE (kpi, definition) IN (SELECT kpi, argMax(definition, "
        "version) FROM kpi_cell GROUP BY kpi) AND (kpi, grain, plant, day, version) IN (SELECT kpi, grain, "
        "plant, day, version FROM kpi_cell FINAL WHERE level = 'plant' AND dim = '') AND " +
        where + " ORDER BY cell");
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> cells;
    for (size_t i = 0; rows.ok() && i < rows->size(); ++i) cells.push_back(rows->Text(i, "cell"));
    return cells;
  }
  clickhouse::Client& client() { return *client_; }

 private:
  World(std::unique_ptr<clickhouse::Client> client, FixedClock& clock)
      : client_(std::move(client)), clock_(clock), log_(*client_) {}

  std::unique_ptr<clickhouse::Client> client_;
  FixedClock& clock_;
  FactLog log_;
  std::map<std::string, rollup_worker::PlantTouches> touches_;
  std::unique_ptr<kpi::Catalogue> catalogue_;
  std::unique_ptr<rollup_worker::Engine> engine_;
};

class RollupClock : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = Warehouse::Start();
    if (warehouse.ok()) warehouse_ = warehouse->release();
  }
  static void TearDownTestSuite() { delete std::exchange(warehouse_, nullptr); }
  void SetUp() override {
    ASSERT_NE(warehouse_, nullptr) << "no warehouse: run deploy/install-deps";
    // A stock that moves with the calendar, a flow over a roster, and what is expected each day.
    for (const char* name : {"standard_currency", "proposals_per_employee", "data_completeness"}) {
      Definitions all = kpi::LinkedDefinitions();
      definitions_.push_back(Named(all, name));
    }
    clock_.now = ParseInstant("2026-04-30T12:00:00+08:00");
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    world_ = World::Make(*warehouse_, name, clock_);
    ASSERT_NE(world_, nullptr);
  }
  // What one batch makes of the facts now.
  std::vector<std::string> Batch(const Definitions& definitions) {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    auto batch = World::Make(*warehouse_, name + std::to_string(++batches_), clock_);
    if (batch == nullptr) return {};
    batch->Start(definitions);
    batch->Apply();
    return batch->Cells();
  }

  static Warehouse* warehouse_;
  Definitions definitions_;
  FixedClock clock_;
  std::unique_ptr<World> world_;
  int batches_ = 0;
};
Warehouse* RollupClock::warehouse_ = nullptr;

TEST_F(RollupClock, MidnightOfThePlantMakesTheNewDay) {
  world_->Start(definitions_);
  world_->Apply();
  const auto before = world_->Cells();
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(world_->Sweep(), 0u) << "nothing is missing before midnight";
  // In UTC it is still the day before.
  clock_.now = ParseInstant("2026-05-01T00:00:01+08:00");
  EXPECT_EQ(world_->Sweep(), 1u);
  EXPECT_EQ(world_->Cells(), Batch(definitions_));
  EXPECT_FALSE(world_->Cells("day = '2026-05-01' AND grain = 'd'").empty());
}

TEST_F(RollupClock, AWeekSwitchedOffIsMadeUpFor) {
  world_->Start(definitions_);
  world_->Apply();
  clock_.now = ParseInstant("2026-05-07T12:00:00+08:00");
  world_->Start(definitions_);
  EXPECT_EQ(world_->Sweep(), 7u);
  EXPECT_EQ(world_->Cells(), Batch(definitions_));
}

TEST_F(RollupClock, ANewKpiFileAloneBringsItsCellsOfAllDays) {
  world_->Start(definitions_);
  world_->Apply();
  Definitions more = definitions_;
  kpi::SourceText added = Named(more, "proposals_per_employee");
  added.name = "suggestions_per_head";
  Replace(&added.text, "proposals_per_employee", "suggestions_per_head");
  more.push_back(added);
  world_->Start(more);
  EXPECT_GT(world_->Sweep(), 100u);
  const auto cells = world_->Cells("kpi = 'suggestions_per_head'");
  EXPECT_FALSE(cells.empty());
  EXPECT_EQ(cells.size(), world_->Cells("kpi = 'proposals_per_employee'").size());
  EXPECT_EQ(world_->Cells(), Batch(more));
}

TEST_F(RollupClock, AChangedFormulaReplacesItsCellsAndNoOthers) {
  world_->Start(definitions_);
  world_->Apply();
  const auto others = world_->Cells("kpi != 'proposals_per_employee'");
  const auto old = world_->Cells("kpi = 'proposals_per_employee'");
  Definitions changed = definitions_;
  std::string& text = Named(changed, "proposals_per_employee").text;
  Replace(&text, "toInt64(1) AS numerator", "toInt64(2) AS numerator");
  world_->Start(changed);
  EXPECT_GT(world_->Sweep(), 100u);
  EXPECT_NE(world_->Cells("kpi = 'proposals_per_employee'"), old);
  EXPECT_EQ(world_->Cells("kpi != 'proposals_per_employee'"), others);
  EXPECT_EQ(world_->Cells(), Batch(changed));
}

TEST_F(RollupClock, AFigureThatCannotBeComputedHasNoCellsWhileAllOthersGoOn) {
  Replace(&Named(definitions_, "proposals_per_employee").text, "toInt64(1) AS numerator",
          "toInt64(1 + throwIf(proposal_id = 'POISON', 'no such proposal')) AS numerator");
  world_->Start(definitions_);
  world_->Apply();
  const auto before = world_->Cells();
  const std::string broken = "kpi = 'proposals_per_employee' AND toStartOfMonth(day) = '2026-03-01'";
  const auto good = world_->Cells("NOT (" + broken + ")");
  ASSERT_LT(good.size(), before.size());

  const auto pass = world_->Take(
      R"(improvement.ProposalSubmitted {"context": {"id": "x", "occurredAt": "2026-03-12T03:00:00Z"}, )"
      R"("proposalId": "POISON", "proposerRefs": ["E1"], "theme": "THEME_QUALITY"})");
  ASSERT_EQ(pass.refused.size(), 1u);
  EXPECT_EQ(pass.refused[0].plant, "PL1");
  EXPECT_EQ(pass.refused[0].kpi, "proposals_per_employee");
  EXPECT_EQ(FormatDay(pass.refused[0].month), "2026-03-01");
  EXPECT_NE(Message(pass.refused[0].why).find("no such proposal"), std::string::npos);
  EXPECT_EQ(world_->Cells(broken), std::vector<std::string>{}) << "neither new figures nor old ones";
  EXPECT_EQ(world_->Cells("NOT (" + broken + ")"), good);
  EXPECT_EQ(world_->set_aside(), 1u);

  // It is missing, and it is not tried again at once.
  EXPECT_EQ(world_->Sweep(), 0u);
  EXPECT_EQ(world_->Cells(broken), std::vector<std::string>{});

  // The fact is taken back and the program starts anew: the sweep finds what is missing.
  world_->Take(
      R"(event.Voided {"context": {"id": "v", "occurredAt": "2026-03-13T03:00:00Z"}, "voids": {"source": "/s", )"
      R"("id": "x", "plantId": "PL1", "entity": "proposal/POISON"}, "reason": "VOID_REASON_TEST_DATA"})");
  world_->Start(definitions_);
  world_->Sweep();
  EXPECT_EQ(world_->Cells(), before);
  EXPECT_EQ(world_->set_aside(), 0u);
}

TEST_F(RollupClock, AFigureThatCannotBeComputedTakesNoOtherPlantsMonthWithIt) {
  world_->Start(definitions_);
  world_->Apply();
  // A plant of one day is before the other's first month in the round.
  world_->Take(R"(operations.OperationErrorRecorded {"context": {"id": "e", "plantId": "PL0", )"
               R"("occurredAt": "2026-04-30T03:00:00Z"}, "errorId": "E0", "jobId": "J1", )"
               R"("errorClass": "ERROR_CLASS_OTHER", "methodRelated": true})");
  world_->Take(
      R"(improvement.ProposalSubmitted {"context": {"id": "x", "occurredAt": "2024-12-10T03:00:00Z"}, )"
      R"("proposalId": "POISON", "proposerRefs": ["E1"], "theme": "THEME_QUALITY"})");
  const auto others = world_->Cells("kpi != 'proposals_per_employee'");

  ASSERT_TRUE(world_->client().Execute("TRUNCATE TABLE kpi_cell").ok());
  Replace(&Named(definitions_, "proposals_per_employee").text, "toInt64(1) AS numerator",
          "toInt64(1 + throwIf(proposal_id = 'POISON', 'no such proposal')) AS numerator");
  world_->Start(definitions_);
  world_->Sweep();
  EXPECT_EQ(world_->Cells("kpi != 'proposals_per_employee'"), others);
  EXPECT_EQ(world_->set_aside(), 1u) << "the first month of PL1";
}

}  // namespace
}  // namespace yokoten::test
