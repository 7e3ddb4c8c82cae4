// What changes once in a while: a line moves, a job is taken over by a machine and its station closes, people
// rise, trainers step down, a revision is called back.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace sw = standard_work::v1;
namespace tr = training::v1;

void PlantStory::PlanYear(Day day) {
  Random& random = changes_random_;
  const bool first = day == options_.from;
  auto some_day = [&](int64_t from, int64_t to) { return day + static_cast<int>(random.Between(from, to)); };
  if (first) {
    for (Day month = MonthStart(day); month < plant_.itemized_from; month = NextMonthStart(month)) {
      Later(NextMonthStart(month) + 7, [=, this](Day d) { ReportMonth(month, d); });
    }
  }
  // Every second plant moves its line in the second year.
  const Day move = some_day(60, 300);
  if (first) Later(plant_.index % 2 == 0 ? move : move + 365, [this](Day d) { MoveLine(d); });
  const Day retire = some_day(80, 320);
  if (random.Chance(0.6)) Later(retire, [this](Day d) { RetireJob(d); });
  for (int64_t n = random.Between(2, 4); n > 0; --n) {
    const int job = static_cast<int>(random.Between(0, static_cast<int64_t>(plant_.jobs.size()) - 1));
    Later(some_day(20, 360), [=, this](Day d) { ChangeJob(d, job); });
  }
  for (int64_t n = random.Between(1, 2); n > 0; --n) {
    Later(some_day(20, 360), [this](Day d) { Promote(d); });
  }
  const Day down = some_day(40, 350);
  if (random.Chance(0.7)) {
    Later(down, [this](Day d) { StepDown(changes_random_.Pick(plant_.trainers), d); });
  }
  Later(some_day(30, 300), [this](Day d) { RecallRevision(d, 6); });
  Later(day + 365, [this](Day d) { PlanYear(d); });
}

// For the flow of parts, the last line of the second workshop is put next to the third's.
void PlantStory::MoveLine(Day day) {
  int count = 0, last = -1;
  for (size_t i = 0; i < plant_.lines.size(); ++i) {
    if (plant_.lines[i].workshop != plant_.workshops[1]) continue;
    ++count;
    last = static_cast<int>(i);
  }
  if (count < 2) return;
  SimLine& line = plant_.lines[static_cast<size_t>(last)];
  line.workshop = plant_.workshops[2];
  op::OrgUnitMoved moved;
  *moved.mutable_context() = On("erp", "org-" + line.id + "-moved", day);
  moved.set_unit_id(line.id);
  moved.set_parent_id(line.workshop);
  moved.set_effective_on(FormatDay(day));
  outbox_.Put(day, moved);
  // The register says where a job is done.
  for (int job : line.jobs) ChangeJob(day, job);
}

void PlantStory::ChangeJob(Day day, int job_index) {
  Random& random = changes_random_;
  SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  if (job.retired <= day) return;
  if (random.Chance(0.7)) {
    job.takt_s = std::round(job.takt_s * (0.9 + 0.15 * random.Unit()));
  } else {
    job.criticality = std::max(1, job.criticality - 1);
  }
  sw::JobChanged changed;
  *changed.mutable_context() =
      At("plm", "job-" + job.id + "-changed-" + std::to_string(++job.changes), DayTime(day, random));
  SetPlace(*changed.mutable_context(), job.line, job.station);
  FillJob(job, changed);
  outbox_.Put(day, changed);
}

// A machine takes the work over: the job leaves the register, its station closes, its people learn another
// job.
void PlantStory::RetireJob(Day day) {
  Random& random = changes_random_;
  std::vector<int> candidates;
  for (const SimLine& line : plant_.lines) {
    if (line.jobs.size() >= 3 && !plant_.jobs[static_cast<size_t>(line.jobs.back())].drafting) {
      candidates.push_back(line.jobs.back());
    }
  }
  if (candidates.empty()) return;
  const int index = random.Pick(candidates);
  SimJob& job = plant_.jobs[static_cast<size_t>(index)];
  job.retired = day;
  SimLine& line = plant_.lines[static_cast<size_t>(job.line)];
  line.jobs.pop_back();
  sw::JobRetired retired;
  *retired.mutable_context() = At("plm", "job-" + job.id + "-retired", DayTime(day, random));
  SetPlace(*retired.mutable_context(), job.line, job.station);
  retired.set_job_id(job.id);
  outbox_.Put(day, retired);
  op::OrgUnitClosed closed;
  *closed.mutable_context() = On("erp", "org-" + job.station + "-closed", day);
  closed.set_unit_id(job.station);
  closed.set_effective_on(FormatDay(day - 1));
  outbox_.Put(day, closed);
  for (size_t p = 0; p < plant_.people.size(); ++p) {
    SimPerson& person = plant_.people[p];
    auto it = std::find(person.jobs.begin(), person.jobs.end(), index);
    if (it == person.jobs.end()) continue;
    person.jobs.erase(it);
    if (!person.jobs.empty() || person.left <= day) continue;
    const int other = random.Pick(line.jobs);
    person.jobs.push_back(other);
    person.assigned[other] = std::max(day, person.hired);
    if (Active(person, day)) PlanTraining(p, other, day, plant_.Treated(day));
  }
}

