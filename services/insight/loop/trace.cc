#include "insight/loop/trace.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "events/identity.h"
#include "insight/loop/entities.h"
#include "insight/loop/inquiry.h"
#include "insight/requests.h"
#include "stats/comparisons.h"
#include "stats/intervals.h"

namespace yokoten::insight {
namespace {

constexpr int kWindowDays = 56;
constexpr double kDayUs = 86'400'000'000.0;
constexpr double kPer = 1000;  // operations, as operation_error_rate

// Revisions that list a proposal, with what became of them.
const kpi::Question& RevisionsOfProposal() {
  static const kpi::Question question = LinkedQuestion("revisions_of_proposal", R"sql(
SELECT d.job_id AS job_id, d.revision_no AS revision_no, d.drafted_us AS drafted_us, l.released_us AS released_us,
       r.job_id != '' AS is_released, toUnixTimestamp64Micro(r.effective_from) AS effective_us,
       toInt32(r.effective_day) AS effective_day, toInt32(r.withdrawn_day) AS withdrawn_day,
       (d.job_id, d.revision_no) IN (SELECT job_id, revision_no FROM {step standardized}
           WHERE proposal_id = {proposal:String}) AS standardizes
FROM
(
    SELECT job_id, revision_no, toUnixTimestamp64Micro(occurred_at) AS drafted_us
    FROM {facts standard_work.RevisionDrafted(job_id, revision_no, proposal_ids)}
    WHERE has(proposal_ids, {proposal:String})
    ORDER BY rank DESC LIMIT 1 BY job_id, revision_no
) AS d
LEFT JOIN {step revision} AS r ON r.job_id = d.job_id AND r.revision_no = d.revision_no
LEFT JOIN
(
    SELECT job_id, revision_no, toUnixTimestamp64Micro(occurred_at) AS released_us
    FROM {facts standard_work.RevisionReleased(job_id, revision_no)} ORDER BY rank DESC LIMIT 1 BY job_id,
        revision_no
) AS l ON l.job_id = d.job_id AND l.revision_no = d.revision_no
ORDER BY job_id, revision_no
)sql");
  return question;
}

const kpi::Question& JobOfProposal() {
  static const kpi::Question question = LinkedQuestion("job_of_proposal", R"sql(
SELECT job_id FROM {facts improvement.ProposalSubmitted(proposal_id, job_id)} WHERE proposal_id = {proposal:String}
ORDER BY rank DESC LIMIT 1
)sql");
  return question;
}

const kpi::Question& PersonsOfRevision() {
  static const kpi::Question question = LinkedQuestion("persons_of_revision", R"sql(
SELECT person_ref, trained, present, if(trained = 1, toUnixTimestamp64Micro(trained_at), 0) AS us
FROM {step revision_person} WHERE job_id = {job:String} AND revision_no = {revision:Int32}
ORDER BY trained DESC, us, person_ref
)sql");
  return question;
}

const kpi::Question& LagOfRevision() {
  static const kpi::Question question = LinkedQuestion("lag_of_revision", R"sql(
SELECT closed, lag_us, waited_for, trained FROM {step revision_lag} WHERE job_id = {job:String}
    AND revision_no = {revision:Int32}
)sql");
  return question;
}

const kpi::Question& OutcomeOfJob() {
  static const kpi::Question question = LinkedQuestion(
      "outcome_of_job", R"sql(
SELECT sum(errors) AS errors, sum(operations) AS operations, sum(incidents) AS incidents
FROM
(
    SELECT errors, operations, 0 AS incidents FROM {step job_error}
    WHERE job_id = {job:String} AND day BETWEEN {from:Date32} AND {to:Date32}
    UNION ALL
    SELECT 0, 0, 1 FROM {facts safety.IncidentReported(job_id)}
    WHERE job_id = {job:String} AND day BETWEEN {from:Date32} AND {to:Date32}
)
)sql",
      {"operations.OperationErrorRecorded", "operations.ErrorsAggregated", "safety.IncidentReported"});
  return question;
}

// One row a proposal submitted in the period: the production day of each step it reached.
const kpi::Question& LoopSteps() {
  static const kpi::Question question = LinkedQuestion("loop_steps", R"sql(
SELECT count() AS submitted, countIf(is_decided) AS decided, countIf(is_approved) AS approved,
    countIf(is_implemented) AS implemented,
       countIf(is_effective) AS verified_effective, countIf(is_standard) AS standardized,
           countIf(is_trained) AS trained,
       quantileExactInclusiveIf(0.5)(toInt32(decided_day) - toInt32(submitted_day), is_decided) AS decided_days,
       quantileExactInclusiveIf(0.5)(toInt32(decided_day) - toInt32(submitted_day), is_approved) AS approved_days,
       quantileExactInclusiveIf(0.5)(toInt32(implemented_day) - toInt32(decided_day),
           is_implemented) AS implemented_days,
       quantileExactInclusiveIf(0.5)(toInt32(effective_day) - toInt32(implemented_day),
           is_effective) AS verified_effective_days,
       quantileExactInclusiveIf(0.5)(toInt32(done_day) - toInt32(effective_day), is_standard) AS standardized_days,
       quantileExactInclusiveIf(0.5)(toInt32(trained_day) - toInt32(done_day), is_trained) AS trained_days
FROM
(
    SELECT p.submitted_day AS submitted_day, p.decided_day AS decided_day, p.implemented_day AS implemented_day,
           p.effective_day AS effective_day, s.done_day AS done_day, l.trained_day AS trained_day,
               p.decided > 0 AS is_decided,
           p.decided = 3 AS is_approved, p.implemented = 1 AS is_implemented, p.effective = 1 AS is_effective,
           s.proposal_id != '' AS is_standard, s.proposal_id != '' AND l.closed = 1 AS is_trained
    FROM {step proposal} AS p
    LEFT JOIN (SELECT * FROM {step standardized} ORDER BY done_day LIMIT 1 BY proposal_id) AS s
        ON s.proposal_id = p.proposal_id
    LEFT JOIN
    (
        SELECT l.job_id AS job_id, l.revision_no AS revision_no, l.closed AS closed,
               if(h.shift_code != '' AND l.at < h.end_utc, h.day, toDate32(l.at)) AS trained_day
        FROM
        (
            SELECT plant, job_id, revision_no, closed, effective_from + toIntervalMicrosecond(lag_us) AS at
                FROM {step revision_lag}
        ) AS l
        ASOF LEFT JOIN {shifts} AS h ON h.plant = l.plant AND h.start_utc <= l.at
    ) AS l ON l.job_id = s.job_id AND l.revision_no = s.revision_no
    WHERE p.submitted_day BETWEEN {from:Date32} AND {to:Date32}
)
)sql");
  return question;
}

struct StepWords {
  const char *step, *zh, *en;
};
constexpr StepWords kSteps[] = {
    {"submitted", "提交", "Submitted"},
    {"decided", "裁定", "Decided"},
    {"approved", "采纳", "Approved"},
    {"implemented", "实施", "Implemented"},
    {"verified_effective", "验证有效", "Verified effective"},
    {"standardized", "标准化", "Standardized"},
    {"trained", "90 % 应训人员已训", "90 % of those required trained"},
};

void SetTime(int64_t us, google::protobuf::Timestamp* time) { *time = events::ToTimestamp(FromMicros(us)); }

// Both windows of a revision: as long as asked, but no longer than the days since it took effect.
struct Windows {
  Day before_first, before_last, after_first, after_last;
  bool any_after = false;
};

Windows WindowsOf(Day effective, Day current, int days) {
  const int gone = current < effective ? 0 : (current - effective.value).value + 1;
  const int length = gone == 0 ? days : std::min(days, gone);
  return {effective - length, effective - 1, effective, effective + (length - 1), gone > 0};
}

Status FillOutcome(const Inquiry& inquiry, const std::string& job, Day from, Day to, v1::JobOutcome* out) {
  YK_ASSIGN_OR_RETURN(const auto rows, inquiry.Ask(OutcomeOfJob(), {{"job", clickhouse::EscapeParameter(job)},
                                                                    {"from", FormatDay(from)},
                                                                    {"to", FormatDay(to)}}));
  out->set_from(FormatDay(from));
  out->set_to(FormatDay(to));
  if (rows.empty()) return OkStatus();
  out->set_errors(rows.Int(0, "errors"));
  out->set_operations(rows.Int(0, "operations"));
  out->set_incidents(rows.Int(0, "incidents"));
  const auto errors = static_cast<double>(out->errors()), operations = static_cast<double>(out->operations());
  if (const auto interval = stats::GarwoodRate(errors, operations, kPer)) {
    out->set_rate(kPer * errors / operations);
    out->set_ci_low(interval->lower);
    out->set_ci_high(interval->upper);
  }
  return OkStatus();
}

void Compare(v1::TracedRevision* revision) {
  const v1::JobOutcome &before = revision->before(), &after = revision->after();
  if (!before.has_rate() || !after.has_rate() || before.errors() == 0) return;
  const auto ratio =
      stats::CompareRates(static_cast<double>(after.errors()), static_cast<double>(after.operations()),
                          static_cast<double>(before.errors()), static_cast<double>(before.operations()));
  if (!ratio) return;
  revision->set_rate_ratio(ratio->estimate);
  revision->set_ratio_low(ratio->interval.lower);
  if (std::isfinite(ratio->interval.upper)) revision->set_ratio_high(ratio->interval.upper);
  revision->set_is_signal(ratio->is_signal);
}

void Summarize(v1::TraceProposalResponse* response) {
  const v1::Entity& proposal = response->proposal();
  std::string zh = "提案 " + proposal.key(0) + "：" + proposal.state_zh();
  std::string en = "Proposal " + proposal.key(0) + ": " + proposal.state_en();
  for (const v1::TracedRevision& revision : response->revisions()) {
    const std::string number = std::to_string(revision.revision_no());
    zh += "；列入作业 " + revision.job_id() + " 第 " + number + " 版";
    en += "; listed by revision " + number + " of job " + revision.job_id();
    if (revision.effective_day().empty()) {
      zh += "（未发布）";
      en += " (not released)";
      continue;
    }
    const std::string trained = std::to_string(revision.trained()),
                      required = std::to_string(revision.required());
    zh += "，" + revision.effective_day() + " 生效，应训 " + required + " 人，已训 " + trained + " 人";
    en += ", effective " + revision.effective_day() + ", " + trained + " of " + required + " persons trained";
    if (!revision.has_after()) continue;
    const std::string before = std::to_string(revision.before().errors()),
                      after = std::to_string(revision.after().errors());
    zh += "；操作失误 前 " + before + " 后 " + after + "，事件 前 " +
          std::to_string(revision.before().incidents()) + " 后 " +
          std::to_string(revision.after().incidents());
    en += "; operation errors " + before + " before, " + after + " after, incidents " +
          std::to_string(revision.before().incidents()) + " before, " +
          std::to_string(revision.after().incidents()) + " after";
  }
  response->set_summary_zh(zh);
  response->set_summary_en(en);
}

}  // namespace

