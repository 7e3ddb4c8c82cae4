// How it was when something happened, and what each person can do now.
#include <algorithm>
#include <map>

#include "events/identity.h"
#include "insight/loop/inquiry.h"
#include "insight/loop/people.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

void SetTime(int64_t us, google::protobuf::Timestamp* time) { *time = events::ToTimestamp(FromMicros(us)); }

const kpi::Question& RevisionThen() {
  static const kpi::Question question = LinkedQuestion("revision_then", R"sql(
SELECT revision_no, toUnixTimestamp64Micro(effective_from) AS us
FROM
(
    SELECT job_id, revision_no, effective_from FROM {facts standard_work.RevisionReleased(job_id, revision_no,
        effective_from)}
    ORDER BY rank DESC LIMIT 1 BY job_id, revision_no
)
WHERE job_id = {job:String} AND toUnixTimestamp64Micro(effective_from) <= {at:Int64} AND (job_id,
    revision_no) NOT IN
    (SELECT job_id, revision_no FROM {facts standard_work.RevisionWithdrawn(job_id, revision_no)}
        WHERE toUnixTimestamp64Micro(occurred_at) <= {at:Int64})
ORDER BY revision_no DESC LIMIT 1
)sql");
  return question;
}

// Persons on the roster of the line that day who have the job, or all of the line where no job is named; a
// person named by the event in any case.
const kpi::Question& PersonsThen() {
  static const kpi::Question question = LinkedQuestion("persons_then", R"sql(
SELECT p.person_ref AS person_ref, k.level AS level, s.revision_no AS trained_no, s.us AS trained_us,
    s.trainer_ref AS trainer_ref,
       f.us AS follow_us, f.as_taught AS conforms
FROM
(
    SELECT {named:String} AS person_ref WHERE {named:String} != ''
    UNION DISTINCT
    SELECT person_ref FROM {step roster_person}
    WHERE {named:String} = '' AND from_day <= {day:Date32} AND {day:Date32} < until_day AND status = 'active'
      AND line = {line:String}
      AND ({job:String} = '' OR arrayExists((j, a, b) -> j = {job:String} AND a <= {day:Date32} AND ifNull(b,
          toDate32('2299-12-31')) >= {day:Date32},
                                            job_ids, from_dates, to_dates))
) AS p
LEFT JOIN
(
    SELECT person_ref, max(level) AS level FROM {step skill_span}
    WHERE job_id = {job:String} AND from_day <= {day:Date32} AND {day:Date32} < until_day GROUP BY person_ref
) AS k ON k.person_ref = p.person_ref
LEFT JOIN
(
    SELECT person_ref, argMax(session_id, occurred_at) AS session_id, argMax(revision_no,
        occurred_at) AS revision_no,
           argMax(trainer_ref, occurred_at) AS trainer_ref, toUnixTimestamp64Micro(max(occurred_at)) AS us
    FROM {facts training.SessionCompleted(session_id, person_ref, job_id, revision_no, result, trainer_ref)}
    WHERE job_id = {job:String} AND result = 'pass'
        AND toUnixTimestamp64Micro(occurred_at) <= {at:Int64} GROUP BY person_ref
) AS s ON s.person_ref = p.person_ref
LEFT JOIN
(
    SELECT session_id, toUnixTimestamp64Micro(max(occurred_at)) AS us, toUInt8(argMax(ifNull(conforms, 0),
        occurred_at)) AS as_taught
    FROM {facts training.FollowUpRecorded(session_id, conforms)}
    WHERE toUnixTimestamp64Micro(occurred_at) <= {at:Int64} GROUP BY session_id
) AS f ON f.session_id = s.session_id AND s.session_id != ''
ORDER BY person_ref
)sql");
  return question;
}

const kpi::Question& PersonsNow() {
  static const kpi::Question question = LinkedQuestion("persons_now", R"sql(
SELECT DISTINCT person_ref, workshop, line FROM {step roster_person}
WHERE from_day <= {day:Date32} AND {day:Date32} < until_day AND status IN ('active', 'leave')
  AND ({workshop:String} = '' OR workshop = {workshop:String}) AND ({line:String} = '' OR line = {line:String})
ORDER BY person_ref
)sql");
  return question;
}