// A team leader goes to the staff, one of the team takes over, and somebody new comes in for that one.
void PlantStory::Promote(Day day) {
  Random& random = changes_random_;
  std::vector<size_t> team;
  for (size_t p = 0; p < plant_.people.size(); ++p) {
    if (plant_.people[p].role == op::ROLE_OPERATOR && plant_.people[p].line >= 0 &&
        Active(plant_.people[p], day) && plant_.people[p].left == kLastDay) {
      team.push_back(p);
    }
  }
  if (team.empty()) return;
  const size_t chosen = random.Pick(team);
  const SimPerson before = plant_.people[chosen];
  auto leader = std::find_if(plant_.people.begin(), plant_.people.end(), [&](const SimPerson& person) {
    return person.role == op::ROLE_TEAM_LEADER && person.line == before.line &&
           person.shift == before.shift && Active(person, day);
  });
  if (leader == plant_.people.end()) return;
  auto change = [&](SimPerson& person, op::Role to) {
    op::RoleChanged changed;
    *changed.mutable_context() = On("erp", "role-" + person.ref + "-" + FormatDay(day), day);
    changed.set_person_ref(person.ref);
    changed.set_from_role(static_cast<op::Role>(person.role));
    changed.set_to_role(to);
    changed.set_effective_on(FormatDay(day));
    outbox_.Put(day, changed);
    person.role = to;
    person.jobs.clear();
  };
  change(*leader, op::ROLE_STAFF);
  leader->line = -1;
  if (plant_.Treated(day)) TeachLeaderToBe(before.ref, day);
  change(plant_.people[chosen], op::ROLE_TEAM_LEADER);
  Hire(before.line, before.shift, before.jobs, day, random);
}

void PlantStory::StepDown(const std::string& trainer, Day day) {
  const std::string ref = trainer;
  if (!IsTrainer(ref)) return;
  CertifyTrainers(day, 1, changes_random_);
  if (plant_.trainers.size() < 2) return;
  plant_.trainers.erase(std::find(plant_.trainers.begin(), plant_.trainers.end(), ref));
  former_trainers_.insert(ref);
  // From tomorrow: what was taught this morning counts.
  tr::TrainerCertificateRevoked revoked;
  *revoked.mutable_context() = On("ji", "cert-" + ref + "-revoked", day + 1);
  revoked.set_trainer_ref(ref);
  revoked.set_pillar(tr::PILLAR_JI);
  revoked.set_grade(tr::TRAINER_GRADE_INSTRUCTOR);
  revoked.set_comment("不再担任教导员 / no longer an instructor");
  outbox_.Put(day + 1, revoked);
}

// A revision in force turns out to be wrong: the one before is in force again until a better one is there.
void PlantStory::RecallRevision(Day day, int tries) {
  std::vector<int> candidates;
  for (size_t j = 0; j < plant_.jobs.size(); ++j) {
    const SimJob& job = plant_.jobs[j];
    // A proposal's standard stays.
    if (job.forces.size() < 2 || job.drafting || job.retired <= day || job.from_proposal) continue;
    const int age = (day - job.effective_since.value).value;
    if (age >= 3 && age <= 90) candidates.push_back(static_cast<int>(j));
  }
  if (candidates.empty()) {
    if (tries > 1) Later(day + 15, [=, this](Day d) { RecallRevision(d, tries - 1); });
    return;
  }
  const int index = changes_random_.Pick(candidates);
  SimJob& job = plant_.jobs[static_cast<size_t>(index)];
  WithdrawRevision(index, job.effective, "实际作业发现缺陷 / found wrong in use", day);
  job.forces.pop_back();
  job.effective = job.released = job.forces.back().first;
  job.effective_since = job.forces.back().second;
  Later(day + static_cast<int>(changes_random_.Between(2, 10)),
        [=, this](Day d) { StartRevision(index, sw::CHANGE_REASON_QUALITY, {}, {}, d, nullptr); });
}

}  // namespace yokoten::cli
