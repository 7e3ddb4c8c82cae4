#include "safety/rules.h"

#include "ingest/rules.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::safety {
namespace {

using ingest::Before;
using ingest::Check;

// What first and later classifications of a case have in common.
template <typename Classification>
void CheckCase(Check& check, const Classification& e) {
  const bool death = e.osha_outcome() == v1::OSHA_OUTCOME_DEATH;
  check.Refuse(death && e.gb_severity() != v1::GB_SEVERITY_FATAL, "gb_severity", "death",
               "must be FATAL when the outcome is DEATH", "结果为死亡时，伤害程度必须为“死亡”");
  check.Refuse(death && e.date_of_death().empty(), "date_of_death", "required",
               "is required when the outcome is DEATH", "结果为死亡时必须填写死亡日期");
  check.Refuse(!death && !e.date_of_death().empty(), "date_of_death", "exclusive",
               "is set, but the outcome is not DEATH; correct one of the two",
               "结果不是死亡，请更正其中之一");
  check.Refuse(e.gb_edition() != 1986 && e.gb_edition() != 2025, "gb_edition", "range",
               "must be 1986 or 2025, the editions of GB 6441", "必须为 GB 6441 的版本 1986 或 2025");
}

void CheckReported(Check& check, const v1::IncidentReported& e) {
  const bool nobody_hurt = e.kind() == v1::INCIDENT_KIND_NEAR_MISS || e.kind() == v1::INCIDENT_KIND_PROPERTY;
  check.Refuse(nobody_hurt && e.persons_injured() != 0, "persons_injured", "kind",
               "must be 0 for a near miss or property damage; correct the kind or the number",
               "未遂或财产损失事件的受伤人数必须为 0，请更正类别或人数");
}

void CheckKeyPoint(Check& check, const v1::IncidentReported& e) {
  check.Refuse(e.has_step_seq() && e.job_id().empty(), "job_id", "required",
               "is missing, but step_seq is a step of a job; name the job",
               "缺少作业号：步骤属于作业，请注明作业");
  check.Refuse(e.has_key_point_no() && !e.has_step_seq(), "step_seq", "required",
               "is missing, but key_point_no counts within a step; name the step",
               "缺少步骤号：要点号在步骤内编号，请注明步骤");
}

void CheckPeriod(Check& check, const v1::PeriodReported& e) {
  check.Refuse(Before(e.period_to(), e.period_from()), "period_to", "order",
               "is before period_from; swap them", "早于 period_from，请更正");
  check.NeedsOccurredOn(e.period_to(), "period_to");
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  // Totals of a period are reported by themselves; every single event says when it was reported.
  const bool needs_reported = event.GetDescriptor() != v1::PeriodReported::descriptor();
  check.Refuse(needs_reported && !check.context().has_reported_at(), "context.reported_at", "required",
               "is required for safety events: say when the business reported it",
               "安全事件必须填写上报时间");
  check.On<v1::HazardMerged>([&](const auto& e) {
    check.Refuse(e.into_hazard_id() == e.hazard_id(), "into_hazard_id", "self",
                 "is the hazard itself; name the one that goes on", "不得为自身，请填写保留的隐患");
  });
  check.On<v1::IncidentReported>([&](const auto& e) {
    CheckReported(check, e);
    CheckKeyPoint(check, e);
  });
  check.On<v1::IncidentClassified>([&](const auto& e) {
    CheckCase(check, e);
    check.Refuse(e.osha_outcome() == v1::OSHA_OUTCOME_DAFW && e.dafw_days() < 1, "dafw_days", "range",
                 "must be at least 1 when the outcome is DAFW", "结果为损失工作日时，天数至少为 1");
  });
  check.On<v1::IncidentReclassified>([&](const auto& e) { CheckCase(check, e); });
  check.On<v1::PeriodReported>([&](const auto& e) { CheckPeriod(check, e); });
}

}  // namespace yokoten::safety
