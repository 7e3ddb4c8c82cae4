#include "integration/random_history.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "events/identity.h"
#include "examples/any_event.h"
#include "examples/domain_rules.h"

namespace yokoten::test {
namespace {

constexpr int kEvents = 110;

}  // namespace

std::vector<LoggedEvent> RandomHistory::Make() {
  std::ostringstream text;
  for (int i = 0; i < kEvents; ++i) text << Line(i) << "\n";
  for (int i = 0; i < 8; ++i) Improve(i, text);
  for (int i = 0; i < 8; ++i) Teach(i, text);
  for (int i = 0; i < 8; ++i) Manage(i, text);
  Result<std::vector<LoggedEvent>> roots = ReadFacts(text.str());
  if (!roots.ok()) {
    ADD_FAILURE() << roots.status();
    return {};
  }
  AddOneOfEachType(&*roots);
  std::vector<LoggedEvent> all = *roots;
  for (size_t i = 0; i < roots->size(); ++i) Amend((*roots)[i], &all);
  std::shuffle(all.begin(), all.end(), random_);
  return all;
}

std::string RandomHistory::Date(int spread) { return FormatDay(kStart + Pick(spread)); }
std::string RandomHistory::When(bool allow_date) {
  if (allow_date && Pick(3) == 0) return "\"occurredOn\": \"" + Date() + "\"";
  char clock[16];
  std::snprintf(clock, sizeof clock, "T%02d:%02d:00Z", Pick(24), Pick(60));
  return "\"occurredAt\": \"" + Date() + clock + "\"";
}
std::string RandomHistory::Context(const std::string& plant, const std::string& when) {
  const int unit = Pick(4);
  std::string place;
  if (unit > 0) place += ", \"workshopId\": \"W" + std::to_string(unit % 2 + 1) + "\"";
  return "\"context\": {\"source\": \"/s\", \"plantId\": \"" + plant + "\", " + when + place +
         ", \"lineId\": \"L" + std::to_string(unit) + "\"}";
}
// A proposal's way, now and then with a step missing, which what comes after it waits for.
void RandomHistory::Improve(int n, std::ostream& text) {
  const std::string plant = Plant(), id = ", \"proposalId\": \"R" + std::to_string(n) + "\"",
                    job = ", \"jobId\": \"J" + std::to_string(n) + "\", \"revisionNo\": 7";
  int day = Pick(10);
  const auto step = [&](const std::string& type, const std::string& fields) {
    const std::string on = FormatDay(kStart + day);
    day += Pick(4);
    if (Pick(12) == 0) return;
    text << type << " {" << Context(plant, "\"occurredOn\": \"" + on + "\"") << fields << "}\n";
  };
  step("improvement.ProposalSubmitted", id + ", \"proposerRefs\": [\"P1\"], \"theme\": \"THEME_COST\"");
  if (Pick(2) == 0) step("improvement.ProposalScreened", id + ", \"attempt\": 1");
  if (Pick(5) == 0) {
    step("improvement.ProposalRejected", id + ", \"reason\": \"DECISION_REASON_OTHER\"");
    return;
  }
  step("improvement.ProposalApproved", id);
  step("improvement.ProposalImplemented",
       id + ", \"implementedOn\": \"" + FormatDay(kStart + day) + "\", \"ecrs\": [\"ECRS_REARRANGE\"]");
  step("improvement.ProposalVerified",
       id + ", \"attempt\": 1, \"outcome\": \"VERIFICATION_OUTCOME_EFFECTIVE\", \"verifiedSavingAnnual\": "
            "\"10\", \"currency\": \"CNY\", \"verifierRole\": \"VERIFIER_ROLE_IE\"");
  step("standard_work.RevisionDrafted",
       job +
           ", \"changeReason\": \"CHANGE_REASON_JM_PROPOSAL\", \"steps\": [{\"seq\": 1, \"majorStep\": "
           "\"a\"}], \"proposalIds\": [\"R" +
           std::to_string(n) + "\"]");
  step("standard_work.RevisionReleased", job + ", \"effectiveFrom\": \"" + FormatDay(kStart + day) +
                                             "T07:00:00Z\", \"retrainingRequired\": true");
  step("improvement.ProposalStandardized", id + job);
}

// A plan, its session and the result, under a trainer who may lose the certificate.
void RandomHistory::Teach(int n, std::ostream& text) {
  const std::string plant = Plant(), number = std::to_string(n),
                    trainer = "\"trainerRef\": \"U" + std::to_string(Pick(3)) + "\"";
  const std::string what = ", \"personRef\": \"P" + number + "\", \"jobId\": \"J1\", \"revisionNo\": 1";
  const auto step = [&](const std::string& type, const std::string& fields) {
    if (Pick(10) == 0) return;
    text << type << " {" << Context(plant, When()) << fields << "}\n";
  };
  const std::string grade = ", \"pillar\": \"PILLAR_JI\", \"grade\": \"TRAINER_GRADE_TRAINER\"";
  step("training.TrainerCertified", ", " + trainer + grade + ", \"issuer\": \"i\", \"validFrom\": \"" +
                                        Date(10) + "\", \"validUntil\": \"2026-12-31\"");
  if (Pick(4) == 0) {
    step("training.TrainerCertificateRevoked", ", " + trainer + grade);
  }
  step("training.TrainingPlanned",
       ", \"planId\": \"V" + number + "\"" + what + ", \"targetLevel\": 3, \"dueDate\": \"" + Date() + "\"");
  step("training.SessionStarted",
       ", \"sessionId\": \"W" + number + "\", \"planId\": \"V" + number + "\", " + trainer + what);
  for (int attempt = 1; attempt <= 1 + Pick(2); ++attempt) {
    step("training.SessionCompleted", ", \"sessionId\": \"W" + number +
                                          "\", \"attempt\": " + std::to_string(attempt) + ", \"result\": \"" +
                                          (Pick(2) == 0 ? "SESSION_RESULT_PASS" : "SESSION_RESULT_FAIL") +
                                          "\", \"minutes\": 9, " + trainer + what);
  }
  if (Pick(4) == 0) step("training.PlanCancelled", ", \"planId\": \"V" + number + "\"");
}

// Classes, modules, tests, actions and audits.
void RandomHistory::Manage(int n, std::ostream& text) {
  const std::string number = std::to_string(n), plant = Plant();
  const auto line = [&](const std::string& type, const std::string& fields) {
    text << type << " {" << Context(plant, When()) << fields << "}\n";
  };
  line("training.ClassDelivered",
       ", \"classId\": \"C" + number +
           "\", \"pillar\": \"PILLAR_JM\", \"trainerRef\": \"T\", \"participants\": "
           "5, \"hours\": " +
           std::to_string(1 + Pick(9)) + ", \"externalTrainer\": " + (Pick(3) == 0 ? "true" : "false"));
  line("management.ModuleDelivered",
       ", \"cohortId\": \"M" + std::to_string(Pick(3)) + "\", \"module\": \"M" + std::to_string(Pick(3) + 1) +
           "\", \"minutesLecture\": " + std::to_string(Pick(60)) +
           ", \"minutesCase\": 30, \"minutesRoleplay\": " + std::to_string(Pick(60)) +
           ", \"minutesExercise\": 0");
  line("management.QuizTaken", ", \"cohortId\": \"M1\", \"personRef\": \"P" + std::to_string(Pick(4)) +
                                   "\", \"quizId\": \"Z\", \"kind\": \"QUIZ_KIND_MANAGEMENT_LANGUAGE\", "
                                   "\"attempt\": " +
                                   std::to_string(1 + Pick(2)) +
                                   ", \"scorePct\": " + std::to_string(60 + Pick(40)));
  const std::string action = ", \"actionId\": \"A" + number + "\"";
  line("management.ActionOpened", action + ", \"ownerRef\": \"P1\", \"dueDate\": \"" + Date() +
                                      "\", \"pillar\": \"SQDCM_PILLAR_QUALITY\"");
  line("management.ActionClosed", action + ", \"doneOn\": \"" + Date() + "\"");
  const int good = Pick(9), bad = Pick(4);
  line("rollout.AuditPerformed",
       ", \"auditId\": \"B" + number + "\", \"auditorRef\": \"P2\", \"itemsTotal\": " +
           std::to_string(good + bad + 1) + ", \"itemsNa\": 1, \"itemsOk\": " + std::to_string(good) +
           ", \"itemsNok\": " + std::to_string(bad) + ", \"jobId\": \"J" + std::to_string(Pick(2)) + "\"");
}

void RandomHistory::AddOneOfEachType(std::vector<LoggedEvent>* roots) {
  const Result<std::vector<Example>> examples = LoadExamples();
  ASSERT_TRUE(examples.ok()) << examples.status();
  for (const Example& example : *examples) {
    const auto rules = DomainRules().find(example.type->domain);
    if (example.type == &events::Registry::Linked().Voided()) continue;  // Amend sends them
    const AnyEventOptions options{.first_day = kStart,
                                  .days = kDays,
                                  .now = FromMicros((kStart.value + kDays) * int64_t{86'400'000'000}),
                                  .rules = rules == DomainRules().end() ? nullptr : rules->second};
    LoggedEvent any{example.type, AnyEvent(example, options, random_)};
    // One that its own rules keep elsewhere (a calendar of a year) would make the plants months longer.
    const int64_t day =
        events::OccurredOf(events::ContextOf(*any.type, *any.event)).micros() / 86'400'000'000;
    if (day < kStart.value || day >= kStart.value + kDays) continue;
    event::v1::EventContext& context = ContextOf(any);
    context.set_source("/s");
    context.set_id("any" + std::to_string(roots->size()));
    context.set_plant_id(Plant());
    context.clear_corrects();
    context.clear_reason_code();
    roots->push_back(std::move(any));
  }
}

// One event of any kind the KPIs read.
std::string RandomHistory::Line(int i) {
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
      const std::string proposal = ", \"proposalId\": \"Q" + std::to_string(Pick(6)) + "\"";
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
      return Pick(2) == 0
                 ? "standard_work.RevisionDrafted {" + Context(group, When()) + ", " + job + ", " + revision +
                       ", \"changeReason\": \"CHANGE_REASON_NEW_JOB\", \"steps\": [{\"seq\": 1, "
                       "\"majorStep\": \"a\"}], \"proposalIds\": [\"Q" +
                       std::to_string(Pick(6)) + "\"], \"standardCycleS\": " + std::to_string(Pick(3) + 9) +
                       "}"
                 : "training.SkillLevelRevoked {" + Context(plant, When()) + ", \"personRef\": " + person +
                       ", " + job + ", " + revision + "}";
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
          return "training.SessionStarted {" + Context(plant, When()) + ", " + plan + ", \"sessionId\": \"S" +
                 std::to_string(Pick(kEvents)) + "\", \"trainerRef\": \"T\", \"personRef\": " + person +
                 ", " + job + ", " + revision + "}";
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

void RandomHistory::Amend(const LoggedEvent& root, std::vector<LoggedEvent>* all) {
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
    if (own.has_occurred_at()) {
      const int64_t later = (Pick(7) - 3) * 36000;
      own.mutable_occurred_at()->set_seconds(own.occurred_at().seconds() + later);
      if (own.has_reported_at()) own.mutable_reported_at()->set_seconds(own.reported_at().seconds() + later);
    }
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

}  // namespace yokoten::test
