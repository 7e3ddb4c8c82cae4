// What a simulated plant has before its first day: units, calendar, registers, first standards, first
// trainers.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace sw = standard_work::v1;
namespace tr = training::v1;

void PlantStory::OpenUnits() {
  const Day opened = options_.from - 400;
  auto open = [&](const std::string& id, op::OrgLevel level, const std::string& parent, const std::string& zh,
                  const std::string& en) {
    op::OrgUnitOpened unit;
    *unit.mutable_context() = On("erp", "org-" + id, opened);
    unit.set_unit_id(id);
    unit.set_level(level);
    unit.set_parent_id(parent);
    unit.set_name_zh(zh);
    unit.set_name_en(en);
    unit.set_effective_on(FormatDay(opened));
    if (level == op::ORG_LEVEL_PLANT) unit.set_country(plant_.country);
    outbox_.Put(options_.from, unit);
  };
  open(plant_.id, op::ORG_LEVEL_PLANT, "", plant_.name_zh, plant_.name_en);
  for (size_t i = 0; i < plant_.workshops.size(); ++i) {
    open(plant_.workshops[i], op::ORG_LEVEL_WORKSHOP, plant_.id, plant_.workshop_names[i].first,
         plant_.workshop_names[i].second);
  }
  for (const SimLine& line : plant_.lines) {
    open(line.id, op::ORG_LEVEL_LINE, line.workshop, line.name_zh, line.name_en);
    for (int job : line.jobs) {
      const std::string& station = plant_.jobs[static_cast<size_t>(job)].station;
      std::string number = station.substr(station.find('-') + 2);
      open(station, op::ORG_LEVEL_STATION, line.id, number + "工位", "Station " + number);
    }
  }
}

template <typename Calendar>
void PlantStory::FillCalendar(Calendar& calendar) const {
  calendar.set_calendar_version(1);
  calendar.set_time_zone(plant_.zone_name);
  calendar.set_valid_from(FormatDay(options_.from - 400));
  auto clock = [](int minute) {
    std::string text =
        std::to_string(100 + minute / 60).substr(1) + ":" + std::to_string(100 + minute % 60).substr(1);
    return text;
  };
  for (const SimShift& shift : plant_.shifts) {
    op::Shift* out = calendar.add_shifts();
    out->set_shift_code(shift.code);
    out->set_start_time(clock(shift.start_minute));
    out->set_end_time(clock(shift.end_minute));
    out->set_day_offset(shift.day_offset);
    // Weekdays are those of the local start, which a night that opens the day has one earlier.
    for (int weekday : plant_.weekdays) out->add_weekdays((weekday - 1 + shift.day_offset + 7) % 7 + 1);
  }
  for (Day day : plant_.holidays) calendar.add_holidays(FormatDay(day));
}

void PlantStory::PublishCalendar() {
  op::CalendarPublished calendar;
  *calendar.mutable_context() = On("erp", "calendar-1", options_.from - 400);
  FillCalendar(calendar);
  outbox_.Put(options_.from, calendar);
  Random& random = changes_random_;
  Later(plant_.forgotten_holiday + static_cast<int>(random.Between(3, 12)), [this](Day day) {
    op::CalendarCorrected corrected;
    *corrected.mutable_context() = On("erp", "calendar-1-corrected", day);
    FillCalendar(corrected);
    corrected.add_holidays(FormatDay(plant_.forgotten_holiday));
    outbox_.Put(day, corrected);
  });
}

void PlantStory::SetModesAndFeeds() {
  const std::string from = FormatDay(options_.from);
  auto mode = [&](const std::string& id, op::ReportingFeed feed) {
    op::ReportingModeSet set;
    *set.mutable_context() = On("erp", "mode-" + id, options_.from);
    set.set_feed(feed);
    set.set_valid_from(from);
    return set;
  };
  for (const SimLine& line : plant_.lines) {
    op::ReportingModeSet errors = mode("errors-" + line.id, op::REPORTING_FEED_ERRORS);
    errors.set_line_id(line.id);
    errors.set_mode(line.itemized ? op::REPORTING_MODE_ITEMIZED : op::REPORTING_MODE_AGGREGATED);
    outbox_.Put(options_.from, errors);
  }
  op::ReportingModeSet safety = mode("safety", op::REPORTING_FEED_SAFETY);
  if (plant_.itemized_from > options_.from) {
    safety.mutable_context()->set_id("mode-safety-totals");
    safety.set_mode(op::REPORTING_MODE_AGGREGATED);
    outbox_.Put(options_.from, safety);
    safety.mutable_context()->set_id("mode-safety");
    safety.set_valid_from(FormatDay(plant_.itemized_from));
  }
  safety.set_mode(op::REPORTING_MODE_ITEMIZED);
  outbox_.Put(options_.from, safety);
  op::ReportingModeSet employees = mode("hours-employee", op::REPORTING_FEED_HOURS);
  employees.set_worker_type(op::WORKER_TYPE_EMPLOYEE);
  employees.set_level(op::ORG_LEVEL_WORKSHOP);
  employees.set_period(op::PERIOD_LENGTH_DAY);
  outbox_.Put(options_.from, employees);
  op::ReportingModeSet contractors = mode("hours-contractor", op::REPORTING_FEED_HOURS);
  contractors.set_worker_type(op::WORKER_TYPE_CONTRACTOR);
  contractors.set_level(op::ORG_LEVEL_PLANT);
  contractors.set_period(op::PERIOD_LENGTH_MONTH);
  outbox_.Put(options_.from, contractors);

  auto expect = [&](op::FeedKind kind, const std::string& unit, op::PeriodLength period) {
    op::FeedExpected feed;
    *feed.mutable_context() = On("erp", "feed-" + std::to_string(kind) + "-" + unit, options_.from);
    feed.set_kind(kind);
    feed.set_unit_id(unit);
    feed.set_valid_from(from);
    feed.set_period(period);
    if (kind == op::FEED_KIND_SAFETY_PERIOD) feed.set_valid_until(FormatDay(plant_.itemized_from - 1));
    outbox_.Put(options_.from, feed);
  };
  for (const SimLine& line : plant_.lines) {
    expect(op::FEED_KIND_SHIFT_OUTPUT, line.id, op::PERIOD_LENGTH_DAY);
    if (!line.itemized) expect(op::FEED_KIND_ERRORS_AGGREGATED, line.id, op::PERIOD_LENGTH_DAY);
  }
  expect(op::FEED_KIND_HOURS, "", op::PERIOD_LENGTH_DAY);
  expect(op::FEED_KIND_ROSTER, "", op::PERIOD_LENGTH_MONTH);
  if (plant_.itemized_from > options_.from) {
    expect(op::FEED_KIND_SAFETY_PERIOD, "", op::PERIOD_LENGTH_MONTH);
  }
}

