#include "insight/admin.h"

#include <array>
#include <set>

#include "clickhouse/native.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

constexpr int kPersonsMax = 5000;

Status CheckPersonList(const std::string& plant_id, int count, const char* field) {
  YK_RETURN_IF_ERROR(RequirePlant(plant_id, "plant_id"));
  if (count == 0) return InvalidArgument(std::string(field) + ": give at least one");
  if (count > kPersonsMax) {
    return InvalidArgument(std::string(field) + ": " + std::to_string(count) +
                           " are too many; send at most " + std::to_string(kPersonsMax) + " a call");
  }
  return OkStatus();
}

// One thing a plant needs before its figures can be trusted.
struct Check {
  const char* name;
  const char* what_zh;
  const char* what_en;
  const char* send;       // the event that fulfils it
  const char* count_sql;  // yields one number; {plant:String} is the plant
};

constexpr std::array kChecks = {
    Check{"org_tree", "组织单元（车间、产线）", "units below the plant (workshops, lines)",
          "operations.OrgUnitOpened",
          "SELECT uniqExact(unit_id) FROM fact_operations_org_unit_opened FINAL WHERE plant = {plant:String} "
          "AND level != 'plant'"},
    Check{"calendar", "班次日历", "shift calendars", "operations.CalendarPublished",
          "SELECT count() FROM fact_operations_calendar_published FINAL WHERE plant = {plant:String}"},
    Check{"jobs", "已登记岗位", "registered jobs", "standard_work.JobRegistered",
          "SELECT uniqExact(job_id) FROM fact_standard_work_job_registered FINAL WHERE plant IN "
          "({plant:String}, '*')"},
    Check{"targets", "KPI 目标", "KPI targets", "operations.KpiTargetSet",
          "SELECT uniqExact(kpi_id) FROM fact_operations_kpi_target_set FINAL WHERE plant IN "
          "({plant:String}, '*')"},
    Check{"expected_feeds", "应报数据源", "expected feeds", "operations.FeedExpected",
          "SELECT count() FROM fact_operations_feed_expected FINAL WHERE plant = {plant:String}"},
    Check{"roster", "人员名册快照", "roster snapshots", "operations.RosterPublished",
          "SELECT uniqExact(as_of_date) FROM fact_operations_roster_published FINAL WHERE plant = "
          "{plant:String}"},
    Check{"trainers", "有效的 JI 内训师证书", "JI trainer certificates", "training.TrainerCertified",
          "SELECT uniqExact(trainer_ref) FROM fact_training_trainer_certified FINAL WHERE plant IN "
          "({plant:String}, '*') AND pillar = 'ji'"},
    Check{"hours", "工时报告", "reports of hours worked",
          "operations.HoursReported (or safety.PeriodReported)",
          "SELECT (SELECT count() FROM fact_operations_hours_reported FINAL WHERE plant = {plant:String}) + "
          "(SELECT count() FROM fact_safety_period_reported FINAL WHERE plant = {plant:String})"},
    Check{"reporting_modes", "报告方式设定", "reporting modes", "operations.ReportingModeSet",
          "SELECT count() FROM fact_operations_reporting_mode_set FINAL WHERE plant = {plant:String}"},
};

}  // namespace

AdminService::AdminService(ProcessFacts facts, clickhouse::Client& clickhouse, clickhouse::Client& directory,
                           Positions& positions, const Clock& clock)
    : facts_(std::move(facts)),
      clickhouse_(clickhouse),
      directory_(directory),
      positions_(positions),
      clock_(clock) {}

grpc::Status AdminService::GetStatus(grpc::ServerContext*, const admin::v1::GetStatusRequest*,
                                     admin::v1::GetStatusResponse* response) {
  response->set_version(facts_.version);
  for (const auto& target : facts_.targets) response->add_targets(target);
  response->set_effective_config(facts_.effective_config);
  response->set_config_hash(facts_.config_hash);
  response->set_simulated(facts_.simulated);
  return grpc::Status::OK;
}