Status Traces::Trace(const v1::TraceProposalRequest& request, v1::TraceProposalResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  if (request.proposal_id().empty()) return InvalidArgument("proposal_id: required");
  const int window = request.window_days() == 0 ? kWindowDays : request.window_days();
  if (window < 7 || window > 366)
    return InvalidArgument("window_days: " + std::to_string(window) + " is not within 7 to 366");
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  YK_ASSIGN_OR_RETURN(const lifecycle::Machine* machine, MachineOf("proposal"));
  YK_ASSIGN_OR_RETURN(*response->mutable_proposal(),
                      Entities(clickhouse_, clock_).Read(plant, *machine, {request.proposal_id()}));

  const std::map<std::string, std::string> proposal{
      {"proposal", clickhouse::EscapeParameter(request.proposal_id())}};
  std::set<Day> scope;
  std::vector<Windows> windows;
  {
    YK_ASSIGN_OR_RETURN(const Inquiry inquiry, Inquiry::Open(clickhouse_, plant, {plant.current},
                                                             {&RevisionsOfProposal(), &JobOfProposal()}));
    YK_ASSIGN_OR_RETURN(const auto job, inquiry.Ask(JobOfProposal(), proposal));
    if (!job.empty()) response->set_job_id(job.Text(0, "job_id"));
    YK_ASSIGN_OR_RETURN(const auto rows, inquiry.Ask(RevisionsOfProposal(), proposal));
    for (size_t row = 0; row < rows.size(); ++row) {
      v1::TracedRevision* revision = response->add_revisions();
      revision->set_job_id(rows.Text(row, "job_id"));
      revision->set_revision_no(static_cast<int32_t>(rows.Int(row, "revision_no")));
      SetTime(rows.Int(row, "drafted_us"), revision->mutable_drafted_at());
      windows.emplace_back();
      if (rows.Int(row, "is_released") == 0) continue;
      SetTime(rows.Int(row, "released_us"), revision->mutable_released_at());
      SetTime(rows.Int(row, "effective_us"), revision->mutable_effective_from());
      const Day effective{static_cast<int32_t>(rows.Int(row, "effective_day"))};
      revision->set_effective_day(FormatDay(effective));
      if (const Day withdrawn{static_cast<int32_t>(rows.Int(row, "withdrawn_day"))}; withdrawn < kLastDay)
        revision->set_withdrawn_day(FormatDay(withdrawn));
      revision->set_standardizes(rows.Int(row, "standardizes") != 0);
      windows.back() = WindowsOf(effective, plant.current, window);
      scope.insert(effective);
      for (const Day day : DaysFrom(windows.back().before_first, windows.back().after_last))
        scope.insert(day);
    }
  }
  if (!scope.empty()) {
    YK_ASSIGN_OR_RETURN(const Inquiry inquiry,
                        Inquiry::Open(clickhouse_, plant, {scope.begin(), scope.end()},
                                      {&PersonsOfRevision(), &LagOfRevision(), &OutcomeOfJob()}));
    int64_t person = 0;
    for (int i = 0; i < response->revisions_size(); ++i) {
      v1::TracedRevision* revision = response->mutable_revisions(i);
      if (!revision->has_effective_from()) continue;
      const std::map<std::string, std::string> of{{"job", clickhouse::EscapeParameter(revision->job_id())},
                                                  {"revision", std::to_string(revision->revision_no())}};
      YK_ASSIGN_OR_RETURN(const auto lag, inquiry.Ask(LagOfRevision(), of));
      if (!lag.empty()) {
        revision->set_required(lag.Int(0, "waited_for"));
        revision->set_trained(lag.Int(0, "trained"));
        revision->set_p90_reached(lag.Int(0, "closed") != 0);
        if (revision->p90_reached()) revision->set_p90_days(lag.Double(0, "lag_us") / kDayUs);
      }
      YK_ASSIGN_OR_RETURN(const auto persons, inquiry.Ask(PersonsOfRevision(), of));
      for (size_t row = 0; row < persons.size(); ++row, ++person) {
        if (person < offset || person > offset + size) continue;
        if (person == offset + size) {
          response->set_next_page_token(std::to_string(person));
          continue;
        }
        v1::TrainedPerson* out = response->add_persons();
        out->set_job_id(revision->job_id());
        out->set_revision_no(revision->revision_no());
        out->set_person_ref(persons.Text(row, "person_ref"));
        out->set_present(persons.Int(row, "present") != 0);
        if (persons.Int(row, "trained") != 0) SetTime(persons.Int(row, "us"), out->mutable_trained_at());
      }
      const Windows& w = windows[static_cast<size_t>(i)];
      YK_RETURN_IF_ERROR(FillOutcome(inquiry, revision->job_id(), w.before_first, w.before_last,
                                     revision->mutable_before()));
      if (w.any_after) {
        YK_RETURN_IF_ERROR(
            FillOutcome(inquiry, revision->job_id(), w.after_first, w.after_last, revision->mutable_after()));
      }
      Compare(revision);
    }
  }
  Summarize(response);
  return OkStatus();
}