void PlantStory::RegisterJobs() {
  Random& random = standards_random_;
  for (size_t j = 0; j < plant_.jobs.size(); ++j) {
    SimJob& job = plant_.jobs[j];
    sw::JobRegistered registered;
    *registered.mutable_context() = At("plm", "job-" + job.id, DayTime(options_.from - 380, random));
    SetPlace(*registered.mutable_context(), job.line, job.station);
    job.criticality = 1 + static_cast<int>(j % 3);
    job.takt_s = 60 + static_cast<double>(random.Between(0, 30));
    FillJob(job, registered);
    outbox_.Put(options_.from, registered);
    // Somewhat less than half of the jobs have a standard when the story begins.
    if (!random.Chance(0.45)) continue;
    const Day effective = options_.from - static_cast<int>(random.Between(20, 330));
    job.drafted = job.released = 1;
    sw::RevisionReleased released;
    *released.mutable_context() =
        At("plm", "rev-" + job.id + "-1-released", plant_.zone.ToUtc(effective - 2, 10 * 3600));
    SetPlace(*released.mutable_context(), job.line, job.station);
    released.set_job_id(job.id);
    released.set_revision_no(1);
    *released.mutable_effective_from() = events::ToTimestamp(plant_.zone.ToUtc(effective, 0));
    released.set_retraining_required(true);
    released.set_change_class(sw::CHANGE_CLASS_MAJOR);
    Sign(released, SomeOf(op::ROLE_MANAGER, approvals_random_), plant_.zone.ToUtc(effective - 3, 10 * 3600),
         true);
    outbox_.Put(options_.from, released);
    job.effective = 1;
    job.effective_since = job.reviewed = effective;
    job.forces.emplace_back(1, effective);
    loop_.Released(job.id, 1, effective, true);
    for (SimPerson& person : plant_.people) {
      if (std::find(person.jobs.begin(), person.jobs.end(), static_cast<int>(j)) == person.jobs.end())
        continue;
      if (!random.Chance(0.55)) continue;
      person.trained[static_cast<int>(j)] = {1};
      tr::SkillLevelAssessed assessed;
      const Day day = options_.from - static_cast<int>(random.Between(1, 19));
      const WallTime time = DayTime(day, random);
      loop_.Passed(job.id, 1, person.ref, time);
      *assessed.mutable_context() = At("ji", "skill-" + person.ref + "-" + job.id + "-0", time);
      SetPlace(*assessed.mutable_context(), job.line, job.station);
      assessed.set_person_ref(person.ref);
      assessed.set_job_id(job.id);
      assessed.set_revision_no(1);
      assessed.set_level(random.Chance(0.3) ? 3 : 2);
      assessed.set_assessor_ref(plant_.trainers.front() == person.ref ? plant_.trainers.back()
                                                                      : plant_.trainers.front());
      assessed.set_method(tr::ASSESSMENT_METHOD_OBSERVATION);
      outbox_.Put(options_.from, assessed);
    }
  }
}

void PlantStory::CertifyTrainers(Day day, size_t wanted, Random& random) {
  std::vector<std::string> certified;
  for (const SimPerson& person : plant_.people) {
    if (certified.size() >= wanted) break;
    bool leader = person.role == 2 || (person.role == 1 && random.Chance(0.05));
    if (!leader || IsTrainer(person.ref) || former_trainers_.contains(person.ref) ||
        !Active(person, std::max(day, options_.from)))
      continue;
    certified.push_back(person.ref);
  }
  for (const std::string& ref : certified) {
    plant_.trainers.push_back(ref);
    TellCareer(ref, tr::PILLAR_JI, day);
    // Certificates hold two years less a day and are renewed a month before.
    for (int renewal = 0; renewal < 3; ++renewal) {
      const Day from = day + renewal * 700;
      if (from > options_.until) break;
      auto put = [this, ref, from, renewal](Day) {
        if (!IsTrainer(ref)) return;
        tr::TrainerCertified certificate;
        *certificate.mutable_context() = On("ji", "cert-" + ref + "-" + std::to_string(renewal), from);
        certificate.set_trainer_ref(ref);
        certificate.set_pillar(tr::PILLAR_JI);
        certificate.set_grade(tr::TRAINER_GRADE_INSTRUCTOR);
        certificate.set_issuer("Group lean academy / 集团精益学院");
        certificate.set_valid_from(FormatDay(from));
        certificate.set_valid_until(FormatDay(from + 729));
        certificate.set_ttt_hours(40);
        outbox_.Put(std::max(from, options_.from), certificate);
      };
      if (from <= today_) {
        put(from);
      } else {
        Later(from, put);
      }
    }
  }
}

}  // namespace yokoten::cli
