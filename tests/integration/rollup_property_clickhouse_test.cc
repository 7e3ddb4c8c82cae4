// Incremental equals batch: after any history (shuffled, sent twice, corrected, voided, moved to another
// plant or day, a changed calendar, restarts, days that began meanwhile) the cells are, exactly, those of one
// run over all facts, whatever the size of its rounds. Cells of before the last facts must be told from them.
#include <algorithm>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "base/date.h"
#include "events/identity.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

constexpr int kHistories = 2;
constexpr int kEvents = 160;
const Day kStart = *ParseDay("2026-03-01");
constexpr int kDays = 40;

Warehouse* SharedWarehouse() {
  static Result<std::unique_ptr<Warehouse>> warehouse = Warehouse::Start();
  return warehouse.ok() ? warehouse->get() : nullptr;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}

  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  std::mt19937_64& random() { return random_; }

  std::vector<LoggedEvent> History() {
    std::ostringstream text;
    for (int i = 0; i < kEvents; ++i) text << Line(i) << "\n";
    Result<std::vector<LoggedEvent>> roots = ReadFacts(text.str());
    if (!roots.ok()) {
      ADD_FAILURE() << roots.status();
      return {};
    }
    std::vector<LoggedEvent> all = *roots;
    for (size_t i = 0; i < roots->size(); ++i) Amend((*roots)[i], &all);
    std::shuffle(all.begin(), all.end(), random_);
    return all;
  }

 private:
  std::string Date(int spread = kDays) { return FormatDay(kStart + Pick(spread)); }
  std::string When(bool allow_date = true) {
    if (allow_date && Pick(3) == 0) return "\"occurredOn\": \"" + Date() + "\"";
    char clock[16];
    std::snprintf(clock, sizeof clock, "T%02d:%02d:00Z", Pick(24), Pick(60));
    return "\"occurredAt\": \"" + Date() + clock + "\"";
  }
  std::string Context(const std::string& plant, const std::string& when) {
    const int unit = Pick(4);
    std::string place;
    if (unit > 0) place += ", \"workshopId\": \"W" + std::to_string(unit % 2 + 1) + "\"";
    return "\"context\": {\"source\": \"/s\", \"plantId\": \"" + plant + "\", " + when + place +
           ", \"lineId\": \"L" + std::to_string(unit) + "\"}";
  }
  std::string Plant() { return "PL" + std::to_string(Pick(3) + 1); }

  // One event of any kind the KPIs read.
  std::string Line(int i) {
    const std::string n = std::to_string(i), plant = Plant();
    const std::string job = "\"jobId\": \"J" + std::to_string(Pick(3)) + "\"",
                      person = "\"P" + std::to_string(Pick(4)) + "\"";
    const std::string revision = "\"revisionNo\": " + std::to_string(Pick(3) + 1);
    const std::string group = Pick(4) == 0 ? "*" : plant;
    switch (Pick(23)) {
      case 0:
      case 1:
      case 2: {
        const std::string day = Date();
        return "operations.ShiftOutputReported {" +
               Context(plant, "\"occurredOn\": \"" + day + "\", \"stationId\": \"S\"") +
               ", \"product\": \"X\", \"productionDay\": \"" + day +
               "\", \"shiftCode\": \"D\", \"producedQty\": 9, \"goodQty\": 9, "
               "\"scrapQty\": 0, \"reworkQty\": 0, \"operationsQty\": 50, \"inspectedQty\": " +
               std::to_string(5 + Pick(5)) + ", \"goodFirstTimeQty\": " + std::to_string(Pick(5)) +
               ", \"cycle\": {\"n\": 4, \"meanS\": 10}, \"snapshotVersion\": " + std::to_string(Pick(3) + 1) +
               "}";
      }
      case 3:
        return "operations.OperationErrorRecorded {" + Context(plant, When()) + ", \"errorId\": \"E" + n +
               "\", " + job + ", \"errorClass\": \"ERROR_CLASS_OTHER\", \"methodRelated\": true}";
      case 4: {
        const std::string day = Date();
        return "operations.ErrorsAggregated {" + Context(plant, "\"occurredOn\": \"" + day + "\"") + ", " +
               job + ", \"productionDay\": \"" + day +
               "\", \"shiftCode\": \"D\", \"errors\": 2, \"operations\": 70, \"snapshotVersion\": 1}";
      }
      case 5:
        return "standard_work.JobRegistered {" + Context(group, When()) + ", " + job +
               ", \"nameZh\": \"j\", \"stationIds\": [\"S\"], \"requiresSw\": true, \"criticality\": "
               "\"CRITICALITY_A\", \"reviewIntervalD\": 30}";
      case 6:
        return Pick(3) == 0
                   ? "standard_work.JobRetired {" + Context(group, When()) + ", " + job + "}"
                   : "standard_work.RevisionReviewed {" + Context(group, When()) + ", " + job + ", " +
                         revision + ", \"outcome\": \"REVIEW_OUTCOME_UNCHANGED\", \"reviewerRef\": \"R\"}";
      case 7:
      case 8:
        return "standard_work.RevisionReleased {" + Context(group, When()) + ", " + job + ", " + revision +
               ", \"effectiveFrom\": \"" + Date() +
               "T07:00:00Z\", \"retrainingRequired\": " + (Pick(3) == 0 ? "false" : "true") + "}";
      case 9: {
        std::string rows;
        const int persons = 3 + Pick(2);
        for (int p = 0; p < persons; ++p) {
          rows += std::string(p > 0 ? ", " : "") + "{\"personRef\": \"P" + std::to_string(p) +
                  "\", \"workshopId\": \"W1\", \"lineId\": \"L" + std::to_string(Pick(2)) +
                  "\", \"role\": \"ROLE_OPERATOR\", \"workerType\": \"WORKER_TYPE_EMPLOYEE\", \"status\": "
                  "\"EMPLOYMENT_STATUS_ACTIVE\", \"assignments\": [{\"jobId\": \"J" +
                  std::to_string(Pick(3)) + "\", \"fromDate\": \"2026-01-01\"}]}";
        }
        return "operations.RosterPublished {" + Context(plant, When()) + ", \"asOfDate\": \"" + Date() +
               "\", \"snapshotVersion\": 1, \"chunk\": 1, \"chunks\": 1, \"rows\": [" + rows +
               "], \"rowCount\": " + std::to_string(persons) + "}";
      }
      case 10:
        return "training.SessionCompleted {" + Context(plant, When()) + ", \"sessionId\": \"S" + n +
               "\", \"attempt\": 1, \"result\": \"SESSION_RESULT_PASS\", \"minutes\": 1, \"trainerRef\": "
               "\"T\", \"personRef\": " +
               person + ", " + job + ", " + revision + "}";
      case 11:
        return Pick(2) == 0 ? "training.TrainerCertified {" + Context(group, When()) +
                                  ", \"trainerRef\": \"T\", \"pillar\": \"PILLAR_JI\", \"grade\": "
                                  "\"TRAINER_GRADE_TRAINER\", \"issuer\": \"i\", "
                                  "\"validFrom\": \"2026-02-01\", \"validUntil\": \"" +
                                  Date() + "\"}"
                            : "training.SkillLevelAssessed {" + Context(plant, When()) +
                                  ", \"personRef\": " + person + ", " + job + ", " + revision +
                                  ", \"level\": " + std::to_string(Pick(5)) + ", \"assessorRef\": \"A\"}";
      case 12: {
        const std::string proposal = ", \"proposalId\": \"Q" + std::to_string(Pick(12)) + "\"";
        if (Pick(2) == 0) {
          return "improvement.ProposalSubmitted {" + Context(plant, When()) + proposal +
                 ", \"proposerRefs\": [\"P1\"], \"theme\": \"THEME_COST\"}";
        }
        return Pick(2) == 0 ? "improvement.ProposalApproved {" + Context(plant, When()) + proposal + "}"
                            : "improvement.ProposalRejected {" + Context(plant, When()) + proposal +
                                  ", \"reason\": \"DECISION_REASON_OTHER\"}";
      }
      case 13: {
        const std::string incident = ", \"incidentId\": \"I" + std::to_string(Pick(8)) + "\"";
        if (Pick(2) == 0) {
          return "safety.IncidentReported {" + Context(plant, When()) + incident + ", \"kind\": \"" +
                 (Pick(2) == 0 ? "INCIDENT_KIND_NEAR_MISS" : "INCIDENT_KIND_INJURY") +
                 "\", \"workerType\": \"WORKER_TYPE_EMPLOYEE\"}";
        }
        return "safety.IncidentClassified {" + Context(plant, When()) + incident +
               ", \"caseNo\": 1, \"workRelated\": true, \"oshaOutcome\": \"OSHA_OUTCOME_DJTR\", "
               "\"gbSeverity\": \"GB_SEVERITY_MINOR\", "
               "\"gbEdition\": 1986, \"workerType\": \"WORKER_TYPE_EMPLOYEE\"}";
      }
      case 14: {
        const std::string day = Date();
        const std::string hours =
            ", \"workerType\": \"WORKER_TYPE_EMPLOYEE\", \"hoursWorked\": 8.5, \"snapshotVersion\": 1, "
            "\"basis\": \"HOURS_BASIS_ACTUAL\"";
        return "operations.HoursReported {" + Context(plant, "\"occurredOn\": \"" + day + "\"") + hours +
               (Pick(3) == 0 ? ", \"month\": \"" + day.substr(0, 8) + "01\"}"
                             : ", \"productionDay\": \"" + day + "\"}");
      }
      case 15:
        return Pick(2) == 0 ? "standard_work.RevisionDrafted {" + Context(group, When()) + ", " + job + ", " +
                                  revision +
                                  ", \"changeReason\": \"CHANGE_REASON_NEW_JOB\", \"steps\": [{\"seq\": 1, "
                                  "\"majorStep\": \"a\"}], \"proposalIds\": [\"Q" +
                                  std::to_string(Pick(6)) +
                                  "\"], \"standardCycleS\": " + std::to_string(Pick(3) + 9) + "}"
                            : "training.SkillLevelRevoked {" + Context(plant, When()) +
                                  ", \"personRef\": " + person + ", " + job + ", " + revision + "}";
      case 16: {
        const std::string plan = "\"planId\": \"T" + std::to_string(Pick(6)) + "\"";
        switch (Pick(3)) {
          case 0:
            return "training.TrainingPlanned {" + Context(plant, When()) + ", " + plan +
                   ", \"personRef\": " + person + ", " + job + ", " + revision +
                   ", \"targetLevel\": 3, \"dueDate\": \"" + Date() + "\"}";
          case 1:
            return "training.PlanCancelled {" + Context(plant, When()) + ", " + plan + "}";
          default:
            return "training.SessionStarted {" + Context(plant, When()) + ", " + plan +
                   ", \"sessionId\": \"S" + std::to_string(Pick(kEvents)) +
                   "\", \"trainerRef\": \"T\", \"personRef\": " + person + ", " + job + ", " + revision + "}";
        }
      }
      case 17:
      case 18: {
        const std::string proposal = ", \"proposalId\": \"Q" + std::to_string(Pick(6)) + "\"";
        switch (Pick(3)) {
          case 0:
            return "improvement.ProposalImplemented {" + Context(plant, When()) + proposal +
                   ", \"implementedOn\": \"" + Date() + "\", \"ecrs\": [\"ECRS_" +
                   (Pick(2) == 0 ? "COMBINE" : "SIMPLIFY") + "\"]}";
          case 1:
            return "improvement.ProposalVerified {" + Context(plant, When()) + proposal +
                   ", \"attempt\": 1, \"outcome\": \"VERIFICATION_OUTCOME_EFFECTIVE\", "
                   "\"verifiedSavingAnnual\": \"10\", \"currency\": \"" +
                   (Pick(2) == 0 ? "CNY" : "USD") + "\", \"verifierRole\": \"VERIFIER_ROLE_IE\"}";
          default:
            return "improvement.ProposalStandardized {" + Context(plant, When()) + proposal + ", " + job +
                   ", " + revision + "}";
        }
      }
      case 19: {
        const std::string hazard = ", \"hazardId\": \"H" + std::to_string(Pick(5)) + "\"";
        switch (Pick(4)) {
          case 0:
            return "safety.HazardIdentified {" + Context(plant, When()) + hazard +
                   ", \"grade\": \"HAZARD_GRADE_MAJOR\", \"cause\": \"HAZARD_CAUSE_THING\"}";
          case 1:
            return "safety.CountermeasureDecided {" + Context(plant, When()) + hazard +
                   ", \"attempt\": 1, \"controlLevel\": \"CONTROL_LEVEL_PPE\", \"ownerRef\": \"O\", "
                   "\"dueDate\": \"" +
                   Date() + "\"}";
          case 2:
            return "safety.ResultChecked {" + Context(plant, When()) + hazard +
                   ", \"attempt\": 1, \"ok\": true}";
          default:
            return "safety.HazardDismissed {" + Context(plant, When()) + hazard + "}";
        }
      }
      case 20:
        return Pick(3) == 0
                   ? "operations.ReportingModeSet {" + Context(plant, When()) +
                         ", \"feed\": \"REPORTING_FEED_SAFETY\", \"mode\": \"REPORTING_MODE_AGGREGATED\", "
                         "\"validFrom\": \"" +
                         Date() + "\"}"
                   : "safety.DaysUpdated {" + Context(plant, When()) + ", \"incidentId\": \"I" +
                         std::to_string(Pick(8)) +
                         "\", \"caseNo\": 1, \"dafwDays\": " + std::to_string(Pick(9)) +
                         ", \"djtrDays\": 0, \"gbLostWorkdays\": 7, \"asOf\": \"" + Date() + "\"}";
      case 21: {
        const std::string target =
            ", \"proposalId\": \"Q" + std::to_string(Pick(6)) + "\", \"targetLineId\": \"L1\"";
        return Pick(2) == 0 ? "improvement.YokotenAssessed {" + Context(plant, When()) + target +
                                  ", \"applicable\": true}"
                            : "improvement.YokotenCompleted {" + Context(plant, When()) + target + "}";
      }
      default: {
        static constexpr const char* kZones[] = {"Asia/Shanghai", "Europe/Berlin", "America/New_York"};
        const int start = 5 + Pick(4);
        char shifts[256];
        std::snprintf(shifts, sizeof shifts,
                      "[{\"shiftCode\": \"D\", \"startTime\": \"%02d:00\", \"endTime\": \"%02d:00\"}, "
                      "{\"shiftCode\": \"N\", "
                      "\"startTime\": \"%02d:00\", \"endTime\": \"%02d:00\"}]",
                      start, start + 12, start + 12, start);
        const std::string body = ", \"calendarVersion\": " + std::to_string(Pick(2) + 1) +
                                 ", \"timeZone\": \"" + kZones[Pick(3)] + "\", \"validFrom\": \"" + Date() +
                                 "\", \"shifts\": " + shifts + "}";
        return (Pick(3) == 0 ? "operations.CalendarCorrected {" : "operations.CalendarPublished {") +
               Context(plant, When()) + body;
      }
    }
  }

  // Copies, corrections (of time and plant) and voids of an event.
  void Amend(const LoggedEvent& root, std::vector<LoggedEvent>* all) {
    const std::string entity = events::EntityOf(*root.type, *root.event);
    const auto copy = [&] {
      LoggedEvent twin{root.type, std::shared_ptr<google::protobuf::Message>(root.event->New())};
      twin.event->CopyFrom(*root.event);
      return twin;
    };
    if (Pick(5) == 0) all->push_back(copy());
    if (Pick(15) == 0) {
      all->push_back(copy());  // the same id once more, for another plant
      ContextOf(all->back()).set_plant_id(Plant());
    }
    LoggedEvent original = root;
    const event::v1::EventContext context = ContextOf(original);
    const auto refer = [&](event::v1::EventReference* reference, const std::string& id) {
      reference->set_source(context.source());
      reference->set_id(id);
      reference->set_plant_id(context.plant_id());
      reference->set_entity(entity);
    };
    const int corrections = Pick(4) == 0 ? 1 + Pick(2) : 0;
    for (int i = 0; i < corrections; ++i) {
      LoggedEvent correction = copy();
      event::v1::EventContext& own = ContextOf(correction);
      own.set_id(context.id() + "-c" + std::to_string(i));
      own.set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
      refer(own.mutable_corrects(), context.id());
      if (Pick(2) == 0 && context.plant_id() != "*") own.set_plant_id(Plant());
      if (own.has_occurred_at())
        own.mutable_occurred_at()->set_seconds(own.occurred_at().seconds() + (Pick(7) - 3) * 36000);
      all->push_back(correction);
    }
    if (Pick(8) != 0) return;
    // The root, or its first correction.
    const events::EventType& type = events::Registry::Linked().Voided();
    LoggedEvent voided{&type, std::make_shared<event::v1::Voided>()};
    auto& message = static_cast<event::v1::Voided&>(*voided.event);
    *message.mutable_context() = context;
    message.mutable_context()->set_id(context.id() + "-v");
    refer(message.mutable_voids(), corrections > 0 && Pick(2) == 0 ? context.id() + "-c0" : context.id());
    message.set_reason(event::v1::VOID_REASON_DUPLICATE);
    all->push_back(voided);
  }

  std::mt19937_64 random_;
};

