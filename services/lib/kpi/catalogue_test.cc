// What the parser of KPI files refuses, and what changes a definition's hash.
#include "kpi/catalogue.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yokoten::kpi {
namespace {

using ::testing::HasSubstr;

const char kHeader[] =
    "-- id: \"x_rate\" name_zh: \"率\" name_en: \"Rate\" formula_zh: \"a\" formula_en: \"a\"\n"
    "-- factor: \"100\" unit_zh: \"%\" unit_en: \"%\" direction: DIRECTION_CONTEXT pillar: \"JI\" version: 1 "
    "source: \"t\"\n"
    "-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L\n"
    "-- reads { event: \"operations.ShiftOutputReported\" horizon: HORIZON_DAY }\n"
    "-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM default_grain: "
    "GRAIN_DAY\n";
const char kQuery[] = "SELECT plant, 1 AS numerator FROM {facts operations.ShiftOutputReported(good_qty)}\n";

Result<Catalogue> LoadOne(const std::string& text, const std::vector<SourceText>& steps = {}) {
  return Catalogue::Load({{"x_rate", text}}, steps);
}

void ExpectRefused(const std::string& text, const char* why, const std::vector<SourceText>& steps = {}) {
  Result<Catalogue> loaded = LoadOne(text, steps);
  ASSERT_FALSE(loaded.ok()) << text;
  EXPECT_THAT(Message(loaded.status()), HasSubstr(why));
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

const std::string kGood = std::string(kHeader) + "\n" + kQuery;

TEST(Catalogue, TheLinkedDefinitionsAreSound) {
  Result<Catalogue> loaded = Catalogue::Load(LinkedDefinitions(), LinkedSteps());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->kpis().empty());
  for (const Kpi& kpi : loaded->kpis()) EXPECT_EQ(loaded->Find(kpi.id()), &kpi);
  EXPECT_EQ(loaded->Find("no_such"), nullptr);
}

TEST(Catalogue, EveryKpiBelongsToAPillarThatThereIs) {
  const std::set<std::string> pillars = {"JI",      "JM",  "JR", "JS", "MTP", "TTT", "daily_management",
                                         "rollout", "data"};
  for (const Kpi& kpi : Catalogue::Linked().kpis()) {
    EXPECT_TRUE(pillars.contains(kpi.definition.pillar())) << kpi.id() << ": " << kpi.definition.pillar();
  }
}

TEST(Catalogue, AGoodFileTellsWhatItReads) {
  Result<Catalogue> loaded = LoadOne(kGood);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const Kpi& kpi = *loaded->Find("x_rate");
  EXPECT_EQ(kpi.HorizonOf("operations.ShiftOutputReported"), v1::HORIZON_DAY);
  EXPECT_EQ(kpi.HorizonOf("safety.IncidentReported"), v1::HORIZON_UNSPECIFIED);
  EXPECT_EQ(kpi.all_facts.at("operations.ShiftOutputReported"), std::vector<std::string>{"good_qty"});
}

TEST(Catalogue, ClocksChanceAndFloatsAreRefused) {
  for (const char* call :
       {"now()", "today ()", "NOW64(3)", "rand()", "generateUUIDv4()", "toFloat64(1)", "avg(1)"}) {
    ExpectRefused(Replaced(kGood, "1 AS", std::string(call) + " AS"), "depends on the clock");
  }
}

TEST(Catalogue, ConfidentialFactsNeedAPrivacyThatCanBeKept) {
  const std::string confidential = Replaced(
      Replaced(kGood, "event: \"operations.ShiftOutputReported\"", "event: \"relations.CaseClosed\""),
      "operations.ShiftOutputReported(good_qty)", "relations.CaseClosed(outcome)");
  ExpectRefused(confidential, "confidential, without a privacy_k");
  const std::string kept =
      Replaced(Replaced(Replaced(confidential, "GRAIN_DAY", "GRAIN_QUARTER"), "LEVEL_LINE", "LEVEL_WORKSHOP"),
               "version: 1", "version: 1 privacy_k: 5");
  EXPECT_TRUE(LoadOne(kept).ok()) << LoadOne(kept).status();
  ExpectRefused(Replaced(kept, "privacy_k: 5", "privacy_k: 4"), "must be 5 or more");
  ExpectRefused(Replaced(kept, "LEVEL_WORKSHOP", "LEVEL_LINE"), "nothing below the workshop");
  for (const char* grain : {"GRAIN_DAY", "GRAIN_WEEK", "GRAIN_ROLLING_12_MONTHS"})
    ExpectRefused(Replaced(kept, "GRAIN_QUARTER", grain), "month, quarter or year");
  ExpectRefused(
      Replaced(kept, "numerator: AGGREGATION_SUM", "quantile: \"0.9\" numerator: AGGREGATION_VALUES"),
      "no quantile but the median");
}

TEST(Catalogue, MistakesInAFileAreNamed) {
  ExpectRefused(Replaced(kGood, "x_rate", "y_rate"), "must be the file's name");
  ExpectRefused(Replaced(kGood, "default_grain", "no_total: true default_grain"), "goes with a dimension");
  ExpectRefused(Replaced(kGood, "unit_en: \"%\"", ""), "no unit_en");
  ExpectRefused(Replaced(kGood, "DIRECTION_CONTEXT", "DIRECTION_LEFT"), "header line 2");
  ExpectRefused(Replaced(kGood, "tps: TPS_ELEMENT_SW", ""), "no tps");
  ExpectRefused(Replaced(kGood, "TPS_ELEMENT_SW", "TPS_ELEMENT_UNSPECIFIED"), "is no element");
  ExpectRefused(Replaced(kGood, "productive_forces: PRODUCTIVE_FORCE_L", ""), "no productive_forces");
  ExpectRefused(Replaced(kGood, "PRODUCTIVE_FORCE_L", "PRODUCTIVE_FORCE_UNSPECIFIED"), "is no dimension");
  ExpectRefused(Replaced(kGood, "good_qty", "bad_qty"), "no column 'bad_qty'");
  ExpectRefused(Replaced(kGood, "{facts ", "{fact "), "unknown macro");
  ExpectRefused(Replaced(kGood, "(good_qty)}", "(good_qty)"), "not closed");
  ExpectRefused(Replaced(kGood, "horizon: HORIZON_DAY", ""), "no horizon");
  ExpectRefused(Replaced(kGood, "FROM {facts operations.ShiftOutputReported(good_qty)}",
                         "FROM {facts safety.IncidentReported}"),
                "reads operations.ShiftOutputReported but its query does not");
  ExpectRefused(Replaced(kGood, "FROM {", "FROM {facts safety.IncidentReported}, {"),
                "which reads does not name");
  ExpectRefused(Replaced(kGood, "SELECT", "DROP"), "must begin with SELECT");
  ExpectRefused(Replaced(kGood, "FROM {", "FROM {step nothing}, {"), "no step 'nothing'");
  ExpectRefused(Replaced(kGood, "FROM {", "FROM {step a}, {"), "needs itself",
                {{"a", "-- a\nSELECT 1 FROM {step b}"}, {"b", "-- b\nSELECT 1 FROM {step a}"}});
}

TEST(Catalogue, AnIdIsSnakeCaseWithAtMostOneCapitalAtItsEnd) {
  const auto load = [](const std::string& id) {
    return Catalogue::Load({{id, Replaced(kGood, "x_rate", id)}}, {}).ok();
  };
  EXPECT_TRUE(load("x_rate_B"));
  EXPECT_TRUE(load(std::string(64, 'x')));
  EXPECT_FALSE(load(std::string(65, 'x')));
  EXPECT_FALSE(load("xB"));
  EXPECT_FALSE(load("x_B_rate"));
  EXPECT_FALSE(load("X"));
}

TEST(Catalogue, AChangedFormulaChangesTheHashAndABetterNameDoesNot) {
  const auto hash = [](const std::string& text, const std::vector<SourceText>& steps = {}) {
    Result<Catalogue> loaded = LoadOne(text, steps);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? loaded->Find("x_rate")->hash : 0;
  };
  const uint64_t base = hash(kGood);
  EXPECT_EQ(base, hash(Replaced(kGood, "\"Rate\"", "\"Better rate\"")));
  EXPECT_EQ(base, hash(Replaced(kGood, "SELECT", "-- why\nSELECT  ")));
  EXPECT_NE(base, hash(Replaced(kGood, "1 AS", "2 AS")));
  EXPECT_NE(base, hash(Replaced(kGood, "version: 1", "version: 2")));
  EXPECT_NE(base, hash(Replaced(kGood, "LEVEL_LINE", "LEVEL_PLANT")));
  const std::string by_job = Replaced(kGood, "default_grain", "dimension: \"job\" default_grain");
  EXPECT_NE(hash(by_job), hash(Replaced(by_job, "dimension", "no_total: true dimension")));
  const std::string stepped = Replaced(kGood, "FROM {", "FROM {step a}, {");
  EXPECT_NE(hash(stepped, {{"a", "-- a\nSELECT 1"}}), hash(stepped, {{"a", "-- a\nSELECT 2"}}));
}

}  // namespace
}  // namespace yokoten::kpi