const kpi::Question& SkillsNow() {
  static const kpi::Question question = LinkedQuestion("skills_now", R"sql(
SELECT b.person_ref AS person_ref, b.job_id AS job_id, ifNull(k.level, 0) AS level, ifNull(j.required_level,
    3) AS required_level,
       max(b.is_assigned) AS assigned, toInt32(max(b.last_day)) AS last_day
FROM
(
    SELECT p.person_ref AS person_ref, a.1 AS job_id, 1 AS is_assigned, toDate32(0) AS last_day
        FROM {step roster_person} AS p
    ARRAY JOIN arrayZip(p.job_ids, p.from_dates, p.to_dates) AS a
    WHERE p.from_day <= {day:Date32} AND {day:Date32} < p.until_day AND a.2 <= {day:Date32} AND ifNull(a.3,
        toDate32('2299-12-31')) >= {day:Date32}
    UNION ALL
    SELECT person_ref, job_id, 0, ifNull(argMax(ifNull(valid_until, toDate32(0)), occurred_at), toDate32(0))
    FROM {facts training.SkillLevelAssessed(person_ref, job_id, level, valid_until)} GROUP BY person_ref, job_id
) AS b
LEFT JOIN
(
    SELECT person_ref, job_id, max(level) AS level FROM {step skill_span} WHERE from_day <= {day:Date32}
        AND {day:Date32} < until_day
    GROUP BY person_ref, job_id
) AS k ON k.person_ref = b.person_ref AND k.job_id = b.job_id
LEFT JOIN
(
    SELECT job_id, max(required_level) AS required_level FROM {step job} WHERE from_day <= {day:Date32}
        AND {day:Date32} < until_day GROUP BY job_id
) AS j ON j.job_id = b.job_id
GROUP BY person_ref, job_id, level, required_level
ORDER BY person_ref, job_id
)sql");
  return question;
}

const kpi::Question& JobsNow() {
  static const kpi::Question question = LinkedQuestion("jobs_now", R"sql(
SELECT job_id, line, holders, qualified, min_qualified FROM {step job_skill}
WHERE day = {day:Date32} AND ({workshop:String} = '' OR workshop = {workshop:String}) AND ({line:String} = ''
    OR line = {line:String})
ORDER BY holders, job_id
)sql");
  return question;
}

// The event asked about.
struct Happening {
  int64_t at_us = 0;
  Day day;
  std::string workshop, line, job;
  int32_t revision_seen = 0;
  std::string actor;
};

Result<Happening> FindHappening(clickhouse::Client& clickhouse, const PlantTime& plant, bool is_error,
                                const std::string& id) {
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry, Inquiry::Open(clickhouse, plant, {plant.current}, {}));
  const std::string column = is_error ? "error_id" : "incident_id";
  kpi::FactQuery query = inquiry.LiveFacts(
      is_error ? "operations.OperationErrorRecorded" : "safety.IncidentReported", {column, "job_id"});
  if (is_error) query.columns.push_back("revision_no_seen");
  query.where = column + " = {id:String}";
  YK_ASSIGN_OR_RETURN(const auto rows,
                      inquiry.Select("SELECT toUnixTimestamp64Micro(occurred_at) AS us, toInt32(day) AS day, "
                                     "toString(workshop) AS workshop, "
                                     "toString(line) AS line, toString(job_id) AS job_id, " +
                                         std::string(is_error ? "ifNull(revision_no_seen, 0)" : "0") +
                                         " AS seen, toString(actor) AS actor FROM (" +
                                         kpi::LiveFactsSql(query) + ") ORDER BY rank DESC LIMIT 1",
                                     {{"id", clickhouse::EscapeParameter(id)}}));
  if (rows.empty()) {
    return NotFound(std::string(is_error ? "error_id" : "incident_id") + ": no event of '" + id +
                    "' counts at plant " + plant.plant);
  }
  return Happening{rows.Int(0, "us"),        Day{static_cast<int32_t>(rows.Int(0, "day"))},
                   rows.Text(0, "workshop"), rows.Text(0, "line"),
                   rows.Text(0, "job_id"),   static_cast<int32_t>(rows.Int(0, "seen")),
                   rows.Text(0, "actor")};
}

}  // namespace