// Cells that count, within each plant's days: a calendar may take back a day that had begun, and nobody reads
// its cells then.
std::vector<std::string> Cells(clickhouse::Client& client) {
  auto rows = client.Select(
      "SELECT concat(grain, ' ', level, ' ', kpi, ' ', plant, '/', workshop, '/', line, ' ', dim, ' ', "
      "toString(day)) AS cell, "
      "toString((numerator, numerator_days, denominator, denominator_days, observations, sum_squares, "
      "samples, open_since, days)) AS "
      "value FROM kpi_cell FINAL WHERE (grain, kpi, plant, day, version) IN (SELECT grain, kpi, plant, day, "
      "version FROM kpi_cell "
      "FINAL WHERE level = 'plant' AND dim = '') AND day <= transform(toString(plant), (SELECT "
      "groupArray(toString(plant)) FROM (SELECT * FROM plant_state FINAL ORDER BY plant)), (SELECT "
      "groupArray(current_day) FROM (SELECT * FROM plant_state FINAL ORDER BY plant)), "
      "toDate32('1970-01-01')) "
      "ORDER BY cell");
  if (!rows.ok()) {
    ADD_FAILURE() << rows.status();
    return {};
  }
  std::vector<std::string> cells;
  for (size_t i = 0; i < rows->size(); ++i)
    cells.push_back(rows->Text(i, "cell") + " = " + rows->Text(i, "value"));
  return cells;
}

