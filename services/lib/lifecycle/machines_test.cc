// Every transition of every machine, written out as lives, and events that must not be legal where they
// stand.
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/registry.h"
#include "lifecycle/fold.h"
#include "lifecycle/machine.h"

namespace yokoten::lifecycle {
namespace {

// "ProposalVerified[outcome=EFFECTIVE]" as an event at its place in the text.
StateEvent Read(const std::string& text, int64_t at) {
  const size_t open = text.find('['), equals = text.find('=');
  StateEvent event{at, at, std::to_string(at), text.substr(0, open),
                   [](std::string_view) { return std::string(); }};
  if (open == std::string::npos) return event;
  const std::string field = text.substr(open + 1, equals - open - 1);
  const std::string value = text.substr(equals + 1, text.size() - equals - 2);
  event.value = [field, value](std::string_view asked) { return asked == field ? value : std::string(); };
  return event;
}

std::vector<StateEvent> ReadAll(const std::string& text) {
  std::istringstream words(text);
  std::vector<StateEvent> events;
  for (std::string word; words >> word;) events.push_back(Read(word, static_cast<int64_t>(events.size())));
  return events;
}

struct Lived {
  const char* machine;
  const char* events;
  const char* states;  // after each event, full names
};

constexpr Lived kLives[] = {
    {"revision",
     "RevisionDrafted RevisionSubmitted RevisionRejected RevisionSubmitted RevisionApproved "
     "RevisionReleased @effective RevisionReviewed @superseded",
     "DRAFT IN_REVIEW DRAFT IN_REVIEW APPROVED RELEASED EFFECTIVE EFFECTIVE SUPERSEDED"},
    {"revision", "RevisionDrafted RevisionSubmitted RevisionApproved RevisionWithdrawn",
     "DRAFT IN_REVIEW APPROVED WITHDRAWN"},
    {"revision", "RevisionDrafted RevisionSubmitted RevisionApproved RevisionReleased RevisionWithdrawn",
     "DRAFT IN_REVIEW APPROVED RELEASED WITHDRAWN"},
    {"revision",
     "RevisionDrafted RevisionSubmitted RevisionApproved RevisionReleased @effective RevisionWithdrawn",
     "DRAFT IN_REVIEW APPROVED RELEASED EFFECTIVE WITHDRAWN"},
    {"plan", "TrainingPlanned SessionStarted", "PLANNED IN_PROGRESS"},
    {"plan", "TrainingPlanned PlanCancelled", "PLANNED CANCELLED"},
    {"session",
     "SessionStarted StepCompleted SessionCompleted[result=FAIL] SessionCompleted[result=INCOMPLETE] "
     "SessionCompleted[result=PASS] FollowUpRecorded FollowUpRecorded",
     "IN_PROGRESS IN_PROGRESS IN_PROGRESS IN_PROGRESS PASSED FOLLOWED_UP FOLLOWED_UP"},
    {"proposal",
     "ProposalSubmitted ProposalScreened ProposalDeferred ProposalScreened ProposalApproved "
     "ProposalImplemented "
     "ProposalVerified[outcome=EFFECTIVE] ProposalStandardized",
     "SUBMITTED SCREENED DEFERRED SCREENED APPROVED IMPLEMENTED VERIFIED STANDARDIZED"},
    {"proposal",
     "ProposalSubmitted ProposalDeferred ProposalScreened ProposalApproved ProposalDeferred ProposalScreened "
     "ProposalRejected",
     "SUBMITTED DEFERRED SCREENED APPROVED DEFERRED SCREENED REJECTED"},
    {"proposal",
     "ProposalSubmitted ProposalScreened ProposalApproved ProposalImplemented "
     "ProposalVerified[outcome=INEFFECTIVE] ProposalVerified[outcome=INEFFECTIVE] "
     "ProposalVerified[outcome=EFFECTIVE]",
     "SUBMITTED SCREENED APPROVED IMPLEMENTED INEFFECTIVE INEFFECTIVE VERIFIED"},
    {"proposal", "ProposalSubmitted ProposalWithdrawn", "SUBMITTED WITHDRAWN"},
    {"proposal", "ProposalSubmitted ProposalScreened ProposalWithdrawn", "SUBMITTED SCREENED WITHDRAWN"},
    {"proposal", "ProposalSubmitted ProposalScreened ProposalApproved ProposalWithdrawn",
     "SUBMITTED SCREENED APPROVED WITHDRAWN"},
    {"proposal", "ProposalSubmitted ProposalDeferred ProposalWithdrawn", "SUBMITTED DEFERRED WITHDRAWN"},
    {"yokoten_target", "YokotenAssessed[applicable=true] YokotenCompleted", "APPLICABLE DONE"},
    {"yokoten_target", "YokotenAssessed[applicable=false]", "NOT_APPLICABLE"},
    {"case",
     "CaseOpened FactsGathered ActionDecided ActionTaken ResultChecked ResultChecked CaseClosed CaseReopened "
     "FactsGathered",
     "OPENED FACTS DECIDED ACTED CHECKED CHECKED CLOSED REOPENED FACTS"},
    {"hazard",
     "HazardIdentified HazardAssessed CountermeasureDecided[control_level=PPE] CountermeasureDone "
     "ResultChecked[ok=false] CountermeasureDecided[control_level=ELIMINATION] CountermeasureDone "
     "ResultChecked[ok=true]",
     "IDENTIFIED ASSESSED PLANNED DONE ASSESSED PLANNED/at_source DONE/at_source ELIMINATED"},
    {"hazard",
     "HazardIdentified HazardAssessed CountermeasureDecided[control_level=SUBSTITUTION] CountermeasureDone "
     "ResultChecked[ok=false] CountermeasureDecided[control_level=ENGINEERING] CountermeasureDone "
     "ResultChecked[ok=true]",
     "IDENTIFIED ASSESSED PLANNED/at_source DONE/at_source ASSESSED PLANNED DONE CONTROLLED"},
    {"hazard", "HazardIdentified HazardDismissed", "IDENTIFIED DISMISSED"},
    {"hazard", "HazardIdentified HazardAssessed HazardDismissed", "IDENTIFIED ASSESSED DISMISSED"},
    {"hazard", "HazardIdentified HazardMerged", "IDENTIFIED DUPLICATE"},
    {"hazard", "HazardIdentified HazardAssessed HazardMerged", "IDENTIFIED ASSESSED DUPLICATE"},
    {"incident",
     "IncidentReported IncidentClassified IncidentClassified IncidentReclassified DaysUpdated "
     "IncidentInvestigated "
     "IncidentReclassified DaysUpdated IncidentClosed IncidentReclassified DaysUpdated",
     "REPORTED CLASSIFIED CLASSIFIED CLASSIFIED CLASSIFIED INVESTIGATED INVESTIGATED INVESTIGATED CLOSED "
     "CLOSED "
     "CLOSED"},
    {"cohort", "CohortPlanned CohortOpened ModuleDelivered ModuleDelivered CohortCompleted",
     "PLANNED OPEN RUNNING RUNNING DONE"},
    {"cohort", "CohortPlanned CohortCancelled", "PLANNED CANCELLED"},
    {"cohort", "CohortPlanned CohortOpened CohortCancelled", "PLANNED OPEN CANCELLED"},
    {"cohort", "CohortPlanned CohortOpened ModuleDelivered CohortCancelled",
     "PLANNED OPEN RUNNING CANCELLED"},
    {"participant", "ParticipantEnrolled ModuleAttended ModuleAttended QuizTaken ParticipantCompleted",
     "ENROLLED ATTENDING ATTENDING ATTENDING COMPLETED"},
    {"participant", "ParticipantEnrolled ParticipantDropped", "ENROLLED DROPPED"},
    {"participant", "ParticipantEnrolled ModuleAttended ParticipantDropped", "ENROLLED ATTENDING DROPPED"},
    {"action_plan", "ActionPlanSubmitted ActionPlanChecked[done=false] ActionPlanChecked[done=true]",
     "SUBMITTED SUBMITTED DONE"},
    {"meeting", "MeetingScheduled MeetingHeld", "SCHEDULED HELD"},
    {"meeting", "MeetingScheduled MeetingCancelled", "SCHEDULED CANCELLED"},
    {"action", "ActionOpened ActionEscalated ActionEscalated ActionClosed",
     "OPEN ESCALATED ESCALATED CLOSED"},
    {"action", "ActionOpened ActionClosed", "OPEN CLOSED"},
    {"trainer",
     "TrainerNominated TrainerSelected TttCompleted CoachedClassDelivered TrainerCertified TrainerCertified "
     "TrainerSuspended TrainerReinstated @expired TrainerCertified TrainerCertificateRevoked "
     "TrainerNominated",
     "NOMINATED SELECTED PRACTICE PRACTICE ACTIVE ACTIVE SUSPENDED ACTIVE EXPIRED ACTIVE REVOKED NOMINATED"},
    {"trainer",
     "TrainerNominated TrainerSelected TttCompleted TrainerCertified TrainerSuspended "
     "TrainerCertificateRevoked",
     "NOMINATED SELECTED PRACTICE ACTIVE SUSPENDED REVOKED"},
    {"trainer",
     "TrainerNominated TrainerSelected TttCompleted TrainerCertified TrainerSuspended @expired "
     "TrainerNominated",
     "NOMINATED SELECTED PRACTICE ACTIVE SUSPENDED EXPIRED NOMINATED"},
    {"stage",
     "StageEntered GateReviewed[decision=CONDITIONAL] GateReviewed[decision=FAIL] "
     "GateReviewed[decision=PASS] "
     "StageReverted",
     "IN_PROGRESS IN_PROGRESS IN_PROGRESS PASSED IN_PROGRESS"},
    {"audit", "AuditScheduled AuditPerformed", "SCHEDULED PERFORMED"},
    {"audit", "AuditScheduled @due AuditPerformed", "SCHEDULED MISSED PERFORMED"},
    {"finding", "FindingRaised FindingClosed", "OPEN CLOSED"},
};

// The last event is not allowed after the ones before it.
constexpr std::pair<const char*, const char*> kIllegal[] = {
    {"revision", "RevisionReleased"},
    {"revision", "RevisionDrafted RevisionApproved"},
    {"revision", "RevisionDrafted RevisionSubmitted RevisionApproved @effective"},
    {"revision", "RevisionDrafted RevisionWithdrawn"},
    {"plan", "TrainingPlanned SessionStarted PlanCancelled"},
    {"session", "SessionCompleted[result=PASS]"},
    {"session", "SessionStarted FollowUpRecorded"},
    {"session", "SessionStarted SessionCompleted[result=PASS] SessionCompleted[result=PASS]"},
    {"proposal", "ProposalSubmitted ProposalApproved"},
    {"proposal", "ProposalSubmitted ProposalScreened ProposalRejected ProposalScreened"},
    {"proposal", "ProposalSubmitted ProposalScreened ProposalApproved ProposalImplemented ProposalWithdrawn"},
    {"proposal",
     "ProposalSubmitted ProposalScreened ProposalApproved ProposalImplemented ProposalStandardized"},
    {"yokoten_target", "YokotenAssessed[applicable=false] YokotenCompleted"},
    {"case", "CaseOpened ActionDecided"},
    {"case", "CaseOpened FactsGathered ActionDecided ActionTaken CaseClosed"},
    {"hazard", "HazardIdentified CountermeasureDecided[control_level=PPE]"},
    {"hazard",
     "HazardIdentified HazardAssessed CountermeasureDecided[control_level=PPE] ResultChecked[ok=true]"},
    {"incident", "IncidentReported DaysUpdated"},
    {"incident", "IncidentReported IncidentReclassified"},
    {"incident", "IncidentReported IncidentClassified IncidentClosed"},
    {"cohort", "CohortPlanned ModuleDelivered"},
    {"participant", "ParticipantEnrolled ParticipantCompleted"},
    {"action_plan", "ActionPlanChecked[done=true]"},
    {"meeting", "MeetingScheduled MeetingCancelled MeetingHeld"},
    {"action", "ActionOpened ActionClosed ActionEscalated"},
    {"trainer", "TrainerNominated TrainerCertified"},
    {"trainer", "TrainerNominated TrainerSelected TttCompleted TrainerCertified CoachedClassDelivered"},
    {"stage", "StageEntered StageReverted"},
    {"audit", "AuditPerformed"},
    {"finding", "FindingRaised FindingClosed FindingClosed"},
};

TEST(MachinesTest, EveryLegalTransitionLeadsWhereTheDomainSays) {
  std::map<std::string, std::set<const std::string*>> taken;
  for (const Lived& lived : kLives) {
    const Machine& machine = Machines().at(lived.machine);
    std::istringstream states(lived.states);
    std::string state(kNothing), expected;
    for (const StateEvent& event : ReadAll(lived.events)) {
      const std::string* next = machine.Next(state, event.event, event.value);
      ASSERT_TRUE(next != nullptr) << lived.machine << ": " << event.event << " in " << state;
      ASSERT_TRUE(static_cast<bool>(states >> expected)) << lived.machine << ": " << lived.events;
      EXPECT_EQ(*next, expected) << lived.machine << ": " << event.event << " in " << state;
      taken[lived.machine].insert(next);
      state = *next;
    }
    EXPECT_FALSE(static_cast<bool>(states >> expected)) << lived.events;
  }
  for (const auto& [name, machine] : Machines()) {
    for (const Transition& transition : machine.transitions())
      EXPECT_TRUE(taken[name].contains(&transition.to)) << name << ": no life takes " << transition.event;
  }
}

TEST(MachinesTest, EveryStartOfATransitionIsLived) {
  std::map<std::string, std::set<std::pair<std::string, std::string>>> lived_from;
  for (const Lived& lived : kLives) {
    std::string state(kNothing);
    for (const StateEvent& event : ReadAll(lived.events)) {
      lived_from[lived.machine].insert({state, event.event});
      state = *Machines().at(lived.machine).Next(state, event.event, event.value);
    }
  }
  for (const auto& [name, machine] : Machines()) {
    for (const Transition& transition : machine.transitions()) {
      for (const std::string& from : transition.from)
        EXPECT_TRUE(lived_from[name].contains({from, transition.event}))
            << name << ": " << transition.event << " in " << from;
    }
  }
}

TEST(MachinesTest, WhatIsOutOfOrderChangesNothing) {
  for (const auto& [name, text] : kIllegal) {
    const std::vector<StateEvent> events = ReadAll(text);
    const std::vector<StateEvent> before(events.begin(), events.end() - 1);
    const Life without = Fold(Machines().at(name), before), with = Fold(Machines().at(name), events);
    EXPECT_THAT(without.legal, ::testing::Each(true)) << name << ": " << text;
    EXPECT_FALSE(with.legal.back()) << name << ": " << text;
    EXPECT_EQ(with.state, without.state) << name << ": " << text;
    EXPECT_EQ(with.stays, without.stays) << name << ": " << text;
  }
}

TEST(MachinesTest, EveryMachineRefusesSomething) {
  std::set<std::string> refused;
  for (const auto& [name, text] : kIllegal) refused.insert(name);
  for (const auto& [name, machine] : Machines()) EXPECT_TRUE(refused.contains(name)) << name;
}

// An enum's value as the table writes it.
bool HasValue(const google::protobuf::FieldDescriptor& field, const std::string& value) {
  if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL)
    return value == "true" || value == "false";
  if (field.enum_type() == nullptr) return false;
  const auto* first = field.enum_type()->FindValueByNumber(0);
  const std::string prefix =
      first->name().substr(0, first->name().size() - std::string("UNSPECIFIED").size());
  return field.enum_type()->FindValueByName(prefix + value) != nullptr;
}

TEST(MachinesTest, EveryEventFieldAndValueIsInTheProtos) {
  for (const auto& [name, machine] : Machines()) {
    for (const Transition& transition : machine.transitions()) {
      if (transition.event.starts_with('@')) continue;
      const auto* type = events::Registry::Linked().Find(machine.domain() + "." + transition.event);
      ASSERT_NE(type, nullptr) << name << ": " << transition.event;
      for (const std::string& key : machine.key())
        EXPECT_NE(type->descriptor->FindFieldByName(key), nullptr) << transition.event << " has no " << key;
      if (transition.guard_field.empty()) continue;
      const auto* field = type->descriptor->FindFieldByName(transition.guard_field);
      ASSERT_NE(field, nullptr) << transition.event << " has no " << transition.guard_field;
      for (const std::string& value : transition.guard_values)
        EXPECT_TRUE(HasValue(*field, value)) << transition.event << ": " << value;
    }
  }
}

TEST(MachinesTest, ABrokenTableIsRefusedByLine) {
  const auto fault = [](const std::string& block) { return Message(Machine::Parse(block).status()); };
  EXPECT_NE(fault("hazard safety key hazard_id\n- A B").find("machine NAME"), std::string::npos);
  EXPECT_NE(fault("machine a b key c\n- A").find("- A"), std::string::npos);
  EXPECT_NE(fault("machine a b key c\n- A[x] B").find("guard"), std::string::npos);
  EXPECT_NE(fault("machine a b key c\n- A B\nC D E").find("leads to C"), std::string::npos);
  EXPECT_NE(fault("machine a b key c").find("no transition"), std::string::npos);
}

}  // namespace
}  // namespace yokoten::lifecycle
