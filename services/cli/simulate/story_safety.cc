// Hazards found, countered and checked; near misses; now and then somebody is hurt. Where incidents are still
// noted on paper, the month's totals are all that is told.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::cli {

namespace sf = safety::v1;
namespace sw = standard_work::v1;

namespace {
constexpr const char* kHazards[] = {"叉车道无隔离 / no barrier at the forklift lane",
                                    "油迹未清 / oil on the floor", "护罩螺钉松动 / loose guard screw",
                                    "料架过高 / rack too high", "急停被遮挡 / emergency stop hidden"};
constexpr const char* kActivities[] = {"上料 / loading", "换模 / changing a die", "搬运 / carrying",
                                       "清洁 / cleaning", "检修 / repair"};
}  // namespace

event::v1::EventContext PlantStory::Ehs(const std::string& id, WallTime time, int line) const {
  event::v1::EventContext context = At("ehs", id, time);
  *context.mutable_reported_at() = events::ToTimestamp(time + std::chrono::minutes(20));
  SetPlace(context, line);
  return context;
}

void PlantStory::Safety(Day day) {
  Random& random = safety_random_;
  const bool treated = plant_.Treated(day);
  int64_t heads = 0;
  for (const SimPerson& person : plant_.people) heads += person.line >= 0 && Active(person, day);
  const double hours = static_cast<double>(heads) * (plant_.shifts.size() == 2 ? 10.2 : 7.1);
  for (int64_t n = random.Poisson(treated ? 0.75 : 0.4); n > 0; --n) FindHazard(day);
  const double misses =
      truth_.near_misses_per_million_hours * (treated ? truth_.near_miss_factor_when_treated : 1);
  for (int64_t n = random.Poisson(misses * hours / 1e6); n > 0; --n) Incident(day, false);
  const double injuries =
      truth_.injuries_per_million_hours * (treated ? std::exp(truth_.injury_log_effect_of_treatment) : 1);
  // First aid cases are some three times the recordable ones.
  for (int64_t n = random.Poisson(4 * injuries * hours / 1e6); n > 0; --n) Incident(day, true);
}

void PlantStory::FindHazard(Day day) {
  Random& random = safety_random_;
  const std::string id = Number("HZ", hazards_);
  const int line = static_cast<int>(random.Between(0, static_cast<int64_t>(plant_.lines.size()) - 1));
  const bool major = random.Chance(0.08);
  sf::HazardIdentified hazard;
  *hazard.mutable_context() = Ehs(id + "-identified", DayTime(day, random), line);
  hazard.set_hazard_id(id);
  hazard.set_grade(major ? sf::HAZARD_GRADE_MAJOR : sf::HAZARD_GRADE_GENERAL);
  hazard.set_cause(static_cast<sf::HazardCause>(random.Between(1, 3)));
  hazard.set_spotted_by(SomeLeader(random));
  hazard.set_found_by(static_cast<sf::HazardSource>(random.Between(1, 5)));
  hazard.set_description(kHazards[random.Between(0, std::size(kHazards) - 1)]);
  outbox_.Put(day, hazard);
  if (random.Chance(0.03)) {
    Later(day + 2, [=, this](Day d) {
      sf::HazardDismissed dismissed;
      *dismissed.mutable_context() = Ehs(id + "-dismissed", DayTime(d, safety_random_), line);
      dismissed.set_hazard_id(id);
      dismissed.set_comment("现场确认无风险 / no risk on the spot");
      outbox_.Put(d, dismissed);
    });
    return;
  }
  if (!last_hazard_.empty() && random.Chance(0.03)) {
    const std::string into = last_hazard_;
    Later(day + 1, [=, this](Day d) {
      sf::HazardMerged merged;
      *merged.mutable_context() = Ehs(id + "-merged", DayTime(d, safety_random_), line);
      merged.set_hazard_id(id);
      merged.set_into_hazard_id(into);
      outbox_.Put(d, merged);
    });
    return;
  }
  last_hazard_ = id;
  Later(day + static_cast<int>(random.Between(1, 3)), [=, this](Day d) {
    sf::HazardAssessed assessed;
    *assessed.mutable_context() = Ehs(id + "-assessed", DayTime(d, safety_random_), line);
    assessed.set_hazard_id(id);
    assessed.set_attempt(1);
    assessed.set_likelihood(static_cast<int>(safety_random_.Between(1, 4)));
    assessed.set_severity(major ? 4 : static_cast<int>(safety_random_.Between(1, 3)));
    outbox_.Put(d, assessed);
    Later(d + static_cast<int>(safety_random_.Between(1, 4)), [=, this](Day c) { Counter(id, line, 1, c); });
  });
}

