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

// Those of DOMAIN section 3; more are welcome.
TEST(Catalogue, NoKpiIsMissing) {
  for (const char* id : {"action_on_time",
                         "adoption_rate",
                         "audit_adherence",
                         "audit_completion",
                         "barrier_score",
                         "career_progression",
                         "cycle_time_conformance",
                         "daily_meeting_adherence",
                         "dart_rate",
                         "data_completeness",
                         "days_since_recordable",
                         "ecrs_split",
                         "fatal_per_1000",
                         "finding_closure_days",
                         "first_pass_yield",
                         "gb_injury_frequency_A",
                         "gb_mean_severity_N",
                         "gb_severity_B",
                         "hazard_elimination_rate",
                         "hazard_on_time_closure",
                         "hazards_identified",
                         "implementation_rate",
                         "injury_per_1000",
                         "innovation_culture_index",
                         "internal_delivery_share",
                         "ji_first_time_pass_rate",
                         "ji_training_cycle_time",
                         "jr_case_rate",
                         "jr_check_on_time",
                         "jr_resolution_time",
                         "jr_resolved_rate",
                         "loop_closure_time",
                         "ltifr",
                         "management_language_pass_rate",
                         "mtp_action_followthrough",
                         "mtp_coverage",
                         "mtp_practice_ratio",
                         "near_miss_incident_ratio",
                         "near_miss_rate",
                         "operation_error_rate",
                         "participation_rate",
                         "proposal_stage_days",
                         "proposals_per_employee",
                         "revision_lead_time",
                         "rework_ratio",
                         "scrap_ratio",
                         "serious_per_1000",
                         "severity_rate",
                         "single_point_jobs",
                         "skill_matrix_coverage",
                         "stage_gate_status",
                         "standard_currency",
                         "standard_work_coverage",
                         "standardized_rate",
                         "supervisor_j_coverage",
                         "trained_before_promotion",
                         "trained_on_current_revision",
                         "trainer_activity",
                         "trainer_ratio",
                         "training_lag_after_revision",
                         "training_plan_adherence",
                         "trir",
                         "verified_savings",
                         "versatility_index",
                         "yokoten_rate"}) {
    const Kpi* kpi = Catalogue::Linked().Find(id);
    ASSERT_NE(kpi, nullptr) << id;
    EXPECT_FALSE(kpi->definition.name_zh().empty() || kpi->definition.name_en().empty()) << id;
  }
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

TEST(Catalogue, MembersAreCountedByFixedPeriodsAndOnBothSides) {
  const auto with = [](const std::string& numerator, const std::string& denominator,
                       const std::string& grain) {
    std::string text = Replaced(kGood, "numerator: AGGREGATION_SUM", "numerator: " + numerator);
    text = Replaced(text, "denominator: AGGREGATION_SUM", "denominator: " + denominator);
    return Replaced(text, "GRAIN_DAY", grain);
  };
  const char* distinct = "AGGREGATION_DISTINCT";
  Result<Catalogue> loaded = LoadOne(with(distinct, distinct, "GRAIN_QUARTER"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(loaded->Find("x_rate")->has_members());
  ExpectRefused(with(distinct, "AGGREGATION_SUM", "GRAIN_QUARTER"), "both sides");
  ExpectRefused(with("AGGREGATION_LAST", distinct, "GRAIN_QUARTER"), "both sides");
  ExpectRefused(with(distinct, distinct, "GRAIN_WEEK"), "month, quarter or year");
  const std::string quarters = with(distinct, distinct, "GRAIN_QUARTER");
  ExpectRefused(Replaced(quarters, "-- tps", "-- privacy_k: 5 tps"), "privacy_k does not go");
}

TEST(Catalogue, MonthsAreThereWhereMembersAreCounted) {
  const std::vector<SourceText> steps{{"month", "-- months\nSELECT plant FROM {months}"}};
  const std::string months = Replaced(kGood, "FROM {", "FROM {months}, {"),
                    by_step = Replaced(kGood, "FROM {", "FROM {step month}, {");
  ExpectRefused(months, "{months} goes with");
  ExpectRefused(by_step, "{months} goes with", steps);
  for (std::string text : {months, by_step}) {
    text = Replaced(text, "numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM",
                    "numerator: AGGREGATION_DISTINCT denominator: AGGREGATION_DISTINCT");
    const Result<Catalogue> loaded = LoadOne(Replaced(text, "GRAIN_DAY", "GRAIN_MONTH"), steps);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
  }
}

TEST(Catalogue, WhatIsMadeOfOtherKpisNamesThemWithTargets) {
  std::string header = Replaced(kHeader, "x_rate", "y_index");
  header = Replaced(header, "numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM",
                    "numerator: AGGREGATION_PARTS denominator: AGGREGATION_PARTS");
  header = Replaced(header, "LEVEL_LINE", "LEVEL_PLANT");
  header = Replaced(header, "reads { event: \"operations.ShiftOutputReported\" horizon: HORIZON_DAY }",
                    "parts { kpi: \"x_rate\" target: \"30\" }");
  const auto load = [](const std::string& text) {
    return Catalogue::Load({{"x_rate", kGood}, {"y_index", text}}, {});
  };
  Result<Catalogue> loaded = load(header);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(loaded->Find("y_index")->has_parts());
  EXPECT_TRUE(loaded->Find("y_index")->all_facts.empty());
  const auto refused = [&](const std::string& text) { return Message(load(text).status()); };
  EXPECT_THAT(refused(header + "\n" + kQuery), HasSubstr("no query"));
  EXPECT_THAT(refused(Replaced(header, "\"30\"", "\"0\"")), HasSubstr("target"));
  EXPECT_THAT(refused(Replaced(header, "kpi: \"x_rate\"", "kpi: \"z_rate\"")), HasSubstr("no KPI 'z_rate'"));
  EXPECT_THAT(refused(Replaced(header, "kpi: \"x_rate\"", "kpi: \"y_index\"")), HasSubstr("with cells"));
  EXPECT_THAT(refused(Replaced(header, "-- tps", "-- privacy_k: 5 tps")), HasSubstr("its parts have"));
  // A protected part is shown by one grain alone, and so is what is made of it.
  std::string part = Replaced(kGood, "LEVEL_LINE", "LEVEL_WORKSHOP");
  part = Replaced(Replaced(part, "GRAIN_DAY", "GRAIN_QUARTER"), "-- tps", "-- privacy_k: 5 tps");
  const auto with_part = [&](const std::string& grain) {
    return Catalogue::Load({{"x_rate", part}, {"y_index", Replaced(header, "GRAIN_DAY", grain)}}, {});
  };
  EXPECT_TRUE(with_part("GRAIN_QUARTER").ok()) << with_part("GRAIN_QUARTER").status();
  EXPECT_THAT(Message(with_part("GRAIN_MONTH").status()), HasSubstr("another default_grain"));
  EXPECT_THAT(refused(Replaced(header, "LEVEL_PLANT", "LEVEL_LINE")), HasSubstr("LEVEL_PLANT"));
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

TEST(Catalogue, AnOlderVersionStandsBesideTheNewestUnderAnIdOfItsOwn) {
  const std::string second = Replaced(Replaced(kGood, "version: 1", "version: 2"), "1 AS", "2 AS");
  Result<Catalogue> loaded = Catalogue::Load({{"x_rate.v1", kGood}, {"x_rate", second}}, {});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->kpis().size(), 2u);
  const Kpi* newest = loaded->Find("x_rate");
  const Kpi* older = loaded->Find("x_rate@1");
  ASSERT_TRUE(newest != nullptr && older != nullptr);
  EXPECT_EQ(newest->definition.older_versions().at(0), 1);
  EXPECT_EQ(loaded->Find("x_rate@2"), newest);
  EXPECT_EQ(loaded->Find("x_rate@3"), nullptr);
  EXPECT_EQ(older->base_id(), "x_rate");
  EXPECT_TRUE(older->older && !newest->older);
  EXPECT_NE(older->hash, newest->hash);
  // A later change of the newest leaves the older one's cells alone.
  Result<Catalogue> later =
      Catalogue::Load({{"x_rate.v1", kGood}, {"x_rate", Replaced(second, "2 AS", "3 AS")}}, {});
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->Find("x_rate@1")->hash, older->hash);
}

TEST(Catalogue, AnOlderVersionIsOlderAndTellsNothingThatIsHidden) {
  const auto refused = [](const std::vector<SourceText>& files, const char* why) {
    Result<Catalogue> loaded = Catalogue::Load(files, {});
    ASSERT_FALSE(loaded.ok()) << why;
    EXPECT_THAT(Message(loaded.status()), HasSubstr(why));
  };
  refused({{"x_rate.v1", kGood}}, "of a higher version");
  refused({{"x_rate.v1", kGood}, {"x_rate", kGood}}, "of a higher version");
  refused({{"x_rate.v2", kGood}}, "it must be the file's");
  refused({{"y_rate.v1", kGood}}, "it must be the file's name");
  refused({{"x_rate.v1", Replaced(kGood, "default_grain: ", "privacy_k: 5 default_grain: ")},
           {"x_rate", Replaced(kGood, "version: 1", "version: 2")}},
          "no older versions");
  refused({{"x_rate", Replaced(kGood, "default_grain: ", "older_versions: 1 default_grain: ")}},
          "not for headers");
}

}  // namespace
}  // namespace yokoten::kpi
