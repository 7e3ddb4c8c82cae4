// Data-quality findings: what is stored and does not count, or cannot be right, in words.
#include <map>

#include "events/identity.h"
#include "insight/facts.h"
#include "insight/plants.h"
#include "insight/privacy.h"
#include "insight/requests.h"

namespace yokoten::insight {
namespace {

struct Words {
  const char* zh;
  const char* en;
};

const Words& WordsOf(const std::string& kind) {
  static const std::map<std::string, Words> words = {
      {"id_conflict",
       {"同一来源与编号被再次发送，但内容或归属不同；以最早记录的为准。如需更改，请发送更正事件",
        "the same source and id were sent again with other content or another place; the earliest "
        "recorded one counts. To change it, send a correction"}},
      {"business_key",
       {"同一业务主键已有另一条事实；以最早记录的为准。请作废其中一条，或发送更正事件",
        "another fact has the same business key; the earliest recorded one counts. Void one of them, or "
        "send a correction"}},
      {"no_target",
       {"更正或作废所指的事件不存在；请检查来源、编号、工厂与实体",
        "the event that is corrected or voided does not exist; check source, id, plant and entity"}},
      {"no_calendar",
       {"该工厂没有班次日历，按 UTC 日期归日；请发送 operations.CalendarPublished",
        "the plant has no shift calendar, UTC dates are used; send operations.CalendarPublished"}},
  };
  static const Words other{"数据质量发现", "data-quality finding"};
  const auto it = words.find(kind);
  return it == words.end() ? other : it->second;
}

}  // namespace

Status Facts::Findings(const v1::ListFindingsRequest& request, v1::ListFindingsResponse* response) const {
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  clickhouse::Params params;
  const std::string confidential = "NOT (" + NotRestrictedSql(registry_, "event_type") + ")";
  // A void has a type of its own; what it voids may be confidential.
  std::string where = "active = 1 AND NOT " + confidential +
                      " AND (event_type != 'event.Voided' OR (plant, entity) NOT IN (SELECT plant, entity "
                      "FROM event_key WHERE " +
                      confidential + "))";
  const auto restrict = [&](const char* column,
                            const google::protobuf::RepeatedPtrField<std::string>& values) {
    if (values.empty()) return;
    params.parameters[column] = clickhouse::ArrayParameter({values.begin(), values.end()});
    where += std::string(" AND has({") + column + ":Array(String)}, " + column + ")";
  };
  restrict("plant", request.plant_ids());
  restrict("kind", request.kinds());
  const std::string stored =
      "SELECT toString(kind) AS kind, toString(plant) AS plant, toString(event_type) AS event_type, entity, "
      "toString(source) AS source, event_id, toString(other_key) AS other_key, toString(other_plant) AS "
      "other_plant, "
      "if(" +
      NotRestrictedSql(registry_, "other_type") +
      ", other_entity, '') AS other_entity, toUnixTimestamp64Milli(recorded_at) AS ms, active FROM finding "
      "FINAL";
  // What needs no bookkeeping is found when asked.
  const std::string no_calendar =
      "SELECT 'no_calendar', toString(plant), 'operations.CalendarPublished', '', '', '', '', '', '', "
      "toInt64(0), toUInt8(1) FROM plant_state FINAL WHERE plant NOT IN (SELECT plant FROM shift_interval) "
      "AND " +
      std::string(kNoProbeSql);
  const std::string all =
      "(SELECT * FROM (" + stored + " UNION ALL " + no_calendar + ") WHERE " + where + ")";
  YK_ASSIGN_OR_RETURN(const auto total, clickhouse_.Select("SELECT count() AS n FROM " + all, params));
  response->set_total(total.Int(0, "n"));
  YK_ASSIGN_OR_RETURN(
      const auto rows,
      clickhouse_.Select("SELECT * FROM " + all + " ORDER BY ms DESC, kind, plant, entity, event_id LIMIT " +
                             std::to_string(size) + " OFFSET " + std::to_string(offset),
                         params));
  for (size_t row = 0; row < rows.size(); ++row) {
    auto* finding = response->add_findings();
    finding->set_kind(rows.Text(row, "kind"));
    finding->set_plant_id(rows.Text(row, "plant"));
    finding->set_event_type(rows.Text(row, "event_type"));
    finding->set_entity(rows.Text(row, "entity"));
    finding->set_source(rows.Text(row, "source"));
    finding->set_id(rows.Text(row, "event_id"));
    if (!rows.Text(row, "other_entity").empty()) {
      finding->set_winner(rows.Text(row, "other_plant") + " " + rows.Text(row, "other_entity"));
    }
    const Words& words = WordsOf(finding->kind());
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