// What only one of two sorted lists has.
std::vector<std::string> Differences(const std::vector<std::string>& one,
                                     const std::vector<std::string>& other) {
  std::vector<std::string> only;
  std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(only));
  return only;
}

class Incremental : public testing::TestWithParam<int> {};

TEST_P(Incremental, EqualsBatch) {
  Warehouse* warehouse = SharedWarehouse();
  ASSERT_NE(warehouse, nullptr) << "no warehouse: run deploy/install-deps";
  auto made = warehouse->NewDatabase("property_" + std::to_string(GetParam()));
  ASSERT_TRUE(made.ok()) << made.status();
  clickhouse::Client& client = **made;
  World world(static_cast<uint64_t>(GetParam()) + 1);
  const std::vector<LoggedEvent> history = world.History();
  ASSERT_FALSE(history.empty());

  FixedClock clock;
  clock.now = FromMicros((kStart.value + 30) * int64_t{86'400'000'000});
  FactLog log(client);
  const auto open_engine = [&](size_t days_max = rollup_worker::RoundOptions{}.days_max) {
    rollup_worker::RoundOptions options;
    options.days_max = days_max;
    auto engine = std::make_unique<rollup_worker::Engine>(client, kpi::Catalogue::Linked(), clock, options);
    EXPECT_TRUE(engine->Load().ok());
    return engine;
  };
  const auto everyone = [](const std::string&) { return true; };
  std::map<std::string, std::vector<internal::v1::Touch>> waiting;
  const auto gather = [&](const rollup_worker::Engine& engine) {
    for (auto& [plant, touches] : log.TakeTouches()) {
      if (plant != "*") {
        waiting[plant].insert(waiting[plant].end(), touches.begin(), touches.end());
        continue;
      }
      for (const auto& [known, place] : engine.places().all()) {
        waiting[known].insert(waiting[known].end(), touches.begin(), touches.end());
      }
    }
  };
  const auto apply = [&](rollup_worker::Engine& engine) {
    std::map<std::string, rollup_worker::PlantTouches> touches;
    for (const auto& [plant, own] : waiting)
      touches[plant] = {own, rollup_worker::MakeVersion(1, log.dirty_offset(), false)};
    const auto report = engine.Apply(touches);
    ASSERT_TRUE(report.ok()) << report.status();
  };
  const auto sweep = [&](rollup_worker::Engine& engine) {
    const auto report = engine.Sweep(1, everyone, [&](const std::string&) {
      return rollup_worker::MakeVersion(1, log.dirty_offset(), true);
    });
    ASSERT_TRUE(report.ok()) << report.status();
  };

  auto engine = open_engine();
  for (size_t at = 0; at < history.size();) {
    const size_t n = std::min(history.size() - at, static_cast<size_t>(50 + world.Pick(60)));
    ASSERT_TRUE(log.Store({history.begin() + static_cast<ptrdiff_t>(at),
                           history.begin() + static_cast<ptrdiff_t>(at + n)})
                    .ok());
    at += n;
    if (world.Pick(2) == 0) {
      ASSERT_TRUE(log.JudgeIdentity().ok());
    }
    gather(*engine);
    if (world.Pick(3) == 0) continue;  // touches pile up
    apply(*engine);
    if (world.Pick(3) == 0) {
      engine = open_engine();  // a crash before the commit: the same touches come again
      sweep(*engine);
      apply(*engine);
    }
    waiting.clear();
    if (world.Pick(3) == 0) {
      clock.now += std::chrono::hours(24 * (1 + world.Pick(3)));
      sweep(*engine);
    }
  }
  // The control: a fact of each plant that is stored and not computed yet.
  std::ostringstream last;
  for (int plant = 1; plant <= 3; ++plant) {
    last << "operations.OperationErrorRecorded {\"context\": {\"source\": \"/last\", \"plantId\": \"PL"
         << plant << "\", \"occurredOn\": \"" << FormatDay(kStart + 20)
         << "\", \"workshopId\": \"W9\", \"lineId\": \"L9\"}, \"errorId\": \"LAST\", \"jobId\": \"J9\", "
            "\"errorClass\": \"ERROR_CLASS_OTHER\", \"methodRelated\": true}\n";
  }
  const auto last_facts = ReadFacts(last.str());
  ASSERT_TRUE(last_facts.ok()) << last_facts.status();
  ASSERT_TRUE(log.Store(*last_facts).ok());
  ASSERT_TRUE(log.JudgeIdentity().ok());
  const std::vector<std::string> stale = Cells(client);
  gather(*engine);
  apply(*engine);
  sweep(*engine);
  const std::vector<std::string> incremental = Cells(client);

  for (const char* table : {"kpi_cell", "shift_interval", "plant_state"}) {
    ASSERT_TRUE(client.Execute(std::string("TRUNCATE TABLE ") + table).ok());
  }
  engine = open_engine(GetParam() == 0 ? 60 : 12000);
  sweep(*engine);
  const std::vector<std::string> batch = Cells(client);
  EXPECT_GT(batch.size(), 1000u);
  const std::vector<std::string> differences = Differences(incremental, batch);
  for (size_t i = 0; i < std::min<size_t>(10, differences.size()); ++i) {
    ADD_FAILURE() << "only "
                  << (std::binary_search(batch.begin(), batch.end(), differences[i]) ? "batch: "
                                                                                     : "incremental: ")
                  << differences[i];
  }
  EXPECT_EQ(differences.size(), 0u) << "of " << batch.size() << " cells";
  const std::vector<std::string> missed = Differences(stale, batch);
  for (const char* plant : {" PL1/", " PL2/", " PL3/"}) {
    EXPECT_TRUE(std::any_of(missed.begin(), missed.end(),
                            [plant](const std::string& cell) {
                              return cell.find(" operation_error_rate") != std::string::npos &&
                                     cell.find(plant) != std::string::npos;
                            }))
        << "cells of before the last fact of" << plant << " pass for those after it";
  }
}

INSTANTIATE_TEST_SUITE_P(Histories, Incremental, testing::Range(0, kHistories));

}  // namespace
}  // namespace yokoten::test