void PlantStory::Counter(const std::string& hazard, int line, int attempt, Day day) {
  Random& random = safety_random_;
  const Day due = day + static_cast<int>(random.Between(10, 40));
  const std::string stem = hazard + "-" + std::to_string(attempt);
  sf::CountermeasureDecided decided;
  *decided.mutable_context() = Ehs(stem + "-decided", DayTime(day, random), line);
  decided.set_hazard_id(hazard);
  decided.set_attempt(attempt);
  decided.set_control_level(static_cast<sf::ControlLevel>(random.Between(1, 5)));
  decided.set_due_date(FormatDay(due));
  decided.set_owner_ref(SomeLeader(random));
  outbox_.Put(day, decided);
  const bool on_time = random.Chance(plant_.Treated(day) ? 0.9 : 0.68);
  const Day done = on_time
                       ? day + static_cast<int>(random.Between(2, std::max(3, (due - day.value).value - 4)))
                       : due + static_cast<int>(random.Between(1, 40));
  const bool ok = attempt >= 3 || random.Chance(0.93);
  Later(done, [=, this](Day d) {
    sf::CountermeasureDone finished;
    *finished.mutable_context() = Ehs(stem + "-done", DayTime(d, safety_random_), line);
    finished.set_hazard_id(hazard);
    finished.set_attempt(attempt);
    finished.set_done_on(FormatDay(d));
    outbox_.Put(d, finished);
    Later(d + static_cast<int>(safety_random_.Between(1, 3)), [=, this](Day c) {
      sf::ResultChecked checked;
      *checked.mutable_context() = Ehs(stem + "-checked", DayTime(c, safety_random_), line);
      checked.set_hazard_id(hazard);
      checked.set_attempt(attempt);
      checked.set_ok(ok);
      outbox_.Put(c, checked);
      if (!ok) return Later(c + 1, [=, this](Day again) { Counter(hazard, line, attempt + 1, again); });
      const int job = plant_.lines[static_cast<size_t>(line)].jobs.front();
      if (plant_.jobs[static_cast<size_t>(job)].effective > 0 && safety_random_.Chance(0.02)) {
        StartRevision(job, sw::CHANGE_REASON_HAZARD, {}, {hazard}, c, nullptr);
      }
    });
  });
}

void PlantStory::Incident(Day day, bool injury) {
  Random& random = safety_random_;
  const std::string id = Number("IN", incidents_);
  const int line = static_cast<int>(random.Between(0, static_cast<int64_t>(plant_.lines.size()) - 1));
  const SimShift& shift =
      plant_.shifts[static_cast<size_t>(random.Between(0, static_cast<int64_t>(plant_.shifts.size()) - 1))];
  const WallTime time = plant_.ShiftTimes(day, shift).first + std::chrono::minutes(random.Between(5, 400));
  const bool first_aid = injury && random.Chance(0.75);
  const bool contractor = injury && random.Chance(0.08);
  if (day < plant_.itemized_from) {
    // On paper: it enters the month's totals, and nobody else hears of it.
    if (contractor || first_aid) return;
    MonthTotals& totals = totals_[MonthStart(day)];
    totals.near_misses += !injury;
    if (!injury) return;
    const int64_t outcome = random.Between(1, 20);
    totals.other += outcome <= 9;
    totals.djtr += outcome > 9 && outcome <= 13;
    totals.dafw += outcome > 13;
    if (outcome > 9) totals.days += random.Between(3, 35);
    return;
  }
  sf::IncidentReported incident;
  *incident.mutable_context() = Ehs(id + "-reported", time, line);
  incident.set_incident_id(id);
  incident.set_kind(!injury     ? sf::INCIDENT_KIND_NEAR_MISS
                    : first_aid ? sf::INCIDENT_KIND_FIRST_AID
                                : sf::INCIDENT_KIND_INJURY);
  incident.set_worker_type(contractor ? sf::WORKER_TYPE_CONTRACTOR : sf::WORKER_TYPE_EMPLOYEE);
  incident.set_persons_injured(injury ? 1 : 0);
  incident.set_activity(kActivities[random.Between(0, std::size(kActivities) - 1)]);
  incident.set_location(plant_.lines[static_cast<size_t>(line)].id);
  // Near misses are noted on paper and typed in on Mondays by some.
  const bool late = !injury && random.Chance(0.1);
  outbox_.mishaps.late += late;
  outbox_.Put(late ? day + static_cast<int>(random.Between(2, 8)) : day, incident);
  if (injury && !first_aid) {
    Later(day + static_cast<int>(random.Between(1, 4)),
          [=, this](Day d) { ClassifyIncident(id, line, day, contractor, d); });
  }
  if (injury || random.Chance(0.3)) {
    Later(day + static_cast<int>(random.Between(6, 20)), [=, this](Day d) {
      sf::IncidentInvestigated investigated;
      *investigated.mutable_context() = Ehs(id + "-investigated", DayTime(d, safety_random_), line);
      investigated.set_incident_id(id);
      if (!last_hazard_.empty()) investigated.add_hazard_ids(last_hazard_);
      outbox_.Put(d, investigated);
      Later(d + static_cast<int>(safety_random_.Between(10, 40)), [=, this](Day c) {
        sf::IncidentClosed closed;
        *closed.mutable_context() = Ehs(id + "-closed", DayTime(c, safety_random_), line);
        closed.set_incident_id(id);
        outbox_.Put(c, closed);
      });
    });
  }
}

