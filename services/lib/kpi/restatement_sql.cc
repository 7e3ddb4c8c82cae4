// Old and new cells side by side, as the rows of one table, so that what is only on one side is seen too.
#include "kpi/restatement_sql.h"

#include <string>

#include "base/tsv.h"

namespace yokoten::kpi {
std::vector<Statement> StoreRestatements(const RoundPlan& plan) {
  if (plan.restatable.empty()) return {};
  std::string rows, no_total = "''";
  for (const Restatable& month : plan.restatable) {
    rows += TsvText(month.plant) + "\t" + TsvText(month.kpi->id()) + "\t" + std::to_string(month.kpi->hash) +
            "\t" + FormatDay(month.month) + "\t" + TsvText(month.event_type) + "\t" + TsvText(month.source) +
            "\t" + TsvText(month.event_id) + "\t" + std::to_string(month.recorded_ms) + "\n";
    // Its values add up to nothing that a total could tell.
    if (month.kpi->definition.no_total()) no_total += ", '" + month.kpi->id() + "'";
  }
  const std::string cells = "grain = 'm' AND level = 'plant' AND workshop = '' AND line = ''";
  const std::string key = "(kpi, definition, plant, day)";
  const std::string columns =
      "kpi, definition, plant, dim, day, version, numerator, numerator_days, denominator, denominator_days, "
      "samples, open_since FROM ";
  const std::string stored = "kpi_cell FINAL WHERE " + cells + " AND " + key +
                             " IN (SELECT kpi, definition, plant, month FROM round_cause)";
  std::string sides, differ;
  for (const char* age : {"old", "new"}) {
    const std::string is = std::string(", fresh = ") + (age[0] == 'n' ? "1" : "0");
    const std::string as = std::string(" AS ") + age;
    sides += ", sumIf(numerator" + is + ")" + as + "_n, toUInt32(sumIf(numerator_days" + is + "))" + as +
             "_nd, sumIf(denominator" + is + ")" + as + "_d, toUInt32(sumIf(denominator_days" + is + "))" +
             as + "_dd, groupArrayArrayIf(samples" + is + ")" + as + "_s, groupArrayArrayIf(open_since" + is +
             ")" + as + "_o";
    differ += (differ.empty() ? "(" : " != (") + std::string(age) + "_n, " + age + "_nd, " + age + "_d, " +
              age + "_dd, " + age + "_s, " + age + "_o)";
  }
  return {
      {"restated",
       "CREATE TEMPORARY TABLE round_cause (plant String, kpi String, definition UInt64, month "
       "Date32, event_type String, source String, event_id String, recorded_ms Int64) ENGINE = Memory",
       ""},
      {"restated",
       "INSERT INTO round_cause (plant, kpi, definition, month, event_type, source, event_id, recorded_ms) "
       "FORMAT TSV",
       rows},
      {"restated",
       "INSERT INTO kpi_restatement SELECT r.kpi, r.definition, r.plant, r.dim, r.day, g.version, n.version, "
       "old_n, old_nd, old_d, old_dd, old_s, old_o, new_n, new_nd, new_d, new_dd, new_s, new_o, c.causes, "
       "fromUnixTimestamp64Milli(c.caused_ms, 'UTC') FROM (SELECT kpi, definition, plant, dim, day" +
           sides + " FROM (SELECT 1 AS fresh, " + columns + "round_cells WHERE " + cells +
           " UNION ALL SELECT 0, " + columns + stored +
           " AND (kpi, definition, plant, day, version) IN (SELECT "
           "kpi, definition, plant, day, version FROM " +
           stored + " AND dim = '')) WHERE dim = '' OR kpi IN (" + no_total +
           ") GROUP BY kpi, definition, plant, dim, day HAVING " + differ +
           ") AS r INNER JOIN (SELECT kpi, definition, plant, day, version FROM " + stored +
           " AND dim = '') AS g ON g.kpi = r.kpi AND g.definition = r.definition AND g.plant = r.plant AND "
           "g.day = r.day INNER JOIN (SELECT kpi, definition, plant, day, version FROM round_cells WHERE " +
           cells +
           " AND dim = '') AS n ON n.kpi = r.kpi AND n.definition = r.definition AND n.plant = r.plant AND "
           "n.day = r.day INNER JOIN (SELECT kpi, definition, plant, month, "
           "arraySort(groupUniqArray((event_type, "
           "source, event_id))) AS causes, max(recorded_ms) AS caused_ms FROM round_cause GROUP BY kpi, "
           "definition, plant, month) AS c ON c.kpi = r.kpi AND c.definition = r.definition AND c.plant = "
           "r.plant AND c.month = r.day",
       ""}};
}

}  // namespace yokoten::kpi
