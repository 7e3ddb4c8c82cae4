// Who is behind the revision in force, and the hours worked meanwhile.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "insight/loop/inquiry.h"
#include "insight/loop/people.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

constexpr int kGraceDays = 14;    // DOMAIN 3.1: after a revision took effect
constexpr int kPaceDays = 28;     // production days whose pace is taken
constexpr int kEffortDays = 365;  // whose instructions tell how long one takes
constexpr double kCoverage = 0.95;

const kpi::Question& PairsNow() {
  static const kpi::Question question = LinkedQuestion("pairs_now", R"sql(
SELECT r.person_ref AS person_ref, r.workshop AS workshop, r.line AS line, r.job_id AS job_id,
    r.revision_no AS revision_no,
       toInt32(r.effective_day) AS effective_day, r.hit AS hit, r.behind_no AS behind_no,
       r.hit = 1 AND r.since_day > {day:Date32} - 28 AS is_new, ifNull(k.level, 0) AS level,
           j.required_level AS required_level,
       toInt32(minIf(p.due_date, p.job_id != '' AND p.revision_no >= r.base_no)) AS due,
       max(p.job_id != '' AND p.revision_no >= r.base_no) AS planned
FROM {step trained_pair} AS r
LEFT JOIN
(
    SELECT person_ref, job_id, max(level) AS level FROM {step skill_span} WHERE from_day <= {day:Date32}
        AND {day:Date32} < until_day
    GROUP BY person_ref, job_id
) AS k ON k.person_ref = r.person_ref AND k.job_id = r.job_id
LEFT JOIN
(
    SELECT job_id, max(required_level) AS required_level FROM {step job} WHERE from_day <= {day:Date32}
        AND {day:Date32} < until_day GROUP BY job_id
) AS j ON j.job_id = r.job_id
LEFT JOIN
(
    SELECT person_ref, job_id, revision_no, due_date FROM {facts training.TrainingPlanned(plan_id, person_ref,
        job_id, revision_no, due_date)}
    WHERE plan_id NOT IN (SELECT plan_id FROM {facts training.PlanCancelled(plan_id)})
) AS p ON p.person_ref = r.person_ref AND p.job_id = r.job_id
WHERE r.day = {day:Date32} AND r.revision_no > 0 AND ({job:String} = '' OR r.job_id = {job:String})
GROUP BY person_ref, workshop, line, job_id, revision_no, effective_day, hit, behind_no, is_new, level,
    required_level
)sql");
  return question;
}

const kpi::Question& BreakdownSteps() {
  static const kpi::Question question = LinkedQuestion("breakdown_steps", R"sql(
SELECT job_id, revision_no, s.1 AS seq, s.2 AS major_step, s.3 AS change, s.4 AS note
FROM
(
    SELECT job_id, revision_no, arrayZip(steps_seq, steps_major_step, arrayResize(arrayMap(x -> toString(x),
        steps_change), length(steps_seq), ''),
               arrayResize(steps_change_note, length(steps_seq), '')) AS steps
    FROM {facts standard_work.RevisionDrafted(job_id, revision_no, steps_seq, steps_major_step, steps_change,
        steps_change_note)}
    ORDER BY rank DESC LIMIT 1 BY job_id, revision_no
)
ARRAY JOIN steps AS s
ORDER BY job_id, revision_no, seq
)sql");
  return question;
}

const kpi::Question& MinutesOfJobs() {
  static const kpi::Question question = LinkedQuestion("minutes_of_jobs", R"sql(
SELECT job_id, sum(minutes) AS minutes, countIf(result = 'pass') AS passes
FROM {facts training.SessionCompleted(job_id, minutes, result)} WHERE day > {day:Date32} - 365 GROUP BY job_id
)sql");
  return question;
}

const kpi::Question& HoursBehind() {
  static const kpi::Question question = LinkedQuestion("hours_behind", R"sql(
SELECT job_id, sum(h) AS hours, sumIf(h, hit = 0 AND behind_no > 0) AS superseded, sumIf(h, hit = 0
    AND behind_no = 0) AS untrained,
       uniqExactIf(person_ref, hit = 0 AND behind_no > 0) AS superseded_persons, uniqExactIf(person_ref,
           hit = 0 AND behind_no = 0) AS untrained_persons
FROM
(
    SELECT r.job_id AS job_id, r.person_ref AS person_ref, r.revision_no AS revision_no, r.hit AS hit,
        r.behind_no AS behind_no,
           p.h / count() OVER (PARTITION BY r.day, r.person_ref) AS h
    FROM {step trained_pair} AS r
    INNER JOIN
    (
        SELECT day, person_ref, sum(h.hours / u.heads) AS h
        FROM
        (
            SELECT day, person_ref, unit.1 AS workshop, unit.2 AS line, count() OVER (PARTITION BY day, workshop,
                line) AS heads
            FROM
            (
                SELECT DISTINCT d.day AS day, p.person_ref AS person_ref,
                       arrayDistinct([('', ''), (toString(p.workshop), ''), (toString(p.workshop),
                           toString(p.line))]) AS units
                FROM {step roster_person} AS p
                INNER JOIN {scope} AS d ON d.plant = p.plant
                WHERE p.from_day <= d.day AND d.day < p.until_day AND p.status = 'active'
                    AND p.worker_type IN ('employee', 'supervised_temp')
            )
            ARRAY JOIN units AS unit
        ) AS u
        INNER JOIN {step hours} AS h ON h.day = u.day AND h.workshop = u.workshop AND h.line = u.line
        GROUP BY day, person_ref
    ) AS p ON p.day = r.day AND p.person_ref = r.person_ref
)
WHERE revision_no > 0
GROUP BY job_id
ORDER BY superseded DESC, untrained DESC, job_id
)sql");
  return question;
}

