// `yokoten retraining`, `exposure`, `then`, `diff`, `skills`, `key-points`, `trainer-supply` and `career`:
// people and the standards they work to.
#include "cli/loop_call.h"
#include "cli/verbs.h"

namespace yokoten::cli {

namespace {

using insight::v1::LoopService;

struct PeopleArguments {
  LoopCall call;
  std::string job, from, to, error, incident, workshop, line, person;
  int from_revision = 0, to_revision = 0;
};

std::string Yes(bool is) { return is ? "yes" : ""; }

void PrintRetraining(const insight::v1::ListRetrainingResponse& response) {
  std::printf("%lld of %lld pairs of person and job are trained; %lld behind, %s hours owed\n",
              static_cast<long long>(response.trained()), static_cast<long long>(response.required()),
              static_cast<long long>(response.total()), FixedText(response.hours(), 1).c_str());
  std::printf("95 %% on %s\n%s\n%s\n",
              response.coverage_95_on().empty() ? "-" : response.coverage_95_on().c_str(),
              response.basis_zh().c_str(), response.basis_en().c_str());
  Table table({"due", "overdue", "person", "line", "job", "revision", "trained on", "steps", "hours"});
  for (const auto& row : response.rows()) {
    table.Add({row.due_date(), Yes(row.overdue()), row.person_ref(), row.line_id(), row.job_id(),
               std::to_string(row.revision_no()),
               row.trained_revision_no() == 0 ? "-" : std::to_string(row.trained_revision_no()),
               std::to_string(row.steps_size()) + " of " + std::to_string(row.steps_total()),
               row.has_hours() ? FixedText(row.hours(), 2) : "-"});
  }
  if (!table.empty()) std::printf("\n%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int Retraining(const PeopleArguments& arguments) {
  insight::v1::ListRetrainingRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_job_id(arguments.job);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "listing who has to be retrained",
                  &LoopService::Stub::ListRetraining, PrintRetraining);
}

void PrintExposure(const insight::v1::MeasureExposureResponse& response) {
  std::printf(
      "%s to %s: %s of %s hours on a superseded revision, %s untrained (an estimate, see docs/api.md)\n",
      response.from().c_str(), response.to().c_str(), FixedText(response.superseded_hours(), 1).c_str(),
      FixedText(response.hours(), 1).c_str(), FixedText(response.untrained_hours(), 1).c_str());
  Table table({"job", "hours", "superseded", "persons", "untrained", "persons"});
  for (const auto& job : response.jobs()) {
    table.Add({job.job_id(), FixedText(job.hours(), 1), FixedText(job.superseded_hours(), 1),
               std::to_string(job.superseded_persons()), FixedText(job.untrained_hours(), 1),
               std::to_string(job.untrained_persons())});
  }
  if (!table.empty()) std::printf("%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int Exposure(const PeopleArguments& arguments) {
  insight::v1::MeasureExposureRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "measuring exposure", &LoopService::Stub::MeasureExposure,
                  PrintExposure);
}

void PrintThen(const insight::v1::GetAsItWasResponse& response) {
  std::printf("%s, production day %s, line %s, job %s: revision %s in force%s\n",
              TimeText(response.at()).c_str(), response.production_day().c_str(),
              response.unit().line_id().c_str(), response.job_id().empty() ? "-" : response.job_id().c_str(),
              response.revision_no() == 0 ? "none" : std::to_string(response.revision_no()).c_str(),
              response.revision_no_seen() == 0
                  ? ""
                  : (", revision " + std::to_string(response.revision_no_seen()) + " seen").c_str());
  Table table({"person", "named", "level", "trained on", "when", "trainer", "follow-up", "conforms"});
  for (const auto& person : response.persons()) {
    table.Add({person.person_ref(), person.assigned_only() ? "assigned" : "named",
               std::to_string(person.level()),
               person.trained_revision_no() == 0 ? "-" : std::to_string(person.trained_revision_no()),
               person.has_trained_at() ? TimeText(person.trained_at()) : "-", person.trainer_ref(),
               person.has_follow_up_at() ? TimeText(person.follow_up_at()) : "-",
               person.has_follow_up_at() ? (person.follow_up_conforms() ? "yes" : "no") : ""});
  }
  if (!table.empty()) std::printf("%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int Then(const PeopleArguments& arguments) {
  insight::v1::GetAsItWasRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_error_id(arguments.error);
  request.set_incident_id(arguments.incident);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "asking how it was", &LoopService::Stub::GetAsItWas, PrintThen);
}

void PrintDiff(const insight::v1::DiffRevisionsResponse& response) {
  for (const auto& step : response.steps()) {
    const std::string kind = insight::v1::StepDiff::Kind_Name(step.kind()).substr(5);
    std::printf("%-8s %s>%s  %s%s\n", kind.c_str(),
                step.from_seq() == 0 ? "-" : std::to_string(step.from_seq()).c_str(),
                step.to_seq() == 0 ? "-" : std::to_string(step.to_seq()).c_str(),
                step.to_seq() == 0 ? step.from_step().c_str() : step.to_step().c_str(),
                step.change_note().empty() ? "" : ("  [" + step.change_note() + "]").c_str());
    for (const std::string& point : step.removed_key_points())
      std::printf("           - %s\n", point.c_str());
    for (const std::string& point : step.added_key_points()) std::printf("           + %s\n", point.c_str());
  }
  Table table({"plant", "revision in force", "fork"});
  for (const auto& usage : response.usage()) {
    table.Add({usage.plant_id(), usage.revision_no() == 0 ? "-" : std::to_string(usage.revision_no()),
               Yes(usage.local_fork())});
  }
  std::printf("\n%s", table.ToText().c_str());
}

int Diff(const PeopleArguments& arguments) {
  insight::v1::DiffRevisionsRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_job_id(arguments.job);
  request.set_from_revision_no(arguments.from_revision);
  request.set_to_revision_no(arguments.to_revision);
  return CallLoop(arguments.call, request, "comparing revisions of " + arguments.job,
                  &LoopService::Stub::DiffRevisions, PrintDiff);
}

void PrintSkills(const insight::v1::GetSkillMatrixResponse& response) {
  std::printf("Skills on %s (* assigned, ! qualified, x expired)\n", response.day().c_str());
  Table persons({"person", "workshop", "line", "job: level"});
  for (const auto& person : response.persons()) {
    std::string skills;
    for (const auto& skill : person.skills()) {
      skills += (skills.empty() ? "" : "  ") + skill.job_id() + ": " + std::to_string(skill.level()) +
                (skill.assigned() ? "*" : "") + (skill.qualified() ? "!" : "") + (skill.expired() ? "x" : "");
    }
    persons.Add({person.person_ref(), person.workshop_id(), person.line_id(), skills});
  }
  std::printf("%s", persons.ToText().c_str());
  PrintNextPage(response.next_page_token());
  Table jobs({"job", "line", "holders", "qualified", "needed", "hangs on one"});
  for (const auto& job : response.jobs()) {
    jobs.Add({job.job_id(), job.line_id(), std::to_string(job.holders()), std::to_string(job.qualified()),
              std::to_string(job.min_qualified()), Yes(job.single_point())});
  }
  if (!jobs.empty()) std::printf("\n%s", jobs.ToText().c_str());
}

int Skills(const PeopleArguments& arguments) {
  insight::v1::GetSkillMatrixRequest request;
  request.mutable_unit()->set_plant_id(arguments.call.plant);
  request.mutable_unit()->set_workshop_id(arguments.workshop);
  request.mutable_unit()->set_line_id(arguments.line);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "reading the skill matrix", &LoopService::Stub::GetSkillMatrix,
                  PrintSkills);
}

void PrintKeyPoints(const insight::v1::RankKeyPointsResponse& response) {
  std::printf("Key points missed, %s to %s\n", response.from().c_str(), response.to().c_str());
  Table table({"job", "revision", "step", "key point", "missed", "of errors", "share", "95 % interval",
               "per 1,000 operations", "incidents"});
  for (const auto& row : response.rows()) {
    const bool named = row.key_point_no() > 0;
    table.Add({row.job_id(), std::to_string(row.revision_no()), named ? std::to_string(row.step_seq()) : "-",
               named ? std::to_string(row.key_point_no()) + " " + row.text() : "not named",
               std::to_string(row.missed()), std::to_string(row.errors()),
               row.has_share() ? FixedText(100 * row.share(), 1) + " %" : "-",
               row.has_share()
                   ? FixedText(100 * row.share_low(), 1) + " .. " + FixedText(100 * row.share_high(), 1)
                   : "",
               row.has_rate() ? FixedText(row.rate(), 2) : "-", std::to_string(row.incidents())});
  }
  std::printf("%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int KeyPoints(const PeopleArguments& arguments) {
  insight::v1::RankKeyPointsRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "ranking key points", &LoopService::Stub::RankKeyPoints,
                  PrintKeyPoints);
}

void PrintSupply(const insight::v1::MeasureTrainerSupplyResponse& response) {
  if (response.treatment_start().empty()) {
    std::printf("No wave is assigned after %s.\n", response.day().c_str());
  } else {
    std::printf("Wave %d starts on %s\n", response.wave(), response.treatment_start().c_str());
  }
  Table criteria({"criterion", "条件", "there", "needed", "met"});
  for (const auto& one : response.criteria()) {
    criteria.Add({one.name_en(), one.name_zh(), FixedText(one.value(), 2), FixedText(one.threshold(), 2),
                  Yes(one.met())});
  }
  std::printf("%s", criteria.ToText().c_str());
  Table workshops({"workshop", "active JI trainers", "needed", "operators"});
  for (const auto& one : response.workshops()) {
    workshops.Add({one.workshop_id(), std::to_string(one.active_ji()), std::to_string(one.needed()),
                   std::to_string(one.operators())});
  }
  if (!workshops.empty()) std::printf("\n%s", workshops.ToText().c_str());
}

int Supply(const PeopleArguments& arguments) {
  insight::v1::MeasureTrainerSupplyRequest request;
  request.set_plant_id(arguments.call.plant);
  return CallLoop(arguments.call, request, "measuring the supply of trainers",
                  &LoopService::Stub::MeasureTrainerSupply, PrintSupply);
}

void PrintCareer(const insight::v1::GetCareerResponse& response) {
  Table table({"day", "step", "步骤", "of", "detail"});
  for (const auto& step : response.steps())
    table.Add({step.day(), step.name_en(), step.name_zh(), step.subject(), step.detail()});
  std::printf("%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int Career(const PeopleArguments& arguments) {
  insight::v1::GetCareerRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_person_ref(arguments.person);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "reading a career", &LoopService::Stub::GetCareer, PrintCareer);
}

}  // namespace

