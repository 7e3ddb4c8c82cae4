// The states of everything that has states. Source: DOMAIN 2.5.
// A proposal found ineffective may be verified again: a verification has an attempt.
//
//   machine NAME DOMAIN key FIELD...
//   FROM[,FROM...]  Event[field=VALUE|VALUE]  TO
#include <cstdio>
#include <cstdlib>

#include "lifecycle/machine.h"

namespace yokoten::lifecycle {
namespace {

constexpr char kTable[] = R"(
machine revision standard_work key job_id revision_no
-                               RevisionDrafted                          DRAFT
DRAFT                           RevisionSubmitted                        IN_REVIEW
IN_REVIEW                       RevisionApproved                         APPROVED
IN_REVIEW                       RevisionRejected                         DRAFT
APPROVED                        RevisionReleased                         RELEASED
RELEASED                        @effective                               EFFECTIVE
EFFECTIVE                       RevisionReviewed                         EFFECTIVE
EFFECTIVE                       @superseded                              SUPERSEDED
APPROVED,RELEASED,EFFECTIVE     RevisionWithdrawn                        WITHDRAWN

machine plan training key plan_id
-                               TrainingPlanned                          PLANNED
PLANNED                         SessionStarted                           IN_PROGRESS
PLANNED                         PlanCancelled                            CANCELLED

machine session training key session_id
-                               SessionStarted                           IN_PROGRESS
IN_PROGRESS                     StepCompleted                            IN_PROGRESS
IN_PROGRESS                     SessionCompleted[result=PASS]            PASSED
IN_PROGRESS                     SessionCompleted[result=FAIL|INCOMPLETE] IN_PROGRESS
PASSED,FOLLOWED_UP              FollowUpRecorded                         FOLLOWED_UP

machine proposal improvement key proposal_id
-                               ProposalSubmitted                        SUBMITTED
SUBMITTED,DEFERRED              ProposalScreened                         SCREENED
SCREENED                        ProposalApproved                         APPROVED
SCREENED                        ProposalRejected                         REJECTED
SUBMITTED,SCREENED,APPROVED     ProposalDeferred                         DEFERRED
SUBMITTED,SCREENED,APPROVED,DEFERRED ProposalWithdrawn                   WITHDRAWN
APPROVED                        ProposalImplemented                      IMPLEMENTED
IMPLEMENTED,INEFFECTIVE         ProposalVerified[outcome=EFFECTIVE]      VERIFIED
IMPLEMENTED,INEFFECTIVE         ProposalVerified[outcome=INEFFECTIVE]    INEFFECTIVE
VERIFIED                        ProposalStandardized                     STANDARDIZED

machine yokoten_target improvement key proposal_id target_line_id
-                               YokotenAssessed[applicable=true]         APPLICABLE
-                               YokotenAssessed[applicable=false]        NOT_APPLICABLE
APPLICABLE                      YokotenCompleted                         DONE

machine case relations key case_id
-                               CaseOpened                               OPENED
OPENED,REOPENED                 FactsGathered                            FACTS
FACTS                           ActionDecided                            DECIDED
DECIDED                         ActionTaken                              ACTED
ACTED,CHECKED                   ResultChecked                            CHECKED
CHECKED                         CaseClosed                               CLOSED
CLOSED                          CaseReopened                             REOPENED

machine hazard safety key hazard_id
-                               HazardIdentified                         IDENTIFIED
IDENTIFIED                      HazardAssessed                           ASSESSED
ASSESSED  CountermeasureDecided[control_level=ELIMINATION|SUBSTITUTION]  PLANNED/at_source
ASSESSED                        CountermeasureDecided                    PLANNED
PLANNED/at_source               CountermeasureDone                       DONE/at_source
PLANNED                         CountermeasureDone                       DONE
DONE/at_source                  ResultChecked[ok=true]                   ELIMINATED
DONE                            ResultChecked[ok=true]                   CONTROLLED
DONE/at_source,DONE             ResultChecked[ok=false]                  ASSESSED
IDENTIFIED,ASSESSED             HazardDismissed                          DISMISSED
IDENTIFIED,ASSESSED             HazardMerged                             DUPLICATE

machine incident safety key incident_id
-                               IncidentReported                         REPORTED
REPORTED,CLASSIFIED             IncidentClassified                       CLASSIFIED
CLASSIFIED                      IncidentInvestigated                     INVESTIGATED
INVESTIGATED                    IncidentClosed                           CLOSED
CLASSIFIED                      IncidentReclassified                     CLASSIFIED
INVESTIGATED                    IncidentReclassified                     INVESTIGATED
CLOSED                          IncidentReclassified                     CLOSED
CLASSIFIED                      DaysUpdated                              CLASSIFIED
INVESTIGATED                    DaysUpdated                              INVESTIGATED
CLOSED                          DaysUpdated                              CLOSED

machine cohort management key cohort_id
-                               CohortPlanned                            PLANNED
PLANNED                         CohortOpened                             OPEN
OPEN,RUNNING                    ModuleDelivered                          RUNNING
RUNNING                         CohortCompleted                          DONE
PLANNED,OPEN,RUNNING            CohortCancelled                          CANCELLED

machine participant management key cohort_id person_ref
-                               ParticipantEnrolled                      ENROLLED
ENROLLED,ATTENDING              ModuleAttended                           ATTENDING
ATTENDING                       QuizTaken                                ATTENDING
ATTENDING                       ParticipantCompleted                     COMPLETED
ENROLLED,ATTENDING              ParticipantDropped                       DROPPED

machine action_plan management key cohort_id person_ref
-                               ActionPlanSubmitted                      SUBMITTED
SUBMITTED                       ActionPlanChecked[done=true]             DONE
SUBMITTED                       ActionPlanChecked[done=false]            SUBMITTED

machine meeting management key meeting_id
-                               MeetingScheduled                         SCHEDULED
SCHEDULED                       MeetingHeld                              HELD
SCHEDULED                       MeetingCancelled                         CANCELLED

machine action management key action_id
-                               ActionOpened                             OPEN
OPEN,ESCALATED                  ActionEscalated                          ESCALATED
OPEN,ESCALATED                  ActionClosed                             CLOSED

machine trainer training key trainer_ref pillar
-,EXPIRED,REVOKED               TrainerNominated                         NOMINATED
NOMINATED                       TrainerSelected                          SELECTED
SELECTED                        TttCompleted                             PRACTICE
PRACTICE                        CoachedClassDelivered                    PRACTICE
PRACTICE,ACTIVE,EXPIRED         TrainerCertified                         ACTIVE
ACTIVE                          TrainerSuspended                         SUSPENDED
SUSPENDED                       TrainerReinstated                        ACTIVE
ACTIVE,SUSPENDED                TrainerCertificateRevoked                REVOKED
ACTIVE,SUSPENDED                @expired                                 EXPIRED

machine stage rollout key plan_id stage
-                               StageEntered                             IN_PROGRESS
IN_PROGRESS                     GateReviewed[decision=PASS]              PASSED
IN_PROGRESS                     GateReviewed[decision=CONDITIONAL|FAIL]  IN_PROGRESS
PASSED                          StageReverted                            IN_PROGRESS

machine audit rollout key audit_id
-                               AuditScheduled                           SCHEDULED
SCHEDULED,MISSED                AuditPerformed                           PERFORMED
SCHEDULED                       @due                                     MISSED

machine finding rollout key finding_id
-                               FindingRaised                            OPEN
OPEN                            FindingClosed                            CLOSED
)";

}  // namespace

const std::map<std::string, Machine>& Machines() {
  static const auto& machines = *[] {
    auto* all = new std::map<std::string, Machine>;
    const std::string table = kTable;
    for (size_t from = 0, end = 0; end != std::string::npos; from = end + 2) {
      end = table.find("\n\n", from);
      auto machine = Machine::Parse(table.substr(from, end == std::string::npos ? end : end - from));
      if (!machine.ok()) {
        std::fprintf(stderr, "lifecycle/machines.cc: %s\n", Message(machine.status()).c_str());
        std::abort();
      }
      const std::string name = machine->name();
      all->emplace(name, *std::move(machine));
    }
    return all;
  }();
  return machines;
}

}  // namespace yokoten::lifecycle