struct StepText {
  int seq = 0;
  std::string text, note;
  bool taught_anew = false;  // changed, added, or nothing is said
};
using Breakdowns = std::map<std::string, std::map<int, std::vector<StepText>>>;  // by job and revision

// Steps of the revision in force that whoever is trained on `known` has to be taught; all of them when it is
// 0.
std::vector<const StepText*> StepsOwed(const std::map<int, std::vector<StepText>>& revisions, int known,
                                       int current) {
  std::vector<const StepText*> owed;
  const auto now = revisions.find(current);
  if (now == revisions.end()) return owed;
  std::set<std::string> changed_between;
  for (auto it = revisions.upper_bound(known); known > 0 && it != now; ++it) {
    for (const StepText& step : it->second) {
      if (step.taught_anew) changed_between.insert(step.text);
    }
  }
  for (const StepText& step : now->second) {
    if (known == 0 || step.taught_anew || changed_between.contains(step.text)) owed.push_back(&step);
  }
  return owed;
}

}  // namespace

Status People::Retraining(const v1::ListRetrainingRequest& request,
                          v1::ListRetrainingResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  YK_ASSIGN_OR_RETURN(
      const Inquiry inquiry,
      Inquiry::Open(clickhouse_, plant, {plant.current}, {&PairsNow(), &BreakdownSteps(), &MinutesOfJobs()}));
  const std::map<std::string, std::string> day{{"day", FormatDay(plant.current)},
                                               {"job", clickhouse::EscapeParameter(request.job_id())}};
  Breakdowns breakdowns;
  YK_ASSIGN_OR_RETURN(const auto steps, inquiry.Ask(BreakdownSteps()));
  for (size_t row = 0; row < steps.size(); ++row) {
    const std::string& change = steps.Text(row, "change");
    breakdowns[steps.Text(row, "job_id")][static_cast<int>(steps.Int(row, "revision_no"))].push_back(
        {static_cast<int>(steps.Int(row, "seq")), steps.Text(row, "major_step"), steps.Text(row, "note"),
         change != "unchanged" && change != "moved"});
  }
  std::map<std::string, double> hours_of_job;
  double minutes = 0, passes = 0;
  YK_ASSIGN_OR_RETURN(const auto efforts, inquiry.Ask(MinutesOfJobs(), day));
  for (size_t row = 0; row < efforts.size(); ++row) {
    minutes += efforts.Double(row, "minutes");
    passes += efforts.Double(row, "passes");
    if (efforts.Int(row, "passes") > 0)
      hours_of_job[efforts.Text(row, "job_id")] =
          efforts.Double(row, "minutes") / efforts.Double(row, "passes") / 60;
  }

  YK_ASSIGN_OR_RETURN(const auto pairs, inquiry.Ask(PairsNow(), day));
  std::vector<v1::RetrainingRow> rows;
  int64_t required = 0, trained = 0, fresh = 0;
  for (size_t row = 0; row < pairs.size(); ++row) {
    ++required;
    trained += pairs.Int(row, "hit");
    fresh += pairs.Int(row, "is_new");
    if (pairs.Int(row, "hit") != 0) continue;
    v1::RetrainingRow& out = rows.emplace_back();
    out.set_person_ref(pairs.Text(row, "person_ref"));
    out.set_workshop_id(pairs.Text(row, "workshop"));
    out.set_line_id(pairs.Text(row, "line"));
    out.set_job_id(pairs.Text(row, "job_id"));
    out.set_revision_no(static_cast<int32_t>(pairs.Int(row, "revision_no")));
    const Day effective{static_cast<int32_t>(pairs.Int(row, "effective_day"))};
    out.set_effective_day(FormatDay(effective));
    out.set_trained_revision_no(static_cast<int32_t>(pairs.Int(row, "behind_no")));
    out.set_planned(pairs.Int(row, "planned") != 0);
    const Day due = out.planned() ? Day{static_cast<int32_t>(pairs.Int(row, "due"))} : effective + kGraceDays;
    out.set_due_date(FormatDay(due));
    out.set_overdue(due < plant.current);
    out.set_level(static_cast<int32_t>(pairs.Int(row, "level")));
    out.set_required_level(static_cast<int32_t>(pairs.Int(row, "required_level")));
    const auto& revisions = breakdowns[out.job_id()];
    for (const StepText* step : StepsOwed(revisions, out.trained_revision_no(), out.revision_no())) {
      v1::ChangedStep* changed = out.add_steps();
      changed->set_seq(step->seq);
      changed->set_major_step(step->text);
      changed->set_change_note(step->note);
    }
    if (const auto now = revisions.find(out.revision_no()); now != revisions.end())
      out.set_steps_total(static_cast<int32_t>(now->second.size()));
    const auto known = hours_of_job.find(out.job_id());
    if (known == hours_of_job.end() && passes == 0) continue;
    const double whole = known != hours_of_job.end() ? known->second : minutes / passes / 60;
    // A breakdown that nobody sent has to be taught whole.
    const double share =
        out.steps_total() == 0 ? 1 : static_cast<double>(out.steps_size()) / out.steps_total();
    out.set_hours(whole * share);
    response->set_hours(response->hours() + out.hours());
  }
  std::sort(rows.begin(), rows.end(), [](const v1::RetrainingRow& a, const v1::RetrainingRow& b) {
    return std::tie(a.due_date(), a.job_id(), a.person_ref()) <
           std::tie(b.due_date(), b.job_id(), b.person_ref());
  });
  response->set_total(static_cast<int64_t>(rows.size()));
  response->set_required(required);
  response->set_trained(trained);
  response->set_trained_last_28_days(fresh);
  for (size_t i = static_cast<size_t>(offset); i < rows.size(); ++i) {
    if (response->rows_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    response->add_rows()->Swap(&rows[i]);
  }
  const int64_t missing =
      static_cast<int64_t>(std::ceil(kCoverage * static_cast<double>(required) - 1e-9)) - trained;
  const std::string pace = std::to_string(fresh);
  response->set_basis_zh("近 28 个生产日内新训达标 " + pace +
                         " 人·作业；按此速度、且不再发布新版次推算，尚缺 " +
                         std::to_string(std::max<int64_t>(0, missing)) + " 人·作业达到 95 %");
  response->set_basis_en(
      pace +
      " pairs of person and job became trained in the last 28 production days; if that pace holds and "
      "nothing new is released, " +
      std::to_string(std::max<int64_t>(0, missing)) + " more make 95 %");
  if (missing <= 0) {
    response->set_coverage_95_on(FormatDay(plant.current));
  } else if (fresh > 0) {
    const double days = std::ceil(static_cast<double>(missing) * kPaceDays / static_cast<double>(fresh));
    if (days < (kLastDay - plant.current.value).value)
      response->set_coverage_95_on(FormatDay(plant.current + static_cast<int32_t>(days)));
  }
  return OkStatus();
}

Status People::Exposure(const v1::MeasureExposureRequest& request,
                        v1::MeasureExposureResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const auto from, OptionalDay(request.from(), "from"));
  YK_ASSIGN_OR_RETURN(const auto to, OptionalDay(request.to(), "to"));
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  const Day last = to.value_or(plant.current), first = from.value_or(last - 27);
  if (first > last) return InvalidArgument("from: " + FormatDay(first) + " is after " + FormatDay(last));
  if ((last - first.value).value >= 366) return InvalidArgument("from: more than 366 days; ask in parts");
  response->set_from(FormatDay(first));
  response->set_to(FormatDay(last));
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry,
                      Inquiry::Open(clickhouse_, plant, DaysFrom(first, last), {&HoursBehind()}));
  YK_ASSIGN_OR_RETURN(const auto rows, inquiry.Ask(HoursBehind()));
  for (size_t row = 0; row < rows.size(); ++row) {
    response->set_hours(response->hours() + rows.Double(row, "hours"));
    response->set_superseded_hours(response->superseded_hours() + rows.Double(row, "superseded"));
    response->set_untrained_hours(response->untrained_hours() + rows.Double(row, "untrained"));
    const auto place = static_cast<int64_t>(row);
    if (place == offset + size) response->set_next_page_token(std::to_string(place));
    if (place < offset || place >= offset + size) continue;
    auto* job = response->add_jobs();
    job->set_job_id(rows.Text(row, "job_id"));
    job->set_hours(rows.Double(row, "hours"));
    job->set_superseded_hours(rows.Double(row, "superseded"));
    job->set_untrained_hours(rows.Double(row, "untrained"));
    job->set_superseded_persons(rows.Int(row, "superseded_persons"));
    job->set_untrained_persons(rows.Int(row, "untrained_persons"));
  }
  return OkStatus();
}

}  // namespace yokoten::insight
