#include "asks/round.h"

#include <cstdio>
#include <cstdlib>

#include "kpi/fact_sql.h"
#include "kpi/round_run.h"

namespace yokoten::asks {
namespace {

// A statement that needs more is refused instead of taking the memory of those who keep the figures up to
// date.
constexpr char kSettings[] = "max_memory_usage = 1500000000";

}  // namespace

Result<std::vector<PlantNow>> PlantsAt(clickhouse::Database& clickhouse, WallTime now,
                                       const std::vector<std::string>& only) {
  clickhouse::Params params;
  params.parameters["now"] = std::to_string(ToMicros(now));
  std::string plants = "SELECT plant FROM plant_state FINAL WHERE " + std::string(kNoProbeSql);
  if (!only.empty()) {
    params.parameters["plants"] = clickhouse::ArrayParameter(only);
    plants += " AND has({plants:Array(String)}, plant)";
  }
  // A plant without a calendar has the date at UTC.
  const std::string at = "fromUnixTimestamp64Micro({now:Int64}, 'UTC')";
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      clickhouse.Select(
          "SELECT p.plant AS plant, if(i.known = 1, toInt32(i.day), toInt32(toDate32(" + at +
              "))) AS day, if(i.known = 1, i.begins, toInt64(toUnixTimestamp(toStartOfDay(" + at +
              "))) * 1000000) AS begins FROM (" + plants +
              ") AS p LEFT JOIN (SELECT d.plant AS plant, d.day AS day, "
              "min(toUnixTimestamp64Micro(d.start_utc)) "
              "AS begins, 1 AS known FROM (" +
              kpi::ShiftIntervalsSql(plants) + ") AS d WHERE (d.plant, d.day) IN (SELECT plant, day FROM (" +
              kpi::ShiftIntervalsSql(plants) + ") WHERE start_utc <= " + at + " AND end_utc > " + at +
              ") GROUP BY plant, day) AS i ON i.plant = p.plant ORDER BY plant",
          params));
  std::vector<PlantNow> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    out.push_back({rows.Text(i, "plant"), Day{static_cast<int32_t>(rows.Int(i, "day"))},
                   FromMicros(rows.Int(i, "begins")), now});
  }
  return out;
}

std::vector<kpi::Question> Linked(const kpi::Catalogue& catalogue,
                                  const std::vector<kpi::SourceText>& sources) {
  std::vector<kpi::Question> questions;
  for (const kpi::SourceText& source : sources) {
    Result<kpi::Question> question = catalogue.Ask(source);
    if (!question.ok()) {
      std::fprintf(stderr, "%s\n", Message(question.status()).c_str());
      std::abort();
    }
    questions.push_back(*std::move(question));
  }
  return questions;
}

Result<std::unique_ptr<Round>> Round::Open(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                                           const std::vector<const kpi::Question*>& questions,
                                           const std::vector<PlantNow>& plants) {
  std::vector<kpi::PlantScope> scopes;
  for (const PlantNow& at : plants) {
    kpi::PlantScope& scope = scopes.emplace_back();
    scope.plant = at.plant;
    scope.range = {at.day, at.day};
    scope.days = {{at.day, at.begins, at.now}};
  }
  return Open(clickhouse, catalogue, questions, std::move(scopes));
}

Result<std::unique_ptr<Round>> Round::Open(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue,
                                           const std::vector<const kpi::Question*>& questions,
                                           std::vector<kpi::PlantScope> scopes) {
  YK_ASSIGN_OR_RETURN(auto session, clickhouse::Session::Begin(clickhouse, "asks", kSettings));
  std::unique_ptr<Round> round(new Round(std::move(session)));
  std::vector<uint16_t> all;
  for (const kpi::Question* question : questions) {
    all.push_back(static_cast<uint16_t>(all.size()));
    round->plan_.kpis.push_back(&question->query);
  }
  for (kpi::PlantScope& scope : scopes) scope.kpis.assign(scope.days.size(), all);
  round->plan_.plants = std::move(scopes);
  YK_RETURN_IF_ERROR(round->Make(catalogue));
  return round;
}

Status Round::Make(const kpi::Catalogue& catalogue) {
  const auto run = [this](const kpi::Statement& statement) {
    return session_->Run(statement.sql, statement.data);
  };
  const auto present = [this](const std::string& sql) { return session_->SelectTexts(sql, "event"); };
  return kpi::MakeTables(catalogue, run, present, &plan_);
}

std::string Round::Sql(size_t question) const {
  if (plan_.idle.contains(static_cast<uint16_t>(question))) return "";
  return kpi::QuerySql(plan_, question);
}

Result<clickhouse::Rows> Round::Select(const std::string& sql, const clickhouse::Params& params) {
  return session_->Select(sql, params);
}

Status Round::Execute(const std::string& sql, const clickhouse::Params& params) {
  return session_->Execute(sql, params);
}

}  // namespace yokoten::asks
