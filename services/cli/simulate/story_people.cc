// People come, go, fall ill for long; rosters and hours say so.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;

namespace {
constexpr size_t kRosterChunkRows = 100;
constexpr double kLeavePerMonth = 0.011;
constexpr double kLongLeavePerMonth = 0.004;
}  // namespace

void PlantStory::People(Day day) {
  Random& random = people_random_;
  const bool weekly = plant_.index % 3 == 0;
  const CivilDate date = ToCivil(day);
  if (date.day == 1 && day > options_.from) {
    for (size_t i = 0; i < plant_.people.size(); ++i) {
      if (plant_.people[i].role != 1 || !Active(plant_.people[i], day)) continue;
      const Day when = day + static_cast<int>(random.Between(0, 27));
      if (random.Chance(kLeavePerMonth)) {
        plant_.people[i].left = when;
        const std::string ref = plant_.people[i].ref;
        if (IsTrainer(ref)) Later(when, [this, ref](Day d) { StepDown(ref, d); });
        const SimPerson leaver = plant_.people[i];
        Hire(leaver.line, leaver.shift, leaver.jobs, when, random);
      } else if (random.Chance(kLongLeavePerMonth)) {
        plant_.people[i].leave_from = when;
        plant_.people[i].leave_to = when + static_cast<int>(random.Between(35, 150));
      }
    }
  }
  if (day == options_.from || (weekly ? IsoWeekday(day) == 1 : date.day == 1)) PublishRoster(day);
  if (date.day == 2 && day > options_.from + 2) {
    op::HoursReported hours;
    const Day month = MonthStart(day - 5);
    *hours.mutable_context() = On("erp", "hours-contractor-" + FormatDay(month), month);
    hours.set_worker_type(op::WORKER_TYPE_CONTRACTOR);
    hours.set_month(FormatDay(month));
    hours.set_hours_worked(static_cast<double>(random.Between(1500, 2400)));
    hours.set_snapshot_version(1);
    hours.set_basis(op::HOURS_BASIS_ACTUAL);
    outbox_.Put(day, hours);
  }
}

void PlantStory::Hire(int line, int shift, const std::vector<int>& jobs, Day when, Random& random) {
  SimPerson fresh;
  std::string number = std::to_string(plant_.people.size() + 1);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
  fresh.ref = "p-" + std::to_string(10 + plant_.index) + number;
  fresh.line = line;
  fresh.shift = shift;
  fresh.jobs = jobs;
  fresh.hired = when + static_cast<int>(random.Between(0, 20));
  fresh.left = kLastDay;
  const Day hired = fresh.hired;
  const size_t place = plant_.people.size();
  plant_.people.push_back(std::move(fresh));
  Later(hired + 1, [this, place](Day d) {
    const std::vector<int> now = plant_.people[place].jobs;  // a job may have been retired meanwhile
    for (int job : now) PlanTraining(place, job, d, plant_.Treated(d));
  });
}

void PlantStory::PublishRoster(Day day) {
  std::vector<const SimPerson*> here;
  for (const SimPerson& person : plant_.people) {
    if (person.hired <= day && day < person.left) here.push_back(&person);
  }
  const size_t chunks = std::max<size_t>(1, (here.size() + kRosterChunkRows - 1) / kRosterChunkRows);
  for (size_t chunk = 0; chunk < chunks; ++chunk) {
    op::RosterPublished roster;
    *roster.mutable_context() = On("erp", "roster-" + FormatDay(day) + "-" + std::to_string(chunk + 1), day);
    roster.set_as_of_date(FormatDay(day));
    roster.set_snapshot_version(1);
    roster.set_chunk(static_cast<int>(chunk + 1));
    roster.set_chunks(static_cast<int>(chunks));
    for (size_t i = chunk * kRosterChunkRows; i < std::min(here.size(), (chunk + 1) * kRosterChunkRows);
         ++i) {
      const SimPerson& person = *here[i];
      op::RosterRow* row = roster.add_rows();
      row->set_person_ref(person.ref);
      if (person.line >= 0) {
        const SimLine& line = plant_.lines[static_cast<size_t>(person.line)];
        row->set_workshop_id(line.workshop);
        row->set_line_id(line.id);
      }
      row->set_role(static_cast<op::Role>(person.role));
      row->set_worker_type(op::WORKER_TYPE_EMPLOYEE);
      const bool away = person.leave_from <= day && day < person.leave_to;
      row->set_status(away ? op::EMPLOYMENT_STATUS_LEAVE : op::EMPLOYMENT_STATUS_ACTIVE);
      if (away) row->set_leave_from(FormatDay(person.leave_from));
      row->set_fte(1);
      row->set_hire_date(FormatDay(person.hired));
      for (int job : person.jobs) {
        op::JobAssignment* assignment = row->add_assignments();
        assignment->set_job_id(plant_.jobs[static_cast<size_t>(job)].id);
        auto assigned = person.assigned.find(job);
        assignment->set_from_date(
            FormatDay(assigned == person.assigned.end() ? person.hired : assigned->second));
      }
    }
    roster.set_row_count(roster.rows_size());
    outbox_.Put(day, roster);
  }
}

void PlantStory::Hours(Day day) {
  Random& random = people_random_;
  const double shift_hours = plant_.shifts.size() == 2 ? 11.0 : 7.6;
  for (const std::string& workshop : plant_.workshops) {
    int64_t heads = 0;
    for (const SimPerson& person : plant_.people) {
      if (person.line >= 0 && plant_.lines[static_cast<size_t>(person.line)].workshop == workshop &&
          Active(person, day)) {
        ++heads;
      }
    }
    op::HoursReported hours;
    *hours.mutable_context() = On("erp", "hours-" + workshop + "-" + FormatDay(day), day);
    hours.mutable_context()->set_workshop_id(workshop);
    hours.set_worker_type(op::WORKER_TYPE_EMPLOYEE);
    hours.set_production_day(FormatDay(day));
    double present = std::clamp(random.Normal(0.93, 0.02), 0.8, 1.0);
    hours.set_hours_worked(std::round(static_cast<double>(heads) * shift_hours * present * 4) / 4);
    hours.set_snapshot_version(1);
    hours.set_basis(op::HOURS_BASIS_ACTUAL);
    outbox_.Put(day + 1, hours);
    if (day < plant_.itemized_from) totals_[MonthStart(day)].hours += hours.hours_worked();
  }
  if (day >= plant_.itemized_from) return;
  MonthTotals& totals = totals_[MonthStart(day)];
  ++totals.working_days;
  for (const SimPerson& person : plant_.people) totals.head_days += Active(person, day);
}

}  // namespace yokoten::cli
