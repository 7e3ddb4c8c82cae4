// Internal trainers against what the next wave needs, and what a person became.
#include <algorithm>
#include <map>
#include <set>

#include "insight/loop/inquiry.h"
#include "insight/loop/people.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

// DOMAIN 4.1, gate of stage S3.
constexpr int kJiPerWorkshop = 2;
constexpr double kTrainersPer100 = 2;
constexpr int kCoachedClasses = 2;

const kpi::Question& NextWave() {
  static const kpi::Question question = LinkedQuestion("next_wave", R"sql(
SELECT unit_id, ifNull(wave, 0) AS wave_no, toInt32(start) AS start_day
FROM
(
    SELECT unit_id, wave, assumeNotNull(treatment_start) AS start, min(start) OVER () AS first
    FROM {facts rollout.ArmAssigned(plan_id, unit_id, arm, wave, treatment_start)}
    WHERE arm = 'wave' AND treatment_start IS NOT NULL AND treatment_start > {day:Date32}
)
WHERE start = first
)sql");
  return question;
}

const kpi::Question& ActiveTrainers() {
  static const kpi::Question question = LinkedQuestion("active_trainers", R"sql(
SELECT t.trainer_ref AS trainer_ref, t.pillar AS pillar, t.workshop AS workshop, uniqExactIf(c.class_id,
    c.class_id != '') AS classes,
       max(m.trainer_ref != '') AS is_master
FROM {step trainer_day} AS t
LEFT JOIN
(
    SELECT trainer_ref, upper(toString(pillar)) AS pillar, class_id
        FROM {facts training.CoachedClassDelivered(trainer_ref, pillar, class_id, passed)}
    WHERE passed = 1
) AS c ON c.trainer_ref = t.trainer_ref AND c.pillar = t.pillar
LEFT JOIN
(
    SELECT DISTINCT trainer_ref, upper(toString(pillar)) AS pillar
        FROM {facts training.TrainerCertified(trainer_ref, pillar, grade, valid_from, valid_until)}
    WHERE grade = 'master' AND valid_from <= {day:Date32} AND {day:Date32} <= valid_until
) AS m ON m.trainer_ref = t.trainer_ref AND m.pillar = t.pillar
WHERE t.day = {day:Date32}
GROUP BY trainer_ref, pillar, workshop
)sql");
  return question;
}

const kpi::Question& OperatorsByLine() {
  static const kpi::Question question = LinkedQuestion("operators_by_line", R"sql(
SELECT toString(workshop) AS workshop, toString(line) AS line, sum(operators) AS operators FROM {step headcount}
WHERE day = {day:Date32} GROUP BY workshop, line
)sql");
  return question;
}