Status Traces::Measure(const v1::MeasureLoopRequest& request, v1::MeasureLoopResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const auto from, OptionalDay(request.from(), "from"));
  YK_ASSIGN_OR_RETURN(const auto to, OptionalDay(request.to(), "to"));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  const Day last = to.value_or(plant.current), first = from.value_or(last - 364);
  if (first > last) return InvalidArgument("from: " + FormatDay(first) + " is after " + FormatDay(last));
  response->set_from(FormatDay(first));
  response->set_to(FormatDay(last));
  // Whatever day a revision took effect on.
  YK_ASSIGN_OR_RETURN(
      const Inquiry inquiry,
      Inquiry::Open(clickhouse_, plant, DaysFrom(std::max(plant.first, first), plant.current + 1),
                    {&LoopSteps()}));
  YK_ASSIGN_OR_RETURN(const auto rows,
                      inquiry.Ask(LoopSteps(), {{"from", FormatDay(first)}, {"to", FormatDay(last)}}));
  for (const StepWords& words : kSteps) {
    v1::MeasureLoopResponse::Step* step = response->add_steps();
    step->set_step(words.step);
    step->set_name_zh(words.zh);
    step->set_name_en(words.en);
    if (rows.empty()) continue;
    step->set_count(rows.Int(0, words.step));
    const auto submitted = static_cast<double>(rows.Int(0, "submitted"));
    if (const auto interval = stats::Wilson(static_cast<double>(step->count()), submitted)) {
      step->set_share(static_cast<double>(step->count()) / submitted);
      step->set_ci_low(interval->lower);
      step->set_ci_high(interval->upper);
    }
    if (step->count() > 0 && step->step() != "submitted")
      step->set_median_days(rows.Double(0, step->step() + "_days"));
  }
  return OkStatus();
}

}  // namespace yokoten::insight
