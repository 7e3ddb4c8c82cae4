#include "audit/dead_letters.h"

#include <charconv>

#include "audit/readable.h"
#include "events/identity.h"
#include "kafka/delivery.h"

namespace yokoten::audit {
namespace {

constexpr int kPageMax = 1000, kPage = 100;
constexpr int kPositionsMax = 1000, kReplayMax = 10000, kReplay = 1000;
constexpr int kReasonsTold = 100;
// Letters read at once: each may be as large as the broker takes.
constexpr size_t kReplayPage = 100;

// Every dead letter with what became of its bytes: a later record of the same bytes, or none. Only records of
// keys that dead letters have are looked at.
constexpr char kLettersSql[] =
    "(SELECT d.*, multiIf(c.stored = 1, 2, (d.recorded_at, d.epoch, d.partition, d.offset) < c.latest, 3, 1) "
    "AS state "
    "FROM (SELECT topic, epoch, partition, offset, recorded_at, substring(verdict, 6) AS reason, headers, "
    "key, value, "
    "sipHash128(key, headers, value) AS content FROM archive WHERE startsWith(verdict, 'dead:') LIMIT 1 BY "
    "topic, epoch, partition, offset) AS d "
    "INNER JOIN "
    "(SELECT topic, sipHash128(key, headers, value) AS content, max(verdict = 'fact') AS stored, "
    "max((recorded_at, "
    "epoch, partition, offset)) AS latest FROM archive WHERE (topic, key) IN (SELECT topic, key FROM "
    "archive "
    "WHERE startsWith(verdict, 'dead:')) GROUP BY topic, content) AS c ON c.topic = d.topic AND c.content = "
    "d.content)";

bool ParseNumber(const std::string& text, int64_t* number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && stop == end && *number >= 0;
}

// Bytes of ClickHouse's hex().
std::string BytesOf(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint8_t byte = 0;
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, byte, 16);
    bytes[i] = static_cast<char>(byte);
  }
  return bytes;
}

std::string HeaderSql(const std::string& name) {
  return "arrayElement(headers, indexOf(headers, '" + name + "') + 1)";
}

// Columns of DeadLetter.
std::string LetterColumnsSql() {
  std::string sql =
      "topic, epoch, partition, toInt64(offset) AS at, toUnixTimestamp64Milli(recorded_at) AS ms, reason, "
      "length(value) AS bytes, state";
  for (const char* name : {"type", "source", "id"}) {
    const std::string header = std::string("ce_") + name;
    sql += ", if(has(headers, '" + header + "'), " + HeaderSql(header) + ", '') AS " + header;
  }
  return sql;
}

// Of records that are to be shown or sent whole: hexadecimal, as their bytes may be anything.
constexpr char kBytesSql[] =
    ", hex(key) AS key_hex, hex(value) AS value_hex, arrayStringConcat(arrayMap(x -> hex(x), headers), ',') "
    "AS "
    "headers_hex, length(headers) AS n_headers";

std::string FilterSql(const v1::DeadLetterFilter& filter, clickhouse::Params* params) {
  std::string sql = "1";
  const auto equals = [&](const char* name, const std::string& column, const std::string& value) {
    if (value.empty()) return;
    params->parameters[name] = clickhouse::EscapeParameter(value);
    sql += " AND " + column + " = {" + name + ":String}";
  };
  equals("topic", "topic", filter.topic());
  equals("reason", "reason", filter.reason());
  equals("source", HeaderSql("ce_source"), filter.source());
  if (!filter.include_settled()) sql += " AND state = 1";
  return sql;
}

void ReadLetter(const clickhouse::Rows& rows, size_t i, v1::DeadLetter* letter) {
  letter->mutable_position()->set_topic(rows.Text(i, "topic"));
  letter->mutable_position()->set_epoch(static_cast<int32_t>(rows.Int(i, "epoch")));
  letter->mutable_position()->set_partition(static_cast<int32_t>(rows.Int(i, "partition")));
  letter->mutable_position()->set_offset(rows.Int(i, "at"));
  *letter->mutable_recorded_at() = events::ToTimestamp(FromMicros(rows.Int(i, "ms") * 1000));
  letter->set_reason(rows.Text(i, "reason"));
  letter->set_event_type(Readable(rows.Text(i, "ce_type")));
  letter->set_source(Readable(rows.Text(i, "ce_source")));
  letter->set_event_id(Readable(rows.Text(i, "ce_id")));
  letter->set_bytes(rows.Int(i, "bytes"));
  letter->set_state(static_cast<v1::DeadLetter::State>(rows.Int(i, "state")));
}