const kpi::Question& CareerSteps() {
  static const kpi::Question question = LinkedQuestion("career_steps", R"sql(
SELECT toInt32(day) AS day, event, subject, detail
FROM
(
    SELECT day, occurred_at, 'training.SessionCompleted' AS event, toString(job_id) AS subject,
        toString(revision_no) AS detail
    FROM {facts training.SessionCompleted(person_ref, job_id, revision_no, result)}
        WHERE person_ref = {person:String} AND result = 'pass'
    UNION ALL
    SELECT day, occurred_at, 'training.SkillLevelAssessed', toString(job_id), toString(level)
    FROM {facts training.SkillLevelAssessed(person_ref, job_id, level)} WHERE person_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.SkillLevelRevoked', toString(job_id), toString(revision_no)
    FROM {facts training.SkillLevelRevoked(person_ref, job_id, revision_no)} WHERE person_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.ClassAttended', toString(pillar), if(passed = 1, 'passed', 'not passed')
    FROM {facts training.ClassAttended(person_ref, pillar, passed)} WHERE person_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerNominated', toString(pillar), ''
        FROM {facts training.TrainerNominated(trainer_ref, pillar)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerSelected', toString(pillar), ''
        FROM {facts training.TrainerSelected(trainer_ref, pillar)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TttCompleted', toString(pillar), ''
        FROM {facts training.TttCompleted(trainer_ref, pillar)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerCertified', toString(pillar), toString(grade)
        FROM {facts training.TrainerCertified(trainer_ref, pillar, grade)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerSuspended', toString(pillar), ''
        FROM {facts training.TrainerSuspended(trainer_ref, pillar)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerReinstated', toString(pillar), ''
        FROM {facts training.TrainerReinstated(trainer_ref, pillar)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'training.TrainerCertificateRevoked', toString(pillar), toString(grade)
    FROM {facts training.TrainerCertificateRevoked(trainer_ref, pillar, grade)} WHERE trainer_ref = {person:String}
    UNION ALL
    SELECT effective_on, occurred_at, 'operations.RoleChanged', toString(from_role), toString(to_role)
    FROM {facts operations.RoleChanged(person_ref, from_role, to_role, effective_on)}
        WHERE person_ref = {person:String}
    UNION ALL
    SELECT day, occurred_at, 'management.ParticipantCompleted', toString(cohort_id), ''
    FROM {facts management.ParticipantCompleted(cohort_id, person_ref)} WHERE person_ref = {person:String}
)
ORDER BY day, occurred_at, event, subject
)sql");
  return question;
}

struct CareerWords {
  const char *zh, *en;
};
const std::map<std::string, CareerWords>& Words() {
  static const auto& words = *new std::map<std::string, CareerWords>{
      {"training.SessionCompleted", {"工作指导合格", "Instruction passed"}},
      {"training.SkillLevelAssessed", {"技能等级评定", "Level of skill assessed"}},
      {"training.SkillLevelRevoked", {"技能等级撤销", "Level of skill revoked"}},
      {"training.ClassAttended", {"参加 J 课程", "Class attended"}},
      {"training.TrainerNominated", {"提名为内训师", "Nominated as internal trainer"}},
      {"training.TrainerSelected", {"入选内训师", "Selected as internal trainer"}},
      {"training.TttCompleted", {"完成内训师课程", "Train-the-trainer course completed"}},
      {"training.TrainerCertified", {"内训师认证", "Certified as internal trainer"}},
      {"training.TrainerSuspended", {"内训师停任", "Suspended as internal trainer"}},
      {"training.TrainerReinstated", {"内训师复任", "Reinstated as internal trainer"}},
      {"training.TrainerCertificateRevoked", {"内训师证书撤销", "Trainer's certificate revoked"}},
      {"operations.RoleChanged", {"岗位变更", "Change of role"}},
      {"management.ParticipantCompleted", {"管理培训结业", "Management training completed"}},
  };
  return words;
}

}  // namespace

Status People::TrainerSupply(const v1::MeasureTrainerSupplyRequest& request,
                             v1::MeasureTrainerSupplyResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  response->set_day(FormatDay(plant.current));
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry,
                      Inquiry::Open(clickhouse_, plant, {plant.current},
                                    {&NextWave(), &ActiveTrainers(), &OperatorsByLine()}));
  const std::map<std::string, std::string> day{{"day", FormatDay(plant.current)}};
  std::map<std::string, std::string> workshop_of_line;
  std::map<std::string, int64_t> operators;
  double all_operators = 0;
  YK_ASSIGN_OR_RETURN(const auto lines, inquiry.Ask(OperatorsByLine(), day));
  for (size_t row = 0; row < lines.size(); ++row) {
    workshop_of_line[lines.Text(row, "line")] = lines.Text(row, "workshop");
    operators[lines.Text(row, "workshop")] += lines.Int(row, "operators");
    all_operators += lines.Double(row, "operators");
  }
  std::map<std::string, std::set<std::string>> ji_of_workshop;
  std::map<std::string, std::set<std::string>> of_pillar;
  std::set<std::string> masters, without_classes;
  YK_ASSIGN_OR_RETURN(const auto trainers, inquiry.Ask(ActiveTrainers(), day));
  for (size_t row = 0; row < trainers.size(); ++row) {
    const std::string& trainer = trainers.Text(row, "trainer_ref");
    of_pillar[trainers.Text(row, "pillar")].insert(trainer);
    if (trainers.Text(row, "pillar") == "JI") ji_of_workshop[trainers.Text(row, "workshop")].insert(trainer);
    if (trainers.Int(row, "is_master") != 0) masters.insert(trainer);
    if (trainers.Int(row, "classes") < kCoachedClasses) without_classes.insert(trainer);
  }
  std::set<std::string> workshops;
  YK_ASSIGN_OR_RETURN(const auto wave, inquiry.Ask(NextWave(), day));
  for (size_t row = 0; row < wave.size(); ++row) {
    response->set_wave(static_cast<int32_t>(wave.Int(row, "wave_no")));
    response->set_treatment_start(FormatDay(Day{static_cast<int32_t>(wave.Int(row, "start_day"))}));
    const std::string& unit = wave.Text(row, "unit_id");
    const auto line = workshop_of_line.find(unit);
    workshops.insert(line == workshop_of_line.end() ? unit : line->second);
  }
  const auto criterion = [&](const char* id, const char* zh, const char* en, double value, double threshold) {
    auto* out = response->add_criteria();
    out->set_criterion(id);
    out->set_name_zh(zh);
    out->set_name_en(en);
    out->set_value(value);
    out->set_threshold(threshold);
    out->set_met(value >= threshold);
  };
  double fewest = 1e9;
  for (const std::string& id : workshops) {
    auto* workshop = response->add_workshops();
    workshop->set_workshop_id(id);
    workshop->set_active_ji(static_cast<int64_t>(ji_of_workshop[id].size()));
    workshop->set_needed(kJiPerWorkshop);
    workshop->set_operators(operators[id]);
    fewest = std::min(fewest, static_cast<double>(workshop->active_ji()));
  }
  if (!workshops.empty())
    criterion("ji_per_workshop", "下一波次各车间在任 JI 教导员最少人数",
              "Fewest active JI trainers of a workshop of the next wave", fewest, kJiPerWorkshop);
  if (all_operators > 0)
    criterion("trainer_ratio", "每百名操作工的在任 JI 内训师", "Active JI trainers per 100 operators",
              100 * static_cast<double>(of_pillar["JI"].size()) / all_operators, kTrainersPer100);
  criterion("jm", "在任 JM 内训师", "Active JM trainers", static_cast<double>(of_pillar["JM"].size()), 1);
  criterion("jr", "在任 JR 内训师", "Active JR trainers", static_cast<double>(of_pillar["JR"].size()), 1);
  criterion("js", "在任 JS 内训师", "Active JS trainers", static_cast<double>(of_pillar["JS"].size()), 1);
  std::set<std::string> all;
  for (const auto& [pillar, who] : of_pillar) all.insert(who.begin(), who.end());
  const double practised = all.empty() ? 0
                                       : static_cast<double>(all.size() - without_classes.size()) /
                                             static_cast<double>(all.size());
  criterion("coached_classes", "完成 2 次以上带教授课的内训师占比",
            "Share of trainers with two coached classes", practised, 1);
  criterion("master", "在任高级内训师", "Active master trainers", static_cast<double>(masters.size()), 1);
  return OkStatus();
}

Status People::Career(const v1::GetCareerRequest& request, v1::GetCareerResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  if (request.person_ref().empty()) return InvalidArgument("person_ref: required");
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry,
                      Inquiry::Open(clickhouse_, plant, {plant.current}, {&CareerSteps()}));
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      inquiry.Ask(CareerSteps(), {{"person", clickhouse::EscapeParameter(request.person_ref())}}));
  if (rows.empty())
    return NotFound("person_ref: no fact of '" + request.person_ref() + "' counts at plant " + plant.plant);
  for (size_t row = static_cast<size_t>(offset); row < rows.size(); ++row) {
    if (response->steps_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    auto* step = response->add_steps();
    step->set_day(FormatDay(Day{static_cast<int32_t>(rows.Int(row, "day"))}));
    step->set_event_type(rows.Text(row, "event"));
    step->set_name_zh(Words().at(step->event_type()).zh);
    step->set_name_en(Words().at(step->event_type()).en);
    step->set_subject(rows.Text(row, "subject"));
    step->set_detail(rows.Text(row, "detail"));
  }
  return OkStatus();
}

}  // namespace yokoten::insight
