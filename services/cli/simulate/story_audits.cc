// Layered process audits: the layers of management look whether the standard is held, and what they find is
// closed.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/rollout/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace rl = rollout::v1;

namespace {
constexpr int kFindingsMax = 3;
}  // namespace

void PlantStory::Audits(Day day) {
  const CivilDate date = ToCivil(day);
  // The first working day of a week, month, quarter opens their windows.
  const Day week = WeekStart(day), month = MonthStart(day);
  // Without treatment the first layer looks once a month.
  if (WorkingDay(week) == day && (plant_.Treated(day) || ToCivil(week).day <= 7)) {
    for (size_t l = 0; l < plant_.lines.size(); ++l) {
      ScheduleAudit(1, plant_.lines[l].workshop, static_cast<int>(l), day, week + 6);
    }
  }
  if (WorkingDay(month) != day) return;
  for (const std::string& workshop : plant_.workshops) {
    ScheduleAudit(2, workshop, -1, day, NextMonthStart(month) - 1);
  }
  if (date.month % 3 != 1) return;
  ScheduleAudit(3, "", -1, day, NextMonthStart(NextMonthStart(NextMonthStart(month))) - 1);
}

event::v1::EventContext PlantStory::OfAudit(const Audit& audit, const std::string& id, WallTime time) const {
  event::v1::EventContext context = At("lpa", id, time);
  // A line that moved meanwhile is audited where it is now.
  if (audit.line >= 0) {
    SetPlace(context, audit.line);
  } else {
    context.set_workshop_id(audit.workshop);
  }
  return context;
}

void PlantStory::ScheduleAudit(int layer, const std::string& workshop, int line, Day from, Day to) {
  Random& random = audits_random_;
  const Audit audit{Number("LPA", audits_), workshop, layer, line};
  rl::AuditScheduled scheduled;
  *scheduled.mutable_context() = OfAudit(audit, audit.id + "-scheduled", plant_.zone.ToUtc(from, 6 * 3600));
  scheduled.set_audit_id(audit.id);
  scheduled.set_layer(layer);
  scheduled.set_due_from(FormatDay(from));
  scheduled.set_due_to(FormatDay(to));
  outbox_.Put(from, scheduled);
  const double skill = Skill(from), chance = random.Unit();
  Day last = to;
  while (!plant_.Works(last)) last = last - 1;
  const Day within = from + static_cast<int>(random.Between(1, std::max(1, (last - from.value).value)));
  const Day late = to + static_cast<int>(random.Between(1, 6));
  const double in_window = 0.78 + 0.17 * skill;
  if (chance > in_window + 0.06) return;  // missed
  Evening(chance < in_window ? within : late, [=, this](Day d) { PerformAudit(audit, d); });
}

void PlantStory::PerformAudit(const Audit& audit, Day day) {
  Random& random = audits_random_;
  const double skill = Skill(day);
  const WallTime time = DayTime(day, random);
  rl::AuditPerformed performed;
  *performed.mutable_context() = OfAudit(audit, audit.id + "-performed", time);
  performed.set_audit_id(audit.id);
  performed.set_auditor_ref(SomeOf(audit.layer == 1   ? op::ROLE_TEAM_LEADER
                                   : audit.layer == 2 ? op::ROLE_SUPERVISOR
                                                      : op::ROLE_MANAGER,
                                   random));
  const int total = static_cast<int>(audit.layer == 1 ? random.Between(8, 16) : random.Between(18, 30));
  const int not_applicable = static_cast<int>(random.Between(0, 2));
  const int looked_at = total - not_applicable;
  const int bad =
      static_cast<int>(std::min<int64_t>(random.Poisson(looked_at * (0.11 - 0.07 * skill)), looked_at));
  performed.set_items_total(total);
  performed.set_items_na(not_applicable);
  performed.set_items_ok(looked_at - bad);
  performed.set_items_nok(bad);
  std::string job_id;
  if (audit.line >= 0 && random.Chance(0.6)) {
    const SimJob& job =
        plant_.jobs[static_cast<size_t>(random.Pick(plant_.lines[static_cast<size_t>(audit.line)].jobs))];
    if (job.effective > 0) {
      job_id = job.id;
      // Now and then the sheet of the revision before still hangs there.
      const bool old = job.forces.size() > 1 && random.Chance(0.1 - 0.08 * skill);
      performed.set_job_id(job.id);
      performed.set_revision_no_seen(old ? job.forces[job.forces.size() - 2].first : job.effective);
    }
  }
  outbox_.Put(day, performed);
  for (int n = 1; n <= std::min(bad, kFindingsMax); ++n) {
    if (!random.Chance(0.35)) continue;
    const std::string finding = Number("LPF", findings_);
    rl::FindingRaised raised;
    *raised.mutable_context() = OfAudit(audit, finding + "-raised", time + std::chrono::minutes(5 * n));
    raised.set_audit_id(audit.id);
    raised.set_finding_id(finding);
    raised.set_due_date(FormatDay(day + 14));
    if (!job_id.empty()) {
      raised.set_job_id(job_id);
      raised.set_step_seq(static_cast<int>(random.Between(1, 5)));
      raised.set_key_point(1);
    }
    outbox_.Put(day, raised);
    if (random.Chance(0.06 - 0.04 * skill)) continue;  // stays open
    const int days = 1 + static_cast<int>(std::min(random.Exponential(18 - 11 * skill), 150.0));
    Evening(day + days, [=, this](Day d) {
      Random& chance = audits_random_;
      rl::FindingClosed closed;
      *closed.mutable_context() = OfAudit(audit, finding + "-closed", DayTime(d, chance));
      closed.set_audit_id(audit.id);
      closed.set_finding_id(finding);
      closed.set_disposition(chance.Chance(0.5)   ? rl::FINDING_DISPOSITION_CORRECTED
                             : chance.Chance(0.6) ? rl::FINDING_DISPOSITION_RETRAINED
                             : chance.Chance(0.7) ? rl::FINDING_DISPOSITION_STANDARD_CHANGED
                                                  : rl::FINDING_DISPOSITION_ACCEPTED);
      outbox_.Put(d, closed);
    });
  }
}

}  // namespace yokoten::cli
