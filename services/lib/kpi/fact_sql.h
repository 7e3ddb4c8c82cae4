// The SQL that turns stored facts into facts that count: duplicates collapsed, inert ones left out,
// corrections and voids applied, production day and shift found. Used by the rollup (as temporary tables) and
// by insight (inline), so both see the same facts. Pure text: nothing here talks to ClickHouse.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace google::protobuf {
class Descriptor;
}

namespace yokoten::kpi {

// The event type's message by short name ("operations.ShiftOutputReported"); null when there is none.
const google::protobuf::Descriptor* FindEvent(std::string_view short_name);
// "operations.ShiftOutputReported" -> "operations_shift_output_reported" (the table is fact_<that>). The
// event must exist.
std::string TableOf(std::string_view short_name);
// Whether the type may be sent for plant "*".
bool IsGroupFact(std::string_view short_name);
// Whether the type's facts are confidential (options/v1/restricted.proto): none is shown by itself.
bool IsRestricted(std::string_view short_name);
// Column that holds the type's effective date or instant; "" when the proto names none.
std::string EffectiveColumn(std::string_view short_name);
// Columns of the type's own fields, flattened as in its fact table, without the context's.
std::vector<std::string> OwnColumns(std::string_view short_name);

// Facts that are stored and do not count, for the plants that `plants` yields and the group facts ('*').
// Columns: event_type ('' for a voided root: of whatever type), plant, entity, fact_key, reason: 'voided',
// 'corrected', 'superseded', 'inert_root' (what it corrects does not count) or inert_fact's own, beside which
// a correction has a second row that says 'inert'. `plants`: what stands in the
// parentheses of an IN: SQL that yields one column of plant ids, or a list of literals, which is planned in
// less time ("SELECT plant FROM plant_state", "'PL1', 'PL2'"). Any plant's corrections are judged whole,
// those whose body moved to another plant included.
std::string DeadFactsSql(std::string_view plants);

// A SELECT of (fact_key, rank) of the facts that are corrected; of one event type unless `event` is empty.
std::string RootRanksSql(std::string_view plants, std::string_view event = "");

// What to read of one event type.
struct FactQuery {
  std::string event;  // short name
  // As in DeadFactsSql. A group fact is yielded once for each of them.
  std::string plants;
  // Own columns to yield beside the common ones; empty = none.
  std::vector<std::string> columns;
  // Which of the common columns to yield; nothing = all. Each takes time to plan.
  std::optional<std::set<std::string>> common{};
  // SQL that yields, among others, event_type, plant, entity and fact_key of the facts that do not count:
  // DeadFactsSql, or "SELECT * FROM <temporary table made of it>". Empty = no fact is left out (AnyDeadSql
  // says whether that is the same).
  std::string dead;
  // Name of a Set table of these four columns, in that order; read instead of `dead`.
  std::string dead_keys;
  // Name of a Join table of RootRanksSql; empty = its SQL is read where facts may be corrected.
  std::string root_ranks;
  // False = day and shift are not needed: day is the date at UTC, shift is ''.
  bool production_days = true;
  // Table of the plants' intervals (columns as ShiftIntervalsSql yields); empty = read shift_interval.
  std::string intervals;
  // Bounds on occurred_at, microseconds since 1970-01-01 UTC, [from, to). A production day lies within its
  // date at UTC minus two days and plus three.
  std::optional<int64_t> from_us;
  std::optional<int64_t> to_us;
  // Facts recorded later (milliseconds since 1970-01-01 UTC) are not there. `dead` and `intervals` must then
  // say what was known at that instant too.
  std::optional<int64_t> recorded_until_ms;
  // SQL condition on the yielded columns (production day included); empty = none.
  std::string where;
};

// The common columns of LiveFactsSql, in its order.
const std::vector<std::string>& CommonColumns();

// A SELECT of the type's live facts. Columns: plant, entity, fact_key, source, event_id, workshop, line,
// station, actor, occurred_at, occurred_on, reported_at, recorded_at, rank, copy_rank, day (production day,
// Date32), shift (code of the calendar's shift; 'NONE' outside all; '' where the plant has no calendar or the
// fact names a date only) and the own columns asked for. rank is the fact's place in the order of recording,
// the latest first: a correction has that of the fact it corrects. copy_rank is that of the stored row.
std::string LiveFactsSql(const FactQuery& query);

// A SELECT of one number `dead`: 0 when all the type's facts of the plants count. Reads the keys of all of
// them, so it is for types with few facts (targets, units), where it saves the far longer judgement.
std::string AnyDeadSql(std::string_view event, std::string_view plants);

// The columns of LiveFactsSql without any row: a tenth of its cost, for a type that has no facts.
std::string NoFactsSql(const FactQuery& query);

// SQL condition on a column of ranks: recorded until then (milliseconds since 1970-01-01 UTC, a number or SQL
// of one).
std::string RecordedUntilSql(std::string_view rank, std::string_view ms);
std::string RecordedUntilSql(std::string_view rank, int64_t ms);
// When a row of that rank was recorded (ms).
std::string RecordedMsSql(std::string_view rank);

// Interval rows that count: SELECT plant, start_utc, end_utc, day, shift_code, calendar_version, time_zone
// for the plants.
std::string ShiftIntervalsSql(std::string_view plants);

// An instant as ClickHouse reads it in TSV: "2026-03-02 18:15:00.000000" (UTC).
std::string InstantText(WallTime time);

}  // namespace yokoten::kpi
