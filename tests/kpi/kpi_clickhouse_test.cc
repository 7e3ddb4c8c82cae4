// Every KPI has a pair of files, <kpi>.facts and <kpi>.reference: events through the real pipeline into a
// real engine, one rollup pass, cells compared with figures worked out by hand. More pairs of one KPI are
// named <kpi>.<case>; reference.h says what their lines mean.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "insight/as_of.h"
#include "insight/figures.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "kpi/reference.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = YOKOTEN_KPI_TESTS;

Warehouse* SharedWarehouse() {
  static Result<std::unique_ptr<Warehouse>> warehouse = Warehouse::Start();
  return warehouse.ok() ? warehouse->get() : nullptr;
}

class KpiReference : public testing::TestWithParam<std::string> {};

TEST_P(KpiReference, CellsEqualTheReference) {
  Warehouse* warehouse = SharedWarehouse();
  ASSERT_NE(warehouse, nullptr) << "no warehouse: run deploy/install-deps";
  const std::string id = GetParam().substr(0, GetParam().find('.'));
  // The KPI alone: what others cost is no matter here.
  const kpi::Kpi* linked = kpi::Catalogue::Linked().Find(id);
  ASSERT_NE(linked, nullptr) << "no KPI " << id;
  if (linked->has_parts()) {
    const Result<Reference> given = ReadReference(kFolder, GetParam());
    ASSERT_TRUE(given.ok()) << given.status();
    for (const std::string& difference : PartDifferences(*given, linked->definition))
      ADD_FAILURE() << difference;
    return;
  }
  std::vector<kpi::SourceText> definitions = kpi::LinkedDefinitions();
  std::erase_if(definitions, [&](const kpi::SourceText& text) { return text.name != id; });
  Result<kpi::Catalogue> catalogue = kpi::Catalogue::Load(definitions, kpi::LinkedSteps());
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  const kpi::Kpi* kpi = catalogue->Find(id);
  ASSERT_NE(kpi, nullptr) << "no KPI " << id;
  std::string database = "kpi_" + GetParam();
  std::replace(database.begin(), database.end(), '.', '_');
  auto client = warehouse->NewDatabase(database);
  ASSERT_TRUE(client.ok()) << client.status();

  const Result<Reference> reference = ReadReference(kFolder, GetParam());
  ASSERT_TRUE(reference.ok()) << reference.status();
  FixedClock clock;
  clock.now = reference->clock;

  Result<std::vector<LoggedEvent>> facts = FactsOf(kFolder, *reference);
  ASSERT_TRUE(facts.ok()) << facts.status();
  FactLog log(**client);
  const Status stored = log.Store(*facts);
  ASSERT_TRUE(stored.ok()) << stored;
  if (!reference->unjudged) {
    ASSERT_TRUE(log.JudgeIdentity().ok());
  }

  rollup_worker::Engine engine(**client, *catalogue, clock, {});
  ASSERT_TRUE(engine.Load().ok());
  std::map<std::string, rollup_worker::PlantTouches> touches;
  for (auto& [plant, own] : log.TakeTouches()) {
    if (plant != "*") touches[plant] = {own, rollup_worker::MakeVersion(1, log.dirty_offset() + 1, false)};
  }
  const auto pass = engine.Apply(touches);
  ASSERT_TRUE(pass.ok()) << pass.status();
  for (const auto& refused : pass->refused) ADD_FAILURE() << refused.kpi << " is refused: " << refused.why;
  for (const auto& [what, ms] : pass->timings) {
    if (ms > 500) std::printf("    %s: %.0f ms\n", what.c_str(), ms);
  }

  const Result<ReferenceCells> cells = ReadReferenceCells(**client, "kpi_cell FINAL", *kpi, {});
  ASSERT_TRUE(cells.ok()) << cells.status();
  for (const std::string& difference : Differences(*reference, *cells)) ADD_FAILURE() << difference;
}

INSTANTIATE_TEST_SUITE_P(All, KpiReference, testing::ValuesIn(ReferenceNames(kFolder)), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

// Periods' own cells and values made of others are asked for like all else, of a past instant too.
TEST(KpiReferences, MembersAreCountedAsOfAnInstantToo) {
  Warehouse* warehouse = SharedWarehouse();
  ASSERT_NE(warehouse, nullptr) << "no warehouse: run deploy/install-deps";
  auto client = warehouse->NewDatabase("kpi_members_as_of");
  ASSERT_TRUE(client.ok()) << client.status();
  const Result<Reference> reference = ReadReference(kFolder, "participation_rate");
  ASSERT_TRUE(reference.ok()) << reference.status();
  const Result<std::vector<LoggedEvent>> facts = FactsOf(kFolder, *reference);
  ASSERT_TRUE(facts.ok()) << facts.status();
  FactLog log(**client);
  ASSERT_TRUE(log.Store(*facts).ok());
  ASSERT_TRUE(log.JudgeIdentity().ok());
  FixedClock clock;
  clock.now = log.recorded_until();
  auto view = insight::AsOfView::Open(**client, {}, clock.now);
  ASSERT_TRUE(view.ok()) << view.status();
  const insight::Figures figures(kpi::Catalogue::Linked(), **view, clock);
  const auto persons = [&](kpi::v1::Grain grain, const char* workshop) {
    insight::v1::GetKpiSeriesRequest request;
    request.set_kpi_id("participation_rate");
    request.mutable_unit()->set_plant_id("PL1");
    request.mutable_unit()->set_workshop_id(workshop);
    request.set_grain(grain);
    request.set_from("2026-01-01");
    request.set_to("2026-04-20");
    insight::v1::GetKpiSeriesResponse response;
    const Status status = figures.Series(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    std::string all;
    for (const auto& value : response.values()) all += value.numerator() + "/" + value.denominator() + " ";
    return all;
  };
  // The reference's figures.
  EXPECT_EQ(persons(kpi::v1::GRAIN_MONTH, ""), "1/4 1/5 0/4 2/5 ");
  EXPECT_EQ(persons(kpi::v1::GRAIN_QUARTER, ""), "3/5 2/5 ");
  EXPECT_EQ(persons(kpi::v1::GRAIN_QUARTER, "W1").substr(0, 4), "2/3 ");
  insight::v1::GetKpiSnapshotRequest request;
  request.mutable_unit()->set_plant_id("PL1");
  request.set_day("2026-03-31");
  for (const char* id : {"innovation_culture_index", "participation_rate"}) request.add_kpi_ids(id);
  insight::v1::GetKpiSnapshotResponse snapshot;
  const Status status = figures.Snapshot(request, &snapshot);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(snapshot.entries_size(), 2);
  const auto& index = snapshot.entries(0).current();
  ASSERT_EQ(index.parts_size(), 4);
  EXPECT_DOUBLE_EQ(index.parts(0).value(), 60);
  EXPECT_FALSE(index.has_value()) << "nothing is known of the other parts";
  EXPECT_DOUBLE_EQ(snapshot.entries(1).current().value(), 60);
}

TEST(KpiReferences, EveryKpiHasOne) {
  const std::vector<std::string> cases = ReferenceNames(kFolder);
  for (const kpi::Kpi& kpi : kpi::Catalogue::Linked().kpis()) {
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(),
                            [&](const std::string& name) {
                              return name.substr(0, name.find('.')) == kpi.id() &&
                                     fs::exists(kFolder / (name + ".reference"));
                            }))
        << kpi.id() << " has no tests/kpi/" << kpi.id() << ".reference";
  }
}

}  // namespace
}  // namespace yokoten::test