Status People::AsItWas(const v1::GetAsItWasRequest& request, v1::GetAsItWasResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  if (request.error_id().empty() == request.incident_id().empty())
    return InvalidArgument("error_id: give either it or incident_id");
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  const bool is_error = !request.error_id().empty();
  YK_ASSIGN_OR_RETURN(
      const Happening what,
      FindHappening(clickhouse_, plant, is_error, is_error ? request.error_id() : request.incident_id()));
  SetTime(what.at_us, response->mutable_at());
  response->set_production_day(FormatDay(what.day));
  response->mutable_unit()->set_plant_id(plant.plant);
  response->mutable_unit()->set_workshop_id(what.workshop);
  response->mutable_unit()->set_line_id(what.line);
  response->set_job_id(what.job);
  response->set_revision_no_seen(what.revision_seen);

  YK_ASSIGN_OR_RETURN(const Inquiry inquiry,
                      Inquiry::Open(clickhouse_, plant, {what.day}, {&RevisionThen(), &PersonsThen()}));
  const std::map<std::string, std::string> parameters{{"job", clickhouse::EscapeParameter(what.job)},
                                                      {"line", clickhouse::EscapeParameter(what.line)},
                                                      {"named", clickhouse::EscapeParameter(what.actor)},
                                                      {"day", FormatDay(what.day)},
                                                      {"at", std::to_string(what.at_us)}};
  YK_ASSIGN_OR_RETURN(const auto revision, inquiry.Ask(RevisionThen(), parameters));
  if (!revision.empty()) {
    response->set_revision_no(static_cast<int32_t>(revision.Int(0, "revision_no")));
    SetTime(revision.Int(0, "us"), response->mutable_effective_from());
  }
  YK_ASSIGN_OR_RETURN(const auto persons, inquiry.Ask(PersonsThen(), parameters));
  for (size_t row = static_cast<size_t>(offset); row < persons.size(); ++row) {
    if (response->persons_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    v1::PersonThen* person = response->add_persons();
    person->set_person_ref(persons.Text(row, "person_ref"));
    person->set_assigned_only(what.actor.empty());
    person->set_level(static_cast<int32_t>(persons.Int(row, "level")));
    person->set_trained_revision_no(static_cast<int32_t>(persons.Int(row, "trained_no")));
    person->set_trainer_ref(persons.Text(row, "trainer_ref"));
    if (persons.Int(row, "trained_us") > 0)
      SetTime(persons.Int(row, "trained_us"), person->mutable_trained_at());
    if (persons.Int(row, "follow_us") > 0) {
      SetTime(persons.Int(row, "follow_us"), person->mutable_follow_up_at());
      person->set_follow_up_conforms(persons.Int(row, "conforms") != 0);
    }
  }
  return OkStatus();
}

Status People::SkillMatrix(const v1::GetSkillMatrixRequest& request,
                           v1::GetSkillMatrixResponse* response) const {
  YK_RETURN_IF_ERROR(CheckPlantUnit(request.unit()));
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.unit().plant_id()));
  response->set_day(FormatDay(plant.current));
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry, Inquiry::Open(clickhouse_, plant, {plant.current},
                                                           {&PersonsNow(), &SkillsNow(), &JobsNow()}));
  const std::map<std::string, std::string> parameters{
      {"day", FormatDay(plant.current)},
      {"workshop", clickhouse::EscapeParameter(request.unit().workshop_id())},
      {"line", clickhouse::EscapeParameter(request.unit().line_id())}};
  YK_ASSIGN_OR_RETURN(const auto persons, inquiry.Ask(PersonsNow(), parameters));
  std::map<std::string, v1::GetSkillMatrixResponse::Person*> shown;
  for (size_t row = static_cast<size_t>(offset); row < persons.size(); ++row) {
    if (response->persons_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    auto* person = response->add_persons();
    person->set_person_ref(persons.Text(row, "person_ref"));
    person->set_workshop_id(persons.Text(row, "workshop"));
    person->set_line_id(persons.Text(row, "line"));
    shown[person->person_ref()] = person;
  }
  YK_ASSIGN_OR_RETURN(const auto skills, inquiry.Ask(SkillsNow(), parameters));
  for (size_t row = 0; row < skills.size(); ++row) {
    const auto person = shown.find(skills.Text(row, "person_ref"));
    if (person == shown.end()) continue;
    auto* skill = person->second->add_skills();
    skill->set_job_id(skills.Text(row, "job_id"));
    skill->set_level(static_cast<int32_t>(skills.Int(row, "level")));
    skill->set_assigned(skills.Int(row, "assigned") != 0);
    skill->set_qualified(skill->level() > 0 && skill->level() >= skills.Int(row, "required_level"));
    if (const Day last{static_cast<int32_t>(skills.Int(row, "last_day"))}; last.value > 0) {
      skill->set_valid_until(FormatDay(last));
      skill->set_expired(last < plant.current);
    }
  }
  if (offset > 0) return OkStatus();
  YK_ASSIGN_OR_RETURN(const auto jobs, inquiry.Ask(JobsNow(), parameters));
  for (size_t row = 0; row < jobs.size(); ++row) {
    auto* job = response->add_jobs();
    job->set_job_id(jobs.Text(row, "job_id"));
    job->set_line_id(jobs.Text(row, "line"));
    job->set_holders(jobs.Int(row, "holders"));
    job->set_qualified(jobs.Int(row, "qualified"));
    job->set_min_qualified(jobs.Int(row, "min_qualified"));
    job->set_single_point(job->holders() <= 1);
  }
  return OkStatus();
}

}  // namespace yokoten::insight
