#include "facts/key_rows.h"

namespace yokoten::facts {
namespace {

clickhouse::UInt128 ToRank(const std::string& digits) {
  clickhouse::UInt128 value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

}  // namespace

events::Uuid UuidAt(const clickhouse::Rows& rows, size_t row, std::string_view name) {
  return events::ParseUuid(rows.Text(row, name)).value_or(events::kNoUuid);
}

Place PlaceAt(const clickhouse::Rows& rows, size_t row) {
  return {rows.Text(row, "plant"), rows.Text(row, "event_type"), rows.Text(row, "entity")};
}

Result<std::vector<KeyRow>> ReadKeyRows(clickhouse::Database& database, const std::string& condition,
                                        const clickhouse::Params& params) {
  // The rank as text has a name of its own: a condition may compare the number.
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows found,
      database.Select(
          "SELECT DISTINCT fact_key, event_type, plant, entity, toString(rank) AS rank_text, root_key, kind, "
          "bkey, hex(content_hash) AS content_hash, source, event_id, target_plant, target_entity FROM "
          "event_key WHERE " +
              condition,
          params));
  std::vector<KeyRow> rows;
  rows.reserve(found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    rows.push_back({.fact_key = UuidAt(found, i, "fact_key"),
                    .place = PlaceAt(found, i),
                    .rank = ToRank(found.Text(i, "rank_text")),
                    .root_key = UuidAt(found, i, "root_key"),
                    .kind = found.Text(i, "kind"),
                    .bkey = UuidAt(found, i, "bkey"),
                    .content_hash = found.Text(i, "content_hash"),
                    .source = found.Text(i, "source"),
                    .event_id = found.Text(i, "event_id"),
                    .target_plant = found.Text(i, "target_plant"),
                    .target_entity = found.Text(i, "target_entity")});
  }
  return rows;
}

}  // namespace yokoten::facts