grpc::Status AdminService::PutPersons(grpc::ServerContext*, const admin::v1::PutPersonsRequest* request,
                                      admin::v1::PutPersonsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(CheckPersonList(request->plant_id(), request->persons_size(), "persons"));
    const auto version = static_cast<uint64_t>(ToMicros(clock_.Now()));
    std::string sql = "INSERT INTO person_directory (plant, person_ref, display_name, version) VALUES ";
    const char* comma = "";
    for (const auto& person : request->persons()) {
      if (person.person_ref().empty()) return InvalidArgument("persons.person_ref: must not be empty");
      sql += std::string(comma) + "(" + clickhouse::Quote(request->plant_id()) + "," +
             clickhouse::Quote(person.person_ref()) + "," + clickhouse::Quote(person.display_name()) + "," +
             std::to_string(version) + ")";
      comma = ",";
    }
    YK_RETURN_IF_ERROR(directory_.Execute(sql));
    response->set_written(request->persons_size());
    return OkStatus();
  });
}

grpc::Status AdminService::GetPersons(grpc::ServerContext*, const admin::v1::GetPersonsRequest* request,
                                      admin::v1::GetPersonsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(CheckPersonList(request->plant_id(), request->person_refs_size(), "person_refs"));
    clickhouse::Params params;
    params.parameters["plant"] = clickhouse::EscapeParameter(request->plant_id());
    params.parameters["refs"] =
        clickhouse::ArrayParameter({request->person_refs().begin(), request->person_refs().end()});
    YK_ASSIGN_OR_RETURN(
        const auto rows,
        directory_.Select("SELECT person_ref, display_name FROM person_directory FINAL "
                          "WHERE plant = {plant:String} AND has({refs:Array(String)}, person_ref) "
                          "ORDER BY person_ref",
                          params));
    for (size_t row = 0; row < rows.size(); ++row) {
      auto* person = response->add_persons();
      person->set_person_ref(rows.Text(row, "person_ref"));
      person->set_display_name(rows.Text(row, "display_name"));
    }
    return OkStatus();
  });
}

grpc::Status AdminService::ErasePersons(grpc::ServerContext*, const admin::v1::ErasePersonsRequest* request,
                                        admin::v1::ErasePersonsResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(CheckPersonList(request->plant_id(), request->person_refs_size(), "person_refs"));
    clickhouse::Params params;
    params.parameters["plant"] = clickhouse::EscapeParameter(request->plant_id());
    params.parameters["refs"] =
        clickhouse::ArrayParameter({request->person_refs().begin(), request->person_refs().end()});
    const std::string where = "plant = {plant:String} AND has({refs:Array(String)}, person_ref)";
    YK_ASSIGN_OR_RETURN(
        const auto found,
        directory_.Select("SELECT uniqExact(person_ref) AS n FROM person_directory WHERE " + where, params));
    // A mutation rewrites the parts: the names are gone from disk when it returns, not only hidden. Mutations
    // take no bound parameters, so the values are quoted into the statement.
    std::string list;
    for (const auto& ref : request->person_refs()) list += (list.empty() ? "" : ",") + clickhouse::Quote(ref);
    params.parameters.clear();
    params.settings["mutations_sync"] = "2";
    YK_RETURN_IF_ERROR(directory_.Execute(
        "ALTER TABLE person_directory DELETE WHERE plant = " + clickhouse::Quote(request->plant_id()) +
            " AND person_ref IN (" + list + ")",
        params));
    response->set_erased(static_cast<int32_t>(found.Int(0, "n")));
    return OkStatus();
  });
}

grpc::Status AdminService::CheckPlant(grpc::ServerContext* context,
                                      const admin::v1::CheckPlantRequest* request,
                                      admin::v1::CheckPlantResponse* response) {
  return Answer([&]() -> Status {
    YK_RETURN_IF_ERROR(RequirePlant(request->plant_id(), "plant_id"));
    YK_RETURN_IF_ERROR(positions_.WaitFor(request->token(), Stage::kFacts, DeadlineOf(*context, clock_)));
    clickhouse::Params params;
    params.parameters["plant"] = clickhouse::EscapeParameter(request->plant_id());
    for (const Check& check : kChecks) {
      YK_ASSIGN_OR_RETURN(const auto rows,
                          clickhouse_.Select("SELECT (" + std::string(check.count_sql) + ") AS n", params));
      const int64_t n = rows.Int(0, "n");
      auto* item = response->add_items();
      item->set_check(check.name);
      item->set_ok(n > 0);
      if (n > 0) {
        item->set_message_zh(std::to_string(n) + " 项" + check.what_zh);
        item->set_message_en(std::to_string(n) + " " + check.what_en);
      } else {
        item->set_message_zh(std::string("缺少") + check.what_zh + "；请发送 " + check.send);
        item->set_message_en(std::string("no ") + check.what_en + "; send " + check.send);
      }
    }
    return OkStatus();
  });
}

}  // namespace yokoten::insight
