// Data-quality findings: what is stored and does not count, or cannot be right, in words.
#include <algorithm>
#include <map>
#include <set>

#include "asks/round.h"
#include "events/identity.h"
#include "insight/facts.h"
#include "insight/finding_kinds.h"
#include "insight/plants.h"
#include "insight/privacy.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

constexpr char kColumns[] =
    "kind, plant, event_type, entity, source, event_id, detail, other_plant, other_entity, other_source, "
    "other_id, ms";

// Those the aggregator keeps, with the fact that counts instead, unless that is confidential.
std::string StoredSql(const events::Registry& registry) {
  return "SELECT toString(f.kind) AS kind, toString(f.plant) AS plant, toString(f.event_type) AS event_type, "
         "f.entity AS entity, toString(f.source) AS source, f.event_id AS event_id, '' AS detail, "
         "toString(f.other_plant) AS other_plant, if(" +
         NotRestrictedSql(registry, "f.other_type") +
         ", f.other_entity, '') AS other_entity, k.source AS other_source, k.id AS other_id, "
         "toUnixTimestamp64Milli(f.recorded_at) AS ms FROM (SELECT * FROM finding FINAL WHERE active = 1) AS "
         "f "
         "LEFT JOIN (SELECT fact_key, toString(max(source)) AS source, max(event_id) AS id FROM event_key "
         "WHERE "
         "fact_key IN (SELECT other_key FROM finding FINAL WHERE active = 1 AND other_entity != '') GROUP BY "
         "fact_key) AS k ON k.fact_key = f.other_key";
}

std::string AskedSql(const std::string& kind, const std::string& question) {
  return "SELECT '" + kind +
         "' AS kind, toString(plant) AS plant, toString(event_type) AS event_type, toString(entity) AS "
         "entity, "
         "toString(source) AS source, toString(event_id) AS event_id, detail, '' AS other_plant, '' AS "
         "other_entity, '' AS other_source, '' AS other_id, toUnixTimestamp64Milli(recorded_at) AS ms FROM "
         "(" +
         question + ")";
}

}  // namespace

Status Facts::Findings(const v1::ListFindingsRequest& request, v1::ListFindingsResponse* response) const {
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  const FindingKinds& known = FindingKinds::Linked();
  const std::set<std::string> kinds(request.kinds().begin(), request.kinds().end());
  for (const std::string& kind : kinds) {
    if (known.words.contains(kind)) continue;
    std::string all;
    for (const auto& [name, words] : known.words) all += (all.empty() ? "" : ", ") + name;
    return InvalidArgument("kinds: there is no kind '" + kind + "'; use " + all);
  }
  clickhouse::Params params;
  const std::string confidential = "NOT (" + NotRestrictedSql(registry_, "event_type") + ")";
  // A void has a type of its own; what it voids may be confidential.
  std::string where = "NOT " + confidential +
                      " AND (event_type != 'event.Voided' OR (plant, entity) NOT IN (SELECT toString(plant), "
                      "entity FROM event_key WHERE " +
                      confidential + "))";
  const auto restrict = [&](const char* column,
                            const google::protobuf::RepeatedPtrField<std::string>& values) {
    if (values.empty()) return;
    params.parameters[column] = clickhouse::ArrayParameter({values.begin(), values.end()});
    where += std::string(" AND has({") + column + ":Array(String)}, " + column + ")";
  };
  restrict("plant", request.plant_ids());
  restrict("kind", request.kinds());
  restrict("source", request.sources());

  std::vector<const FindingQuestion*> asked;
  std::vector<const kpi::Question*> questions;
  for (const FindingQuestion& question : known.questions) {
    if (!kinds.empty() && !kinds.contains(question.kind)) continue;
    asked.push_back(&question);
    questions.push_back(&question.question);
  }
  std::unique_ptr<asks::Round> round;
  std::string all = "SELECT * FROM (" + StoredSql(registry_) + ") WHERE " + where;
  if (!asked.empty()) {
    if (rounds_ == nullptr) return Internal("findings are asked of what is known now");
    YK_ASSIGN_OR_RETURN(
        const std::vector<asks::PlantNow> plants,
        asks::PlantsAt(clickhouse_, clock_.Now(), {request.plant_ids().begin(), request.plant_ids().end()}));
    if (!plants.empty()) {
      YK_ASSIGN_OR_RETURN(round, asks::Round::Open(*rounds_, catalogue_, questions, plants));
      YK_RETURN_IF_ERROR(round->Execute("CREATE TEMPORARY TABLE found ENGINE = Memory AS " + all, params));
      for (size_t i = 0; i < asked.size(); ++i) {
        const std::string sql = round->Sql(i);
        if (sql.empty()) continue;
        YK_RETURN_IF_ERROR(round->Execute(std::string("INSERT INTO found (") + kColumns +
                                              ") SELECT * FROM (" + AskedSql(asked[i]->kind, sql) +
                                              ") WHERE " + where,
                                          params));
      }
      all = "SELECT * FROM found";
      params.parameters.clear();
    }
  }
  const auto select = [&](const std::string& sql) {
    return round == nullptr ? clickhouse_.Select(sql, params) : round->Select(sql, params);
  };
  YK_ASSIGN_OR_RETURN(const auto total, select("SELECT count() AS n FROM (" + all + ")"));
  response->set_total(total.Int(0, "n"));
  YK_ASSIGN_OR_RETURN(const auto rows, select("SELECT * FROM (" + all +
                                              ") ORDER BY ms DESC, kind, plant, entity, source, event_id, "
                                              "detail LIMIT " +
                                              std::to_string(size) + " OFFSET " + std::to_string(offset)));
  std::map<std::string, std::string> types;  // by fact table
  for (const auto& type : registry_.types()) types["fact_" + type.table] = type.short_name;
  for (size_t row = 0; row < rows.size(); ++row) {
    auto* finding = response->add_findings();
    finding->set_kind(rows.Text(row, "kind"));
    finding->set_plant_id(rows.Text(row, "plant"));
    const auto type = types.find(rows.Text(row, "event_type"));
    finding->set_event_type(type == types.end() ? rows.Text(row, "event_type") : type->second);
    finding->set_entity(rows.Text(row, "entity"));
    finding->set_source(rows.Text(row, "source"));
    finding->set_id(rows.Text(row, "event_id"));
    finding->set_detail(rows.Text(row, "detail"));
    if (!rows.Text(row, "other_entity").empty()) {
      finding->set_winner(rows.Text(row, "other_plant") + " " + rows.Text(row, "other_entity"));
      finding->set_winner_source(rows.Text(row, "other_source"));
      finding->set_winner_id(rows.Text(row, "other_id"));
    }
    const Words& words = known.words.at(finding->kind());
    finding->set_message_zh(words.zh);
    finding->set_message_en(words.en);
    if (const int64_t ms = rows.Int(row, "ms"); ms > 0) {
      *finding->mutable_recorded_at() = events::ToTimestamp(FromMicros(ms * 1000));
    }
  }
  if (offset + static_cast<int64_t>(rows.size()) < response->total()) {
    response->set_next_page_token(std::to_string(offset + size));
  }
  return OkStatus();
}

}  // namespace yokoten::insight