void PlantStory::ClassifyIncident(const std::string& incident, int line, Day happened, bool contractor,
                                  Day day) {
  Random& random = safety_random_;
  const double fate = random.Unit();
  const sf::OshaOutcome outcome = fate < 0.45   ? sf::OSHA_OUTCOME_OTHER_RECORDABLE
                                  : fate < 0.65 ? sf::OSHA_OUTCOME_DJTR
                                                : sf::OSHA_OUTCOME_DAFW;
  const bool away = outcome == sf::OSHA_OUTCOME_DAFW;
  sf::IncidentClassified classified;
  *classified.mutable_context() = Ehs(incident + "-classified", DayTime(day, random), line);
  classified.set_incident_id(incident);
  classified.set_case_no(1);
  classified.set_work_related(true);
  classified.set_osha_outcome(outcome);
  classified.set_osha_type(1);
  classified.set_gb_severity(away ? sf::GB_SEVERITY_MINOR : sf::GB_SEVERITY_NONE);
  // The new edition is in force from 2026-07-01.
  classified.set_gb_edition(happened >= FromCivil(2026, 7, 1) ? 2025 : 1986);
  if (away) classified.set_dafw_days(static_cast<int>(std::max(1, (day - happened.value).value)));
  if (outcome == sf::OSHA_OUTCOME_DJTR) classified.set_djtr_days(1);
  classified.set_worker_type(contractor ? sf::WORKER_TYPE_CONTRACTOR : sf::WORKER_TYPE_EMPLOYEE);
  outbox_.Put(day, classified);
  if (away) {
    GrowDays(incident, line, happened, 0, static_cast<int>(random.Between(1, 5)), day);
  } else if (changes_random_.Chance(0.3)) {
    const bool restricted = outcome == sf::OSHA_OUTCOME_OTHER_RECORDABLE;
    Later(day + static_cast<int>(changes_random_.Between(6, 30)),
          [=, this](Day d) { Reclassify(incident, line, happened, contractor, restricted, d); });
  }
}

// A case turns out graver: the person cannot do all the work after all, or none. Recordable it was before,
// too.
void PlantStory::Reclassify(const std::string& incident, int line, Day happened, bool contractor,
                            bool restricted, Day day) {
  sf::IncidentReclassified judged;
  *judged.mutable_context() = Ehs(incident + "-reclassified", DayTime(day, changes_random_), line);
  judged.set_incident_id(incident);
  judged.set_case_no(1);
  judged.set_attempt(1);
  judged.set_work_related(true);
  judged.set_osha_outcome(restricted ? sf::OSHA_OUTCOME_DJTR : sf::OSHA_OUTCOME_DAFW);
  judged.set_gb_severity(restricted ? sf::GB_SEVERITY_NONE : sf::GB_SEVERITY_MINOR);
  judged.set_gb_edition(happened >= FromCivil(2026, 7, 1) ? 2025 : 1986);
  judged.set_worker_type(contractor ? sf::WORKER_TYPE_CONTRACTOR : sf::WORKER_TYPE_EMPLOYEE);
  outbox_.Put(day, judged);
  if (restricted) return;
  GrowDays(incident, line, day, (day - happened.value).value, static_cast<int>(changes_random_.Between(1, 3)),
           day);
}

void PlantStory::GrowDays(const std::string& incident, int line, Day since, int restricted_days, int weeks,
                          Day day) {
  for (int week = 1; week <= weeks; ++week) {
    Later(day + 7 * week, [=, this](Day d) {
      sf::DaysUpdated days;
      *days.mutable_context() =
          Ehs(incident + "-days-" + std::to_string(week), DayTime(d, safety_random_), line);
      days.set_incident_id(incident);
      days.set_case_no(1);
      days.set_dafw_days((d - since.value).value);
      days.set_djtr_days(restricted_days);
      days.set_as_of(FormatDay(d));
      outbox_.Put(d, days);
    });
  }
}

void PlantStory::ReportMonth(Day month, Day day) {
  const MonthTotals totals = totals_[month];
  sf::PeriodReported report;
  const Day last = NextMonthStart(month) - 1;
  *report.mutable_context() = On("ehs", "period-" + FormatDay(month), last);
  report.set_period_from(FormatDay(std::max(month, options_.from)));
  report.set_period_to(FormatDay(last));
  report.set_snapshot_version(1);
  report.set_hours_worked(totals.hours);
  report.set_average_employees(totals.working_days == 0 ? 0 : totals.head_days / totals.working_days);
  report.set_deaths(0);
  report.set_dafw_cases(totals.dafw);
  report.set_djtr_cases(totals.djtr);
  report.set_other_cases(totals.other);
  report.set_days_away_and_restricted(totals.days);
  report.set_near_misses(totals.near_misses);
  outbox_.Put(day, report);
  totals_.erase(month);
}

}  // namespace yokoten::cli