events::Record ReadRecord(const clickhouse::Rows& rows, size_t i) {
  events::Record record{BytesOf(rows.Text(i, "key_hex")), BytesOf(rows.Text(i, "value_hex")), {}};
  std::vector<std::string> texts(1);
  if (rows.Int(i, "n_headers") == 0) return record;
  for (const char c : rows.Text(i, "headers_hex")) {
    if (c == ',')
      texts.emplace_back();
    else
      texts.back() += c;
  }
  for (size_t h = 0; h + 1 < texts.size(); h += 2)
    record.headers.emplace_back(BytesOf(texts[h]), BytesOf(texts[h + 1]));
  return record;
}

// Why the record would be refused if it came now; empty when it would not.
std::string Refusal(const aggregator::Decoder& decoder, const std::string& topic,
                    const events::Record& record, WallTime now) {
  aggregator::RecordView view{.topic = topic,
                              .position = {.recorded_ms = ToMicros(now) / 1000},
                              .append_time = true,
                              .key = record.key,
                              .value = record.value};
  for (const auto& [name, value] : record.headers) view.headers.emplace_back(name, value);
  const aggregator::Verdict verdict = decoder.Decode(view);
  return verdict.rejection ? verdict.rejection->reason + ": " + verdict.rejection->message : "";
}

std::string PositionText(const v1::Position& position) {
  return position.topic() + "/" + std::to_string(position.partition()) + "/" +
         std::to_string(position.offset());
}

std::string AtSql(const v1::Position& position) {
  return "(topic = " + clickhouse::Quote(position.topic()) +
         " AND epoch = " + std::to_string(position.epoch()) +
         " AND partition = " + std::to_string(position.partition()) +
         " AND offset = " + std::to_string(position.offset()) + ")";
}

}  // namespace

Result<v1::ListDeadLettersResponse> DeadLetters::List(const v1::ListDeadLettersRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kPageMax)
    return InvalidArgument("page_size: must be between 1 and " + std::to_string(kPageMax));
  int64_t skipped = 0;
  if (!request.page_token().empty() && (!ParseNumber(request.page_token(), &skipped)))
    return InvalidArgument("page_token: must be the next_page_token of the page before");
  const int64_t size = request.page_size() == 0 ? kPage : request.page_size();
  clickhouse::Params params;
  const std::string where = FilterSql(request.filter(), &params);
  const std::string letters = std::string(" FROM ") + kLettersSql + " WHERE " + where;
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows count, client_.Select("SELECT count() AS n" + letters, params));
  YK_ASSIGN_OR_RETURN(
      const clickhouse::Rows rows,
      client_.Select("SELECT " + LetterColumnsSql() + letters +
                         " ORDER BY recorded_at DESC, topic, epoch, partition, offset DESC LIMIT " +
                         std::to_string(skipped) + ", " + std::to_string(size),
                     params));
  v1::ListDeadLettersResponse response;
  response.set_total(count.Int(0, "n"));
  for (size_t i = 0; i < rows.size(); ++i) ReadLetter(rows, i, response.add_letters());
  const int64_t next = skipped + static_cast<int64_t>(rows.size());
  if (next < response.total()) response.set_next_page_token(std::to_string(next));
  return response;
}

Result<v1::Position> DeadLetters::Complete(const v1::Position& position) {
  v1::Position complete = position;
  if (position.partition() < 0) return InvalidArgument("position.partition: must not be negative");
  if (position.offset() < 0) return InvalidArgument("position.offset: must not be negative");
  YK_ASSIGN_OR_RETURN(const uint32_t epoch, auditor_.EpochOf(position.topic()));
  if (position.epoch() == 0) complete.set_epoch(static_cast<int32_t>(epoch));
  return complete;
}