void AddPeople(CLI::App& root, int& exit_code) {
  auto arguments = std::make_shared<PeopleArguments>();
  const auto add = [&](const char* name, const char* description, int (*run)(const PeopleArguments&)) {
    CLI::App* verb = root.add_subcommand(name, description);
    arguments->call.AddTo(*verb);
    verb->callback([arguments, run, &exit_code] { exit_code = run(*arguments); });
    return verb;
  };
  CLI::App* retraining =
      add("retraining", "Who is behind the revision in force, what has to be taught, by when", Retraining);
  arguments->call.AddPagesTo(*retraining);
  retraining->add_option("--job", arguments->job, "Only this job");
  CLI::App* exposure = add("exposure", "Hours worked without training on the revision in force", Exposure);
  arguments->call.AddPagesTo(*exposure);
  exposure->add_option("--from", arguments->from, "First day; four weeks without it");
  exposure->add_option("--to", arguments->to, "Last day; today without it");
  CLI::App* then = add(
      "then", "How it was at an error or incident: revision in force, levels, trainers, follow-ups", Then);
  arguments->call.AddPagesTo(*then);
  then->add_option("--error", arguments->error, "Operation error");
  then->add_option("--incident", arguments->incident, "Incident");
  CLI::App* diff = add("diff", "Two revisions of a job, step by step, and which plant uses which", Diff);
  diff->add_option("job", arguments->job, "Job")->required();
  diff->add_option("from", arguments->from_revision, "Older revision; 0: none")->required();
  diff->add_option("to", arguments->to_revision, "Newer revision")->required();
  CLI::App* skills =
      add("skills", "Persons and the levels of their skills, and the jobs that hang on one person", Skills);
  arguments->call.AddPagesTo(*skills);
  skills->add_option("--workshop", arguments->workshop, "Workshop id");
  skills->add_option("--line", arguments->line, "Line id");
  CLI::App* points = add("key-points", "Jobs whose key points are missed, ranked with intervals", KeyPoints);
  arguments->call.AddPagesTo(*points);
  points->add_option("--from", arguments->from, "First day; 90 days without it");
  points->add_option("--to", arguments->to, "Last day; today without it");
  add("trainer-supply", "Internal trainers against what the next wave of the rollout needs", Supply);
  CLI::App* career = add("career", "What a person learned and became", Career);
  arguments->call.AddPagesTo(*career);
  career->add_option("person", arguments->person, "Person reference")->required();
}

}  // namespace yokoten::cli