Result<v1::GetDeadLetterResponse> DeadLetters::Get(const v1::Position& asked) {
  YK_ASSIGN_OR_RETURN(const v1::Position position, Complete(asked));
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows,
                      client_.Select("SELECT " + LetterColumnsSql() + kBytesSql + " FROM " + kLettersSql +
                                     " WHERE " + AtSql(position)));
  if (rows.empty()) {
    return NotFound("position: there is no dead letter at " + PositionText(position) +
                    "; `yokoten dead-letters list` names them");
  }
  v1::GetDeadLetterResponse response;
  ReadLetter(rows, 0, response.mutable_letter());
  const events::Record record = ReadRecord(rows, 0);
  response.set_key(record.key);
  response.set_value(record.value);
  for (const auto& [name, value] : record.headers) {
    v1::Header* header = response.add_headers();
    header->set_name(Readable(name));
    header->set_value(value);
  }
  response.set_message(Readable(Refusal(auditor_.decoder(), position.topic(), record, clock_.Now())));
  response.set_acceptable_now(response.message().empty());
  return response;
}

Result<v1::ReplayDeadLettersResponse> DeadLetters::Replay(const v1::ReplayDeadLettersRequest& request) {
  if (request.positions_size() > kPositionsMax)
    return InvalidArgument("positions: at most " + std::to_string(kPositionsMax) + " a call");
  if (request.limit() < 0 || request.limit() > kReplayMax)
    return InvalidArgument("limit: must be between 1 and " + std::to_string(kReplayMax));
  clickhouse::Params params;
  std::string where;
  for (const v1::Position& asked : request.positions()) {
    YK_ASSIGN_OR_RETURN(const v1::Position position, Complete(asked));
    where += (where.empty() ? "" : " OR ") + AtSql(position);
  }
  if (where.empty()) {
    v1::DeadLetterFilter open = request.filter();
    open.set_include_settled(false);
    where = FilterSql(open, &params);
  }
  const int64_t limit = request.positions_size() > 0 ? kPositionsMax
                        : request.limit() == 0       ? kReplay
                                                     : request.limit();
  v1::ReplayDeadLettersResponse response;
  std::map<std::string, std::vector<events::Record>> again;
  int64_t seen = 0;
  while (response.replayed() < limit) {
    YK_ASSIGN_OR_RETURN(
        const clickhouse::Rows rows,
        client_.Select("SELECT " + LetterColumnsSql() + kBytesSql + " FROM " + kLettersSql + " WHERE " +
                           where + " ORDER BY recorded_at, topic, epoch, partition, offset LIMIT " +
                           std::to_string(seen) + ", " + std::to_string(kReplayPage),
                       params));
    if (request.positions_size() > 0 && seen == 0 && rows.empty())
      return NotFound(
          "positions: there is no dead letter at any of them; `yokoten dead-letters list` names them");
    for (size_t i = 0; i < rows.size() && response.replayed() < limit; ++i) {
      v1::DeadLetter letter;
      ReadLetter(rows, i, &letter);
      events::Record record = ReadRecord(rows, i);
      const std::string refusal =
          Refusal(auditor_.decoder(), letter.position().topic(), record, clock_.Now());
      if (!refusal.empty()) {
        response.set_still_refused(response.still_refused() + 1);
        if (response.reasons_size() < kReasonsTold)
          response.add_reasons(PositionText(letter.position()) + ": " + Readable(refusal));
        continue;
      }
      response.set_replayed(response.replayed() + 1);
      again[prefix_ + letter.position().topic()].push_back(std::move(record));
    }
    seen += static_cast<int64_t>(rows.size());
    if (rows.size() < kReplayPage || stopping_) break;
  }
  if (request.dry_run()) return response;
  for (auto& [topic, records] : again)
    YK_RETURN_IF_ERROR(kafka::ProduceAll(sink_, topic, std::move(records), stopping_));
  return response;
}

Result<int64_t> DeadLetters::CountOpen() {
  YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, client_.Select(std::string("SELECT count() AS n FROM ") +
                                                                  kLettersSql + " WHERE state = 1"));
  return rows.Int(0, "n");
}

}  // namespace yokoten::audit
